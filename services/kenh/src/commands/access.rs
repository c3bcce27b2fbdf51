//! `kenh access`

use kenh_access::Key;

use crate::{cli::AccessCommand, client, failure::Failure};

pub(crate) fn run(command: &AccessCommand) -> Result<(), Failure> {
    let AccessCommand::NewKey { name } = command;
    let key = Key::new().map_err(Failure::runtime)?;
    eprintln!("The key of {name}, shown this once; only its hash goes into the configuration, below access.clients:");
    client::print(key.reveal())?;
    client::print(&format!("{name}:"))?;
    client::print(&format!("  api_key_sha256: {}", key.hash()))?;
    client::print("  rights: [read]")
}
