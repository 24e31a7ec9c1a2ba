//! Where Autobahn and wsspec judge differently, and why: the file `cases/spec/autobahn-differences.json`.

use globset::Glob;
use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    /// The differences, the special ones in front of the general ones.
    pub differences: Vec<Difference>,
}

/// A difference that has a reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Patterns of Autobahn's ids.
    pub ids: Vec<String>,
    /// Autobahn's behavior and behaviorClose with a slash between them; `*` stands for any word.
    pub autobahn: String,
    /// Ours, in its words.
    pub wsspec: String,
    /// Whether it is about faults that only a monitor sees.
    #[serde(default)]
    pub of_monitor: bool,
    /// The reason in a few words.
    pub why: String,
    /// The reason in full.
    pub reason: String,
}

impl Differences {
    /// What explains that an id has these words, as in `OK/OK`, there and here; `of_monitor` tells whether all that failed
    /// here was seen by monitors.
    pub fn explain(&self, id: &str, autobahn: &str, wsspec: &str, of_monitor: bool) -> Option<&Difference> {
        self.differences.iter().find(|difference| {
            matches(&difference.autobahn, autobahn)
                && matches(&difference.wsspec, wsspec)
                && (of_monitor || !difference.of_monitor)
                && difference.ids.iter().any(|pattern| matches(pattern, id))
        })
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(text))
}

#[cfg(test)]
mod tests {
    use crate::case::Corpus;

    #[test]
    fn the_special_reason_comes_first() {
        let corpus = Corpus::embedded().unwrap();
        let why = |id, there, here, of_monitor| {
            let found = corpus.autobahn_differences.explain(id, there, here, of_monitor);
            found.map(|difference| difference.why.as_str())
        };
        for (id, there, here, expected) in [
            ("9.1.6", "FAILED/FAILED", "INFORMATIONAL/INFORMATIONAL", Some("Autobahn is stricter than the RFC")),
            ("12.1.1", "OK/OK", "UNIMPLEMENTED/OK", None),
            ("7.1.5", "FAILED/WRONG CODE", "OK/OK", Some("Autobahn is stricter than the RFC")),
            ("4.2.5", "OK/OK", "NON-STRICT/OK", Some("a matter of timing")),
            ("4.1.1", "OK/FAILED", "FAILED/FAILED", Some("Autobahn is weaker")),
            ("1.1.1", "OK/OK", "NON-STRICT/OK", None),
            ("3.1", "FAILED/OK", "OK/OK", None),
            ("1.1.1", "OK/OK", "FAILED/OK", None),
        ] {
            assert_eq!(why(id, there, here, false), expected, "{id} {there} {here}");
        }
        assert_eq!(why("1.1.1", "OK/OK", "FAILED/OK", true), Some("Autobahn is weaker"));
    }
}
