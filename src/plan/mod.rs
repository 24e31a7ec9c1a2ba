//! A case resolved for one target: exact bytes and a few primitive ops.
//!
//! What is masked, which key opens the handshake, what proves that the connection works: all is decided here,
//! once, from the case, the target and the seed. The same three give the same plan at any time,
//! so a transcript only has to say how far the plan went.

pub mod answer;
mod build;
pub mod deflate;
pub mod digest;
pub mod fragments;
mod mutate;
pub mod op;
mod random_frames;
mod sample;
pub mod target;

pub use build::{PlanError, plan};
pub use deflate::DeflatePlan;
pub use digest::digest;
pub use fragments::Fragments;
pub use op::{Op, Piece, Plan, SendOp, SentClose, SentFrame, SentMessage, SentPing, Stage, Wait, WaitFor, Writes};
pub use target::{Barrier, Known, Target};
