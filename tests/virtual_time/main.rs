//! The engine and the judge against scripted servers, without a socket and without waiting.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod accusations;
mod deflate;
mod engine;
mod expectations;
mod figures;
mod peer;
mod refusals;
