//! How a command ends when it does not succeed.

use std::{fmt::Display, process::ExitCode};

/// Something broke while running: 1.
const RUNTIME: u8 = 1;
/// What was asked for is wrong: 2, as for a wrong flag.
const USAGE: u8 = 2;

/// Anything that can be said in words.
pub(crate) struct Text(String);

impl<T: Display> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.to_string())
    }
}

/// A failure, for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// Something broke while running.
    pub(crate) fn runtime(text: impl Into<Text>) -> Self {
        Self { code: RUNTIME, text: text.into().0 }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(text: impl Into<Text>) -> Self {
        Self { code: USAGE, text: text.into().0 }
    }

    /// Says it and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        for line in self.text.lines() {
            eprintln!("kenh: {line}");
        }
        ExitCode::from(self.code)
    }
}
