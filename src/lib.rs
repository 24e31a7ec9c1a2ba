//! Conformance tests for WebSocket implementations.
//!
//! ```text
//! cases/**/*.json -> Case -> Plan (exact bytes) -> Engine <-> driver (tokio) -> Transcript
//!                         judge(Case, Plan, Transcript) -> Verdict -> report
//! ```
//!
//! The layers, each of which imports only from those in front of it (`tests/layers.rs` holds them to it):
//!
//! | layer | what it is |
//! |---|---|
//! | [`wire`] | bytes to frames and heads and back; lenient, without opinion |
//! | [`transcript`] | what happened: bytes with times, and events and facts decoded from them |
//! | [`case`] | what is asked: the corpus, the requirements, the monitors |
//! | [`plan`] | a case resolved for one target: exact bytes, few primitive ops |
//! | [`engine`], [`judge`] | runs a plan against bytes and a clock that are passed in; compares what happened with what is accepted |
//! | [`drive`] | sockets, TLS and processes |
//! | [`run`], [`peer`] | whole runs; the reference peers and the faulty ones |
//! | [`wstest`] | what it takes to stand in for Autobahn's `wstest`: spec files, the catalogue of ids, the control paths |
//! | [`cli`] | the commands |

#![warn(clippy::disallowed_macros)]

pub mod case;
pub mod cli;
pub mod drive;
pub mod engine;
pub mod judge;
pub mod peer;
pub mod plan;
pub mod report;
pub mod run;
pub mod transcript;
pub mod wire;
pub mod wstest;
