//! wsspec
pub mod case;
pub mod cli;
pub mod drive;
pub mod engine;
pub mod judge;
pub mod plan;
pub mod run;
pub mod transcript;
pub mod wire;
