//! Everything that the commands print, so that no text of a target, a file or an argument does anything to a terminal; and
//! whether it got there.
//!
//! `clippy.toml` forbids the macros that print, so nothing gets past these functions.

use super::present;
use crate::report::Printable;
use crate::report::printable::acts;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

/// The first fault of standard output.
static FAULT: OnceLock<io::Error> = OnceLock::new();

/// Prints a line to standard output. A run goes on when nobody can read it; [`fault`] tells of that at the end.
pub fn say(text: &str) {
    print(&inert(text));
}

fn print(text: &str) {
    let mut output = io::stdout().lock();
    if let Err(fault) = writeln!(output, "{text}").and_then(|()| output.flush()) {
        remember(fault);
    }
}

/// Remembers that something could not be printed; the first fault tells why.
fn remember(fault: io::Error) {
    let _ = FAULT.set(fault);
}

/// Why something could not be printed, if so; with words for the user unless the reader has gone away.
pub fn fault() -> Option<Option<String>> {
    let fault = FAULT.get()?;
    let is_gone = fault.kind() == ErrorKind::BrokenPipe;
    Some((!is_gone).then(|| format!("could not write to standard output: {fault}")))
}

/// Prints what a terminal report made, whose own colours stay.
pub fn say_styled(text: &str) {
    print(&if present::style().color { inert_but_colors(text) } else { inert(text) });
}

/// Prints a line on how things go to standard error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", inert(text));
}

/// Prints an error.
pub fn complain(message: impl Display) {
    note(&format!("error: {message}"));
}

/// Prints help, a version, or what is wrong with the arguments, in colours only where nothing else in it acts.
pub fn print_usage(fault: &clap::Error) {
    let text = fault.render().to_string();
    match fault.use_stderr() {
        _ if text == inert(&text) => fault.print().unwrap_or_else(remember),
        true => note(inert(&text).trim_end()),
        false => say(text.trim_end()),
    }
}

/// Has panics told with inert text: what they say may hold text of a target.
pub fn tame_panics() {
    std::panic::set_hook(Box::new(|panic| note(&format!("this is a defect of wsspec: {panic}"))));
}

/// Text of several lines in which nothing acts but the ends of the lines.
pub fn inert(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| Printable::of(line).to_string()).collect();
    lines.join("\n")
}

/// The same, with the colours that our own reports have.
fn inert_but_colors(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        shown.push_str(&inert(&rest[..at]));
        let code = &rest[at + 2..];
        let digits = code.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(code.len());
        if (1..=2).contains(&digits) && code[digits..].starts_with('m') {
            shown.push_str(&rest[at..at + 2 + digits + 1]);
            rest = &code[digits + 1..];
        } else {
            shown.push_str(&inert("\x1b"));
            rest = &rest[at + 1..];
        }
    }
    shown.push_str(&inert(rest));
    debug_assert!(
        !shown.contains('\r') && !shown.chars().any(|letter| acts(letter) && letter != '\n' && letter != '\x1b')
    );
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ends_of_lines_and_own_colours_act() {
        let text = "a\x1b[31mred\x1b[0m\n\x1b[2Jb\x1b]0;title\x07\r\u{202e}c\x1b";
        assert_eq!(inert(text), "a\\x1b[31mred\\x1b[0m\n\\x1b[2Jb\\x1b]0;title\\x07\\r\\u{202e}c\\x1b");
        assert_eq!(inert_but_colors(text), "a\x1b[31mred\x1b[0m\n\\x1b[2Jb\\x1b]0;title\\x07\\r\\u{202e}c\\x1b");
    }
}
