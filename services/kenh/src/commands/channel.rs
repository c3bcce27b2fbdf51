//! `kenh channel`

use kenh_proto::{
    to_json,
    v1::{
        AccountHealth, GetCapabilitiesRequest, ListAccountHealthRequest, ListChannelsRequest, PauseAccountRequest,
        ResumeAccountRequest, WatchHealthRequest, channel_service_client::ChannelServiceClient,
    },
};

use crate::{
    cli::{AccountsHealth, Api, ChannelCommand, OneAccount},
    client,
    connection::{self, Connection},
    failure::Failure,
};

pub(crate) async fn run(command: ChannelCommand) -> Result<(), Failure> {
    match command {
        ChannelCommand::List(api) => {
            let listed = connect(&api).await?.list_channels(ListChannelsRequest {}).await.map_err(client::refused)?;
            for channel in listed.into_inner().channels {
                client::print(&to_json("Channel", &channel).map_err(Failure::runtime)?)?;
            }
            Ok(())
        }
        ChannelCommand::Capabilities(one) => {
            let mut client = connect(&one.api).await?;
            let request =
                GetCapabilitiesRequest { channel: one.channel, endpoint: one.endpoint, account: String::new() };
            let known = client.get_capabilities(request).await.map_err(client::refused)?.into_inner();
            for feature in known.capabilities.unwrap_or_default().features {
                client::print(&to_json("Capability", &feature).map_err(Failure::runtime)?)?;
            }
            Ok(())
        }
        ChannelCommand::Health(arguments) => health(&arguments).await,
        ChannelCommand::Log(arguments) => super::exchanges::run(*arguments).await,
        ChannelCommand::Pause(one) => {
            let OneAccount { channel, account } = one;
            let mut client = connect(&channel.api).await?;
            let request = PauseAccountRequest { channel: channel.channel, endpoint: channel.endpoint, account };
            show(client.pause_account(request).await.map_err(client::refused)?.into_inner().account)
        }
        ChannelCommand::Resume(one) => {
            let OneAccount { channel, account } = one;
            let mut client = connect(&channel.api).await?;
            let request = ResumeAccountRequest { channel: channel.channel, endpoint: channel.endpoint, account };
            show(client.resume_account(request).await.map_err(client::refused)?.into_inner().account)
        }
    }
}

pub(super) async fn connect(api: &Api) -> Result<ChannelServiceClient<Connection>, Failure> {
    Ok(ChannelServiceClient::new(connection::open(api).await?))
}

async fn health(arguments: &AccountsHealth) -> Result<(), Failure> {
    let mut client = connect(&arguments.api).await?;
    if !arguments.watch {
        let listed = client.list_account_health(ListAccountHealthRequest::default()).await.map_err(client::refused)?;
        return listed.into_inner().accounts.into_iter().try_for_each(|account| show(Some(account)));
    }
    let watched = client.watch_health(WatchHealthRequest::default()).await.map_err(client::refused)?;
    let mut changes = watched.into_inner();
    while let Some(change) = changes.message().await.map_err(client::refused)? {
        show(change.account)?;
    }
    Ok(())
}

fn show(account: Option<AccountHealth>) -> Result<(), Failure> {
    client::print(&to_json("AccountHealth", &account.unwrap_or_default()).map_err(Failure::runtime)?)
}
