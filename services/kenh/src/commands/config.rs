//! `kenh config`

use connector_catalog::CONNECTORS;

use crate::{cli, commands::serve, config, failure::Failure};

/// Everything but the channels, whose connectors bring their own.
const EXAMPLE: &str = include_str!("../../example.yaml");

pub(crate) fn run(command: cli::Config) -> Result<(), Failure> {
    match command {
        cli::Config::Check(check) => {
            let config = config::load(check.file.config.as_deref(), &serve::roles(check.role))?;
            // What is said on the command line is not known here; it is taken for said.
            config.access.check(config.api.listen, true).map_err(Failure::usage)
        }
        cli::Config::Example => {
            print!("{}", example("main"));
            Ok(())
        }
    }
}

/// A complete configuration with one endpoint for each channel.
pub(crate) fn example(endpoint: &str) -> String {
    let mut lines: Vec<String> = EXAMPLE.lines().map(Into::into).collect();
    for registration in CONNECTORS {
        lines.push(format!("  # {}", registration.name));
        lines.push(format!("  {}:", registration.channel));
        lines.push(format!("    {endpoint}:"));
        lines.extend(registration.example.lines().map(|line| format!("      {line}").trim_end().to_owned()));
    }
    lines.push(String::new());
    lines.join("\n")
}
