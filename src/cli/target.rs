//! The target as plans need it, from the arguments, and what it is called where no name is given.

use super::UserError;
use super::fields::{fields, plain, redaction};
use super::session_args::{EchoArg, ProfileArg, SessionArgs};
use crate::case::Role;
use crate::plan::{Known, Target};
use crate::report::naming::{file_name, folder_name, place_name};
use crate::transcript::redaction::hidden_url;
use std::path::{Path, PathBuf};
use url::Url;

/// A server, as far as its URL and the arguments tell.
pub fn server(args: &SessionArgs, url: &Url) -> Result<Target, UserError> {
    let host = url.host_str().unwrap_or_default();
    // there is none where it is the one that the scheme stands for
    let host_field = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let host = args.host.clone().unwrap_or(host_field);
    let resource = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let fields = fields(args)?;
    Ok(Target {
        redaction: redaction(args, &fields, &resource, &host),
        host,
        resource,
        origin: args.origin.clone(),
        subprotocols: args.subprotocol.clone(),
        fields,
        echo: args.echo == EchoArg::Yes,
        patient: args.patient,
        full: args.profile == ProfileArg::Full,
        known: Known {
            tls: url.scheme() == "wss",
            refused_origin: args.refused_origin.clone(),
            missing_path: args.missing_path.clone(),
            ..Known::default()
        },
        ..Target::echoing(Role::Server)
    })
}

/// A client, as far as the arguments tell, with `path` in the URL that it gets.
pub fn client(args: &SessionArgs, path: &str) -> Result<Target, UserError> {
    let of_server = [("--spawn", args.spawn.is_some()), ("--host", args.host.is_some()), ("--ca", args.ca.is_some())];
    if let Some((option, _)) = of_server.iter().find(|(_, given)| *given) {
        return Err(UserError(format!("{option} is about servers, and cannot be used with a client")));
    }
    plain("--path", path)?;
    if !path.starts_with('/') || path.contains([' ', '#']) {
        return Err(UserError(format!(
            "could not use --path `{}`: it begins with / and has no blanks and no #",
            hidden_url(path)
        )));
    }
    let fields = fields(args)?;
    Ok(Target {
        redaction: redaction(args, &fields, path, ""),
        resource: path.to_owned(),
        subprotocols: args.subprotocol.clone(),
        fields,
        echo: args.echo == EchoArg::Yes,
        patient: args.patient,
        full: args.profile == ProfileArg::Full,
        known: Known { commands: args.commands, ..Known::default() },
        ..Target::echoing(Role::Client)
    })
}

/// A name for reports and folders: that of the program.
pub fn program_name(words: &[String]) -> String {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "client".to_owned());
    file_name(&name)
}

/// A name for reports and folders: host, port and path.
pub fn server_name(url: &Url) -> String {
    place_name(url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80), url.path())
}

/// Where the report on a target of that name goes where no folder is named.
pub fn default_root(name: &str) -> PathBuf {
    PathBuf::from("reports").join(folder_name(name))
}
