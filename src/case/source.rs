//! A fault in a file, with its place and the line it stands in.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

/// The longest file that is read whole, in bytes.
pub const LONGEST_FILE: u64 = 64 * 1024 * 1024;

/// The bytes of a file, which may be no longer than that: a device has no end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_bounded(File::open(path)?, LONGEST_FILE)
}

/// Everything from `source`, which may be no more than `most` bytes.
pub fn read_bounded(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    source.take(most + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {most} bytes")));
    }
    Ok(octets)
}

/// The text of a file that users write: UTF-8, with or without a byte order mark.
pub fn text(octets: Vec<u8>) -> Result<String, FromUtf8Error> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    String::from_utf8(match octets.strip_prefix(MARK) {
        Some(rest) => rest.to_vec(),
        None => octets,
    })
}

/// A fault at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SourceError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 when the fault is not at one place.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The text of the line.
    pub source_line: String,
    /// What is wrong.
    pub message: String,
}

impl SourceError {
    /// A fault `offset` bytes into `text`.
    pub fn at_offset(path: &Path, text: &str, offset: usize, message: impl Into<String>) -> SourceError {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[offset..].find('\n').map_or(text.len(), |length| offset + length);
        SourceError {
            path: path.to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[start..offset].chars().count() + 1,
            source_line: text[start..end].to_owned(),
            message: message.into(),
        }
    }

    /// What `serde_json` has to say about `text`.
    pub fn from_json(path: &Path, text: &str, fault: &serde_json::Error) -> SourceError {
        SourceError::at_offset(path, text, offset_of(text, fault), message_of(fault))
    }

    /// A fault of the file as a whole.
    pub fn whole_file(path: &Path, message: impl Into<String>) -> SourceError {
        SourceError { path: path.to_owned(), line: 0, column: 0, source_line: String::new(), message: message.into() }
    }
}

/// Where in `text` a fault of `serde_json` lies, in bytes.
pub(super) fn offset_of(text: &str, fault: &serde_json::Error) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(fault.line().saturating_sub(1)).map(str::len).sum();
    let offset = (line_start + fault.column().saturating_sub(1)).min(text.len());
    name_before(text, offset, &fault.to_string()).unwrap_or(offset)
}

/// The start of an unknown name: the parser only tells where it ends.
fn name_before(text: &str, offset: usize, message: &str) -> Option<usize> {
    let name = message.strip_prefix("unknown ")?.split('`').nth(1)?;
    let end = (offset + 1).min(text.len());
    let start = text.get(..end)?.rfind(&format!("\"{name}\""))?;
    (end - start <= name.len() + 4).then_some(start + 1)
}

/// The message of a fault of `serde_json` without the position behind it.
pub(super) fn message_of(fault: &serde_json::Error) -> String {
    let words = fault.to_string();
    match words.rfind(" at line ") {
        Some(end) => words[..end].to_owned(),
        None => words,
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "{}: {}", self.path.display(), self.message);
        }
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        // a long line is cut around the caret, so that the two stay together on a terminal
        let skip = self.column.saturating_sub(60);
        let shown: String = self.source_line.chars().skip(skip).take(100).collect();
        writeln!(f, "{}:{}:{}: {}", self.path.display(), self.line, self.column, self.message)?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{number} | {shown}")?;
        write!(f, "{gutter} | {}^", " ".repeat(self.column - 1 - skip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_line_and_a_caret() {
        let text = "{\n  \"a\": truth\n}\n";
        let fault = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
        let shown = SourceError::from_json(Path::new("x.json"), text, &fault).to_string();
        insta::assert_snapshot!(shown, @r#"
        x.json:2:11: expected ident
          |
        2 |   "a": truth
          |           ^
        "#);
    }

    #[test]
    fn what_has_no_end_is_not_read() {
        assert_eq!(read_bounded(&b"abc"[..], 3).unwrap(), b"abc");
        let fault = read_bounded(io::repeat(0), 1000).unwrap_err();
        assert_eq!(
            (fault.kind(), fault.to_string()),
            (io::ErrorKind::FileTooLarge, "it is longer than 1000 bytes".to_owned())
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        for (octets, expected) in [("\u{feff}{}", "{}"), ("{}", "{}"), ("\u{feff}", ""), ("{}\u{feff}", "{}\u{feff}")] {
            assert_eq!(text(octets.as_bytes().to_vec()).unwrap(), expected);
        }
        assert!(text(b"\xff\xfe{\0}\0".to_vec()).is_err());
    }

    #[test]
    fn counts_columns_in_characters() {
        let text = "ab\nüü!x";
        let place = SourceError::at_offset(Path::new("p"), text, text.find('x').unwrap(), "here");
        assert_eq!((place.line, place.column), (2, 4));
    }
}
