//! Pages to browse: an index, a page for each group, each case, and each document with requirements.
//!
//! A page needs nothing but itself: styles are inside, links are relative, and everything can be read without scripts.

use super::press::{Press, Unfit};
use super::view::negotiation::{self, NegotiationView};
use super::view::{CaseView, GroupView, SummaryView, group::page_path};
use super::{Records, RunReport};
use serde::Serialize;
use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Why pages could not be written.
#[derive(Debug, thiserror::Error)]
pub enum HtmlError {
    /// A page could not be made.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A page could not be stored.
    #[error("could not write {path}: {source}")]
    Unwritable {
        /// The page.
        path: String,
        /// The reason.
        source: io::Error,
    },
}

/// The folder of all pages but the index.
pub const PAGES: &str = "pages";

/// What takes the pages in.
pub type Sink<'s> = dyn Fn(&str, &[u8]) -> io::Result<()> + Sync + 's;

/// Makes all pages of a report and hands each to `sink` with its path, relative to the folder of the report and with `/`
/// between folders. The pages of the cases come in any order, from several threads; the index comes last, so that it
/// never promises a page that is not there.
pub fn write(report: &RunReport<'_>, records: &Records<'_>, sink: &Sink<'_>) -> Result<(), HtmlError> {
    let pages = Pages { press: Press::new()?, sink };
    let summary = SummaryView::of(report);
    let target = Banner { name: &summary.name, url: &summary.url };
    for_all(report.cases.len(), &|number| {
        let id = &report.cases[number].case.id;
        let record = records(id);
        let view = CaseView::of(report, number, record.as_ref());
        pages.write("case.html", &page_path(id), &Page { page: &view, target: &target, root: &view.root })
    })?;
    for group in &summary.groups {
        let view = GroupView::of(report, group.name.as_str());
        pages.write("group.html", &group.href, &Page { page: &view, target: &target, root: &view.root })?;
    }
    // the index leads to those in which anything can be observed
    for document in summary.documents.iter().filter(|document| document.observable > 0) {
        pages.write(
            "coverage.html",
            &document.href,
            &Page { page: document, target: &target, root: &document.root() },
        )?;
    }
    if summary.negotiation.is_some() {
        let view = NegotiationView::of(report, records);
        pages.write("negotiation.html", negotiation::PAGE, &Page { page: &view, target: &target, root: "" })?;
    }
    pages.write("index.html", "index.html", &Page { page: &summary, target: &target, root: "" })
}

/// Does something for each number below `count` on all processors, and stops at the first thing that goes wrong.
fn for_all(count: usize, what: &(dyn Fn(usize) -> Result<(), HtmlError> + Sync)) -> Result<(), HtmlError> {
    let next = AtomicUsize::new(0);
    let some = || -> Result<(), HtmlError> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            // what is left is nobody's any more
            what(number).inspect_err(|_| next.store(count, Ordering::Relaxed))?;
        }
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let others: Vec<_> = (1..processors).map(|_| scope.spawn(some)).collect();
        let own = some();
        others.into_iter().fold(own, |done, other| match other.join() {
            Ok(result) => done.and(result),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

/// What a template gets.
#[derive(Serialize)]
struct Page<'a, V> {
    page: &'a V,
    target: &'a Banner<'a>,
    /// The way to the folder of the index.
    root: &'a str,
}

/// What stands on every page.
#[derive(Serialize)]
struct Banner<'a> {
    name: &'a super::Printable,
    url: &'a super::Printable,
}

/// Makes pages and hands them on.
struct Pages<'a> {
    press: Press,
    sink: &'a Sink<'a>,
}

impl Pages<'_> {
    fn write(&self, name: &'static str, path: &str, view: &impl Serialize) -> Result<(), HtmlError> {
        let text = self.press.page(name, view)?;
        (self.sink)(path, &text).map_err(|source| HtmlError::Unwritable { path: path.to_owned(), source })
    }
}
