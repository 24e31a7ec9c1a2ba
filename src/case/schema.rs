//! The JSON schema of case files, generated from the types that read them.

use super::file::CaseFile;
use schemars::generate::SchemaSettings;

/// The text of `cases/case.schema.json`.
pub fn case_schema() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.into_root_schema_for::<CaseFile<'static>>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
