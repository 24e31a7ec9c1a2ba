//! Commands that a reader can copy into a shell.

use super::Printable;

/// The words of a command, quoted where a POSIX shell needs it.
pub fn line<'w>(words: impl IntoIterator<Item = &'w str>) -> Printable {
    let quoted: Vec<String> = words.into_iter().map(quote).collect();
    Printable::from(quoted.join(" "))
}

fn quote(word: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&octet);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_a_shell_would_take_apart() {
        let words = ["wsspec", "server", "ws://h:1/a?b=c&d", "--header", "X: it's", ""];
        assert_eq!(line(words).as_str(), r"wsspec server 'ws://h:1/a?b=c&d' --header 'X: it'\''s' ''");
    }
}
