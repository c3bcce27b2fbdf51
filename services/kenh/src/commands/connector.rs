//! `kenh connector`

use std::{sync::Arc, time::Duration};

use kenh_access::Access;
use kenh_process::Switchboard;
use kenh_runtime::serve;
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{CheckConnector, ConnectorCommand},
    config,
    contract::{Contract, Fixture},
    failure::Failure,
};

const LOOK: Duration = Duration::from_millis(20);

pub(crate) async fn run(command: ConnectorCommand) -> Result<(), Failure> {
    match command {
        ConnectorCommand::Check(arguments) => check(arguments).await,
    }
}

async fn check(arguments: CheckConnector) -> Result<(), Failure> {
    let CheckConnector { channel, fixtures, file, endpoint, listen, wait, write } = arguments;
    let config = config::load(file.config.as_deref(), &[])?;
    let unknown = || Failure::usage(format!("--endpoint: the configuration has no channels.{channel}.{endpoint}"));
    let endpoint = config.endpoints.find(&channel, &endpoint).ok_or_else(unknown)?;
    let by = endpoint.connector.by_process().cloned();
    let by = by.ok_or_else(|| {
        Failure::usage(format!("{channel} is a channel of the program's own: cargo test has its contract"))
    })?;
    if !listen.ip().is_loopback() {
        return Err(Failure::usage("--listen: expected an address of this machine alone, such as 127.0.0.1:50051"));
    }
    let fixtures = Fixture::all(&fixtures)?;
    let stop = CancellationToken::new();
    let _stopping = stop.clone().drop_guard();
    let listener = serve::listen("--listen", listen).await.map_err(Failure::runtime)?;
    let access = Access::start(config.access, &stop).map_err(Failure::usage)?;
    let switchboard = Switchboard::new(Arc::new(config.endpoints));
    tokio::spawn(kenh_api::run_connectors(listener, access, switchboard.clone(), stop));
    eprintln!("waiting for a process of {channel} at {listen}");
    let attached = async {
        while switchboard.present(&channel).reading == 0 {
            tokio::time::sleep(LOOK).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(wait.into()), attached).await;
    waited.map_err(|_| Failure::runtime(format!("no process that takes deliveries has attached within {wait} s")))?;
    let contract = Contract { switchboard, endpoint, by, write };
    let mut broken = 0_usize;
    for fixture in &fixtures {
        for (rule, held) in contract.hold(fixture).await {
            broken += usize::from(held.is_err());
            let (word, what) = match held {
                Ok(seen) => ("ok    ", seen),
                Err(problem) => ("BROKEN", problem),
            };
            println!("{word} {}: {rule}: {what}", fixture.name);
        }
    }
    if broken > 0 {
        return Err(Failure::runtime(format!("the contract is broken in {broken} places")));
    }
    Ok(())
}
