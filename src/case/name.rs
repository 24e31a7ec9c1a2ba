//! Names of groups and cases, which become names of files and folders: one form on every system, and never another place.

use serde::de::{Deserialize, Deserializer, Error};

/// The most letters of one part of an id; those of a whole path have to fit too.
const LONGEST: usize = 100;
/// The most letters of a whole id.
const LONGEST_ID: usize = 200;
/// Names that some systems keep for devices, with any ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Reads the name of a case.
pub fn case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    part(&name).map_err(D::Error::custom)?;
    Ok(name)
}

/// Reads the name of a group or the id of a case: names with `/` between them.
pub fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let path = String::deserialize(deserializer)?;
    if path.len() > LONGEST_ID {
        return Err(D::Error::custom(format!("a name of {} letters; at most {LONGEST_ID} fit", path.len())));
    }
    path.split('/').try_for_each(part).map_err(D::Error::custom)?;
    Ok(path)
}

fn part(name: &str) -> Result<(), String> {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-+.".contains(letter);
    let device = name.split('.').next().unwrap_or_default();
    let numbered = ["com", "lpt"].iter().any(|port| {
        device
            .strip_prefix(port)
            .is_some_and(|number| number.len() == 1 && number.bytes().all(|digit| digit.is_ascii_digit()))
    });
    if name.is_empty() || !name.chars().all(fits) || name.starts_with('.') || name.ends_with('.') {
        let shown: String = name.chars().take(40).flat_map(char::escape_default).collect();
        Err(format!("`{shown}` is no name: lower-case letters, digits, `-`, `+` and `.` within"))
    } else if name.len() > LONGEST {
        Err(format!("a name of {} letters; at most {LONGEST} fit", name.len()))
    } else if DEVICES.contains(&device) || numbered {
        Err(format!("`{name}` is no name: some systems keep it for a device"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        let read = |text: &str| path(serde_json::Value::from(text)).map_err(|fault| fault.to_string());
        for fine in ["framing/reserved-bits/rsv2-after-text", "a", "1.1.2", "utf8/split.x", "console", "comb1"] {
            assert_eq!(read(fine).as_deref(), Ok(fine));
        }
        let (long, longer) = ("x".repeat(101), "x/".repeat(100) + "x");
        for bad in [
            "",
            "..",
            "../../evil",
            "a/../b",
            "/etc/passwd",
            "a//b",
            "a/",
            ".hidden",
            "a\0b",
            "a\\b",
            "c:x",
            "a b",
            "Upper",
            "nul",
            "a/con.x",
            "com1",
            "lpt9/x",
            "dot.",
            "caf\u{e9}",
            &long,
            &longer,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(case(serde_json::Value::from("a/b")).is_err());
    }
}
