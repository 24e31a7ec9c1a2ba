//! What the user puts into the opening handshake, looked at before anything runs.

use super::UserError;
use super::session_args::SessionArgs;
use crate::transcript::Redaction;
use crate::transcript::redaction::{hidden_url, is_of_protocol};
use crate::wire::http::is_token;
use std::collections::BTreeSet;

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
    let Some((name, value)) = text.split_once(':') else {
        return Err(UserError("could not use the --header: it must look like `Name: value`".to_owned()));
    };
    checked(name, value)
}

/// A field that can be sent; what is wrong is told without the value, which may be a secret.
fn checked(name: &str, value: &str) -> Result<(String, String), UserError> {
    let refused =
        |reason: &str| Err(UserError(format!("could not use the header `{}`: {reason}", name.escape_debug())));
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
                "could not use --missing-path `{}`: a path begins with / and has no blanks",
                hidden_url(path)
            )));
        }
    }
    if let Some(name) = args.subprotocol.iter().find(|name| !is_token(name.as_bytes())) {
        let name = name.escape_debug();
        return Err(UserError(format!("could not use --subprotocol `{name}`: it is no token")));
    }
    let given = args.header.iter().map(|header| parse_field(header));
    given.chain(args.header_env.iter().map(|word| field_of_environment(word))).collect()
}

fn field_of_environment(word: &str) -> Result<(String, String), UserError> {
    let Some((name, variable)) = word.split_once('=').filter(|(_, variable)| !variable.is_empty()) else {
        return Err(UserError(format!(
            "could not use --header-env `{}`: it must look like `NAME=VAR`",
            word.escape_debug()
        )));
    };
    checked(name, &variable_of("--header-env", word, variable, &format!("the value of the field {name}"))?)
}

/// The value of an environment variable that an option names.
pub fn variable_of(option: &str, word: &str, variable: &str, what: &str) -> Result<String, UserError> {
    let failed = |reason: &str| {
        let (word, variable) = (word.escape_debug(), variable.escape_debug());
        UserError(format!("could not use {option} {word}: the environment variable {variable} {reason}"))
    };
    match std::env::var(variable) {
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => Err(failed(&format!("is not set; set it to {what}"))),
        Err(std::env::VarError::NotUnicode(_)) => Err(failed("is not UTF-8")),
    }
}

/// The options that give the same fields again: values that are secrets are named by environment variables.
pub fn repeated(args: &SessionArgs) -> Vec<(&'static str, String)> {
    let mut words = Vec::new();
    let mut taken: BTreeSet<String> = args
        .header_env
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(_, variable)| variable.to_owned())
        .collect();
    for header in &args.header {
        let name = header.split(':').next().unwrap_or_default();
        if args.show_secrets || is_of_protocol(name) {
            words.push(("--header", header.clone()));
            continue;
        }
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
        let plain: String = name.chars().map(letter).collect();
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|variable| !taken.contains(variable));
        let variable = free.unwrap_or(plain);
        words.push(("--header-env", format!("{name}={variable}")));
        taken.insert(variable);
    }
    words.extend(args.header_env.iter().map(|word| ("--header-env", word.clone())));
    words
}

/// What must not be written or printed of a target with these fields, which is asked for `resource`.
pub fn redaction(args: &SessionArgs, fields: &[(String, String)], resource: &str, host: &str) -> Redaction {
    if args.show_secrets {
        return Redaction::none();
    }
    let targets = std::iter::once(resource).chain(args.missing_path.as_deref());
    let public: Vec<String> =
        args.subprotocol.iter().cloned().chain([host.to_owned()]).chain(args.origin.clone()).collect();
    Redaction::new(fields, targets, &public)
}

/// Checks a value that becomes part of the opening handshake.
pub fn plain(option: &str, value: &str) -> Result<(), UserError> {
    check_value(value)
        .map_err(|reason| UserError(format!("could not use {option} `{}`: {reason}", value.escape_debug())))
}
