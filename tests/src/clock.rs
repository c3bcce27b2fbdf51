//! A wall clock that tests set.

use std::path::{Path, PathBuf};

use crate::{gateway::Setup, tools};

/// The wall clock of one process. What it measures durations by goes on as ever.
#[derive(Debug)]
pub struct Clock(PathBuf);

impl Clock {
    /// One whose setting lies in a folder; it is right.
    pub fn beside(folder: &Path) -> Self {
        let clock = Self(folder.join("clock"));
        clock.step(0);
        clock
    }

    /// Seconds from the true time.
    pub fn step(&self, by: i64) {
        // In one go: a file that is half written is no time.
        let new = self.0.with_extension("new");
        std::fs::write(&new, format!("{by:+}\n")).expect("a clock");
        std::fs::rename(new, &self.0).expect("a clock");
    }

    /// A gateway that has it.
    pub fn of(&self, setup: Setup) -> Setup {
        let library = tools::faketime();
        setup
            .env("LD_PRELOAD", library.to_str().expect("a clock"))
            .env("FAKETIME_TIMESTAMP_FILE", self.0.to_str().expect("a clock"))
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}
