//! What makes wsspec take the place of Autobahn's `wstest`.
//!
//! [`control`] serves the paths by which a client drives itself through the cases.

pub mod control;
