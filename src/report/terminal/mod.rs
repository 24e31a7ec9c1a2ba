//! The same view model as text for a terminal.

mod explanation;
mod sheet;
mod summary;

pub use explanation::explanation;
pub use summary::{failure, summary};

/// How text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are used; without them not one escape is written.
    pub color: bool,
    /// How many characters fit into a line.
    pub width: usize,
}

impl Style {
    /// No colours, for files and pipes.
    pub const PLAIN: Style = Style { color: false, width: 100 };
}

#[cfg(test)]
mod tests;
