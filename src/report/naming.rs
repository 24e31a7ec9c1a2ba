//! Names as files and folders can have them, and names that nobody has yet.

/// The name with a dash for each letter that does not belong into the name of a file, and in front of a dot that would hide it.
pub fn file_name(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    if plain.starts_with('.') { format!("-{plain}") } else { plain }
}

/// The name, or where it is taken the first that is not of those with a number from 2 behind it.
pub fn untaken(name: &str, joint: char, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while is_taken(&free) {
        free = format!("{name}{joint}{number}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_lead_nowhere_else() {
        for (name, file) in [
            ("ws", "ws"),
            ("../x", "-..-x"),
            (".", "-."),
            ("tootallnate/websocket", "tootallnate-websocket"),
            ("caf\u{e9}", "caf-"),
        ] {
            assert_eq!(file_name(name), file);
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = ["a", "a-2", "b 2"];
        let untaken = |name| untaken(name, '-', |name| taken.contains(&name));
        assert_eq!(["a", "b", "a-2"].map(untaken), ["a-3", "b", "a-2-2"]);
    }
}
