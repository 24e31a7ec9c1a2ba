//! From the text of a case file to its cases, with every fault at its line and column.
//!
//! A family is expanded in the text, not in a parsed value: only so does a fault inside a row still point at the file.

use super::file::{Case, CaseFields, CaseFile, Role, Table};
use super::source::{message_of, offset_of};
use super::{Check, Delivery, SourceError};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::Path;

/// What a case file holds.
#[derive(Clone, Debug)]
pub struct Group {
    /// The path of the file under `cases/` without its ending.
    pub name: String,
    /// A heading.
    pub title: String,
    /// Why its cases exist.
    pub why: String,
    /// Its cases in order.
    pub cases: Vec<Case>,
    /// For each case where it stands in the file; the message is empty.
    pub places: Vec<SourceError>,
}

/// Reads a case file; `path` is only named in faults.
pub fn load_group(path: &Path, text: &str) -> Result<Group, SourceError> {
    let file: CaseFile<'_> = serde_json::from_str(text).map_err(|fault| SourceError::from_json(path, text, &fault))?;
    let mut cases = Vec::new();
    let mut places = Vec::new();
    for raw in &file.cases {
        let template = Template { path, text, raw: raw.get(), offset: offset_in(text, raw.get()) };
        let expanded = template.expand()?;
        let name = raw.get().find("\"name\"").unwrap_or(0);
        let before = cases.len();
        cases.extend(expanded.into_iter().map(|fields| assemble(&file, fields)));
        places.extend((before..cases.len()).map(|_| template.fault(name, "")));
    }
    let written = cases.len();
    for delivery in &file.deliveries {
        for at in 0..written {
            if let Some(again) = cases[at].delivered(*delivery)
                && !cases.iter().any(|case| case.does_the_same(&again))
            {
                cases.push(again);
                places.push(places[at].clone());
            }
        }
    }
    Ok(Group { name: file.group, title: file.title, why: file.why, cases, places })
}

fn assemble(file: &CaseFile<'_>, fields: CaseFields) -> Case {
    let own: Vec<Check> = fields.checks;
    Case {
        id: format!("{}/{}", file.group, fields.name),
        group: file.group.clone(),
        title: fields.title,
        why: std::iter::once(file.why.clone()).chain(fields.why).collect(),
        autobahn: fields.autobahn.unwrap_or_default().0,
        roles: fields.roles.unwrap_or_else(|| vec![Role::Server, Role::Client]),
        needs: fields.needs,
        tags: file.tags.iter().cloned().chain(fields.tags).collect(),
        opening: fields.opening.unwrap_or_default(),
        delivery: Delivery::Plain,
        crowd: fields.crowd,
        steps: fields.steps,
        checks: own.into_iter().chain(file.checks.iter().cloned()).collect(),
    }
}

/// How far into `text` its slice `part` starts.
fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

struct Template<'a> {
    path: &'a Path,
    text: &'a str,
    raw: &'a str,
    offset: usize,
}

#[derive(Deserialize)]
struct TableOnly<'a> {
    #[serde(borrow, default)]
    table: Option<&'a RawValue>,
}

impl Template<'_> {
    fn fault(&self, offset: usize, message: impl Into<String>) -> SourceError {
        SourceError::at_offset(self.path, self.text, self.offset + offset, message)
    }

    fn json_fault(&self, part: &str, fault: &serde_json::Error, back: impl Fn(usize) -> usize) -> SourceError {
        self.fault(back(offset_of(part, fault)), message_of(fault))
    }

    fn expand(&self) -> Result<Vec<CaseFields>, SourceError> {
        let only: TableOnly<'_> =
            serde_json::from_str(self.raw).map_err(|fault| self.json_fault(self.raw, &fault, |at| at))?;
        let Some(table_text) = only.table.map(RawValue::get) else {
            let fields = serde_json::from_str(self.raw).map_err(|fault| self.json_fault(self.raw, &fault, |at| at))?;
            return Ok(vec![fields]);
        };
        let start = offset_in(self.raw, table_text);
        let table: Table =
            serde_json::from_str(table_text).map_err(|fault| self.json_fault(table_text, &fault, |at| start + at))?;
        self.check_table(&table, start)?;
        let mut used = BTreeSet::new();
        let mut expanded = Vec::new();
        for row in &table.rows {
            let row = Row { columns: &table.columns, cells: row };
            let filled = self.substitute(start..start + table_text.len(), &row, &mut used)?;
            let fields = serde_json::from_str(&filled.text)
                .map_err(|fault| self.json_fault(&filled.text, &fault, |at| filled.origin(at)))?;
            expanded.push(fields);
        }
        if let Some(idle) = table.columns.iter().find(|column| !used.contains(*column)) {
            return Err(self.fault(start, format!("the column `{idle}` is never used")));
        }
        Ok(expanded)
    }

    fn check_table(&self, table: &Table, start: usize) -> Result<(), SourceError> {
        if table.rows.is_empty() {
            return Err(self.fault(start, "the table has no row"));
        }
        for (number, column) in table.columns.iter().enumerate() {
            if !is_name(column) {
                return Err(self.fault(start, format!("`{column}` is no column name: letters, digits and _ only")));
            }
            if table.columns[..number].contains(column) {
                return Err(self.fault(start, format!("the column `{column}` stands twice")));
            }
        }
        let wide = table.columns.len();
        match table.rows.iter().position(|row| row.len() != wide) {
            Some(row) => {
                let found = table.rows[row].len();
                Err(self.fault(start, format!("row {} has {found} cells for {wide} columns", row + 1)))
            }
            None => Ok(()),
        }
    }

    /// Fills the cells of a row into the text of the template, outside of the table itself.
    fn substitute(
        &self,
        table: std::ops::Range<usize>,
        row: &Row<'_>,
        used: &mut BTreeSet<String>,
    ) -> Result<Filled, SourceError> {
        let raw = self.raw.as_bytes();
        let mut filled = Filled::default();
        let mut at = 0;
        while at < raw.len() {
            if at == table.start {
                filled.copy(self.raw, at, table.end);
                at = table.end;
            } else if raw[at] == b'"' {
                let end = string_end(raw, at);
                self.substitute_string(at, end, row, used, &mut filled)?;
                at = end;
            } else {
                let next = raw[at + 1..].iter().position(|byte| *byte == b'"').map_or(raw.len(), |n| at + 1 + n);
                let next = if at < table.start { next.min(table.start) } else { next };
                filled.copy(self.raw, at, next);
                at = next;
            }
        }
        Ok(filled)
    }

    fn substitute_string(
        &self,
        start: usize,
        end: usize,
        row: &Row<'_>,
        used: &mut BTreeSet<String>,
        filled: &mut Filled,
    ) -> Result<(), SourceError> {
        let token = &self.raw[start..end];
        let inner = &token[1..token.len() - 1];
        if let Some(name) = inner.strip_prefix('$').filter(|name| is_name(name)) {
            let cell = row.cell(name).ok_or_else(|| self.fault(start + 1, unknown_column(name, row)))?;
            used.insert(name.to_owned());
            filled.replace(&cell.to_string(), start);
            return Ok(());
        }
        let mut at = start;
        while let Some(dollar) = self.raw[at..end].find('$').map(|n| at + n) {
            filled.copy(self.raw, at, dollar);
            let rest = &self.raw[dollar + 1..end];
            if rest.starts_with('$') {
                filled.replace("$", dollar);
                at = dollar + 2;
                continue;
            }
            let (name, length) = match rest.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
                Some((name, _)) => (name, name.len() + 2),
                None => {
                    let length = rest.bytes().take_while(|byte| is_name_byte(*byte)).count();
                    (&rest[..length], length)
                }
            };
            let cell = row.cell(name).ok_or_else(|| self.fault(dollar, unknown_column(name, row)))?;
            used.insert(name.to_owned());
            let shown = match cell {
                serde_json::Value::String(text) => {
                    let quoted = serde_json::Value::String(text.clone()).to_string();
                    quoted[1..quoted.len() - 1].to_owned()
                }
                other => other.to_string().replace('"', "\\\""),
            };
            filled.replace(&shown, dollar);
            at = dollar + 1 + length;
        }
        filled.copy(self.raw, at, end);
        Ok(())
    }
}

struct Row<'a> {
    columns: &'a [String],
    cells: &'a [serde_json::Value],
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Option<&serde_json::Value> {
        self.columns.iter().position(|column| column == name).map(|at| &self.cells[at])
    }
}

fn unknown_column(name: &str, row: &Row<'_>) -> String {
    format!("no column `{name}` in the table ({}); `$$` stands for a dollar sign", row.columns.join(", "))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_name_byte)
}

/// The end of the JSON string that starts at `start`.
fn string_end(raw: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < raw.len() && raw[at] != b'"' {
        at += if raw[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(raw.len())
}

/// A template with a row filled in, and where each part of it came from.
#[derive(Default)]
struct Filled {
    text: String,
    /// Starts of parts: in the filled text, in the template, and whether the part was copied as it is.
    parts: Vec<(usize, usize, bool)>,
}

impl Filled {
    fn copy(&mut self, from: &str, start: usize, end: usize) {
        self.parts.push((self.text.len(), start, true));
        self.text.push_str(&from[start..end]);
    }

    fn replace(&mut self, with: &str, origin: usize) {
        self.parts.push((self.text.len(), origin, false));
        self.text.push_str(with);
    }

    fn origin(&self, at: usize) -> usize {
        let part = self.parts.partition_point(|(start, ..)| *start <= at);
        match self.parts[..part].last() {
            Some((start, origin, true)) => origin + (at - start),
            Some((_, origin, false)) => *origin,
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(cases: &str) -> String {
        format!("{{\n\"group\": \"g/h\", \"title\": \"T\", \"why\": \"w\",\n\"cases\": [\n{cases}\n]}}")
    }

    fn load(cases: &str) -> Result<Group, SourceError> {
        load_group(Path::new("g/h.json"), &file(cases))
    }

    #[test]
    fn a_family_becomes_one_case_per_row() {
        let group = load(
            r#"{ "name": "length-$n", "title": "$n of $what: $$5", "table": {"columns": ["n", "what"], "rows": [[0, "\"a\""], [125, "b"]]},
                 "steps": [{"send": [{"text": {"repeat": {"unit": "$what", "to": "$n"}}}]}] }"#,
        )
        .unwrap();
        let ids: Vec<&str> = group.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["g/h/length-0", "g/h/length-125"]);
        assert_eq!(group.cases[0].title, "0 of \"a\": $5");
        let steps = serde_json::to_string(&group.cases[1].steps).unwrap();
        assert_eq!(steps, r#"[{"send":{"frames":[{"text":{"repeat":{"unit":"b","to":125}}}]}}]"#);
    }

    #[test]
    fn faults_stand_at_their_place() {
        for (cases, place, words) in [
            (r#"{"name": "a", "title": "", "steps": [{"sned": []}]}"#, (4, 40), "unknown variant `sned`"),
            (r#"{"name": "a", "title": "", "stesp": []}"#, (4, 29), "unknown field `stesp`"),
            (
                "{\"name\": \"$n\", \"title\": \"\", \"table\": {\"columns\": [\"n\"], \"rows\": [[1]]},\n\"steps\": [{\"close\": \"$m\"}]}",
                (5, 22),
                "no column `m`",
            ),
            (
                "{\"name\": \"a\", \"title\": \"is $n\", \"table\": {\"columns\": [\"n\"], \"rows\": [[70000]]},\n\"steps\": [{\"close\": \"$n\"}]}",
                (5, 21),
                "invalid value: integer `70000`",
            ),
            (
                r#"{"name": "a", "title": "", "table": {"columns": ["n"], "rows": [[1]]}, "steps": []}"#,
                (4, 37),
                "`n` is never used",
            ),
            (
                r#"{"name": "$n", "title": "", "table": {"columns": ["n"], "rows": [[1, 2]]}, "steps": []}"#,
                (4, 38),
                "row 1 has 2 cells for 1 columns",
            ),
        ] {
            let fault = load(cases).unwrap_err();
            assert!(fault.message.contains(words), "{}", fault.message);
            assert_eq!((fault.line, fault.column), place, "{fault}");
        }
    }
}
