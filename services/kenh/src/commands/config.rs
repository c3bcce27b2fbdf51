//! `kenh config`

use connector_catalog::CONNECTORS;

use crate::{cli, config, failure::Failure};

/// Everything but the channels, whose connectors bring their own.
const EXAMPLE: &str = include_str!("../../example.yaml");

pub(crate) fn run(command: &cli::Config) -> Result<(), Failure> {
    match command {
        cli::Config::Check(file) => config::load(file.config.as_deref()).map(drop),
        cli::Config::Example => {
            print!("{}", example("main"));
            Ok(())
        }
    }
}

/// A complete configuration with one endpoint for each channel.
pub(crate) fn example(endpoint: &str) -> String {
    let mut text = EXAMPLE.to_owned();
    for registration in CONNECTORS {
        text.push_str(&format!("  # {}\n  {}:\n    {endpoint}:\n", registration.name, registration.channel));
        for line in registration.example.lines() {
            let indent = if line.is_empty() { "" } else { "      " };
            text.push_str(&format!("{indent}{line}\n"));
        }
    }
    text
}
