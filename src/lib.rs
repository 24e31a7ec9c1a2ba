//! wsspec
pub mod case;
pub mod drive;
pub mod engine;
pub mod judge;
pub mod plan;
pub mod report;
pub mod run;
pub mod transcript;
pub mod wire;
