//! The control paths, octet by octet: who asks for what gets which messages in which order, and nothing ends the service.

// what goes wrong in a test ends it
#![allow(clippy::unwrap_used)]

mod access;
mod caller;
mod crowds;
mod drivers;
mod ends;
mod paths;
mod stage;
mod status;
