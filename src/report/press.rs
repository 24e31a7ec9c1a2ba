//! Fills templates: from a view model to a page. The only file that names the template engine.

use serde::Serialize;
use std::io;
use tera::{Context, Tera};

const TEMPLATES: [(&str, &str); 12] = [
    ("style.html", include_str!("../../templates/style.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("filter.html", include_str!("../../templates/filter.html")),
    ("base.html", include_str!("../../templates/base.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("coverage.html", include_str!("../../templates/coverage.html")),
    ("negotiation.html", include_str!("../../templates/negotiation.html")),
    ("group.html", include_str!("../../templates/group.html")),
    ("case.html", include_str!("../../templates/case.html")),
    ("unmade.html", include_str!("../../templates/unmade.html")),
    ("autobahn/index.html", include_str!("../../templates/autobahn/index.html")),
    ("autobahn/case.html", include_str!("../../templates/autobahn/case.html")),
];

/// A template and the view model do not fit together, which is a defect of wsspec.
#[derive(Debug, thiserror::Error)]
#[error("could not fill the template {name}: {reason}")]
pub struct Unfit {
    /// The template.
    name: &'static str,
    /// What the engine says.
    reason: String,
}

impl From<Unfit> for io::Error {
    fn from(fault: Unfit) -> io::Error {
        io::Error::other(fault)
    }
}

/// Makes pages.
pub(super) struct Press(Tera);

impl Press {
    /// One with all templates.
    pub fn new() -> Result<Press, Unfit> {
        let mut tera = Tera::default();
        tera.add_raw_templates(TEMPLATES).map_err(|fault| Unfit { name: "index.html", reason: reason(&fault) })?;
        Ok(Press(tera))
    }

    /// The template of that name, filled.
    pub fn page(&self, name: &'static str, view: &impl Serialize) -> Result<Vec<u8>, Unfit> {
        let unfit = |fault: tera::Error| Unfit { name, reason: reason(&fault) };
        let context = Context::from_serialize(view).map_err(unfit)?;
        let mut text = Vec::new();
        self.0.render_to(name, &context, &mut text).map_err(unfit)?;
        Ok(text)
    }
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
