//! The whole law: cases, requirements and monitors, from the binary itself or from a folder.

use super::autobahn::Autobahn;
use super::autobahn_difference::Differences;
use super::coverage::Areas;
use super::load::{Group, load_group};
use super::monitor::MonitorFile;
use super::requirement::RequirementFile;
use super::{Case, Monitor, Register, SourceError};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// Cases, requirements, monitors, and the data files that payloads name.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The groups, ordered by name.
    pub groups: Vec<Group>,
    /// The requirements.
    pub register: Register,
    /// The monitors in the order of their file.
    pub monitors: Vec<Monitor>,
    /// Where it claims to be complete.
    pub areas: Areas,
    /// What is known of Autobahn's ids.
    pub autobahn: Autobahn,
    /// Where Autobahn judges differently.
    pub autobahn_differences: Differences,
    /// The files under `cases/data/` by name.
    pub data: BTreeMap<String, Vec<u8>>,
}

/// Why a corpus could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A folder or file could not be read.
    #[error("could not read {path}: {source}")]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file is malformed.
    #[error(transparent)]
    Malformed(#[from] SourceError),
}

impl Corpus {
    /// The corpus that the binary carries.
    pub fn embedded() -> Result<Corpus, CorpusError> {
        let mut files = BTreeMap::new();
        collect_embedded(&EMBEDDED, &mut files);
        Corpus::from_files(Path::new("cases"), files)
    }

    /// The corpus in a folder.
    pub fn from_dir(root: &Path) -> Result<Corpus, CorpusError> {
        let mut files = BTreeMap::new();
        collect_dir(root, root, &mut files)?;
        Corpus::from_files(root, files)
    }

    /// Builds a corpus from files by their path under `root`; `root` is only named in faults.
    pub fn from_files(root: &Path, files: BTreeMap<PathBuf, Vec<u8>>) -> Result<Corpus, CorpusError> {
        let mut corpus = Corpus::default();
        for (relative, bytes) in files {
            let path = root.join(&relative);
            if let Ok(name) = relative.strip_prefix("data") {
                corpus.data.insert(name.to_string_lossy().into_owned(), bytes);
                continue;
            }
            let is_json = relative.extension().is_some_and(|ending| ending == "json");
            if !is_json || relative == Path::new("case.schema.json") {
                continue;
            }
            let text = super::source::text(bytes)
                .map_err(|fault| SourceError::whole_file(&path, format!("the file is not UTF-8: {fault}")))?;
            if relative == Path::new("spec/monitors.json") {
                let file: MonitorFile =
                    serde_json::from_str(&text).map_err(|fault| SourceError::from_json(&path, &text, &fault))?;
                corpus.monitors = file.monitors;
            } else if relative == Path::new("spec/areas.json") {
                corpus.areas =
                    serde_json::from_str(&text).map_err(|fault| SourceError::from_json(&path, &text, &fault))?;
            } else if relative == Path::new("spec/autobahn.json") {
                corpus.autobahn =
                    serde_json::from_str(&text).map_err(|fault| SourceError::from_json(&path, &text, &fault))?;
                if let Some(name) = corpus.autobahn.unknown_expectations().next() {
                    return Err(SourceError::whole_file(&path, format!("no expectation is named `{name}`")).into());
                }
            } else if relative == Path::new("spec/autobahn-differences.json") {
                corpus.autobahn_differences =
                    serde_json::from_str(&text).map_err(|fault| SourceError::from_json(&path, &text, &fault))?;
            } else if relative.starts_with("spec") {
                let file: RequirementFile =
                    serde_json::from_str(&text).map_err(|fault| SourceError::from_json(&path, &text, &fault))?;
                if let Some(id) = corpus.register.add(file).first() {
                    return Err(SourceError::whole_file(&path, format!("the requirement {id} stands twice")).into());
                }
            } else {
                let group = load_group(&path, &text)?;
                let expected = relative.with_extension("").to_string_lossy().replace('\\', "/");
                if group.name != expected {
                    let message = format!("the group is `{}` but the file says `{expected}`", group.name);
                    return Err(SourceError::whole_file(&path, message).into());
                }
                corpus.groups.push(group);
            }
        }
        corpus.groups.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(corpus)
    }

    /// All cases, by group and then in the order of their file.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.groups.iter().flat_map(|group| &group.cases)
    }

    /// The case of that id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases().find(|case| case.id == id)
    }
}

fn collect_embedded(dir: &Dir<'_>, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for file in dir.files() {
        files.insert(file.path().to_owned(), file.contents().to_vec());
    }
    for below in dir.dirs() {
        collect_embedded(below, files);
    }
}

fn collect_dir(root: &Path, dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), CorpusError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| CorpusError::Unreadable { path, source }
    };
    for entry in std::fs::read_dir(dir).map_err(unreadable(dir))? {
        let path = entry.map_err(unreadable(dir))?.path();
        if path.is_dir() {
            collect_dir(root, &path, files)?;
        } else {
            let bytes = super::source::read(&path).map_err(unreadable(&path))?;
            let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.insert(relative, bytes);
        }
    }
    Ok(())
}
