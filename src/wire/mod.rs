//! Bytes to frames and heads, and back.
//!
//! Lenient on purpose: whatever a rude peer can put on the wire has a representation here, and nothing is
//! called illegal. What the law says of a fact is decided by the checks and monitors in `cases/`.
//! No I/O, no clock, no serde.

pub mod blocks;
pub mod client_hello;
pub mod close;
pub mod deflate;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod http;
pub mod inflate;
pub mod mask;
pub mod utf8;

pub use client_hello::ClientHello;
pub use close::ClosePayload;
pub use frame::{FrameHeader, LengthForm, Opcode};
pub use http::{Field, Head, HeadFault};
pub use mask::MaskKey;
pub use utf8::Utf8Stream;
