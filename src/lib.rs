//! wsspec
pub mod wire;
pub mod transcript;
pub mod case;
