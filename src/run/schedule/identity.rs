//! What makes a run the same run, so that it can be resumed.

use super::Parts;
use sha1::{Digest, Sha1};

/// A digest of everything that a resumed run must have in common with the one it goes on with.
pub(super) fn identity(parts: &Parts<'_>, url: &str) -> String {
    let mut digest = Sha1::new();
    digest.update(url);
    digest.update(parts.settings.seed.to_be_bytes());
    let strictness = parts.settings.strictness;
    digest.update([strictness.should, strictness.http, strictness.browser].map(u8::from));
    digest.update(serde_json::to_vec(&parts.target.redacted()).unwrap_or_default());
    digest.update(serde_json::to_vec(&parts.corpus.monitors).unwrap_or_default());
    for case in &parts.cases {
        digest.update(serde_json::to_vec(case).unwrap_or_default());
    }
    digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}
