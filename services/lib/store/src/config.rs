//! Settings of the store.

use std::{path::PathBuf, time::Duration};

/// How the state is kept.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where.
    pub engine: Engine,
    /// Longest wait for an answer.
    pub timeout: Duration,
}

/// Where the state is kept.
#[derive(Debug, Clone)]
pub enum Engine {
    /// In a file of a folder; for one process.
    Sqlite {
        /// The folder; made when it is missing.
        folder: PathBuf,
    },
}
