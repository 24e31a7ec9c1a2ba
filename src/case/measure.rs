//! What a case can measure: figures that make up the profile of a target, and that nothing is judged by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How the request was answered: opened, refused with a status, dropped.
    Handshake,
    /// The status of a refusal, and whether it announces the end of the connection.
    Refusal,
    /// The versions that a refusal lists.
    Versions,
    /// The subprotocol that was selected.
    Subprotocol,
    /// What became of a large message.
    Message,
    /// In how many frames messages came back.
    Fragmentation,
    /// Which of several pings were answered.
    Pongs,
    /// How long the slowest pong took, as one of a few classes.
    PongLatency,
    /// The Close that answered a Close.
    CloseReply,
    /// Who ended the connection, how, and in which of a few classes of delay.
    Ending,
    /// How the connection was failed: the Close, and FIN or RST.
    Failing,
    /// When the target gave up a client that says nothing.
    GivesUp,
    /// Whether a violation was noticed before the rest of it was sent.
    Detection,
    /// Which messages came compressed.
    Compression,
    /// What compressed messages were made of: kinds of blocks, references, how they ended.
    Stream,
}

impl Measure {
    /// Every figure, in the order of a profile.
    pub const ALL: [Measure; 15] = [
        Measure::Handshake,
        Measure::Refusal,
        Measure::Versions,
        Measure::Subprotocol,
        Measure::Message,
        Measure::Fragmentation,
        Measure::Pongs,
        Measure::PongLatency,
        Measure::CloseReply,
        Measure::Ending,
        Measure::Failing,
        Measure::GivesUp,
        Measure::Detection,
        Measure::Compression,
        Measure::Stream,
    ];

    /// Its name for a reader.
    pub fn title(self) -> &'static str {
        match self {
            Measure::Handshake => "Large heads",
            Measure::Refusal => "Refusals",
            Measure::Versions => "Versions",
            Measure::Subprotocol => "Subprotocol selected",
            Measure::Message => "Large messages",
            Measure::Fragmentation => "Echoes",
            Measure::Pongs => "Pings answered",
            Measure::PongLatency => "Pong behind",
            Measure::CloseReply => "Answer to a Close",
            Measure::Ending => "End of the connection",
            Measure::Failing => "Failed by",
            Measure::GivesUp => "Gives up who is silent",
            Measure::Detection => "Invalid text noticed",
            Measure::Compression => "Compresses",
            Measure::Stream => "Compressed messages",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_figure_has_a_name_of_its_own() {
        let titles: BTreeSet<&str> = Measure::ALL.iter().map(|measure| measure.title()).collect();
        assert_eq!(titles.len(), Measure::ALL.len());
        assert!(Measure::ALL.is_sorted());
    }
}
