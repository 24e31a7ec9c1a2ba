//! The peers that the harness is tested against.
//!
//! [`EchoServer`] and [`echo_client`] are the references on tokio-tungstenite. [`QuirkServer`] is written by hand on `wire`, conforming until
//! one [`Quirk`] bends it: a fault that some check must notice, or an odd but legal variant that no check may fail;
//! [`QuirkClient`] is the same at the other end.
//! [`HostileServer`] does what no WebSocket server does, to see that the harness survives it.
//! Nothing here judges a target; `cli` and the tests start these servers.

mod client;
mod client_handshake;
mod client_quirk;
mod command;
mod companions;
mod conduct;
mod deflate;
mod driver;
mod echo;
mod extension;
mod fault;
mod handshake;
mod hostile;
mod listener;
mod out;
mod quirk_client;
mod request;
mod server;
mod session;
mod text;
mod violation;

#[cfg(test)]
mod checklist;

pub use client::{ClientError, echo_client, first_text};
pub use client_quirk::{ClientQuirk, client_faults, client_variants};
pub use echo::EchoServer;
pub use fault::{Area, CONFORMING, DEFLATING, Fault, Quirk, Variant, faults, variants};
pub use hostile::{Hostile, HostileServer, hostiles};
pub use quirk_client::QuirkClient;
pub use server::QuirkServer;

/// Why a server of this layer could not be started.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address could not be bound.
    #[error("could not listen: {0}")]
    Io(#[from] std::io::Error),
    /// There is no behaviour of that name.
    #[error("no behaviour is named `{name}`{}", hint(near))]
    UnknownName {
        /// The name that was asked for.
        name: String,
        /// Names that are spelled like it, the nearest first.
        near: Vec<&'static str>,
    },
}

impl BindError {
    fn unknown_name(name: &str, known: &[&'static str]) -> BindError {
        BindError::UnknownName { name: name.to_owned(), near: similar::get_close_matches(name, known, 5, 0.6) }
    }
}

fn hint(near: &[&str]) -> String {
    match near {
        [] => String::new(),
        names => format!("; near it are `{}`", names.join("`, `")),
    }
}
