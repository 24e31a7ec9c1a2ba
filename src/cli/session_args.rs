//! The options of a run: what they are called, and the command that gives the same ones again.

use super::UserError;
use crate::judge::Strictness;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments about the target and the run.
#[derive(Clone, Debug, Args)]
pub struct SessionArgs {
    /// Start the target with this shell command, wait until it listens, and end it afterwards.
    #[arg(long, value_name = "CMD", help_heading = "Target")]
    pub spawn: Option<String>,
    /// Whether the target sends every message back, which lets more be judged.
    #[arg(long, value_enum, default_value = "probe", help_heading = "Target")]
    pub echo: EchoArg,
    /// The target is a client that does what a text message beginning with `wsspec:` tells it to; `cases/README.md` lists these.
    #[arg(long, help_heading = "Target")]
    pub commands: bool,
    /// Add a field to the opening handshake, as in `Cookie: a=b`; may be given several times.
    #[arg(long, value_name = "NAME: VALUE", help_heading = "Target")]
    pub header: Vec<String>,
    /// Add a field whose value an environment variable has, as in `Authorization=TOKEN`; may be given several times.
    #[arg(long, value_name = "NAME=VAR", help_heading = "Target")]
    pub header_env: Vec<String>,
    /// Take the query of the URL, or of --path, from an environment variable.
    #[arg(long, value_name = "VAR", help_heading = "Target")]
    pub query_env: Option<String>,
    /// Write and print secrets too: values of added fields, cookies, and queries of URLs.
    #[arg(long, help_heading = "Report")]
    pub show_secrets: bool,
    /// The Origin field.
    #[arg(long, value_name = "ORIGIN", help_heading = "Target")]
    pub origin: Option<String>,
    /// Offer a subprotocol; may be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub subprotocol: Vec<String>,
    /// The Host field, in place of host and port of the URL.
    #[arg(long, value_name = "HOST", help_heading = "Target")]
    pub host: Option<String>,
    /// An origin that the target has to refuse, so that this can be tested.
    #[arg(long, value_name = "ORIGIN", help_heading = "Target")]
    pub refused_origin: Option<String>,
    /// A path at which the target serves nothing, so that this can be tested.
    #[arg(long, value_name = "PATH", help_heading = "Target")]
    pub missing_path: Option<String>,
    /// Trust the certificates in this PEM file instead of the system's.
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub ca: Option<PathBuf>,
    /// Take any certificate.
    #[arg(long, conflicts_with = "ca", help_heading = "Target")]
    pub insecure: bool,
    /// Ask for this server name in TLS, in place of the host of the URL.
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub sni: Option<String>,
    /// The name of the target in reports; host, port and path of the URL if absent.
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub name: Option<String>,
    /// Write the report here; `reports/NAME` if absent.
    #[arg(long, value_name = "DIR", help_heading = "Report")]
    pub out: Option<PathBuf>,
    /// What to print at the end.
    #[arg(long, value_enum, default_value = "text", help_heading = "Report")]
    pub format: FormatArg,
    /// What makes a case fail.
    #[arg(long, value_enum, default_value = "core", help_heading = "Run")]
    pub profile: ProfileArg,
    /// How many cases run beside each other; what fails is run once more, alone.
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Run")]
    pub jobs: u16,
    /// Stretch every deadline, for a target that is slow.
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = scale, help_heading = "Run")]
    pub timeout_scale: f64,
    /// Give silences their full length: minutes instead of two seconds.
    #[arg(long, help_heading = "Run")]
    pub patient: bool,
    /// The seed of masks and generated payloads.
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Run")]
    pub seed: u64,
    /// Go on with a run that was interrupted: the same command again, with this option.
    #[arg(long, help_heading = "Run")]
    pub resume: bool,
}

impl SessionArgs {
    /// What the options stand for when none is given.
    pub fn unchanged() -> SessionArgs {
        SessionArgs {
            spawn: None,
            echo: EchoArg::Probe,
            commands: false,
            header: Vec::new(),
            header_env: Vec::new(),
            query_env: None,
            show_secrets: false,
            origin: None,
            subprotocol: Vec::new(),
            host: None,
            refused_origin: None,
            missing_path: None,
            ca: None,
            insecure: false,
            sni: None,
            name: None,
            out: None,
            format: FormatArg::Text,
            profile: ProfileArg::Core,
            jobs: 16,
            timeout_scale: 1.0,
            patient: false,
            seed: 1,
            resume: false,
        }
    }
}

/// Whether the target sends messages back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EchoArg {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Find out.
    Probe,
}

/// What else makes a case fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    /// MUSTs of the WebSocket RFCs fail.
    Core,
    /// SHOULDs fail too.
    Strict,
    /// What the HTTP/1.1 documents ask fails too.
    StrictHttp,
    /// As core, with what browsers are bound by: the WebSockets Standard of the WHATWG.
    Browser,
    /// As core, with the cases that could harm a target: floods, and very large messages.
    Abuse,
    /// As core, with a thousand messages in the exchanges of compressed messages, as Autobahn has them.
    Full,
}

impl ProfileArg {
    /// The profile of that name, as `run.json` has it.
    pub fn from_word(word: &str) -> Result<ProfileArg, UserError> {
        ProfileArg::from_str(word, true)
            .map_err(|_| UserError(format!("could not judge by the profile `{word}`: it is unknown")))
    }

    /// Its name, as the option and `run.json` have it.
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What the profile turns into failures.
    pub fn strictness(self) -> Strictness {
        Strictness {
            should: self == ProfileArg::Strict,
            http: self == ProfileArg::StrictHttp,
            browser: self == ProfileArg::Browser,
        }
    }
}

/// What to print at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// A summary for people.
    Text,
    /// One JSON object.
    Json,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.01..=1000.0).contains(&scale) => Ok(scale),
        Ok(_) => Err("a factor from 0.01 to 1000 is needed".to_owned()),
        Err(fault) => Err(fault.to_string()),
    }
}

/// The words of a command that runs the same again: first the command and its target, then options, then the rest.
pub fn command(first: &[&str], args: &SessionArgs, rest: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = std::iter::once(&"wsspec").chain(first).map(|word| (*word).to_owned()).collect();
    let mut option = |name: &str, value: Option<String>| match value {
        // such a word would be taken for an option of its own
        Some(value) if value.starts_with('-') => words.push(format!("{name}={value}")),
        Some(value) => words.extend([name.to_owned(), value]),
        None => {}
    };
    option("--spawn", args.spawn.clone());
    option(
        "--echo",
        match args.echo {
            EchoArg::Yes => Some("yes".to_owned()),
            EchoArg::No => Some("no".to_owned()),
            EchoArg::Probe => None,
        },
    );
    for (name, word) in super::fields::repeated(args) {
        option(name, Some(word));
    }
    option("--query-env", args.query_env.clone());
    option("--origin", args.origin.clone());
    args.subprotocol.iter().for_each(|name| option("--subprotocol", Some(name.clone())));
    option("--host", args.host.clone());
    option("--refused-origin", args.refused_origin.clone());
    option("--missing-path", args.missing_path.clone());
    option("--ca", args.ca.as_ref().map(|path| path.display().to_string()));
    option("--sni", args.sni.clone());
    option("--name", args.name.clone());
    option("--out", args.out.as_ref().map(|path| path.display().to_string()));
    option("--profile", (args.profile != ProfileArg::Core).then(|| args.profile.word()));
    option("--jobs", (args.jobs != 16).then(|| args.jobs.to_string()));
    option("--timeout-scale", (args.timeout_scale != 1.0).then(|| args.timeout_scale.to_string()));
    option("--seed", (args.seed != 1).then(|| args.seed.to_string()));
    if args.insecure {
        words.push("--insecure".to_owned());
    }
    if args.show_secrets {
        words.push("--show-secrets".to_owned());
    }
    if args.commands {
        words.push("--commands".to_owned());
    }
    if args.patient {
        words.push("--patient".to_owned());
    }
    words.extend(rest.iter().map(|word| (*word).to_owned()));
    words
}

/// The words of a command with one option more, in front of those that belong to the target.
pub fn with_option(mut words: Vec<String>, name: &str, value: String) -> Vec<String> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let option = if value.starts_with('-') { vec![format!("{name}={value}")] } else { vec![name.to_owned(), value] };
    words.splice(end..end, option);
    words
}
