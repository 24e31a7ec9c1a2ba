//! What the user puts into the opening handshake, looked at before anything runs.

use super::UserError;
use super::session_args::SessionArgs;
use crate::wire::http::is_token;

/// Fields of the opening handshake that the harness writes itself, and the option that changes them.
const OWN_FIELDS: [(&str, Option<&str>); 7] = [
    ("host", Some("--host")),
    ("origin", Some("--origin")),
    ("sec-websocket-protocol", Some("--subprotocol")),
    ("sec-websocket-key", None),
    ("sec-websocket-version", None),
    ("upgrade", None),
    ("connection", None),
];

fn parse_field(text: &str) -> Result<(String, String), UserError> {
    let refused =
        |reason: &str| Err(UserError(format!("could not use the header `{}`: {reason}", text.escape_debug())));
    let Some((name, value)) = text.split_once(':') else { return refused("it must look like `Name: value`") };
    if !is_token(name.as_bytes()) {
        return refused("its name holds characters that no name of a field has");
    }
    if let Err(reason) = check_value(value) {
        return refused(reason);
    }
    match OWN_FIELDS.iter().find(|(own, _)| name.eq_ignore_ascii_case(own)) {
        Some((_, Some(option))) => refused(&format!("{option} sets it")),
        Some((_, None)) => refused("the harness sets it"),
        None => Ok((name.to_owned(), value.trim().to_owned())),
    }
}

/// What can stand in a field: anything but what would end it.
fn check_value(value: &str) -> Result<(), &'static str> {
    if value.chars().any(|letter| letter.is_control() && letter != '\t') {
        return Err("it holds a control character");
    }
    Ok(())
}

/// The further fields of the opening handshake, when all that becomes part of it can be.
pub fn fields(args: &SessionArgs) -> Result<Vec<(String, String)>, UserError> {
    args.host.as_deref().map_or(Ok(()), |host| plain("--host", host))?;
    args.origin.as_deref().map_or(Ok(()), |origin| plain("--origin", origin))?;
    args.refused_origin.as_deref().map_or(Ok(()), |origin| plain("--refused-origin", origin))?;
    if let Some(path) = &args.missing_path {
        plain("--missing-path", path)?;
        if !path.starts_with('/') || path.contains(' ') {
            return Err(UserError(format!(
                "could not use --missing-path `{path}`: a path begins with / and has no blanks"
            )));
        }
    }
    if let Some(name) = args.subprotocol.iter().find(|name| !is_token(name.as_bytes())) {
        let name = name.escape_debug();
        return Err(UserError(format!("could not use --subprotocol `{name}`: it is no token")));
    }
    args.header.iter().map(|header| parse_field(header)).collect()
}

/// Checks a value that becomes part of the opening handshake.
pub fn plain(option: &str, value: &str) -> Result<(), UserError> {
    check_value(value)
        .map_err(|reason| UserError(format!("could not use {option} `{}`: {reason}", value.escape_debug())))
}
