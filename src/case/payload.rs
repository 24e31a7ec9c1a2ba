//! Payloads as a case writes them: literal, generated, or from a file under `cases/data/`.

use super::deflate::{BlockContent, BlockSpec, TokenSpec};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The octets of a payload: a JSON string stands for its UTF-8, an object for everything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PayloadSpec {
    /// The UTF-8 of the string.
    Text(String),
    /// Octets that are generated or that no string can hold.
    Made(Made),
}

/// A payload that is not written out as a string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Made {
    /// Hexadecimal digits; white space between them is ignored.
    Hex(Hex),
    /// A unit repeated up to a length in octets, the last one cut where the length ends.
    Repeat {
        /// What is repeated.
        unit: Box<PayloadSpec>,
        /// The length of the whole in octets.
        #[serde(deserialize_with = "generated")]
        to: u64,
    },
    /// That many octets from the seed of the run.
    Random(#[serde(deserialize_with = "generated")] u64),
    /// That many octets of printable ASCII from the seed of the run.
    RandomText(#[serde(deserialize_with = "generated")] u64),
    /// That many octets that look like frames, most of them legal, from the seed of the run.
    RandomFrames(#[serde(deserialize_with = "held")] u64),
    /// That many octets of names that all differ, with a comma and a space between them.
    Names(#[serde(deserialize_with = "held")] u64),
    /// A file under `cases/data/`.
    File(String),
    /// One payload behind the other.
    Concat(Vec<PayloadSpec>),
    /// A DEFLATE stream made of these blocks, ended as a message of permessage-deflate is: with an empty stored block
    /// whose last four octets are cut off.
    Blocks(Vec<BlockSpec>),
    /// The same octets compressed as one message, with nothing in front of it that it could refer to.
    Deflated(Box<PayloadSpec>),
    /// That many octets of something that compresses as real messages do.
    Sample {
        /// What it resembles.
        kind: Sample,
        /// The length in octets.
        #[serde(deserialize_with = "held")]
        len: u64,
    },
    /// In an exchange the next octets of a payload each time, from its start again behind its end.
    Slide {
        /// The payload that is gone over.
        over: Box<PayloadSpec>,
        /// The octets of each message.
        #[serde(deserialize_with = "held")]
        len: u64,
    },
}

/// What a sample resembles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// Records of JSON, ASCII.
    Json,
    /// A page of HTML, ASCII.
    Html,
    /// Prose in several scripts, UTF-8.
    Prose,
    /// A picture without compression.
    Bitmap,
    /// A picture with compression: octets that do not get shorter.
    Compressed,
}

/// The longest payload that is generated while it is sent, in octets. The sum of any that fit into a file stays a number.
const LONGEST_GENERATED: u64 = 1 << 34;
/// The longest payload that is held in memory, in octets.
const LONGEST_HELD: u64 = 64 * 1024 * 1024;

fn generated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    at_most(LONGEST_GENERATED, u64::deserialize(deserializer)?)
}

fn held<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    at_most(LONGEST_HELD, u64::deserialize(deserializer)?)
}

fn at_most<E: Error>(most: u64, len: u64) -> Result<u64, E> {
    if len > most {
        return Err(E::custom(format!("a payload of {len} octets; at most {most} can be made")));
    }
    Ok(len)
}

impl PayloadSpec {
    /// The length in octets; 0 for a file, which only the corpus can look up, and of what is compressed the length before.
    pub fn len(&self) -> u64 {
        match self {
            PayloadSpec::Text(text) => text.len() as u64,
            PayloadSpec::Made(Made::Hex(Hex(octets))) => octets.len() as u64,
            PayloadSpec::Made(
                Made::Repeat { to, .. }
                | Made::Random(to)
                | Made::RandomText(to)
                | Made::RandomFrames(to)
                | Made::Names(to)
                | Made::Sample { len: to, .. }
                | Made::Slide { len: to, .. },
            ) => *to,
            PayloadSpec::Made(Made::File(_)) => 0,
            PayloadSpec::Made(Made::Concat(parts)) => parts.iter().map(PayloadSpec::len).sum(),
            PayloadSpec::Made(Made::Deflated(whole)) => whole.len(),
            PayloadSpec::Made(Made::Blocks(blocks)) => blocks.iter().map(block_len).sum(),
        }
    }

    /// The same with repeated octets and names so many times as long; everything else stays as it is.
    pub fn grown(&self, times: u64) -> PayloadSpec {
        match self {
            PayloadSpec::Made(Made::Repeat { unit, to }) => {
                PayloadSpec::Made(Made::Repeat { unit: unit.clone(), to: to.saturating_mul(times) })
            }
            PayloadSpec::Made(Made::Names(to)) => PayloadSpec::Made(Made::Names(to.saturating_mul(times))),
            PayloadSpec::Made(Made::Concat(parts)) => {
                PayloadSpec::Made(Made::Concat(parts.iter().map(|part| part.grown(times)).collect()))
            }
            other => other.clone(),
        }
    }

    /// Whether there is no octet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn block_len(block: &BlockSpec) -> u64 {
    let token = |token: &TokenSpec| match token {
        TokenSpec::Copy { copy: (length, _) } => u64::from(*length),
        TokenSpec::Literals(octets) => octets.len(),
    };
    match &block.content {
        BlockContent::Stored(octets) => octets.len(),
        BlockContent::Fixed(tokens) | BlockContent::Dynamic(tokens) => tokens.iter().map(token).sum(),
    }
}

/// Octets written as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(into = "String")]
#[schemars(with = "String")]
pub struct Hex(pub Vec<u8>);

impl From<Hex> for String {
    fn from(Hex(octets): Hex) -> String {
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let (pairs, odd) = digits.as_chunks::<2>();
        if !odd.is_empty() {
            return Err(D::Error::custom(format!("an odd number of hexadecimal digits ({})", digits.len())));
        }
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .ok_or_else(|| D::Error::custom(format!("`{}` is no hexadecimal digit", char::from(byte))))
        };
        let octets = pairs
            .iter()
            .map(|[high, low]| Ok((digit(*high)? * 16 + digit(*low)?) as u8))
            .collect::<Result<_, D::Error>>()?;
        Ok(Hex(octets))
    }
}

impl<'de> Deserialize<'de> for PayloadSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Spec;

        impl<'de> Visitor<'de> for Spec {
            type Value = PayloadSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a string, or an object with one of hex, repeat, random, random_text, random_frames, names, file, concat, blocks, deflated, sample, slide",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PayloadSpec, E> {
                Ok(PayloadSpec::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PayloadSpec, A::Error> {
                Made::deserialize(MapAccessDeserializer::new(map)).map(PayloadSpec::Made)
            }
        }

        deserializer.deserialize_any(Spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_kind() {
        let read = |text: &str| serde_json::from_str::<PayloadSpec>(text).unwrap();
        assert_eq!(read("\"Hello\""), PayloadSpec::Text("Hello".to_owned()));
        assert_eq!(read(r#"{"hex": "ce ba"}"#), PayloadSpec::Made(Made::Hex(Hex(vec![0xce, 0xba]))));
        assert_eq!(
            read(r#"{"repeat": {"unit": "*", "to": 3}}"#),
            PayloadSpec::Made(Made::Repeat { unit: Box::new(PayloadSpec::Text("*".to_owned())), to: 3 })
        );
        assert_eq!(read(r#"{"random": 7}"#), PayloadSpec::Made(Made::Random(7)));
    }

    #[test]
    fn refuses_what_nobody_can_hold() {
        for text in [
            r#"{"repeat": {"unit": "*", "to": 18446744073709551615}}"#,
            r#"{"random": 9223372036854775808}"#,
            r#"{"random_text": 17179869185}"#,
            r#"{"random_frames": 67108865}"#,
            r#"{"names": 100000000000000}"#,
            r#"{"sample": {"kind": "json", "len": 9223372036854775808}}"#,
            r#"{"slide": {"over": "x", "len": 9223372036854775808}}"#,
        ] {
            let refused = serde_json::from_str::<PayloadSpec>(text).unwrap_err().to_string();
            assert!(refused.starts_with("a payload of ") && refused.contains(" at line 1 column "), "{refused}");
        }
    }

    #[test]
    fn grows_where_it_repeats() {
        let read = |text: &str| serde_json::from_str::<PayloadSpec>(text).unwrap();
        let grown =
            read(r#"{"concat": ["ab", {"repeat": {"unit": "*", "to": 3}}, {"names": 5}, {"random": 7}]}"#).grown(4);
        assert_eq!(grown.len(), 2 + 12 + 20 + 7);
    }

    #[test]
    fn refuses_bad_digits_in_words() {
        let refused = |text: &str| serde_json::from_str::<PayloadSpec>(text).unwrap_err().to_string();
        assert!(refused(r#"{"hex": "abc"}"#).starts_with("an odd number of hexadecimal digits (3)"));
        assert!(refused(r#"{"hex": "zz"}"#).starts_with("`z` is no hexadecimal digit"));
        assert!(refused(r#"{"hax": "00"}"#).starts_with("unknown variant `hax`"));
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [r#""x""#, r#"{"hex":"00ff"}"#, r#"{"repeat":{"unit":{"hex":"fe"},"to":9}}"#] {
            let spec: PayloadSpec = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&spec).unwrap(), text);
        }
    }
}
