//! The ids of the Autobahn Testsuite, and what it expects of each: the file `cases/spec/autobahn.json`.
//!
//! Which case has which of these ids stands in the case. What is kept here is what its reports need beside: the words
//! for ids without a case, and how a connection has to end so that Autobahn calls the ending good.

use super::Case;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything that is known of Autobahn's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Autobahn {
    /// What is expected, by the name that ids use.
    pub expectations: BTreeMap<String, Expectation>,
    /// Why an id without a case is not run.
    pub unimplemented: String,
    /// The ids in Autobahn's order.
    pub ids: Vec<AutobahnId>,
}

/// What Autobahn expects in a family of cases.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// As a sentence.
    pub says: String,
    /// How the connection ends.
    pub close: Closing,
    /// Whether Autobahn only informs, whatever happens.
    #[serde(default)]
    pub measured: bool,
    /// Whether the closing is what the cases are about, so that a fault of it is one of the case.
    #[serde(default)]
    pub of_closing: bool,
    /// Whether the time that it takes is of interest, and what is sent too much to be told event by event.
    #[serde(default)]
    pub timed: bool,
    /// Whether messages are compressed, so that what that saves is told.
    #[serde(default)]
    pub compressed: bool,
}

/// How a connection has to end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Whether the harness sends the first Close.
    pub by_harness: bool,
    /// The codes that a Close of the target may have; it may also have none.
    pub codes: Vec<u16>,
    /// Whether both ends have to have sent a Close.
    pub clean: bool,
    /// Whether the case is failed where the wrong end sent the first Close.
    #[serde(default)]
    pub fatal: bool,
}

/// One id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutobahnId {
    /// The id.
    pub id: String,
    /// The name of its expectation.
    pub expects: String,
    /// Codes in place of those of the expectation.
    pub codes: Option<Vec<u16>>,
    /// What is sent, where no case says so.
    pub description: Option<String>,
}

impl Autobahn {
    /// Names of expectations that ids use and nothing explains.
    pub fn unknown_expectations(&self) -> impl Iterator<Item = &str> {
        let names = self.ids.iter().map(|id| id.expects.as_str());
        names.filter(|name| !self.expectations.contains_key(*name))
    }
}

/// One id, as reports and clients get to see it.
#[derive(Clone, Debug)]
pub struct Entry<'c> {
    /// Its place in the selection, from 1: what `/runCase?case=` counts in.
    pub number: usize,
    /// Its place among all ids, from 1.
    pub index: usize,
    /// The id.
    pub id: &'c str,
    /// What is sent, as a sentence without markup.
    pub description: &'c str,
    /// What is expected, as a sentence without markup.
    pub expectation: &'c str,
    /// How the connection has to end.
    pub close: Closing,
    /// Whether Autobahn only informs.
    pub measured: bool,
    /// Whether the closing is what it is about.
    pub of_closing: bool,
    /// Whether the time that it takes is of interest.
    pub timed: bool,
    /// Whether what compression saves is told.
    pub compressed: bool,
    /// The case with its stimulus; without one the id is unimplemented.
    pub case: Option<&'c Case>,
    /// Why there is none.
    pub unimplemented: &'c str,
}

impl AutobahnId {
    /// The entry of the id, which stands at `index` among all.
    pub fn entry<'c>(
        &'c self,
        expectation: &'c Expectation,
        index: usize,
        case: Option<&'c Case>,
        unimplemented: &'c str,
    ) -> Entry<'c> {
        let mut close = expectation.close.clone();
        if let Some(codes) = &self.codes {
            close.codes.clone_from(codes);
        }
        Entry {
            number: index,
            index,
            id: &self.id,
            description: self.description.as_deref().or(case.map(|case| case.title.as_str())).unwrap_or_default(),
            expectation: &expectation.says,
            close,
            measured: expectation.measured,
            of_closing: expectation.of_closing,
            timed: expectation.timed,
            compressed: expectation.compressed,
            case,
            unimplemented,
        }
    }
}
