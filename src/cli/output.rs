//! Standard output: what is printed there, and whether it got there.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

/// The first fault of standard output.
static FAULT: OnceLock<io::Error> = OnceLock::new();

/// Prints a line. A run goes on when nobody can read it; [`fault`] tells of that at the end.
pub fn say(text: &str) {
    let mut output = io::stdout().lock();
    if let Err(fault) = writeln!(output, "{text}").and_then(|()| output.flush()) {
        note(fault);
    }
}

/// Remembers that something could not be printed.
pub fn note(fault: io::Error) {
    // the first one tells why
    let _ = FAULT.set(fault);
}

/// Why something could not be printed, if so; with words for the user unless the reader has gone away.
pub fn fault() -> Option<Option<String>> {
    let fault = FAULT.get()?;
    let is_gone = fault.kind() == ErrorKind::BrokenPipe;
    Some((!is_gone).then(|| format!("could not write to standard output: {fault}")))
}
