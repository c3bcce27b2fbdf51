//! The one binary: roles and command line. Wiring only.

mod cli;
mod client;
mod commands;
mod config;
mod connection;
mod contract;
mod failure;
mod files;
mod mail;
mod pipeline;
mod reread;
mod samples;
mod server;
mod tokens;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use failure::Failure;

// With the system's allocator nearly a quarter of the processor time under webhook load went into it, see
// tests/bench. Without huge pages (`no_thp`), of which an idle process took 26 MB and a busy one gained nothing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Once for the process: connections to the broker and to collectors may be encrypted.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("kenh: a TLS provider is installed already");
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(reason) => return Failure::runtime(format!("cannot start: {reason}")).report(),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => commands::serve::run(arguments).await,
            Command::Demo(arguments) => commands::demo::run(arguments).await,
            Command::Config(command) => commands::config::run(command),
            Command::Normalize(arguments) => commands::normalize::run(&arguments),
            Command::Simulate(arguments) => commands::simulate::run(arguments).await,
            Command::Tail(arguments) => commands::tail::run(arguments).await,
            Command::Send(arguments) => commands::send::run(*arguments).await,
            Command::Message(command) => commands::message::run(command).await,
            Command::Channel(command) => commands::channel::run(command).await,
            Command::Connector(command) => commands::connector::run(command).await,
            Command::Parked(command) => commands::parked::run(command).await,
            Command::Media(command) => commands::media::run(command).await,
            Command::Credentials(command) => commands::credentials::run(command).await,
            Command::Subscription(command) => commands::subscription::run(command).await,
            Command::Access(command) => commands::access::run(&command),
            Command::Health(arguments) => commands::health::run(&arguments).await,
        }
    });
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
