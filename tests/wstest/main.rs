//! `wsspec wstest` as those call it who have used Autobahn's: their spec files, and their ways of reading the results.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod bench;
#[path = "../command/mod.rs"]
mod command;
mod command_line;
mod drivers;
mod import;
mod projects;
mod reading;
mod serving;
