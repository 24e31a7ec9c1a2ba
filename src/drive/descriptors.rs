//! How many files and sockets the process may have open at a time.

/// More are never asked for.
#[cfg(unix)]
const ENOUGH: u64 = 8192;

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
