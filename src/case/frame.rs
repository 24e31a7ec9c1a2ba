//! A frame as a case writes it: valid unless a field says otherwise.

use super::PayloadSpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of frame it is, and its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text frame.
    Text(PayloadSpec),
    /// A binary frame.
    Binary(PayloadSpec),
    /// A continuation frame.
    Continuation(PayloadSpec),
    /// A ping.
    Ping(PayloadSpec),
    /// A pong.
    Pong(PayloadSpec),
    /// A Close frame with any payload.
    ClosePayload(PayloadSpec),
    /// A Close frame with a status code and a reason.
    Close(u16, PayloadSpec),
    /// Any of the sixteen opcodes.
    Opcode(u8, PayloadSpec),
    /// Octets that are no frame.
    Raw(PayloadSpec),
}

impl Kind {
    /// The payload; of a Close with a code the reason only.
    pub fn payload(&self) -> &PayloadSpec {
        match self {
            Kind::Text(payload)
            | Kind::Binary(payload)
            | Kind::Continuation(payload)
            | Kind::Ping(payload)
            | Kind::Pong(payload)
            | Kind::ClosePayload(payload)
            | Kind::Close(_, payload)
            | Kind::Opcode(_, payload)
            | Kind::Raw(payload) => payload,
        }
    }
}

/// The MASK bit and the key, when they are not what the role of the target asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Masking {
    /// Masked towards a server with a key from the seed, unmasked towards a client.
    AsRole,
    /// What the role forbids: unmasked towards a server, masked towards a client.
    Wrong,
    /// Masked with these four octets.
    Key([u8; 4]),
}

/// One frame, or one message cut into frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "FrameFields", into = "FrameFields")]
#[schemars(with = "FrameFields")]
pub struct FrameSpec {
    /// Kind and payload.
    pub kind: Kind,
    /// The FIN bit.
    pub fin: bool,
    /// RSV1 (4), RSV2 (2) and RSV3 (1).
    pub rsv: u8,
    /// The masking.
    pub masking: Masking,
    /// The length that the header announces, when it is not that of the payload.
    pub length: Option<u64>,
    /// The length encoding in bits: 7, 16 or 64, when it is not the shortest.
    pub form: Option<u8>,
    /// The payload octets in each frame, when one message is to become many frames.
    pub fragment: Option<u64>,
    /// Whether a fragmented message ends with an empty final frame when its length is a multiple of `fragment`.
    pub empty_last: bool,
    /// Whether the RFC obliges the receiver to fail the connection here.
    pub violates: bool,
    /// Whether the receiver may fail the connection here, or take the frame for what it is.
    pub disputed: bool,
    /// Whether the message is compressed as was agreed, and RSV1 set; `fragment` then cuts the compressed octets.
    pub deflate: bool,
}

impl FrameSpec {
    /// A valid frame of that kind.
    pub fn plain(kind: Kind) -> FrameSpec {
        FrameSpec {
            kind,
            fin: true,
            rsv: 0,
            masking: Masking::AsRole,
            length: None,
            form: None,
            fragment: None,
            empty_last: false,
            violates: false,
            disputed: false,
            deflate: false,
        }
    }
}

/// The fields of a frame in a case file; exactly one of text, binary, cont, ping, pong, close, close_payload, opcode, raw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrameFields {
    /// A text frame with this payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<PayloadSpec>,
    /// A binary frame with this payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary: Option<PayloadSpec>,
    /// A continuation frame with this payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cont: Option<PayloadSpec>,
    /// A ping with this payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ping: Option<PayloadSpec>,
    /// A pong with this payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pong: Option<PayloadSpec>,
    /// A Close frame with this status code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<u16>,
    /// The reason behind the status code of `close`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<PayloadSpec>,
    /// A Close frame with these octets in place of code and reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_payload: Option<PayloadSpec>,
    /// A frame with this opcode, 0 to 15, and the payload in `payload`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opcode: Option<u8>,
    /// The payload that goes with `opcode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<PayloadSpec>,
    /// Octets written as they are, without a frame around them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<PayloadSpec>,
    /// The FIN bit; true when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fin: Option<bool>,
    /// RSV1 (4), RSV2 (2) and RSV3 (1); 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 7))]
    pub rsv: Option<u8>,
    /// The masking; as the role asks when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masking: Option<Masking>,
    /// The announced length, when it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The bits of the length encoding: 7, 16 or 64; the shortest when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<u8>,
    /// Cut the message into frames of that many payload octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub fragment: Option<u64>,
    /// With `fragment`: end with an empty final frame where the length divides exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_last: Option<bool>,
    /// This frame is the violation: what comes behind it must not be acted upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violates: Option<bool>,
    /// The texts allow to refuse this frame and to take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disputed: Option<bool>,
    /// Compress the message as was agreed in the opening handshake, and set RSV1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deflate: Option<bool>,
}

impl TryFrom<FrameFields> for FrameSpec {
    type Error = String;

    fn try_from(fields: FrameFields) -> Result<FrameSpec, String> {
        let empty = || PayloadSpec::Text(String::new());
        let mut kinds = Vec::new();
        kinds.extend(fields.text.map(Kind::Text));
        kinds.extend(fields.binary.map(Kind::Binary));
        kinds.extend(fields.cont.map(Kind::Continuation));
        kinds.extend(fields.ping.map(Kind::Ping));
        kinds.extend(fields.pong.map(Kind::Pong));
        kinds.extend(fields.close_payload.map(Kind::ClosePayload));
        kinds.extend(fields.raw.map(Kind::Raw));
        if fields.reason.is_some() && fields.close.is_none() {
            return Err("`reason` needs `close`".to_owned());
        }
        if let Some(code) = fields.close {
            kinds.push(Kind::Close(code, fields.reason.unwrap_or_else(empty)));
        }
        if fields.payload.is_some() && fields.opcode.is_none() {
            return Err("`payload` needs `opcode`".to_owned());
        }
        if let Some(opcode) = fields.opcode {
            if opcode > 15 {
                return Err(format!("opcode {opcode} does not fit into four bits"));
            }
            kinds.push(Kind::Opcode(opcode, fields.payload.unwrap_or_else(empty)));
        }
        let [_] = kinds.as_slice() else {
            return Err(format!(
                "a frame needs exactly one of text, binary, cont, ping, pong, close, close_payload, opcode, raw (found {})",
                kinds.len()
            ));
        };
        let rsv = fields.rsv.unwrap_or(0);
        if rsv > 7 {
            return Err(format!("rsv {rsv} does not fit into three bits"));
        }
        if let Some(form) = fields.form
            && ![7, 16, 64].contains(&form)
        {
            return Err(format!("form {form} is none of 7, 16, 64"));
        }
        if fields.fragment == Some(0) {
            return Err("fragment must be at least 1".to_owned());
        }
        if fields.violates == Some(true) && fields.disputed == Some(true) {
            return Err("a frame cannot be both `violates` and `disputed`".to_owned());
        }
        if fields.empty_last.is_some() && fields.fragment.is_none() {
            return Err("`empty_last` needs `fragment`".to_owned());
        }
        let kind = kinds.remove(0);
        let deflate = fields.deflate.unwrap_or(false);
        if deflate && !(matches!(kind, Kind::Text(_) | Kind::Binary(_)) && fields.fin.unwrap_or(true)) {
            return Err("`deflate` compresses a whole text or binary message".to_owned());
        }
        Ok(FrameSpec {
            kind,
            fin: fields.fin.unwrap_or(true),
            rsv,
            masking: fields.masking.unwrap_or(Masking::AsRole),
            length: fields.length,
            form: fields.form,
            fragment: fields.fragment,
            empty_last: fields.empty_last.unwrap_or(false),
            violates: fields.violates.unwrap_or(false),
            disputed: fields.disputed.unwrap_or(false),
            deflate,
        })
    }
}

impl From<FrameSpec> for FrameFields {
    fn from(frame: FrameSpec) -> FrameFields {
        let mut fields = FrameFields {
            fin: (!frame.fin).then_some(false),
            rsv: (frame.rsv != 0).then_some(frame.rsv),
            masking: (frame.masking != Masking::AsRole).then_some(frame.masking),
            length: frame.length,
            form: frame.form,
            fragment: frame.fragment,
            empty_last: frame.empty_last.then_some(true),
            violates: frame.violates.then_some(true),
            disputed: frame.disputed.then_some(true),
            deflate: frame.deflate.then_some(true),
            ..FrameFields::default()
        };
        match frame.kind {
            Kind::Text(payload) => fields.text = Some(payload),
            Kind::Binary(payload) => fields.binary = Some(payload),
            Kind::Continuation(payload) => fields.cont = Some(payload),
            Kind::Ping(payload) => fields.ping = Some(payload),
            Kind::Pong(payload) => fields.pong = Some(payload),
            Kind::ClosePayload(payload) => fields.close_payload = Some(payload),
            Kind::Raw(payload) => fields.raw = Some(payload),
            Kind::Close(code, reason) => {
                fields.close = Some(code);
                fields.reason = (reason != PayloadSpec::Text(String::new())).then_some(reason);
            }
            Kind::Opcode(opcode, payload) => {
                fields.opcode = Some(opcode);
                fields.payload = Some(payload);
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_valid_unless_told_otherwise() {
        let frame: FrameSpec = serde_json::from_str(r#"{"text": "Hello"}"#).unwrap();
        assert!(frame.fin && frame.rsv == 0 && frame.masking == Masking::AsRole && frame.length.is_none());
    }

    #[test]
    fn refuses_what_has_no_meaning() {
        for (text, words) in [
            (r#"{"text": "a", "ping": "b"}"#, "exactly one of"),
            (r#"{"fin": false}"#, "exactly one of"),
            (r#"{"opcode": 16}"#, "four bits"),
            (r#"{"text": "", "rsv": 8}"#, "three bits"),
            (r#"{"ping": "", "reason": "x"}"#, "`reason` needs `close`"),
            (r#"{"text": "", "form": 8}"#, "none of 7, 16, 64"),
            (r#"{"ping": "", "deflate": true}"#, "whole text or binary"),
            (r#"{"text": "", "fine": true}"#, "unknown field `fine`"),
        ] {
            let fault = serde_json::from_str::<FrameSpec>(text).unwrap_err().to_string();
            assert!(fault.contains(words), "{text}: {fault}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [
            r#"{"text":"a","fin":false,"rsv":2,"violates":true}"#,
            r#"{"close":1000,"reason":"bye"}"#,
            r#"{"opcode":3,"payload":"","masking":"wrong"}"#,
            r#"{"binary":{"random":9},"masking":{"key":[0,0,0,0]},"length":5,"form":64}"#,
        ] {
            let frame: FrameSpec = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&frame).unwrap(), text);
        }
    }
}
