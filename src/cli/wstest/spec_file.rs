//! Finding, making and reading the spec file of a mode.

use super::super::{UserError, say};
use super::warn;
use crate::case::source;
use crate::wstest::{Mode, Spec};
use std::path::{Path, PathBuf};

/// A spec file that was read.
pub struct SpecFile {
    /// What it says.
    pub spec: Spec,
    /// Whether it was not there and has been written.
    pub is_new: bool,
}

/// Reads the spec file that was named, or the one of the mode.
pub fn load(named: Option<&Path>, mode: Mode) -> Result<SpecFile, UserError> {
    let path = named.map_or_else(|| PathBuf::from(format!("{}.json", mode.word())), Path::to_path_buf);
    let shown = path.display();
    let is_new = named.is_none() && !path.exists();
    match named {
        _ if is_new => {
            say(&format!("Auto-generating spec file '{shown}'"));
            let written = std::fs::write(&path, mode.default_text());
            written.map_err(|fault| UserError(format!("could not write {shown}: {fault}")))?;
        }
        Some(_) => say(&format!("Using explicit spec file '{shown}'")),
        None => say(&format!("Using implicit spec file '{shown}'")),
    }
    let octets = source::read(&path).map_err(|fault| UserError(format!("could not read {shown}: {fault}")))?;
    let text = source::text(octets).map_err(|_| UserError(format!("could not read {shown}: it is not UTF-8")))?;
    let spec = Spec::parse(&path, &text, mode).map_err(|fault| UserError(fault.to_string()))?;
    spec.warnings.iter().for_each(|warning| warn(&format!("{shown}: {warning}")));
    Ok(SpecFile { spec, is_new })
}
