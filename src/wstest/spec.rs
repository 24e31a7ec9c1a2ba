//! Spec files of the modes `fuzzingclient` and `fuzzingserver`, as users of Autobahn have them.
//!
//! A key that nobody knows is told and does no harm, as there; a value of the wrong type is an error with its place.

use crate::case::SourceError;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A mode that has a spec file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The harness tests servers.
    FuzzingClient,
    /// The harness waits for clients.
    FuzzingServer,
}

impl Mode {
    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Mode::FuzzingClient => "fuzzingclient",
            Mode::FuzzingServer => "fuzzingserver",
        }
    }

    /// Where its reports go when the spec does not say.
    pub fn default_outdir(self) -> &'static str {
        match self {
            Mode::FuzzingClient => "./reports/servers/",
            Mode::FuzzingServer => "./reports/clients/",
        }
    }

    /// The spec file that is written where there is none.
    pub fn default_text(self) -> &'static str {
        match self {
            Mode::FuzzingClient => {
                r#"{
   "outdir": "./reports/servers",
   "servers": [
      {
         "url": "ws://127.0.0.1:9001"
      }
   ],
   "cases": ["*"],
   "exclude-cases": [],
   "exclude-agent-cases": {}
}
"#
            }
            Mode::FuzzingServer => {
                r#"{
   "url": "ws://127.0.0.1:9001",
   "outdir": "./reports/clients",
   "cases": ["*"],
   "exclude-cases": [],
   "exclude-agent-cases": {}
}
"#
            }
        }
    }
}

/// A spec file of either mode.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Spec {
    /// Where a server listens.
    pub url: Option<String>,
    /// Where the reports go.
    pub outdir: Option<String>,
    /// The servers that are tested, one after the other.
    pub servers: Vec<ServerSpec>,
    /// The file of the private key of a server.
    pub key: Option<String>,
    /// The file of its certificate.
    pub cert: Option<String>,
    /// Subprotocols of a server. They are read and never negotiated, as there.
    pub protocols: Vec<String>,
    /// Protocol options for all connections.
    pub options: Map<String, Value>,
    /// Patterns of the cases that are run.
    pub cases: Option<Vec<String>>,
    /// Patterns of cases that are not.
    pub exclude_cases: Vec<String>,
    /// For patterns of agents, patterns of cases that are not run against them.
    pub exclude_agent_cases: BTreeMap<String, Vec<String>>,
    /// What is said in the file and has no effect.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// A server of `servers`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ServerSpec {
    /// Its URL, with the path and query of every case.
    pub url: Option<String>,
    /// Its name in reports; that of its Server field if absent.
    pub agent: Option<String>,
    /// The name that TLS asks for, and verifies.
    pub hostname: Option<String>,
    /// The Origin field.
    pub origin: Option<String>,
    /// The subprotocols that are offered.
    pub protocols: Vec<String>,
    /// Protocol options for this server.
    pub options: Map<String, Value>,
}

const CLIENT_KEYS: &[&str] = &["outdir", "servers", "options", "cases", "exclude-cases", "exclude-agent-cases"];
const SERVER_KEYS: &[&str] =
    &["url", "outdir", "key", "cert", "protocols", "options", "cases", "exclude-cases", "exclude-agent-cases"];
const KEYS_OF_SERVERS: &[&str] = &["url", "agent", "hostname", "origin", "protocols", "options"];

/// Options that change nothing about a verdict here: deadlines, limits and manners of the harness are its own.
const QUIET_OPTIONS: &[&str] = &[
    "allowHixie76",
    "webStatus",
    "utf8validateIncoming",
    "maxFramePayloadSize",
    "maxMessagePayloadSize",
    "autoFragmentSize",
    "failByDrop",
    "echoCloseCodeReason",
    "serverConnectionDropTimeout",
    "openHandshakeTimeout",
    "closeHandshakeTimeout",
    "tcpNoDelay",
    "autoPingInterval",
    "autoPingTimeout",
    "autoPingSize",
    "serveFlashSocketPolicy",
    "flashSocketPolicy",
    "allowedOrigins",
    "maxConnections",
    "perMessageCompressionOffers",
    "perMessageCompressionAccept",
];

/// Whether a value of an option is the one in force here.
type InForce = fn(&Value) -> bool;

/// Options with the values that are in force here; with another one they would change what is sent or let pass.
const FIXED_OPTIONS: &[(&str, InForce)] = &[
    ("version", |value| matches!(value.as_u64(), Some(13 | 18))),
    ("versions", |value| value.as_array().is_some_and(|list| list.iter().any(|one| one == 13 || one == 18))),
    ("acceptMaskedServerFrames", |value| value == false),
    ("maskClientFrames", |value| value == true),
    ("maskServerFrames", |value| value == false),
    ("requireMaskedClientFrames", |value| value == true),
    ("applyMask", |value| value == true),
];

impl Spec {
    /// Reads a spec file; `path` is only named in faults.
    pub fn parse(path: &Path, text: &str, mode: Mode) -> Result<Spec, SourceError> {
        let located = |fault: serde_json::Error| SourceError::from_json(path, text, &fault);
        let mut spec: Spec = serde_json::from_str(text).map_err(located)?;
        let whole: Map<String, Value> = serde_json::from_str(text).map_err(located)?;
        let missing = |message: String| Err(SourceError::whole_file(path, message));
        if spec.cases.is_none() {
            return missing("the key `cases` is missing, as in \"cases\": [\"*\"]".to_owned());
        }
        match mode {
            Mode::FuzzingServer if spec.url.is_none() => {
                return missing("the key `url` is missing, as in \"url\": \"ws://127.0.0.1:9001\"".to_owned());
            }
            Mode::FuzzingClient => {
                if let Some(number) = spec.servers.iter().position(|server| server.url.is_none()) {
                    return missing(format!("server {} of `servers` has no `url`", number + 1));
                }
            }
            Mode::FuzzingServer => {}
        }
        spec.warnings = warnings(&whole, mode);
        Ok(spec)
    }

    /// Where the reports go.
    pub fn outdir(&self, mode: Mode) -> &Path {
        Path::new(self.outdir.as_deref().unwrap_or(mode.default_outdir()))
    }
}

fn warnings(whole: &Map<String, Value>, mode: Mode) -> Vec<String> {
    let mut warnings = Vec::new();
    let keys = if mode == Mode::FuzzingClient { CLIENT_KEYS } else { SERVER_KEYS };
    unknown_keys(whole, keys, "", &mut warnings);
    options(whole, "", &mut warnings);
    let servers = whole.get("servers").and_then(Value::as_array).filter(|_| mode == Mode::FuzzingClient);
    for (number, server) in servers.into_iter().flatten().filter_map(Value::as_object).enumerate() {
        let place = format!("servers[{number}].");
        unknown_keys(server, KEYS_OF_SERVERS, &place, &mut warnings);
        options(server, &place, &mut warnings);
    }
    warnings
}

fn unknown_keys(object: &Map<String, Value>, known: &[&str], place: &str, warnings: &mut Vec<String>) {
    for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
        warnings.push(format!("the key `{place}{key}` is unknown and has no effect"));
    }
}

fn options(object: &Map<String, Value>, place: &str, warnings: &mut Vec<String>) {
    for (name, value) in object.get("options").and_then(Value::as_object).into_iter().flatten() {
        match FIXED_OPTIONS.iter().find(|(fixed, _)| fixed == name) {
            Some((_, is_so_here)) if is_so_here(value) => {}
            Some(_) => warnings.push(format!("the option `{place}{name}` cannot be {value} and has no effect")),
            None if QUIET_OPTIONS.contains(&name.as_str()) => {}
            None => warnings.push(format!("the option `{place}{name}` is unknown and has no effect")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, mode: Mode) -> Result<Spec, SourceError> {
        Spec::parse(Path::new("spec.json"), text, mode)
    }

    #[test]
    fn defaults_are_specs() {
        for mode in [Mode::FuzzingClient, Mode::FuzzingServer] {
            let spec = parse(mode.default_text(), mode).unwrap();
            assert_eq!(spec.warnings, Vec::<String>::new());
            assert_eq!(spec.cases, Some(vec!["*".to_owned()]));
        }
    }

    #[test]
    fn what_nobody_knows_is_told_and_does_no_harm() {
        let text = r#"{"url": "ws://127.0.0.1:9001", "webport": 8080, "enable-ssl": false, "cases": ["*"],
            "options": {"failByDrop": false, "version": 18, "maskServerFrames": true, "rounds": 3}}"#;
        let spec = parse(text, Mode::FuzzingServer).unwrap();
        assert_eq!(
            spec.warnings,
            [
                "the key `webport` is unknown and has no effect",
                "the key `enable-ssl` is unknown and has no effect",
                "the option `maskServerFrames` cannot be true and has no effect",
                "the option `rounds` is unknown and has no effect",
            ]
        );
        let text =
            r#"{"servers": [{"agent": "A", "url": "ws://a", "tag": 1, "options": {"version": 7}}], "cases": []}"#;
        let spec = parse(text, Mode::FuzzingClient).unwrap();
        assert_eq!(
            spec.warnings,
            [
                "the key `servers[0].tag` is unknown and has no effect",
                "the option `servers[0].version` cannot be 7 and has no effect",
            ]
        );
    }

    #[test]
    fn a_wrong_type_has_its_place() {
        for (text, line, column) in [
            ("{\n  \"cases\": \"*\"\n}", 2, 14),
            ("{\n  \"servers\": [\n    {\"url\": 9001}], \"cases\": []\n}", 3, 16),
            ("{\n  \"options\": [],\n  \"cases\": []\n}", 2, 13),
        ] {
            let fault = parse(text, Mode::FuzzingClient).unwrap_err();
            assert_eq!((fault.line, fault.column), (line, column), "{fault}");
        }
    }

    #[test]
    fn what_has_to_be_there_is_asked_for() {
        for (text, mode, word) in [
            ("{}", Mode::FuzzingClient, "`cases`"),
            ("{\"cases\": [\"*\"]}", Mode::FuzzingServer, "`url`"),
            ("{\"cases\": [\"*\"], \"servers\": [{}]}", Mode::FuzzingClient, "server 1 of `servers` has no `url`"),
        ] {
            let fault = parse(text, mode).unwrap_err();
            assert!(fault.message.contains(word), "{fault}");
        }
    }
}
