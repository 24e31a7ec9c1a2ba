//! permessage-deflate in a case: what is offered and answered, and streams made by hand.

use super::PayloadSpec;
use crate::wire::blocks::{BlockWriter, Token};
use crate::wire::extension::{DEFLATE, PARAMETERS};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// permessage-deflate in the opening handshake, RFC 7692 section 7.
///
/// In each text `{harness}` and `{target}` stand for `client` and `server`, whichever end each of them has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeflateOpening {
    /// What a server is offered: the value of Sec-WebSocket-Extensions.
    pub offer: String,
    /// What a client is answered that offers permessage-deflate: the value of Sec-WebSocket-Extensions. In it `{asked}`
    /// stands for what the client asks of the server and the answer does not name, without which it would answer no offer.
    pub answer: String,
    /// Parameters that a client must have offered for this answer to be one; `server_max_window_bits<15` with a value below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<String>,
    /// Parameters that a client must not have offered; `permessage-deflate` stands for the extension as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unoffered: Vec<String>,
    /// Parameters that a server must have agreed to for the case to tell anything, as in `client_max_window_bits=9`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agreed: Vec<String>,
    /// Whether the answer accepts none of the offers of a client, which may refuse it or go on with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
}

impl Default for DeflateOpening {
    fn default() -> DeflateOpening {
        DeflateOpening {
            offer: "permessage-deflate; client_max_window_bits".to_owned(),
            answer: "permessage-deflate{asked}".to_owned(),
            offered: Vec::new(),
            unoffered: Vec::new(),
            agreed: Vec::new(),
            disputed: false,
        }
    }
}

impl DeflateOpening {
    /// What names no parameter, which would leave the case without a say.
    pub(super) fn faults(&self) -> Vec<String> {
        let is_known = |text: &str| {
            let (name, bound) = text.split_once('<').map_or((text, None), |(name, bound)| (name, Some(bound)));
            let name = name.split('=').next().unwrap_or_default();
            let name = name.replace("{harness}", "client").replace("{target}", "server");
            let bounds = |bound: &str| name.ends_with("_bits") && bound.parse().is_ok_and(|bits: u8| bits <= 15);
            PARAMETERS.contains(&name.as_str()) && bound.is_none_or(bounds)
        };
        let named = self.offered.iter().chain(&self.unoffered).chain(&self.agreed);
        let unknown = named.filter(|text| *text != DEFLATE && !is_known(text));
        unknown.map(|text| format!("permessage-deflate has no parameter `{text}`")).collect()
    }
}

/// A block of a DEFLATE stream, RFC 1951 section 3.2.3; what exactly one of its fields holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "BlockFields", into = "BlockFields")]
#[schemars(with = "BlockFields")]
pub struct BlockSpec {
    /// The content.
    pub content: BlockContent,
    /// BFINAL: the last block of a stream, padded to an octet; others may follow it all the same.
    pub last: bool,
}

/// What a block holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockContent {
    /// Octets as they are.
    Stored(PayloadSpec),
    /// The fixed code.
    Fixed(Vec<TokenSpec>),
    /// A code of its own.
    Dynamic(Vec<TokenSpec>),
}

/// A part of a block with codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TokenSpec {
    /// A reference: so many octets again, 3 to 258, from so far back, 1 to 32768.
    Copy {
        /// Length and distance.
        copy: (u16, u16),
    },
    /// These octets.
    Literals(PayloadSpec),
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BlockFields {
    /// A stored block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stored: Option<PayloadSpec>,
    /// A block with the fixed code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<TokenSpec>>,
    /// A block with a code of its own, which stands in front of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dynamic: Option<Vec<TokenSpec>>,
    /// BFINAL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    last: bool,
}

impl TryFrom<BlockFields> for BlockSpec {
    type Error = String;

    fn try_from(fields: BlockFields) -> Result<BlockSpec, String> {
        let content = match (fields.stored, fields.fixed, fields.dynamic) {
            (Some(octets), None, None) => BlockContent::Stored(octets),
            (None, Some(tokens), None) => BlockContent::Fixed(tokens),
            (None, None, Some(tokens)) => BlockContent::Dynamic(tokens),
            _ => return Err("a block needs exactly one of stored, fixed, dynamic".to_owned()),
        };
        if let BlockContent::Fixed(tokens) | BlockContent::Dynamic(tokens) = &content {
            for token in tokens {
                if let TokenSpec::Copy { copy: (length, distance) } = token
                    && (!(3..=258).contains(length) || !(1..=32_768).contains(distance))
                {
                    return Err(format!("no reference is of {length} octets from {distance} octets back"));
                }
            }
        }
        Ok(BlockSpec { content, last: fields.last })
    }
}

impl From<BlockSpec> for BlockFields {
    fn from(block: BlockSpec) -> BlockFields {
        let mut fields = BlockFields { last: block.last, ..BlockFields::default() };
        match block.content {
            BlockContent::Stored(octets) => fields.stored = Some(octets),
            BlockContent::Fixed(tokens) => fields.fixed = Some(tokens),
            BlockContent::Dynamic(tokens) => fields.dynamic = Some(tokens),
        }
        fields
    }
}

/// Writes blocks; `octets` resolves what they hold.
pub fn write<E>(
    blocks: &[BlockSpec],
    mut octets: impl FnMut(&PayloadSpec) -> Result<Vec<u8>, E>,
) -> Result<BlockWriter, E> {
    let mut writer = BlockWriter::default();
    for BlockSpec { content, last } in blocks {
        let mut tokens = |specs: &[TokenSpec]| {
            let token = |spec: &TokenSpec| match spec {
                TokenSpec::Copy { copy: (length, distance) } => {
                    Ok(Token::Copy { length: *length, distance: *distance })
                }
                TokenSpec::Literals(spec) => octets(spec).map(Token::Literals),
            };
            specs.iter().map(token).collect::<Result<Vec<Token>, E>>()
        };
        match content {
            BlockContent::Stored(spec) => writer.stored(&octets(spec)?, *last),
            BlockContent::Fixed(specs) => writer.fixed(&tokens(specs)?, *last),
            BlockContent::Dynamic(specs) => writer.dynamic(&tokens(specs)?, *last),
        }
    }
    Ok(writer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_blocks_and_refuses_what_is_none() {
        let read = |text: &str| serde_json::from_str::<BlockSpec>(text).map_err(|fault| fault.to_string());
        let block = read(r#"{"fixed":["Hello",{"copy":[5,5]}],"last":true}"#).unwrap();
        assert_eq!(serde_json::to_string(&block).unwrap(), r#"{"fixed":["Hello",{"copy":[5,5]}],"last":true}"#);
        for (text, words) in [
            (r#"{"last":true}"#, "exactly one of"),
            (r#"{"fixed":[{"copy":[2,5]}]}"#, "no reference is of 2 octets"),
            (r#"{"fixed":[{"copy":[3,40000]}]}"#, "from 40000 octets back"),
        ] {
            assert!(read(text).unwrap_err().contains(words), "{text}");
        }
    }
}
