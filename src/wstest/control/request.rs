//! What a caller asks for: the control paths, told from requests that are none.

use super::program::Program;
use crate::wire::Head;
use url::form_urlencoded;

/// How a client is named that does not say its name.
pub const NAMELESS: &str = "UnknownClient";
/// The only version of the protocol, RFC 6455 section 4.1.
pub const VERSION: &str = "13";

/// What is asked for. Places are those of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// How many cases there are.
    CaseCount,
    /// The id and the description of a case.
    CaseInfo(usize),
    /// What came of a case, as soon as that is known.
    CaseStatus {
        /// The client.
        agent: String,
        /// The case.
        place: usize,
    },
    /// A case.
    RunCase {
        /// The client.
        agent: String,
        /// The case.
        place: usize,
    },
    /// The reports.
    UpdateReports {
        /// The client.
        agent: String,
        /// Whether the service ends then.
        and_stop: bool,
    },
    /// The end of the service.
    StopServer,
    /// Nothing yet: commands follow.
    Commands,
    /// A page, and no WebSocket connection.
    Page(String),
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is malformed, or has a parameter that makes no sense.
    Bad(String),
    /// There is no such case.
    NoCase(String),
    /// It is neither a GET nor an opening handshake.
    Method,
    /// It asks for another version of the protocol.
    Version,
}

/// Reads a request.
pub fn ask(head: &Head, program: &Program) -> Result<Ask, Refusal> {
    let line = String::from_utf8_lossy(&head.start_line);
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = split(target).ok_or_else(|| bad("the request line is malformed"))?;
    let has = |name| head.values(name).next().is_some();
    if !has("upgrade") && !has("sec-websocket-key") {
        return match method {
            "GET" | "HEAD" if words.next().is_some_and(|version| version.starts_with("HTTP/1.")) => {
                Ok(Ask::Page(path.to_owned()))
            }
            "GET" | "HEAD" => Err(bad("the request line is malformed")),
            _ => Err(Refusal::Method),
        };
    }
    let parameters = Parameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    if path == "/runCase" {
        // whatever is wrong with the request beside its path is for the case to judge
        return Ok(Ask::RunCase { agent: parameters.agent()?, place: parameters.place(program)? });
    }
    if method != "GET" || !head.list_has("upgrade", "websocket") {
        return Err(Refusal::Method);
    }
    if head.list("sec-websocket-version") != [VERSION.as_bytes()] {
        return Err(Refusal::Version);
    }
    if head.values("sec-websocket-key").next().unwrap_or_default().is_empty() {
        return Err(bad("there is no Sec-WebSocket-Key"));
    }
    Ok(match path {
        "/getCaseCount" => Ask::CaseCount,
        "/getCaseInfo" => Ask::CaseInfo(parameters.place(program)?),
        "/getCaseStatus" => Ask::CaseStatus { agent: parameters.agent()?, place: parameters.place(program)? },
        "/updateReports" => {
            let stop = parameters.only("shutdownOnComplete")?.unwrap_or_default().to_ascii_lowercase();
            Ask::UpdateReports { agent: parameters.agent()?, and_stop: ["true", "yes", "1"].contains(&stop.as_str()) }
        }
        "/stopServer" => Ask::StopServer,
        _ => Ask::Commands,
    })
}

/// Path and query of a request target; the absolute form is one too, RFC 9112 section 3.2.2.
fn split(target: &str) -> Option<(&str, &str)> {
    let target = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => rest.find('/').map_or("/", |slash| &rest[slash..]),
        _ => target,
    };
    let target = target.split('#').next().unwrap_or_default();
    target.starts_with('/').then(|| target.split_once('?').unwrap_or((target, "")))
}

fn bad(reason: &str) -> Refusal {
    Refusal::Bad(reason.to_owned())
}

struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a parameter that stands at most once.
    fn only(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Refusal::Bad(format!("there are several values for `{name}`"))),
        }
    }

    fn agent(&self) -> Result<String, Refusal> {
        let agent = self.only("agent")?.map(str::trim).filter(|name| !name.is_empty());
        Ok(agent.unwrap_or(NAMELESS).to_owned())
    }

    /// The case that is meant; its number goes before its id.
    fn place(&self, program: &Program) -> Result<usize, Refusal> {
        if let Some(number) = self.only("case")? {
            let number = number.trim();
            let parsed = number.parse().map_err(|_| bad("`case` is no number"))?;
            return program.numbered(parsed).ok_or_else(|| Refusal::NoCase(number.to_owned()));
        }
        let id = self.only("casetuple")?.ok_or_else(|| bad("there is neither `case` nor `casetuple`"))?.trim();
        program.named(id).ok_or_else(|| Refusal::NoCase(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::Offer;
    use super::*;

    fn read(target: &str) -> Result<Ask, Refusal> {
        let fields = "Upgrade: WebSocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n";
        read_head(&format!("GET {target} HTTP/1.1\r\n{fields}"))
    }

    fn read_head(head: &str) -> Result<Ask, Refusal> {
        let offers = ["1.1.1", "1.1.2"].map(|id| Offer::without_case(id, "", "not yet"));
        let program = Program::new(offers.into(), Box::new(|_, _| false));
        ask(&Head::parse(format!("{head}\r\n").as_bytes()), &program)
    }

    #[test]
    fn paths_and_parameters_are_read() {
        let run = |agent: &str, place| Ok(Ask::RunCase { agent: agent.to_owned(), place });
        for (target, expected) in [
            ("/getCaseCount", Ok(Ask::CaseCount)),
            ("/getCaseCount?agent=a", Ok(Ask::CaseCount)),
            ("/getCaseInfo?case=2", Ok(Ask::CaseInfo(1))),
            ("/runCase?case=1&agent=a", run("a", 0)),
            ("/runCase?agent=a%20b+c%2Fd&casetuple=1.1.2", run("a b c/d", 1)),
            ("/runCase?agent=caf%C3%A9&case=1&casetuple=9.9.9", run("café", 0)),
            ("/runCase?case=1", run(NAMELESS, 0)),
            ("/runCase?case=1&agent=", run(NAMELESS, 0)),
            ("ws://localhost:9001/runCase?case=1&agent=a#b", run("a", 0)),
            ("/runCase?case=0&agent=a", Err(Refusal::NoCase("0".to_owned()))),
            ("/runCase?case=3&agent=a", Err(Refusal::NoCase("3".to_owned()))),
            ("/runCase?casetuple=9.9.9", Err(Refusal::NoCase("9.9.9".to_owned()))),
            ("/runCase?case=x", Err(bad("`case` is no number"))),
            ("/runCase?agent=a", Err(bad("there is neither `case` nor `casetuple`"))),
            ("/runCase?case=1&case=2", Err(bad("there are several values for `case`"))),
            ("/runCase?case=1&agent=a&agent=b", Err(bad("there are several values for `agent`"))),
            ("/updateReports?agent=a", Ok(Ask::UpdateReports { agent: "a".to_owned(), and_stop: false })),
            (
                "/updateReports?agent=a&shutdownOnComplete=True",
                Ok(Ask::UpdateReports { agent: "a".to_owned(), and_stop: true }),
            ),
            ("/stopServer", Ok(Ask::StopServer)),
            ("/", Ok(Ask::Commands)),
            ("/getCases", Ok(Ask::Commands)),
            ("nowhere", Err(bad("the request line is malformed"))),
        ] {
            assert_eq!(read(target), expected, "{target}");
        }
    }

    #[test]
    fn requests_that_open_no_connection_are_told_apart() {
        let keyed = "Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n";
        for (head, expected) in [
            ("GET /x?y HTTP/1.1\r\n".to_owned(), Ok(Ask::Page("/x".to_owned()))),
            ("GET /x\r\n".to_owned(), Err(bad("the request line is malformed"))),
            ("POST / HTTP/1.1\r\n".to_owned(), Err(Refusal::Method)),
            ("\x16\x03\x01\r\n".to_owned(), Err(bad("the request line is malformed"))),
            (format!("GET / HTTP/1.1\r\n{keyed}"), Err(Refusal::Version)),
            (format!("GET / HTTP/1.1\r\n{keyed}Sec-WebSocket-Version: 8\r\n"), Err(Refusal::Version)),
            ("GET / HTTP/1.1\r\nUpgrade: h2c\r\n".to_owned(), Err(Refusal::Method)),
            (
                format!("POST /runCase?case=1&agent=a HTTP/1.0\r\n{keyed}"),
                Ok(Ask::RunCase { agent: "a".to_owned(), place: 0 }),
            ),
        ] {
            assert_eq!(read_head(&head), expected, "{head}");
        }
    }
}
