//! What `wsspec explain` prints.

use super::Style;
use super::sheet::{Sheet, Tone};
use crate::report::prose::{CheckProse, Explanation, RequirementProse};

/// A case in prose.
pub fn explanation(told: &Explanation, style: Style) -> String {
    let mut sheet = Sheet::new(style);
    sheet.line(0, Tone::Strong, told.id.as_str());
    sheet.paragraph(0, (Tone::Plain, ""), Tone::Plain, told.title.as_str());
    sheet.gap();
    for why in &told.why {
        sheet.paragraph(2, (Tone::Plain, ""), Tone::Plain, why.as_str());
    }
    for (name, value) in &told.about {
        sheet.paragraph(2, (Tone::Soft, &format!("{name}: ")), Tone::Plain, value.as_str());
    }
    if !told.opening.is_empty() {
        sheet.gap();
        sheet.line(0, Tone::Strong, "The opening handshake");
        for says in &told.opening {
            sheet.paragraph(2, (Tone::Soft, "- "), Tone::Plain, says.as_str());
        }
    }
    sheet.gap();
    sheet.line(0, Tone::Strong, "What the harness does");
    for (number, step) in told.steps.iter().enumerate() {
        let lead = format!("{:>3}. ", number + 1);
        sheet.paragraph(0, (Tone::Soft, &lead), Tone::Plain, step.says.as_str());
        for item in &step.items {
            sheet.paragraph(5, (Tone::Soft, "- "), Tone::Plain, item.as_str());
        }
    }
    sheet.gap();
    sheet.line(0, Tone::Strong, "What is expected");
    told.checks.iter().for_each(|check| expected(check, &mut sheet));
    sheet.done()
}

fn expected(check: &CheckProse, sheet: &mut Sheet) {
    let tone = match check.word {
        "must" => Tone::Strong,
        _ => Tone::Plain,
    };
    sheet.paragraph(2, (tone, &format!("{}: ", check.level)), Tone::Plain, check.says.as_str());
    check.requirements.iter().for_each(|requirement| cited(requirement, 4, sheet));
}

/// A requirement with its place.
pub(super) fn cited(requirement: &RequirementProse, indent: usize, sheet: &mut Sheet) {
    let RequirementProse { id, level, statement, place } = requirement;
    let gap = if level.is_empty() { "" } else { " " };
    let says = format!("{level}{gap}{statement} ({place}; {id})");
    sheet.paragraph(indent, (Tone::Plain, ""), Tone::Soft, &says);
}
