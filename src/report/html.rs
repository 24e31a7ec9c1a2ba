//! Pages to browse: an index, a page for each group, each case, and each document with requirements. The only file that names the template engine.
//!
//! A page needs nothing but itself: styles are inside, links are relative, and everything can be read without scripts.

use super::view::{CaseView, GroupView, SummaryView, group::page_path};
use super::{Records, RunReport};
use serde::Serialize;
use std::io;
use tera::{Context, Tera};

const TEMPLATES: [(&str, &str); 8] = [
    ("style.html", include_str!("../../templates/style.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("filter.html", include_str!("../../templates/filter.html")),
    ("base.html", include_str!("../../templates/base.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("coverage.html", include_str!("../../templates/coverage.html")),
    ("group.html", include_str!("../../templates/group.html")),
    ("case.html", include_str!("../../templates/case.html")),
];

/// Why pages could not be written.
#[derive(Debug, thiserror::Error)]
pub enum HtmlError {
    /// A template and the view model do not fit together, which is a defect of wsspec.
    #[error("could not fill the template {name}: {reason}")]
    Template {
        /// The template.
        name: &'static str,
        /// What the engine says.
        reason: String,
    },
    /// A page could not be stored.
    #[error("could not write {path}: {source}")]
    Unwritable {
        /// The page.
        path: String,
        /// The reason.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many pages.
    pub pages: usize,
    /// Their octets.
    pub octets: u64,
}

/// Makes all pages of a report and hands each to `sink` with its path, relative to the folder of the report and with `/`
/// between folders. The index comes last, so that it never promises a page that is not there.
pub fn write(
    report: &RunReport<'_>,
    records: &mut Records<'_>,
    sink: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
) -> Result<Written, HtmlError> {
    let mut press = Press { tera: templates()?, sink, written: Written::default() };
    let summary = SummaryView::of(report);
    let target = Banner { name: &summary.name, url: &summary.url };
    for number in 0..report.cases.len() {
        let id = &report.cases[number].case.id;
        let record = records(id);
        let view = CaseView::of(report, number, record.as_ref());
        press.page("case.html", &page_path(id), &Page { page: &view, target: &target, root: &view.root })?;
    }
    for group in &summary.groups {
        let view = GroupView::of(report, group.name.as_str());
        press.page("group.html", &group.href, &Page { page: &view, target: &target, root: &view.root })?;
    }
    // the index leads to those in which anything can be observed
    for document in summary.documents.iter().filter(|document| document.observable > 0) {
        press.page(
            "coverage.html",
            &document.href,
            &Page { page: document, target: &target, root: &document.root() },
        )?;
    }
    press.page("index.html", "index.html", &Page { page: &summary, target: &target, root: "" })?;
    Ok(press.written)
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

struct Press<'a> {
    tera: Tera,
    sink: &'a mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    written: Written,
}

impl Press<'_> {
    fn page(&mut self, name: &'static str, path: &str, view: &impl Serialize) -> Result<(), HtmlError> {
        let unfit = |fault: tera::Error| HtmlError::Template { name, reason: reason(&fault) };
        let context = Context::from_serialize(view).map_err(unfit)?;
        let mut text = Vec::new();
        self.tera.render_to(name, &context, &mut text).map_err(unfit)?;
        (self.sink)(path, &text).map_err(|source| HtmlError::Unwritable { path: path.to_owned(), source })?;
        self.written.pages += 1;
        self.written.octets += text.len() as u64;
        Ok(())
    }
}

fn templates() -> Result<Tera, HtmlError> {
    let mut tera = Tera::default();
    tera.add_raw_templates(TEMPLATES)
        .map_err(|fault| HtmlError::Template { name: "index.html", reason: reason(&fault) })?;
    Ok(tera)
}

/// What went wrong and why, which the engine tells as a chain.
fn reason(fault: &tera::Error) -> String {
    let mut words = fault.to_string();
    let mut cause = std::error::Error::source(fault);
    while let Some(why) = cause {
        words.push_str(&format!(": {why}"));
        cause = why.source();
    }
    words
}
