//! What a client does when a text message tells it to, in words that begin with `wsspec:`. `cases/README.md` lists them.

/// More connections than that are not opened.
const MOST_COMPANIONS: u32 = 100;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Begin the closing handshake.
    Close(Option<(u16, String)>),
    /// Send a message of so many asterisks, in fragments of so many octets.
    Send { is_text: bool, octets: usize, fragment: usize },
    /// Send a ping.
    Ping(String),
    /// Open so many more connections.
    Open(u32),
}

impl Command {
    /// The command that a message is, if it is one.
    pub(super) fn parse(message: &[u8]) -> Option<Command> {
        let text = std::str::from_utf8(message).ok()?.strip_prefix("wsspec:")?;
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "close" if rest.is_empty() => Some(Command::Close(None)),
            "close" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                Some(Command::Close(Some((code.parse().ok()?, reason.to_owned()))))
            }
            "send" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let (kind, octets, fragment) = match words.as_slice() {
                    [kind, octets] => (*kind, octets.parse().ok()?, usize::MAX),
                    [kind, octets, "in", fragment] => (*kind, octets.parse().ok()?, fragment.parse().ok()?),
                    _ => return None,
                };
                let is_known =
                    matches!(kind, "text" | "binary") && octets <= super::echo::LARGEST_MESSAGE && fragment > 0;
                is_known.then_some(Command::Send { is_text: kind == "text", octets, fragment })
            }
            "open" => rest.parse().ok().filter(|count| *count <= MOST_COMPANIONS).map(Command::Open),
            "ping" => Some(Command::Ping(rest.to_owned())).filter(|_| rest.len() <= 125),
            _ => None,
        }
    }
}

/// The pieces of a message of so many asterisks: one at least.
pub(super) fn pieces(octets: usize, fragment: usize) -> Vec<Vec<u8>> {
    let message = vec![b'*'; octets];
    match octets {
        0 => vec![message],
        _ => message.chunks(fragment).map(<[u8]>::to_vec).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_messages() {
        for (message, expected) in [
            ("wsspec:close", Some(Command::Close(None))),
            ("wsspec:close 4001 good bye", Some(Command::Close(Some((4001, "good bye".to_owned()))))),
            ("wsspec:send text 5", Some(Command::Send { is_text: true, octets: 5, fragment: usize::MAX })),
            ("wsspec:send binary 9 in 4", Some(Command::Send { is_text: false, octets: 9, fragment: 4 })),
            ("wsspec:ping x y", Some(Command::Ping("x y".to_owned()))),
            ("wsspec:open 3", Some(Command::Open(3))),
            ("wsspec:open 101", None),
            ("wsspec:send text 5 in 0", None),
            ("wsspec:dance", None),
            ("wsspec: does this come back?", None),
            ("close 1000", None),
        ] {
            assert_eq!(Command::parse(message.as_bytes()), expected, "{message}");
        }
        assert_eq!(pieces(0, 4), [Vec::<u8>::new()]);
        assert_eq!(pieces(9, 4).iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 1]);
    }
}
