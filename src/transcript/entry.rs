//! The entries of a transcript, in memory and as JSON.

use crate::wire::http::head_length;
use crate::wire::{Head, MaskKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// How far a head is looked for.
const LONGEST_HEAD: usize = 1024 * 1024;

/// A run of received octets: as they were, or by reference to what the plan sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// The octets themselves.
    Octets(Vec<u8>),
    /// The same octets as a payload of the plan, masked with a key that meets its first octet at `from`.
    Echo {
        /// The index of the payload.
        payload: u32,
        /// Where in it the run starts.
        from: u64,
        /// How long the run is.
        len: u64,
        /// The mask that lay over it.
        mask: Option<MaskKey>,
    },
    /// So many octets of a compressed message, all of which comes to a payload of the plan and breaks no rule.
    Deflated {
        /// The index of the payload.
        payload: u32,
        /// How many they were.
        len: u64,
    },
    /// Octets that were too many to keep; only their number and digest are known.
    Opaque {
        /// How many they were.
        len: u64,
        /// Their SHA-1.
        sha1: String,
    },
}

impl Span {
    /// The length in octets.
    pub fn len(&self) -> u64 {
        match self {
            Span::Octets(octets) => octets.len() as u64,
            Span::Echo { len, .. } | Span::Deflated { len, .. } | Span::Opaque { len, .. } => *len,
        }
    }

    /// Whether there is no octet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How the connection came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The target closed its sending half (FIN).
    Eof,
    /// The target reset the connection (RST).
    Reset,
    /// The harness closed, because the case was over or a deadline had passed.
    Closed,
    /// The harness reset, because the case says so.
    WasReset,
    /// The harness closed, because the target sent more than a case can use.
    Overflow,
    /// No connection came about.
    NoConnection(String),
    /// The connection broke in a way that says nothing about WebSocket, such as a TLS alert.
    Broken(String),
}

/// What an automatic answer answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A pong for a ping of the target.
    Pong,
    /// A Close for a Close of the target.
    Close,
}

/// What became of a crowd, whose conversations are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnout {
    /// So many connections were opened.
    pub opened: u32,
    /// So many were turned away: refused, or ended without an answer.
    pub refused: u32,
    /// So many were given up at a deadline, or broke.
    pub failed: u32,
    /// How long each of a doubling crowd took to be answered, in microseconds; empty where one was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered_us: Vec<u64>,
    /// How each of a crowd of clients began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub began: Vec<Beginning>,
    /// The other connections of one client, in the order in which they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
}

/// Another connection that a client opened in the course of a conversation; times as in the transcript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// When its request was there.
    pub asked_us: u64,
    /// When it was answered, if it was.
    pub answered_us: Option<u64>,
}

/// What a client should do otherwise on each connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// Its key.
    pub key: String,
    /// The masking key of its first frame.
    pub mask: Option<[u8; 4]>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A client was told to connect to this host and port.
    Called(String),
    /// The connection, with TLS where the target asks for it, was there.
    Connected,
    /// The next octets of an op of the plan were handed to the network.
    Sent {
        /// The index of the op.
        op: u32,
        /// How many octets.
        octets: u64,
    },
    /// The harness answered by itself, as any endpoint would.
    Replied {
        /// What was answered.
        to: Reply,
        /// The octets of the frame.
        #[serde(with = "hex")]
        octets: Vec<u8>,
    },
    /// Octets came from the target.
    Received(Vec<Span>),
    /// The deadline of an op passed.
    Missed {
        /// The index of the op.
        op: u32,
        /// How long was waited, in microseconds.
        waited_us: u64,
    },
    /// The harness closed its sending half.
    HalfClosed,
    /// Whether a new connection to the target worked afterwards.
    Aftermath {
        /// It did.
        served: bool,
    },
    /// What became of the crowd, the other connections of the case.
    Crowd(Turnout),
    /// Octets of an op that could not be sent any more.
    Unsent {
        /// The index of the op.
        op: u32,
        /// How many octets.
        octets: u64,
    },
    /// The end.
    Ended(Ending),
}

/// An entry with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed {
    /// Since the first attempt to connect, in microseconds.
    pub at_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// The record of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Transcript(pub Vec<Timed>);

impl Transcript {
    /// Appends an entry.
    pub fn push(&mut self, at: Duration, entry: Entry) {
        self.0.push(Timed { at_us: at.as_micros() as u64, entry });
    }

    /// Appends sent octets, joined to the last entry when it is of the same op.
    pub fn push_sent(&mut self, at: Duration, op: u32, octets: u64) {
        if let Some(Timed { entry: Entry::Sent { op: last, octets: sum }, .. }) = self.0.last_mut()
            && *last == op
        {
            *sum += octets;
        } else {
            self.push(at, Entry::Sent { op, octets });
        }
    }

    /// Appends a received run; a run that goes on where the last one stopped is joined to it, whatever the time.
    pub fn push_received(&mut self, at: Duration, span: Span) {
        let now = at.as_micros() as u64;
        if let Some(Timed { at_us, entry: Entry::Received(spans) }) = self.0.last_mut() {
            match (spans.last_mut(), &span) {
                (
                    Some(Span::Echo { payload, from, len, mask }),
                    Span::Echo { payload: next, from: start, len: more, mask: key },
                ) if payload == next && *from + *len == *start && mask.map(|mask| mask.at(*len)) == *key => {
                    *len += more;
                    return;
                }
                (Some(Span::Octets(octets)), Span::Octets(more)) if *at_us == now => {
                    octets.extend_from_slice(more);
                    return;
                }
                _ if *at_us == now => {
                    spans.push(span);
                    return;
                }
                _ => {}
            }
        }
        self.push(at, Entry::Received(vec![span]));
    }

    /// The first octets that came from the target, at most so many.
    pub fn first_octets(&self, most: usize) -> Vec<u8> {
        let spans = self.0.iter().filter_map(|timed| match &timed.entry {
            Entry::Received(spans) => Some(spans),
            _ => None,
        });
        let octets = spans.flatten().map_while(|span| match span {
            Span::Octets(octets) => Some(octets.iter().copied()),
            _ => None,
        });
        octets.flatten().take(most).collect()
    }

    /// How long after the connection was there the first octets came.
    pub fn first_answer(&self) -> Option<Duration> {
        let at = |is_it: fn(&Entry) -> bool| self.0.iter().find(|timed| is_it(&timed.entry)).map(|timed| timed.at_us);
        let connected = at(|entry| *entry == Entry::Connected)?;
        let answered = at(|entry| matches!(entry, Entry::Received(_)))?;
        Some(Duration::from_micros(answered.saturating_sub(connected)))
    }

    /// The first head that came from the target.
    pub fn first_head(&self) -> Option<Head> {
        let octets = self.first_octets(LONGEST_HEAD);
        head_length(&octets).map(|end| Head::parse(&octets[..end]))
    }

    /// How the connection ended, when it did.
    pub fn ending(&self) -> Option<&Ending> {
        self.0.iter().rev().find_map(|timed| match &timed.entry {
            Entry::Ended(ending) => Some(ending),
            _ => None,
        })
    }
}

/// Octets as a string of hexadecimal digits.
mod hex {
    use super::*;

    pub fn encode(octets: &[u8]) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        octets
            .iter()
            .flat_map(|octet| [DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]])
            .map(char::from)
            .collect()
    }

    pub fn decode(text: &str) -> Option<Vec<u8>> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return None;
        };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        pairs.iter().map(|[high, low]| Some((digit(*high)? * 16 + digit(*low)?) as u8)).collect()
    }

    pub fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(octets))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode(&text).ok_or_else(|| D::Error::custom("octets are pairs of hexadecimal digits"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EchoFields {
    payload: u32,
    from: u64,
    len: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask: Option<[u8; 4]>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum SpanForm {
    Hex(String),
    Echo { echo: EchoFields },
    Deflated { deflated: u32, len: u64 },
    Opaque { opaque: u64, sha1: String },
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Span::Octets(octets) => SpanForm::Hex(hex::encode(octets)),
            Span::Echo { payload, from, len, mask } => SpanForm::Echo {
                echo: EchoFields { payload: *payload, from: *from, len: *len, mask: mask.map(|MaskKey(key)| key) },
            },
            Span::Deflated { payload, len } => SpanForm::Deflated { deflated: *payload, len: *len },
            Span::Opaque { len, sha1 } => SpanForm::Opaque { opaque: *len, sha1: sha1.clone() },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match SpanForm::deserialize(deserializer)? {
            SpanForm::Hex(text) => Span::Octets(
                hex::decode(&text).ok_or_else(|| D::Error::custom("octets are pairs of hexadecimal digits"))?,
            ),
            SpanForm::Echo { echo: EchoFields { payload, from, len, mask } } => {
                Span::Echo { payload, from, len, mask: mask.map(MaskKey) }
            }
            SpanForm::Deflated { deflated, len } => Span::Deflated { payload: deflated, len },
            SpanForm::Opaque { opaque, sha1 } => Span::Opaque { len: opaque, sha1 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let mut transcript = Transcript::default();
        let at = Duration::from_micros;
        transcript.push(
            at(0),
            Entry::Crowd(Turnout { opened: 98, refused: 1, failed: 1, answered_us: vec![7], ..Turnout::default() }),
        );
        transcript.push(at(0), Entry::Called("localhost:9".to_owned()));
        transcript.push(at(1), Entry::Connected);
        transcript.push_sent(at(2), 0, 10);
        transcript.push_received(at(3), Span::Octets(vec![0x81, 0x05]));
        transcript.push_received(at(3), Span::Echo { payload: 0, from: 0, len: 5, mask: Some(MaskKey([1, 2, 3, 4])) });
        transcript.push_received(at(4), Span::Opaque { len: 9, sha1: "00".to_owned() });
        transcript.push_received(at(4), Span::Deflated { payload: 2, len: 7 });
        transcript.push(at(5), Entry::Replied { to: Reply::Pong, octets: vec![0x8a, 0] });
        transcript.push(at(6), Entry::Missed { op: 3, waited_us: 5 });
        transcript.push(at(7), Entry::Unsent { op: 4, octets: 1 });
        transcript.push(at(8), Entry::Ended(Ending::NoConnection("refused".to_owned())));
        let text = serde_json::to_string(&transcript).unwrap();
        assert_eq!(serde_json::from_str::<Transcript>(&text).unwrap(), transcript);
        assert!(
            text.contains(
                r#"{"at_us":3,"received":["8105",{"echo":{"payload":0,"from":0,"len":5,"mask":[1,2,3,4]}}]}"#
            )
        );
    }

    #[test]
    fn runs_that_go_on_are_joined() {
        let mut transcript = Transcript::default();
        let run = |from, len| Span::Echo { payload: 1, from, len, mask: None };
        transcript.push_received(Duration::from_micros(1), run(0, 100));
        transcript.push_received(Duration::from_micros(9), run(100, 50));
        transcript.push_received(Duration::from_micros(9), run(0, 1));
        assert_eq!(transcript.0.len(), 2);
        assert_eq!(transcript.0[0].entry, Entry::Received(vec![run(0, 150)]));
    }
}
