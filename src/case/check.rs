//! What the RFCs accept: checks with their level and requirement.

use super::measure::Measure;
use super::one_or_many::OneOrMany;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How binding a requirement is, RFC 2119.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Not judged: what the target chose among permitted behaviours.
    May,
    /// A departure is a warning.
    Should,
    /// A departure is a failure.
    Must,
}

/// An expectation, with the requirements that ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "CheckFields", into = "CheckFields")]
#[schemars(with = "CheckFields")]
pub struct Check {
    /// The level.
    pub level: Level,
    /// Ids of requirements in `cases/spec/`.
    pub requirements: Vec<String>,
    /// What is expected.
    pub expect: Expect,
    /// The profile under which a warning of this check is a failure.
    pub strict_in: Option<String>,
}

/// One of `must`, `should` and `may` names the requirements.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckFields {
    /// Requirements whose breach fails the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    must: Option<OneOrMany<String>>,
    /// Requirements whose breach is a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    should: Option<OneOrMany<String>>,
    /// Permissions: whether the target used them is told, not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    may: Option<OneOrMany<String>>,
    /// What is expected.
    expect: Expect,
    /// The profile under which a warning is a failure: `strict-http`; `strict` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strict_in: Option<String>,
}

impl TryFrom<CheckFields> for Check {
    type Error = String;

    fn try_from(fields: CheckFields) -> Result<Check, String> {
        let (level, requirements) = match (fields.must, fields.should, fields.may) {
            (Some(ids), None, None) => (Level::Must, ids.0),
            (None, Some(ids), None) => (Level::Should, ids.0),
            (None, None, Some(ids)) => (Level::May, ids.0),
            _ => return Err("a check needs exactly one of must, should, may".to_owned()),
        };
        if requirements.is_empty() {
            return Err("a check needs at least one requirement".to_owned());
        }
        Ok(Check { level, requirements, expect: fields.expect, strict_in: fields.strict_in })
    }
}

impl From<Check> for CheckFields {
    fn from(check: Check) -> CheckFields {
        let ids = Some(OneOrMany(check.requirements));
        let mut fields =
            CheckFields { must: None, should: None, may: None, expect: check.expect, strict_in: check.strict_in };
        match check.level {
            Level::Must => fields.must = ids,
            Level::Should => fields.should = ids,
            Level::May => fields.may = ids,
        }
        fields
    }
}

/// What can be expected of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Expect {
    /// The opening handshake was completed.
    Established,
    /// The opening handshake was refused with one of these status codes; any status of 400 and more when empty.
    Refused(Vec<u16>),
    /// No 101 came.
    NotEstablished,
    /// The opening handshake was answered, or the connection ended: the target did not leave the harness waiting.
    Settled,
    /// An HTTP response came, rather than the bare end of the connection.
    Answered,
    /// The responses had these status codes in this order; each is one of several alternatives.
    Statuses(Vec<Vec<u16>>),
    /// No more than one final response came.
    OneResponse,
    /// A client asked for one of these targets; for that of its URL, as it stands there, when none is given.
    AsksFor(Vec<String>),
    /// A client did not come, or sent nothing.
    StaysAway,
    /// Of the other connections that a client was told to open, none was asked for before the last one was answered.
    ConnectsInTurn,
    /// What a client sent began with a ClientHello of TLS.
    SaysHello,
    /// The same, with this name of the server in it.
    NamesServer(String),
    /// A target that was left alone neither sent a Close nor ended the connection by itself.
    StaysOpen,
    /// Behind both Closes the target left TCP open for so many milliseconds, in which the harness did too.
    OpenForMs(u64),
    /// The target began the closing handshake with this code, and with this reason.
    Closes {
        /// The code; none when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        /// The reason.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// The target sent a text message of so many asterisks.
    SendsText(u64),
    /// The target sent a binary message of so many asterisks.
    SendsBinary(u64),
    /// The target sent a ping with this payload.
    Pings(String),
    /// The last response has the field, with the given member in its list when one is given.
    Field {
        /// The name of the field.
        name: String,
        /// A member of its list, without regard to case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        has: Option<String>,
    },
    /// Every message that was sent came back once, in order, with the same type and octets. Skipped where the target does not echo.
    Echo,
    /// Every message that was sent was taken: it came back, or, where the target does not echo, the connection went on.
    Accepted,
    /// The pings were answered: with equal payloads, the last one in any case.
    Pongs,
    /// The pongs came in the order of the pings that they answer.
    PongsInOrder,
    /// Of a message that was never finished nothing came back.
    NothingUnfinished,
    /// The connection was failed at the frame that `violates`: nothing at or behind it was acted upon, and it was ended in time.
    Failed,
    /// Where the target failed the connection, it sent a Close frame first.
    CloseFrame,
    /// Where the target sent a status code, it is one of these.
    CloseCode(Vec<u16>),
    /// Where the target sent a status code, it is none of these.
    CloseCodeNot(Vec<u16>),
    /// Where the target sent a Close, it carries one of these status codes, and not none.
    ClosedWith(Vec<u16>),
    /// The Close was answered with a Close.
    CloseReply,
    /// Behind the closing handshake the target closed the TCP connection.
    Ended,
    /// The target reset the TCP connection, which can destroy what it had sent before.
    Reset,
    /// The connection was failed before the last part of the stimulus was sent.
    FailedEarly,
    /// At least that many messages came back before the connection was failed.
    EchoedFirst(u32),
    /// What came back are the first messages, unchanged and in order, however many. Skipped where the target does not echo.
    EchoPrefix,
    /// Each ping was answered within so many milliseconds.
    PongWithinMs(u64),
    /// The Close was answered within so many milliseconds.
    CloseReplyWithinMs(u64),
    /// The connection ended within so many milliseconds of the closing handshake, or of the end of our sending half.
    EndedWithinMs(u64),
    /// Between the last five barriers each part, of twice the size of the one before, took about twice as long; or each
    /// connection of a doubling crowd was answered in about twice the time of the one before.
    GrowsLinearly,
    /// The target closed its sending half rather than resetting the connection.
    CleanEnd,
    /// The target closed TCP, with or without a Close, after the harness had closed its sending half.
    EndedAfterHalfClose,
    /// A new connection to the target works afterwards.
    Survives,
    /// The response does not accept permessage-deflate, or refuses altogether.
    NoDeflate,
    /// The response accepts permessage-deflate with these parameters among others.
    DeflateWith(Vec<String>),
    /// No message came that is none of those that were sent, but for empty ones. Skipped where the target does not echo.
    NothingElse,
    /// Nothing: a figure for the profile of the target, and only ever a `may`.
    Measure(Measure),
    /// One of several accepted outcomes.
    AnyOf(Vec<Expect>),
}

impl Expect {
    /// Whether it is about the target after the conversation.
    pub fn is_of_aftermath(&self) -> bool {
        match self {
            Expect::Survives => true,
            Expect::AnyOf(several) => several.iter().any(Expect::is_of_aftermath),
            _ => false,
        }
    }

    /// Whether it is about whether and how a client comes.
    pub fn is_of_coming(&self) -> bool {
        match self {
            Expect::AsksFor(_) | Expect::StaysAway | Expect::SaysHello | Expect::NamesServer(_) => true,
            Expect::AnyOf(several) => several.iter().any(Expect::is_of_coming),
            _ => false,
        }
    }

    /// Whether it measures something, alone or as an alternative.
    pub fn measures(&self) -> bool {
        match self {
            Expect::Measure(_) => true,
            Expect::AnyOf(several) => several.iter().any(Expect::measures),
            _ => false,
        }
    }

    /// Whether it is about how soon something came, which is not the target's doing alone.
    pub fn is_of_time(&self) -> bool {
        match self {
            Expect::PongWithinMs(_) | Expect::CloseReplyWithinMs(_) | Expect::EndedWithinMs(_) => true,
            Expect::AnyOf(several) => several.iter().any(Expect::is_of_time),
            _ => false,
        }
    }

    /// Whether it is about the opening handshake itself, so that a refusal is an answer.
    pub fn is_of_opening(&self) -> bool {
        match self {
            Expect::Established
            | Expect::Refused(_)
            | Expect::NotEstablished
            | Expect::Settled
            | Expect::Answered
            | Expect::Statuses(_)
            | Expect::OneResponse
            | Expect::Field { .. }
            | Expect::NoDeflate
            | Expect::DeflateWith(_)
            | Expect::Measure(Measure::Handshake | Measure::Refusal | Measure::Versions | Measure::GivesUp) => true,
            Expect::AnyOf(several) => several.iter().any(Expect::is_of_opening),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_and_requirements_come_from_one_key() {
        let check: Check = serde_json::from_str(r#"{"should": ["a", "b"], "expect": {"close_code": [1002]}}"#).unwrap();
        assert_eq!((check.level, check.requirements.len()), (Level::Should, 2));
        let check: Check = serde_json::from_str(r#"{"must": "a", "expect": "echo"}"#).unwrap();
        assert_eq!(serde_json::to_string(&check).unwrap(), r#"{"must":"a","expect":"echo"}"#);
    }

    #[test]
    fn refuses_two_levels_and_none() {
        for text in [r#"{"must": "a", "may": "b", "expect": "echo"}"#, r#"{"expect": "echo"}"#] {
            let fault = serde_json::from_str::<Check>(text).unwrap_err().to_string();
            assert!(fault.contains("exactly one of must, should, may"), "{fault}");
        }
    }
}
