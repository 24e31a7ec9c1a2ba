//! Patterns of case ids, with the quirks that spec files have come to rely on.
//!
//! A pattern with `*` becomes a regular expression: `.` stands for itself, `*` for anything, and whatever else a regular
//! expression can hold goes through, such as `[1234]$`. It has to match from the start of the id but not up to its end, so
//! `1.1*` has 1.1.1 and `1*` has 10.1.1. A pattern without `*` is an id and nothing else.

use regex_lite::Regex;

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern `{pattern}` is no regular expression: {reason}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A pattern of `cases` or `exclude-cases`.
#[derive(Clone, Debug)]
pub enum CasePattern {
    /// One id.
    Literal(String),
    /// All that match from their start.
    Start(Regex),
}

impl CasePattern {
    /// Reads a pattern.
    pub fn parse(pattern: &str) -> Result<CasePattern, PatternError> {
        if !pattern.contains('*') {
            return Ok(CasePattern::Literal(pattern.to_owned()));
        }
        compile(pattern, "").map(CasePattern::Start)
    }

    /// Whether it has the id.
    pub fn matches(&self, id: &str) -> bool {
        match self {
            CasePattern::Literal(literal) => literal == id,
            CasePattern::Start(regex) => regex.is_match(id),
        }
    }
}

/// A pattern of `exclude-agent-cases`, which has to match the whole.
#[derive(Clone, Debug)]
pub struct WholePattern(Regex);

impl WholePattern {
    /// Reads a pattern.
    pub fn parse(pattern: &str) -> Result<WholePattern, PatternError> {
        compile(pattern, "$").map(WholePattern)
    }

    /// Whether it matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn compile(pattern: &str, end: &str) -> Result<Regex, PatternError> {
    let expression = pattern.replace('.', "\\.").replace('*', ".*");
    Regex::new(&format!("^(?:{expression}){end}"))
        .map_err(|fault| PatternError { pattern: pattern.to_owned(), reason: fault.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_cases_are_anchored_at_the_start_only() {
        for (pattern, has, has_not) in [
            ("*", &["1.1.1", "13.7.18"][..], &[][..]),
            ("1.1*", &["1.1.1", "1.1.8"], &["1.2.1", "11.1.1", "12.1.1"]),
            ("1*", &["1.1.1", "10.1.1", "12.1.1", "13.1.1"], &["2.1"]),
            ("1.*", &["1.1.1", "1.2.8"], &["10.1.1", "12.1.1"]),
            ("*3.1", &["3.1", "13.1.1", "13.3.18", "7.3.1"], &["2.1"]),
            ("12.*.[1234]$", &["12.1.1", "12.5.4"], &["12.1.5", "12.1.11", "12.1.18"]),
            ("6.2.*|9.*", &["6.2.1", "9.1.1"], &["16.2.1", "19.1.1", "6.3.1"]),
            ("2.1", &["2.1"], &["2.10", "2.11", "12.1"]),
            ("", &[""], &["1.1.1"]),
        ] {
            let pattern = CasePattern::parse(pattern).unwrap();
            assert!(has.iter().all(|id| pattern.matches(id)), "{pattern:?}");
            assert!(!has_not.iter().any(|id| pattern.matches(id)), "{pattern:?}");
        }
    }

    #[test]
    fn patterns_of_agents_match_the_whole() {
        let pattern = WholePattern::parse("helpers/*").unwrap();
        assert!(pattern.matches("helpers/low") && !pattern.matches("my helpers/low"));
        assert!(!WholePattern::parse("1.1").unwrap().matches("1.1.1"));
        assert!(!WholePattern::parse("ws").unwrap().matches("ws2"));
        assert!(WholePattern::parse("ws 8.*").unwrap().matches("ws 8.23"));
    }

    #[test]
    fn a_pattern_that_is_no_regular_expression_is_told() {
        let fault = CasePattern::parse("12.*.[").unwrap_err();
        assert_eq!(fault.pattern, "12.*.[");
        assert!(fault.to_string().starts_with("the pattern `12.*.[` is no regular expression: "));
    }
}
