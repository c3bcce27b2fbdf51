//! Measures the gateway against what it promises: figures and ratios of one run on one machine.
//!
//! `README.md` beside the source says what each row means and why its ceiling is where it is.

#![allow(
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench that cannot have what it needs ends, as a test does; figures are no accounts"
)]

mod bare;
mod commit;
mod fanout;
mod load;
mod process;
mod promised;
mod report;
mod start;
mod webhooks;

use std::{fs, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the gateway. Needs `kenh` beside it and RabbitMQ installed.
#[derive(Debug, Parser)]
#[command(name = "kenh-bench", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    plan: Plan,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the service that `kenh serve` is compared with: verify, parse, publish, and nothing else.
    Bare(bare::Arguments),
}

/// How much is measured.
#[derive(Debug, Clone, Args)]
struct Plan {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Times each measurement is repeated, in turns with what it is compared with.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// One short round of each: shows that the bench works, its figures mean little.
    #[arg(long)]
    quick: bool,
    /// Measures only a part.
    #[arg(long)]
    only: Option<Part>,
    /// Also writes the figures to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Memory and time of a start.
    Start,
    /// The embedded log.
    Commit,
    /// Many subscribers.
    Fanout,
    /// Webhooks through RabbitMQ.
    Webhooks,
}

impl Plan {
    fn includes(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// How long a measurement takes.
    fn time(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { self.seconds })
    }

    /// How long what is measured runs before that.
    fn warm_up(&self) -> Duration {
        Duration::from_millis(if self.quick { 200 } else { 2000 })
    }

    fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds }
    }
}

#[tokio::main]
async fn main() {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Bare(arguments)) => bare::run(arguments).await,
        None => measure(&cli.plan).await,
    }
}

async fn measure(plan: &Plan) {
    let folder = process::scratch();
    let mut rows = Vec::new();
    if plan.includes(Part::Webhooks) {
        rows.extend(webhooks::rows(plan, folder.path()).await);
    }
    if plan.includes(Part::Commit) {
        rows.extend(commit::rows(plan, folder.path()).await);
    }
    if plan.includes(Part::Fanout) {
        rows.extend(fanout::rows(plan, folder.path()).await);
    }
    if plan.includes(Part::Start) {
        rows.extend(start::rows(plan, folder.path()).await);
    }
    print!("{}", report::table(&rows));
    if let Some(path) = &plan.json {
        fs::write(path, report::json(&rows)).expect("a writable file");
    }
}
