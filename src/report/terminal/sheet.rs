//! Lines of text with indentation, wrapped to a width, in colours or not.

use super::Style;
use crate::report::Printable;

/// A colour, by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Soft,
    Good,
    Bad,
    Doubtful,
    Aside,
}

impl Tone {
    /// The tone of an outcome or severity.
    pub fn of(word: &str) -> Tone {
        match word {
            "pass" => Tone::Good,
            "fail" | "broken" => Tone::Bad,
            "warn" | "flaky" => Tone::Doubtful,
            "info" | "limit" => Tone::Aside,
            _ => Tone::Soft,
        }
    }

    fn code(self) -> Option<&'static str> {
        Some(match self {
            Tone::Plain => return None,
            Tone::Strong => "1",
            Tone::Soft => "2",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Doubtful => "33",
            Tone::Aside => "36",
        })
    }
}

/// Text that grows line by line.
pub(super) struct Sheet {
    text: String,
    style: Style,
}

impl Sheet {
    pub fn new(style: Style) -> Sheet {
        Sheet { text: String::new(), style }
    }

    pub fn done(self) -> String {
        self.text
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A line that is not wrapped: commands, paths and diffs are copied and compared.
    pub fn line(&mut self, indent: usize, tone: Tone, text: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&self.toned(tone, text));
        self.text.push('\n');
    }

    /// A line in several tones.
    pub fn mixed(&mut self, indent: usize, parts: &[(Tone, String)]) {
        let line: String = parts.iter().map(|(tone, text)| self.toned(*tone, text)).collect();
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Text that is wrapped; `lead` stands in front of its first line, and the other lines begin behind a short lead
    /// or a little way under a long one.
    pub fn paragraph(&mut self, indent: usize, (lead_tone, lead): (Tone, &str), tone: Tone, text: &str) {
        const SHORT: usize = 6;
        let lead_len = lead.chars().count();
        let hanging = indent + if lead_len > SHORT { 2 } else { lead_len };
        let room = |taken: usize| self.style.width.saturating_sub(taken).max(24);
        let lines = wrapped(text, room(indent + lead_len), room(hanging));
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&self.toned(lead_tone, lead));
        for (number, line) in lines.into_iter().enumerate() {
            if number > 0 {
                self.text.push_str(&" ".repeat(hanging));
            }
            self.text.push_str(&self.toned(tone, line));
            self.text.push('\n');
        }
    }

    fn toned(&self, tone: Tone, text: &str) -> String {
        debug_assert_eq!(Printable::of(text).as_str(), text, "only printable text comes here");
        match tone.code() {
            Some(code) if self.style.color && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }
}

/// Text cut at spaces into lines of at most so many characters; a longer word has a line of its own.
fn wrapped(text: &str, first: usize, others: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    loop {
        let room = if lines.is_empty() { first } else { others };
        let fits = rest.char_indices().nth(room).map_or(rest.len(), |(at, _)| at);
        if fits == rest.len() {
            lines.push(rest);
            return lines;
        }
        // the space that ends the line may be the first character that does not fit
        let reach = rest[fits..].chars().next().map_or(fits, |letter| fits + letter.len_utf8());
        let cut = rest[..reach].rfind(' ').or_else(|| rest.find(' '));
        let Some(cut) = cut else {
            lines.push(rest);
            return lines;
        };
        lines.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_spaces_and_long_words_stay_whole() {
        assert_eq!(wrapped("one two three", 7, 7), ["one two", "three"]);
        assert_eq!(wrapped("a verylongword b", 4, 4), ["a", "verylongword", "b"]);
        assert_eq!(wrapped("κόσμε κόσμε", 5, 9), ["κόσμε", "κόσμε"]);
        assert_eq!(wrapped("", 5, 5), [""]);
    }

    #[test]
    fn colours_only_when_told() {
        for (color, text) in [(false, "  x\n"), (true, "  \x1b[31mx\x1b[0m\n")] {
            let mut sheet = Sheet::new(Style { color, width: 40 });
            sheet.line(2, Tone::Bad, "x");
            assert_eq!(sheet.done(), text);
        }
    }
}
