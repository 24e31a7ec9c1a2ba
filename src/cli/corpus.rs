//! Loads the corpus that the arguments name.

use super::UserError;
use super::arguments::CorpusArgs;
use crate::case::Corpus;

/// The corpus of a folder, or the one built in.
pub fn load(args: &CorpusArgs) -> Result<Corpus, UserError> {
    Ok(match &args.cases {
        Some(dir) => Corpus::from_dir(dir)?,
        None => Corpus::embedded()?,
    })
}
