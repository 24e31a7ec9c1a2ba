//! Pages to browse: an index, a page for each group, each case, and each document with requirements.
//!
//! A page needs nothing but itself: styles are inside, links are relative, and everything can be read without scripts.

use super::press::{Press, Unfit};
use super::view::negotiation::{self, NegotiationView};
use super::view::{CaseView, GroupView, SummaryView, group::page_path};
use super::{Records, RunReport};
use serde::Serialize;
use std::any::Any;
use std::io;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
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

/// A page that could not be made, which is a defect of wsspec. A page that says so stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnmadePage {
    /// Its path, relative to the folder of the report.
    pub path: String,
    /// Why.
    pub reason: super::Printable,
}

/// The folder of all pages but the index.
pub const PAGES: &str = "pages";

/// What takes the pages in.
pub type Sink<'s> = dyn Fn(&str, &[u8]) -> io::Result<()> + Sync + 's;

/// Makes all pages of a report and hands each to `sink` with its path, relative to the folder of the report and with `/`
/// between folders. The pages of the cases come in any order, from several threads; the index comes last, so that it
/// never promises a page that is not there. What cannot be made costs its page alone: the rest is written, and the paths of
/// those pages are the result, in order.
pub fn write(report: &RunReport<'_>, records: &Records<'_>, sink: &Sink<'_>) -> Result<Vec<UnmadePage>, HtmlError> {
    let pages = Pages { press: Press::new()?, sink, unmade: Mutex::default() };
    let summary = SummaryView::of(report);
    let target = Banner { name: &summary.name, url: &summary.url };
    for_all(report.cases.len(), &|number| {
        let id = &report.cases[number].case.id;
        pages.write(&target, &page_path(id), &|press| {
            let record = records(id);
            let view = CaseView::of(report, number, record.as_ref());
            press.page("case.html", &Page { page: &view, target: &target, root: &view.root })
        })
    })?;
    for group in &summary.groups {
        pages.write(&target, &group.href, &|press| {
            let view = GroupView::of(report, group.name.as_str());
            press.page("group.html", &Page { page: &view, target: &target, root: &view.root })
        })?;
    }
    // the index leads to those in which anything can be observed
    for document in summary.documents.iter().filter(|document| document.observable > 0) {
        pages.write(&target, &document.href, &|press| {
            press.page("coverage.html", &Page { page: document, target: &target, root: &document.root() })
        })?;
    }
    if summary.negotiation.is_some() {
        pages.write(&target, negotiation::PAGE, &|press| {
            let view = NegotiationView::of(report, records);
            press.page("negotiation.html", &Page { page: &view, target: &target, root: "" })
        })?;
    }
    pages.write(&target, "index.html", &|press| {
        press.page("index.html", &Page { page: &summary, target: &target, root: "" })
    })?;
    let mut unmade = pages.unmade.into_inner().unwrap_or_else(PoisonError::into_inner);
    unmade.sort();
    Ok(unmade)
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
    unmade: Mutex<Vec<UnmadePage>>,
}

impl Pages<'_> {
    /// Hands on the page that `make` makes, or one that says why there is none.
    fn write(
        &self,
        target: &Banner<'_>,
        path: &str,
        make: &dyn Fn(&Press) -> Result<Vec<u8>, Unfit>,
    ) -> Result<(), HtmlError> {
        // a page is made from what nobody changes, so nothing is left half done
        let made = catch_unwind(AssertUnwindSafe(|| make(&self.press)));
        let text = match made {
            Ok(Ok(text)) => text,
            Ok(Err(fault)) => self.excuse(target, path, &fault.to_string())?,
            Err(panic) => self.excuse(target, path, panic_message(panic.as_ref()))?,
        };
        (self.sink)(path, &text).map_err(|source| HtmlError::Unwritable { path: path.to_owned(), source })
    }

    fn excuse(&self, target: &Banner<'_>, path: &str, reason: &str) -> Result<Vec<u8>, Unfit> {
        let unmade = UnmadePage { path: path.to_owned(), reason: reason.into() };
        let root = "../".repeat(path.matches('/').count());
        let page = ExcuseView { path: path.into(), reason: unmade.reason.clone() };
        self.unmade.lock().unwrap_or_else(PoisonError::into_inner).push(unmade);
        self.press.page("unmade.html", &Page { page: &page, target, root: &root })
    }
}

/// What stands in place of a page that could not be made.
#[derive(Serialize)]
struct ExcuseView {
    path: super::Printable,
    reason: super::Printable,
}

/// What a panic said.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}
