//! The steps of a case, one after the other.

use super::{FrameSpec, Opening};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Write frames, all in one TCP segment unless they are cut.
    Send(Send),
    /// Prove that the connection works: a ping with a payload of its own, and its pong.
    Barrier,
    /// Wait for an event; if its deadline passes, the rest of the case is not run.
    Await(Until),
    /// Wait that many milliseconds, or until the connection ends.
    LingerMs(u64),
    /// The same, with the full length only for patient runs.
    LingerPatiently {
        /// Milliseconds as a rule.
        usual_ms: u64,
        /// Milliseconds for a patient run.
        patient_ms: u64,
    },
    /// Send one message again and again, with few of them under way at a time.
    Exchange {
        /// The message.
        message: FrameSpec,
        /// How often.
        times: u32,
        /// How often in a full run, when that differs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        full_times: Option<u32>,
        /// How many messages are sent whose echoes are not in: with 1 each waits for the echo of the last.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        window: NonZeroU32,
    },
    /// The closing handshake: a Close with this status code, its answer, and the end of the connection.
    Close(u16),
    /// Send another request head on the same connection.
    Request(Box<Opening>),
    /// Leave what the target sends unread from here on.
    StopReading,
    /// Read again.
    GoOnReading,
    /// Close the sending half of the TCP connection.
    HalfClose,
    /// Reset the TCP connection.
    Reset,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

// serde passes a reference
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_one(window: &NonZeroU32) -> bool {
    *window == one()
}

/// An event that a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// All messages sent so far have come back; for a target that does not echo, a ping behind them was answered.
    Echo,
    /// The last ping was answered.
    Pong,
    /// A Close frame came, or the connection ended.
    Close,
    /// The connection ended.
    End,
    /// The last request was answered with a final status, or the connection ended.
    Response,
}

/// Frames, and how their bytes are cut into TCP segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(into = "SendFields")]
#[schemars(with = "SendSchema")]
pub struct Send {
    /// The frames in order.
    pub frames: Vec<FrameSpec>,
    /// The cutting.
    pub cut: Cut,
}

/// How bytes are cut into TCP segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// One write.
    #[default]
    Whole,
    /// A write for each frame.
    Frames,
    /// Writes of that many octets.
    Every(u64),
    /// Writes that end behind these payload octets of the (only) frame, with a pause between them.
    Payload {
        /// Offsets into the payload, rising.
        at: Vec<u64>,
        /// The pause in milliseconds; it ends early when the connection ends.
        pause_ms: u64,
    },
}

/// Either a list of frames, or `frames` with a cut.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendFields {
    /// The frames.
    frames: Vec<FrameSpec>,
    /// Write that many octets at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chop: Option<u64>,
    /// Write each frame on its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    flush: bool,
    /// Cut the only frame behind these octets of its payload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cut_payload_at: Vec<u64>,
    /// The pause between the parts that `cut_payload_at` makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u64>,
}

impl TryFrom<SendFields> for Send {
    type Error = String;

    fn try_from(fields: SendFields) -> Result<Send, String> {
        if fields.frames.is_empty() {
            return Err("nothing is sent: `frames` is empty".to_owned());
        }
        let cut = match (fields.chop, fields.flush, fields.cut_payload_at) {
            (None, false, at) if at.is_empty() => Cut::Whole,
            (None, true, at) if at.is_empty() => Cut::Frames,
            (Some(0), ..) => return Err("chop must be at least 1".to_owned()),
            (Some(octets), false, at) if at.is_empty() => Cut::Every(octets),
            (None, false, at) => {
                if fields.frames.len() != 1 {
                    return Err("`cut_payload_at` cuts a single frame".to_owned());
                }
                if !at.is_sorted_by(|a, b| a < b) {
                    return Err("the offsets of `cut_payload_at` must rise".to_owned());
                }
                Cut::Payload { at, pause_ms: fields.pause_ms.unwrap_or(0) }
            }
            _ => return Err("only one of chop, flush and cut_payload_at can be given".to_owned()),
        };
        if fields.pause_ms.is_some() && !matches!(cut, Cut::Payload { .. }) {
            return Err("`pause_ms` needs `cut_payload_at`".to_owned());
        }
        Ok(Send { frames: fields.frames, cut })
    }
}

impl From<Send> for SendFields {
    fn from(send: Send) -> SendFields {
        let mut fields =
            SendFields { frames: send.frames, chop: None, flush: false, cut_payload_at: Vec::new(), pause_ms: None };
        match send.cut {
            Cut::Whole => {}
            Cut::Frames => fields.flush = true,
            Cut::Every(octets) => fields.chop = Some(octets),
            Cut::Payload { at, pause_ms } => {
                fields.cut_payload_at = at;
                fields.pause_ms = Some(pause_ms);
            }
        }
        fields
    }
}

impl<'de> Deserialize<'de> for Send {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Frames;

        impl<'de> Visitor<'de> for Frames {
            type Value = Send;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of frames, or an object with `frames` and how to cut them")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Send, A::Error> {
                let frames = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                let fields =
                    SendFields { frames, chop: None, flush: false, cut_payload_at: Vec::new(), pause_ms: None };
                Send::try_from(fields).map_err(serde::de::Error::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Send, A::Error> {
                let fields = SendFields::deserialize(MapAccessDeserializer::new(map))?;
                Send::try_from(fields).map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_any(Frames)
    }
}

/// The schema of [`Send`]: both spellings.
struct SendSchema;

impl JsonSchema for SendSchema {
    fn schema_name() -> Cow<'static, str> {
        "Send".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = generator.subschema_for::<Vec<FrameSpec>>();
        let cut = generator.subschema_for::<SendFields>();
        json_schema!({ "anyOf": [list, cut] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Step, String> {
        serde_json::from_str(text).map_err(|fault| fault.to_string())
    }

    #[test]
    fn reads_each_kind() {
        for text in [
            r#"{"send": [{"text": "a"}, {"ping": ""}]}"#,
            r#"{"send": {"frames": [{"text": "a"}], "chop": 1}}"#,
            r#"{"send": {"frames": [{"text": "abc"}], "cut_payload_at": [1, 2], "pause_ms": 50}}"#,
            r#""barrier""#,
            r#"{"await": "end"}"#,
            r#"{"linger_ms": 20}"#,
            r#"{"exchange": {"message": {"text": "x"}, "times": 10}}"#,
            r#"{"exchange": {"message": {"text": "x"}, "times": 10, "window": 4}}"#,
            r#"{"close": 1000}"#,
            r#""half_close""#,
            r#""reset""#,
            r#""stop_reading""#,
            r#"{"request": {"remove": ["Upgrade"]}}"#,
            r#"{"await": "response"}"#,
        ] {
            let step = read(text).unwrap();
            let again = serde_json::to_string(&step).unwrap();
            assert_eq!(read(&again).unwrap(), step, "{again}");
        }
    }

    #[test]
    fn refuses_contradictions() {
        for (text, words) in [
            (r#"{"send": []}"#, "nothing is sent"),
            (r#"{"send": {"frames": [{"text": ""}], "chop": 1, "flush": true}}"#, "only one of"),
            (r#"{"send": {"frames": [{"text": ""}], "pause_ms": 1}}"#, "needs `cut_payload_at`"),
            (r#"{"send": {"frames": [{"text": "abc"}], "cut_payload_at": [2, 1]}}"#, "must rise"),
            (r#"{"exchange": {"message": {"text": "x"}, "times": 1, "window": 0}}"#, "nonzero"),
            (r#"{"sned": []}"#, "unknown variant `sned`"),
        ] {
            assert!(read(text).unwrap_err().contains(words), "{text}");
        }
    }
}
