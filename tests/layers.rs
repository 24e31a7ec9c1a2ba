//! Holds the layers to their order: each imports only from those in front of it, and a crate is named only where it belongs.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first; those of one rank know nothing of each other.
const RANKS: &[&[&str]] = &[
    &["wire"],
    &["transcript"],
    &["case"],
    &["plan"],
    &["engine", "judge"],
    &["drive", "report"],
    &["run", "peer"],
    &["wstest"],
    &["cli"],
];

/// Crates, and the only places that may name them.
const CRATES: &[(&str, &[&str])] = &[
    ("tokio_tungstenite", &["peer/"]),
    ("tera", &["report/press"]),
    ("tokio", &["drive/", "run/", "peer/", "wstest/", "cli/", "main.rs"]),
    ("tokio_rustls", &["drive/"]),
    ("rcgen", &["drive/"]),
    ("clap", &["cli/", "main.rs"]),
    ("regex_lite", &["wstest/"]),
    ("serde", &["transcript/", "case/", "plan/", "judge/", "run/", "report/", "wstest/", "cli/"]),
];

fn rank(layer: &str) -> Option<usize> {
    RANKS.iter().position(|layers| layers.contains(&layer))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without its unit tests, which may use whatever helps.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("the file can be read");
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The identifiers that follow each occurrence of `prefix` as a path.
fn after<'t>(text: &'t str, prefix: &str) -> Vec<&'t str> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(prefix)
        .filter(|(at, _)| !text[..*at].ends_with(is_name))
        .map(|(at, _)| {
            let rest = &text[at + prefix.len()..];
            &rest[..rest.find(|letter| !is_name(letter)).unwrap_or(rest.len())]
        })
        .collect()
}

#[test]
fn imports_point_downward() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut seen = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let layer = relative.iter().next().unwrap().to_str().unwrap();
        let Some(own) = rank(layer) else { continue };
        for target in after(&code(&file), "crate::") {
            let Some(other) = rank(target) else { continue };
            seen += 1;
            assert!(target == layer || other < own, "{} imports crate::{target}", relative.display());
        }
    }
    assert!(seen > 50, "only {seen} imports were found: the test no longer reads the code as it is written");
}

#[test]
fn every_folder_is_a_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            assert!(rank(&name).is_some(), "src/{name} has no place in the order");
        }
    }
}

#[test]
fn crates_are_named_where_they_belong() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let text = code(&file);
        for (name, places) in CRATES {
            let named = !after(&text, &format!("{name}::")).is_empty();
            let allowed = places.iter().any(|place| relative.starts_with(place));
            assert!(!named || allowed, "{relative} names {name}");
        }
    }
}
