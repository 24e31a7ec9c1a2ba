//! What a run shows while it goes on: a bar on a terminal, plain lines elsewhere.

use super::{inert, note};
use crate::judge::Outcome;
use crate::run::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// Shows progress on standard error.
pub struct Display {
    bar: Option<ProgressBar>,
    total: usize,
    quiet: bool,
}

impl Display {
    /// A display that fits what standard error is.
    pub fn new(quiet: bool) -> Display {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Display { bar, total: 0, quiet }
    }

    /// Takes in what happened.
    pub fn show(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Begins { total } => {
                self.total = *total;
                if let Some(bar) = &self.bar {
                    bar.set_length(*total as u64);
                }
            }
            Progress::Finished { result, done } => {
                if let Some(bar) = &self.bar {
                    bar.set_position(*done as u64);
                }
                let is_news = matches!(result.verdict.outcome, Outcome::Fail | Outcome::Broken | Outcome::Flaky);
                if is_news {
                    self.line(&format!("{:6} {}", result.verdict.outcome, result.id));
                }
            }
            Progress::Again { count } => self.line(&format!("once more, with the full time: up to {count} cases")),
            Progress::Repeats { count } => {
                let cases = if *count == 1 { "case" } else { "cases" };
                self.line(&format!("once more, each alone: {count} {cases}"));
            }
            Progress::TargetGone => self.line("the target refuses connections; waiting for it"),
            Progress::TargetBack => self.line("the target is back"),
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(inert(text)),
            None if !self.quiet => note(text),
            None => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
