//! The lock of a run directory: one run at a time writes there.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;

/// Keeps other runs out for as long as this one writes. The system lets go of it also when the run is killed.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// `None` when another run has it.
    pub(super) fn take(path: PathBuf) -> io::Result<Option<Lock>> {
        let file = File::create(&path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // there are file systems without locks
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Lock { path, _file: file })),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
