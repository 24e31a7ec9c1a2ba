//! The names of report files.

use crate::report::naming::untaken;

/// A file name holds no more of an agent's name.
const LONGEST: usize = 120;

/// For each agent what its files begin with. An agent whose files would replace those of an earlier one gets a number.
pub(super) fn stems<'a>(agents: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    for agent in agents {
        let free = untaken(&cleaned(agent), '_', |name| stems.iter().any(|stem| stem == name));
        stems.push(free);
    }
    stems
}

/// The file of a case.
pub(super) fn file(stem: &str, id: &str, ending: &str) -> String {
    format!("{stem}_case_{}.{ending}", id.replace('.', "_"))
}

/// The name in small letters, with `_` in place of whatever is no letter or digit, except at its ends.
fn cleaned(agent: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' };
    let spaced: String = agent.trim().chars().map(plain).take(LONGEST).collect();
    spaced.trim().replace(' ', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_scripts_know() {
        for (agent, name) in [
            ("Tungstenite", "tungstenite_case_1_1_1.json"),
            ("tootallnate/websocket", "tootallnate_websocket_case_1_1_1.json"),
            ("RatchetRFC/0.4", "ratchetrfc_0_4_case_1_1_1.json"),
            (" (ws) 8.2 ", "ws__8_2_case_1_1_1.json"),
            ("../../etc/x", "etc_x_case_1_1_1.json"),
            ("caf\u{e9}", "caf_case_1_1_1.json"),
        ] {
            assert_eq!(file(&stems([agent].into_iter())[0], "1.1.1", "json"), name);
        }
    }

    #[test]
    fn agents_with_the_same_letters_have_files_of_their_own() {
        let stems = stems(["a.b", "A-B", "a b 2", "a_b", "", "\u{e9}"].into_iter());
        assert_eq!(stems, ["a_b", "a_b_2", "a_b_2_2", "a_b_3", "", "_2"]);
        assert!(super::stems(["x".repeat(5000).as_str()].into_iter())[0].len() <= LONGEST);
    }
}
