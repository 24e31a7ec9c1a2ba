//! wsspec
pub mod wire;
