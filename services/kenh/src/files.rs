//! How many files the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// Takes as many as there are to be had. Each connection is one, and shells and container engines begin with 1,024.
pub(crate) fn as_many_as_allowed() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if let Err(reason) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        warn!(%reason, limit = current, "the limit of open files stays as it is");
    }
}
