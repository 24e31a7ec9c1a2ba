//! How projects read the results: each function does what their script does, no more.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The rows of an agent as pairs of id and row.
pub fn rows<'v>(index: &'v Value, agent: &str) -> Vec<(&'v str, &'v Value)> {
    let rows = index[agent].as_object().unwrap_or_else(|| panic!("no {agent} in {index}"));
    rows.iter().map(|(id, row)| (id.as_str(), row)).collect()
}

/// The cases whose behavior, and behaviorClose where that counts, are not among the good words.
pub fn failed_by_words(index: &Value, agent: &str, good: &[&str], good_close: Option<&[&str]>) -> Vec<String> {
    let bad = |row: &Value, key: &str, good: &[&str]| !good.contains(&row[key].as_str().unwrap());
    rows(index, agent)
        .into_iter()
        .filter(|(_, row)| bad(row, "behavior", good) || good_close.is_some_and(|good| bad(row, "behaviorClose", good)))
        .map(|(id, _)| id.to_owned())
        .collect()
}

/// gobwas/ws and nbio: numbers in ids, whole numbers as durations, a panic at any other word, and the file of what failed.
pub fn failed_as_gobwas(folder: &Path, index: &Value, agent: &str) -> Vec<String> {
    let mut failed = Vec::new();
    for (id, row) in rows(index, agent) {
        assert!(id.split('.').all(|part| part.parse::<i64>().is_ok()));
        row["duration"].as_i64().expect("an int");
        for key in ["behavior", "behaviorClose"] {
            match row[key].as_str().unwrap() {
                "OK" | "INFORMATIONAL" | "UNIMPLEMENTED" => {}
                "UNCLEAN" | "FAILED" | "NON-STRICT" | "WRONG CODE" | "FAILED BY CLIENT" => {
                    let file = std::fs::read_to_string(folder.join(row["reportfile"].as_str().unwrap())).unwrap();
                    let details: Value = serde_json::from_str(&file).unwrap();
                    for key in ["description", "expectation", "result", "resultClose"] {
                        assert!(!details[key].as_str().unwrap().is_empty());
                    }
                    failed.push(id.to_owned());
                }
                other => panic!("unknown behavior {other}"),
            }
        }
    }
    failed
}

/// Jetty: each word is the name of a constant, and the file of a case has what its JUnit report needs.
pub fn failed_as_jetty(folder: &Path, index: &Value, agent: &str) -> Vec<String> {
    const CONSTANTS: [&str; 9] = [
        "FAILED",
        "OK",
        "NON_STRICT",
        "WRONG_CODE",
        "UNCLEAN",
        "FAILED_BY_CLIENT",
        "INFORMATIONAL",
        "UNIMPLEMENTED",
        "NO_CLOSE",
    ];
    let mut failed = Vec::new();
    for (id, row) in rows(index, agent) {
        let constant = |key: &str| row[key].as_str().unwrap().replace(['-', ' '], "_");
        let words = [constant("behavior"), constant("behaviorClose")];
        assert!(words.iter().all(|word| CONSTANTS.contains(&word.as_str())), "{words:?}");
        let file = std::fs::read_to_string(folder.join(row["reportfile"].as_str().unwrap())).unwrap();
        let details: Value = serde_json::from_str(&file).unwrap();
        assert!(details["description"].is_string() && details["result"].is_string());
        assert!(details["expected"].is_object() && details["received"].is_array());
        if words.iter().any(|word| !["OK", "INFORMATIONAL", "UNIMPLEMENTED"].contains(&word.as_str())) {
            failed.push(id.to_owned());
        }
    }
    failed
}

/// libwebsockets: lines, of which one with a brace and a comma ends a case.
pub fn words_by_line(text: &str) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let (mut id, mut behavior, mut close) = (String::new(), String::new(), String::new());
    for line in text.lines() {
        let value = || line.split('"').nth(3).unwrap_or_default().to_owned();
        match line.trim() {
            line if line.starts_with("\"behavior\":") => behavior = value(),
            line if line.starts_with("\"behaviorClose\":") => close = value(),
            line if line.ends_with("\": {") => id = line.trim_end_matches("\": {").trim_start_matches('"').to_owned(),
            "}" | "}," if !behavior.is_empty() => {
                found.insert(id.clone(), (std::mem::take(&mut behavior), std::mem::take(&mut close)));
            }
            _ => {}
        }
    }
    found
}

/// tungstenite: `jq -S 'del(..|.duration?)'`, to be compared with a file in its repository.
pub fn without_durations(mut index: Value) -> String {
    fn strip(value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            object.remove("duration");
            object.values_mut().for_each(strip);
        }
    }
    strip(&mut index);
    serde_json::to_string_pretty(&index).unwrap()
}
