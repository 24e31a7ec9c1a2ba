//! wsspec
pub mod wire;
pub mod engine;
pub mod judge;
pub mod plan;
pub mod transcript;
pub mod case;
