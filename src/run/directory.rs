//! The run directory: where a run writes, and from where it is read again.

use super::journal::Journal;
use super::lock::Lock;
use super::results::{CaseResult, RunInfo, RunResults};
pub use super::verdicts::{StoredFinding, StoredVerdict, StoredVerdicts, verdicts_text};
use crate::case::{Case, source};
use crate::plan::Target;
use crate::transcript::Transcript;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of every file in a run directory.
pub const FORMAT: u32 = 1;
/// A transcript longer than that is stored compressed.
const LONG: usize = 64 * 1024;
/// What stands behind the id of a case in the name of the transcript of its first run; no id has a `_`.
const FIRST: &str = "_first";

/// Why a run directory could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It cannot be written to.
    #[error("could not write to {path}: {source}")]
    Unwritable {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// It holds something else than a run.
    #[error("could not use {0}: it is not empty and holds no run of wsspec; nothing was touched")]
    Foreign(PathBuf),
    /// It cannot be read.
    #[error("could not read {path}: {source}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file in it is malformed.
    #[error("could not read {path}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Another run writes into it at this moment.
    #[error("could not use {0}: another run is writing there")]
    Busy(PathBuf),
    /// A newer wsspec wrote it.
    #[error("could not read {path}: it has format {found}, and this wsspec knows formats up to {FORMAT}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format.
        found: u64,
    },
    /// It holds another run than the one to resume.
    #[error("could not resume in {path}: {reason}")]
    NotResumable {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl DirectoryError {
    /// The reason without the path, which differs from machine to machine.
    pub fn reason(&self) -> String {
        match self {
            DirectoryError::Unwritable { source, .. } | DirectoryError::Unreadable { source, .. } => source.to_string(),
            DirectoryError::Malformed { reason, .. } | DirectoryError::NotResumable { reason, .. } => reason.clone(),
            other => other.to_string(),
        }
    }
}

/// A recorded case, as its file holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTranscript {
    /// The version of this format.
    pub format: u32,
    /// The case as it was run.
    pub case: Case,
    /// The target as the plan saw it.
    pub target: Target,
    /// The seed of the run.
    pub seed: u64,
    /// The digest of the plan that it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// What happened.
    pub transcript: Transcript,
}

/// What an earlier run may have left, which a new one removes.
const FOLDERS: [&str; 3] = ["transcripts", "pages", "unfinished"];
const LOCK: &str = "running.lock";
const FILES: [&str; 4] = ["verdicts.json", "run.json", "index.html", "target.log"];

/// A folder with the files of one run.
#[derive(Clone, Debug)]
pub struct RunDirectory {
    root: PathBuf,
    _lock: Option<Arc<Lock>>,
}

impl RunDirectory {
    /// Whether a run may use a folder: it does not exist yet, is empty, or holds nothing but a run. Changes nothing.
    pub fn inspect(root: &Path, resume: bool) -> Result<(), DirectoryError> {
        let unwritable = |source| DirectoryError::Unwritable { path: root.to_owned(), source };
        let is_empty = match fs::read_dir(root) {
            Ok(mut entries) => entries.next().is_none(),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => true,
            Err(fault) => return Err(unwritable(fault)),
        };
        if is_empty && resume {
            let reason = "there is no earlier run in it".to_owned();
            return Err(DirectoryError::NotResumable { path: root.to_owned(), reason });
        }
        if !is_empty && !(RunDirectory { root: root.to_owned(), _lock: None }).holds_run()? {
            return Err(DirectoryError::Foreign(root.to_owned()));
        }
        Ok(())
    }

    /// A directory for a run: made where it does not exist, writable, and kept from other runs.
    /// What an earlier run left there stays until [`RunDirectory::clear`].
    pub fn prepare(root: &Path, resume: bool) -> Result<RunDirectory, DirectoryError> {
        RunDirectory::inspect(root, resume)?;
        let unwritable = |source| DirectoryError::Unwritable { path: root.to_owned(), source };
        fs::create_dir_all(root).map_err(unwritable)?;
        let mut directory = RunDirectory { root: root.to_owned(), _lock: None };
        let Some(lock) = Lock::take(directory.file(LOCK)).map_err(unwritable)? else {
            return Err(DirectoryError::Busy(root.to_owned()));
        };
        directory._lock = Some(Arc::new(lock));
        if !directory.holds_run()? {
            // from now on the folder is known as ours, whatever happens next
            Journal::begin(&directory, Journal::NO_RUN)?;
        }
        Ok(directory)
    }

    /// Removes what an earlier run left.
    pub fn clear(&self) -> Result<(), DirectoryError> {
        Journal::begin(self, Journal::NO_RUN)?;
        let folders = FOLDERS.iter().map(|name| fs::remove_dir_all(self.file(name)));
        let files = FILES.iter().map(|name| fs::remove_file(self.file(name)));
        for removed in folders.chain(files) {
            match removed {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(DirectoryError::Unwritable { path: self.root.clone(), source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a run of wsspec is in it, by the content of its files and not their names.
    fn holds_run(&self) -> Result<bool, DirectoryError> {
        let ours = |found: Result<(), DirectoryError>| match found {
            Ok(()) => Ok(true),
            Err(fault @ DirectoryError::Newer { .. }) => Err(fault),
            Err(_) => Ok(false),
        };
        Ok(ours(Journal::read(self).map(drop))? || ours(self.read_info().map(drop))?)
    }

    /// A folder inside this one, under the same lock.
    pub(super) fn inside(&self, name: &str) -> RunDirectory {
        RunDirectory { root: self.file(name), _lock: self._lock.clone() }
    }

    /// A directory with a run in it.
    pub fn open(root: &Path) -> Result<RunDirectory, DirectoryError> {
        let directory = RunDirectory { root: root.to_owned(), _lock: None };
        let path = directory.file("run.json");
        // a run that was killed has its journal alone
        match fs::metadata(&path).or_else(|fault| fs::metadata(directory.journal()).map_err(|_| fault)) {
            Ok(_) => Ok(directory),
            Err(source) => Err(DirectoryError::Unreadable { path, source }),
        }
    }

    /// The same folder without what keeps other runs out, which takes a file descriptor.
    pub fn unlocked(&self) -> RunDirectory {
        RunDirectory { root: self.root.clone(), _lock: None }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.file("journal.jsonl")
    }

    /// Where the transcript of a case is, or would be when it is short.
    pub fn transcript_path(&self, id: &str) -> PathBuf {
        let long = self.file(&format!("transcripts/{id}.json.gz"));
        if long.exists() { long } else { self.file(&format!("transcripts/{id}.json")) }
    }

    /// Where the transcript of the first run is, of a case in which two runs disagreed.
    pub fn first_transcript_path(&self, id: &str) -> PathBuf {
        self.transcript_path(&format!("{id}{FIRST}"))
    }

    /// The names that the transcripts of a case can have.
    pub(super) fn transcript_names(id: &str) -> [String; 4] {
        [("", "json"), ("", "json.gz"), (FIRST, "json"), (FIRST, "json.gz")]
            .map(|(run, ending)| format!("transcripts/{id}{run}.{ending}"))
    }

    /// Puts the transcript of a case aside, so that the next one does not replace it.
    pub fn keep_first_transcript(&self, id: &str) -> Result<(), DirectoryError> {
        for ending in ["json", "json.gz"] {
            let from = self.file(&format!("transcripts/{id}.{ending}"));
            let to = self.file(&format!("transcripts/{id}{FIRST}.{ending}"));
            let moved = if from.exists() { fs::rename(&from, &to) } else { Ok(()) };
            moved.map_err(|source| DirectoryError::Unwritable { path: to, source })?;
        }
        Ok(())
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), DirectoryError> {
        let unwritable = |source| DirectoryError::Unwritable { path: path.to_owned(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(unwritable)?;
        }
        // a reader never sees half a file, also when we are killed while writing it
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, content).and_then(|()| fs::rename(&unfinished, path)).map_err(unwritable)
    }

    /// Writes a file into the directory.
    pub fn write_file(&self, name: &str, content: &[u8]) -> Result<(), DirectoryError> {
        self.write(&self.file(name), content)
    }

    /// Removes the files in a folder that are not wanted; their paths are relative to the directory, with `/` between folders.
    pub fn keep_only(&self, folder: &str, wanted: &dyn Fn(&str) -> bool) -> Result<(), DirectoryError> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let path = self.file(&folder);
            let unwritable = |source| DirectoryError::Unwritable { path: path.clone(), source };
            let entries = match fs::read_dir(&path) {
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(unwritable)?,
            };
            for entry in entries {
                let entry = entry.map_err(unwritable)?;
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push(name);
                } else if !wanted(&name) {
                    fs::remove_file(entry.path()).map_err(unwritable)?;
                }
            }
        }
        Ok(())
    }

    /// Stores the transcript of a case.
    pub fn write_transcript(&self, stored: &StoredTranscript) -> Result<(), DirectoryError> {
        let text = to_json(stored);
        let plain = self.file(&format!("transcripts/{}.json", stored.case.id));
        let packed = self.file(&format!("transcripts/{}.json.gz", stored.case.id));
        let (path, other, content) = if text.len() > LONG {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            let content = encoder
                .write_all(text.as_bytes())
                .and_then(|()| encoder.finish())
                .map_err(|source| DirectoryError::Unwritable { path: packed.clone(), source })?;
            (packed, plain, content)
        } else {
            (plain, packed, text.into_bytes())
        };
        if other.exists() {
            fs::remove_file(&other).map_err(|source| DirectoryError::Unwritable { path: other, source })?;
        }
        self.write(&path, &content)
    }

    /// Reads the transcript of a case; `None` when there is none.
    pub fn read_transcript(&self, id: &str) -> Result<Option<StoredTranscript>, DirectoryError> {
        let path = self.transcript_path(id);
        let unreadable = |source| DirectoryError::Unreadable { path: path.clone(), source };
        let bytes = match source::read(&path) {
            Ok(bytes) => bytes,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(unreadable(fault)),
        };
        let text = if path.extension().is_some_and(|ending| ending == "gz") {
            // a few octets can unpack to any number
            source::read_bounded(GzDecoder::new(bytes.as_slice()), source::LONGEST_FILE).map_err(unreadable)?
        } else {
            bytes
        };
        let stored: StoredTranscript = parse(&path, &String::from_utf8_lossy(&text))?;
        if stored.case.id != id && id.strip_suffix(FIRST).is_none_or(|first| first != stored.case.id) {
            let reason = format!("it holds the case {}", stored.case.id);
            return Err(DirectoryError::Malformed { path, reason });
        }
        Ok(Some(stored))
    }

    /// Writes what a run found: `run.json` and `verdicts.json`.
    pub fn write_results(&self, results: &RunResults) -> Result<(), DirectoryError> {
        self.write_info(&results.info)?;
        self.write_verdicts(results)
    }

    /// Writes `verdicts.json`: sorted, and the same octets whenever the same verdicts are found.
    pub fn write_verdicts(&self, results: &RunResults) -> Result<(), DirectoryError> {
        self.write(&self.file("verdicts.json"), verdicts_text(results).as_bytes())
    }

    /// Reads `verdicts.json`.
    pub fn read_verdicts(&self) -> Result<StoredVerdicts, DirectoryError> {
        let path = self.file("verdicts.json");
        let text = read_text(&path).map_err(|source| DirectoryError::Unreadable { path: path.clone(), source })?;
        parse(&path, &text)
    }

    /// Writes `run.json`.
    pub fn write_info(&self, info: &RunInfo) -> Result<(), DirectoryError> {
        let mut text = serde_json::to_string_pretty(info).unwrap_or_default();
        text.push('\n');
        self.write(&self.file("run.json"), text.as_bytes())
    }

    /// Reads `run.json`.
    pub fn read_info(&self) -> Result<RunInfo, DirectoryError> {
        let path = self.file("run.json");
        let text = read_text(&path).map_err(|source| DirectoryError::Unreadable { path: path.clone(), source })?;
        parse(&path, &text)
    }

    /// The ids of the cases that have a transcript, in order; first runs beside it are left out.
    pub fn recorded(&self) -> Result<Vec<String>, DirectoryError> {
        let root = self.file("transcripts");
        let mut ids = Vec::new();
        collect(&root, &root, &mut ids)?;
        ids.retain(|id| !id.ends_with(FIRST));
        ids.sort();
        Ok(ids)
    }
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

/// Parses a file of a run directory, after a look at its format.
fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(source::read(path)?).map_err(io::Error::other)
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<T, DirectoryError> {
    let malformed =
        |fault: serde_json::Error| DirectoryError::Malformed { path: path.to_owned(), reason: fault.to_string() };
    let FormatOnly { format } = serde_json::from_str(text).map_err(malformed)?;
    if format > u64::from(FORMAT) {
        return Err(DirectoryError::Newer { path: path.to_owned(), found: format });
    }
    serde_json::from_str(text).map_err(malformed)
}

fn collect(root: &Path, dir: &Path, ids: &mut Vec<String>) -> Result<(), DirectoryError> {
    let unreadable = |source| DirectoryError::Unreadable { path: dir.to_owned(), source };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(unreadable(fault)),
    };
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            collect(root, &path, ids)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if let Some(id) = name.strip_suffix(".json").or_else(|| name.strip_suffix(".json.gz")) {
            ids.push(id.to_owned());
        }
    }
    Ok(())
}

/// The cases of a run in the order of the corpus, with those that it does not know at the end.
pub fn in_corpus_order(mut results: Vec<CaseResult>, order: &[&Case]) -> Vec<CaseResult> {
    let rank: BTreeMap<&str, usize> = order.iter().enumerate().map(|(rank, case)| (case.id.as_str(), rank)).collect();
    results.sort_by_key(|result| rank.get(result.id.as_str()).copied().unwrap_or(usize::MAX));
    results
}
