//! `wsspec explain`: what a case does and why, in prose that is made from its steps and checks.

use super::arguments::CorpusArgs;
use super::present::style;
use super::{Exit, UserError, corpus, say_styled};
use crate::case::select::nearest;
use crate::report::{prose, terminal};
use clap::Args;

/// Arguments of `wsspec explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Ids of cases, as `wsspec list` shows them.
    #[arg(required = true, value_name = "CASE")]
    ids: Vec<String>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<Exit, UserError> {
    let corpus = corpus::load(&args.corpus)?;
    for id in &args.ids {
        let Some(case) = corpus.case(id) else {
            let near = nearest(id, corpus.cases().map(|case| case.id.as_str()));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(UserError(format!("no case is called `{id}`{hint}")));
        };
        say_styled(terminal::explanation(&prose::explain(case, &corpus.register), style()).trim_end());
    }
    Ok(Exit::Expected)
}
