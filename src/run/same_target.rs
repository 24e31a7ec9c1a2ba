//! Whether two commands test the same target in the same way, so that their verdicts fit into one report.

/// Options without a value.
const FLAGS: [&str; 5] = ["--insecure", "--commands", "--patient", "--tls", "--driver"];
/// Options that change neither the target nor what is accepted of it.
const NEUTRAL: [&str; 10] =
    ["--spawn", "--jobs", "--timeout-scale", "--out", "--ca", "--insecure", "--agents", "--listen", "--cert", "--key"];

/// Whether the words of two commands, as `run.json` has them, name the same target and judge it alike.
pub fn is_same_target(one: &[String], other: &[String]) -> bool {
    !one.is_empty() && essence(one) == essence(other)
}

/// A command without the options that change nothing about its verdicts; the order of the others is that of the program.
fn essence(words: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if word == "--" {
            kept.push(word);
            kept.extend(words);
            break;
        }
        let (name, joined) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        let has_value = name.starts_with("--") && !FLAGS.contains(&name);
        let value = if has_value { joined.or_else(|| words.next()) } else { None };
        if !NEUTRAL.contains(&name) {
            kept.push(name);
            kept.extend(value);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
        is_same_target(&words(one), &words(other))
    }

    #[test]
    fn what_decides_no_verdict_is_left_out() {
        let server = "wsspec server ws://h/ --seed 2 --name n";
        for other in [
            "wsspec server ws://h/ --spawn ./server --seed 2 --name n",
            "wsspec server ws://h/ --seed 2 --name=n --out=-x --jobs 4 --insecure",
            "wsspec server ws://h/ --ca --seed --seed 2 --name n",
        ] {
            assert!(same(server, other), "{other}");
        }
    }

    #[test]
    fn another_target_or_another_way_to_judge_is_not_the_same() {
        let server = "wsspec server ws://h/ --seed 2 --name n";
        for other in [
            "wsspec server ws://h/ --seed 3 --name n",
            "wsspec server ws://g/ --seed 2 --name n",
            "wsspec server ws://h/ --seed 2 --name --out",
            "wsspec server ws://h/ --seed 2 --name n --profile strict",
            "wsspec server ws://h/ --seed 2 --name n --patient",
        ] {
            assert!(!same(server, other), "{other}");
        }
        assert!(
            !same("wsspec client -- ./c --jobs 1", "wsspec client -- ./c --jobs 2"),
            "these words are the client's"
        );
        assert!(!is_same_target(&[], &[]), "an old run does not tell its command");
    }
}
