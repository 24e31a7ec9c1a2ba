//! Names as files and folders can have them, and names that nobody has yet.

/// The name with a dash for each letter that does not belong into the name of a file, and in front of a dot that would hide it.
pub fn file_name(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    if plain.starts_with('.') { format!("-{plain}") } else { plain }
}

/// The most letters of a name that stand in that of a folder.
pub const LONGEST: usize = 80;

/// The name of the folder for something that a user named, whatever the name is: one folder, and never another place.
pub fn folder_name(name: &str) -> String {
    let short: String = name.chars().take(LONGEST).collect();
    if short.is_empty() { "unnamed".to_owned() } else { file_name(&short) }
}

/// The name of a place on the network: its host and port, and its path where there is one.
pub fn place_name(host: &str, port: u16, path: &str) -> String {
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => format!("ipv6-{}", groups(address)),
        None => file_name(host),
    };
    let path = path.trim_matches('/');
    let name = if path.is_empty() { format!("{host}-{port}") } else { format!("{host}-{port}-{path}") };
    file_name(&name)
}

/// The groups of an IPv6 address with dashes between them, two for those that are left out; in front they are not missed.
fn groups(address: &str) -> String {
    let address = address.strip_prefix("::").unwrap_or(address).replace(':', "-");
    if address.is_empty() || address.ends_with('-') { format!("{address}0") } else { address }
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
    fn whatever_a_folder_is_named_after_it_is_one_folder() {
        for (name, folder) in [
            ("my server", "my-server"),
            ("../x", "-..-x"),
            ("..", "-.."),
            (".", "-."),
            ("/etc/passwd", "-etc-passwd"),
            ("a\0b", "a-b"),
            ("", "unnamed"),
            (&"\u{e9}".repeat(500), &"-".repeat(LONGEST)),
        ] {
            assert_eq!(folder_name(name), folder, "{name:?}");
        }
    }

    #[test]
    fn places_on_the_network_are_told_apart() {
        for ((host, port, path), name) in [
            (("h", 9103, "/"), "h-9103"),
            (("127.0.0.1", 9104, "/chat/a%20b"), "127.0.0.1-9104-chat-a-20b"),
            (("[::1]", 9001, "/"), "ipv6-1-9001"),
            (("[::]", 9001, "/"), "ipv6-0-9001"),
            (("[fe80::1:2]", 80, ""), "ipv6-fe80--1-2-80"),
            (("[fe80::]", 80, ""), "ipv6-fe80--0-80"),
        ] {
            assert_eq!(place_name(host, port, path), name);
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = ["a", "a-2", "b 2"];
        let untaken = |name| untaken(name, '-', |name| taken.contains(&name));
        assert_eq!(["a", "b", "a-2"].map(untaken), ["a-3", "b", "a-2-2"]);
    }
}
