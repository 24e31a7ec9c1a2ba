//! How many files and sockets the process may have open at a time.

/// More are never asked for.
#[cfg(unix)]
const ENOUGH: u64 = 8192;

/// What the process has open beside conversations: standard streams, the runtime, the journal, files that are written.
const BESIDE: usize = 32;

/// The system gives the process too few descriptors.
#[derive(Debug, thiserror::Error)]
#[error(
    "could not start: {needed} file descriptors are needed, and the limit is {limit}; \
     raise it with `ulimit -n {needed}`, or set a lower --jobs"
)]
pub struct TooFew {
    needed: usize,
    limit: usize,
}

/// Sees to it that there are enough descriptors for so many conversations, each of which needs so many.
pub fn suffice(conversations: usize, each: usize) -> Result<(), TooFew> {
    let needed = BESIDE + conversations * each;
    // what a target inherits is only changed where we could not do without
    let limit = if count() >= needed { count() } else { at_most() };
    if limit < needed { Err(TooFew { needed, limit }) } else { Ok(()) }
}

/// How many descriptors there are.
pub fn count() -> usize {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit};
        let soft = getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft);
        usize::try_from(soft).unwrap_or(usize::MAX)
    }
    #[cfg(not(unix))]
    {
        1024
    }
}

/// The same, once the system was asked for more where it gives few.
pub fn at_most() -> usize {
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
            && soft < ENOUGH.min(hard)
        {
            // a system that refuses leaves as many as there were
            let _ = setrlimit(Resource::RLIMIT_NOFILE, ENOUGH.min(hard), hard);
        }
    }
    count()
}
