//! `kenh subscription`

use super::tail;
use crate::{
    cli::{Api, NewSubscription, SubscriptionCommand},
    client,
    connection::{self, Connection},
    failure::Failure,
};
use kenh_proto::{
    kind_slug,
    v1::{
        CreateSubscriptionRequest, DeleteSubscriptionRequest, EventKind, Filter, GetSubscriptionStatsRequest,
        ListSubscriptionsRequest, SeekSubscriptionRequest, Subscription, create_subscription_request, open::Start,
        seek_subscription_request, subscription_service_client::SubscriptionServiceClient,
    },
};
use serde_json::json;

pub(crate) async fn run(command: SubscriptionCommand) -> Result<(), Failure> {
    match command {
        SubscriptionCommand::Create(arguments) => create(arguments).await,
        SubscriptionCommand::List(api) => list(&api).await,
        SubscriptionCommand::Stats(named) => stats(&named.api, named.name).await,
        SubscriptionCommand::Seek(arguments) => {
            let to = match tail::start(&arguments.to) {
                Start::At(at) => seek_subscription_request::To::At(at),
                Start::AtTime(at) => seek_subscription_request::To::AtTime(at),
                Start::AfterCursor(cursor) => seek_subscription_request::To::AfterCursor(cursor),
            };
            let request = SeekSubscriptionRequest { name: arguments.named.name, to: Some(to) };
            let sought = connect(&arguments.named.api).await?.seek_subscription(request).await;
            client::print(&sought.map_err(client::refused)?.into_inner().cursor)
        }
        SubscriptionCommand::Delete(named) => {
            let request = DeleteSubscriptionRequest { name: named.name };
            connect(&named.api).await?.delete_subscription(request).await.map_err(client::refused)?;
            Ok(())
        }
    }
}

async fn connect(api: &Api) -> Result<SubscriptionServiceClient<Connection>, Failure> {
    Ok(SubscriptionServiceClient::new(connection::open(api).await?))
}

async fn create(arguments: NewSubscription) -> Result<(), Failure> {
    let filter = Filter {
        channels: arguments.channel,
        kinds: arguments.kind.iter().map(|word| tail::kind(word)).collect::<Result<_, _>>()?,
        ..Filter::default()
    };
    let subscription = Subscription {
        name: arguments.named.name,
        filter: (filter != Filter::default()).then_some(filter),
        max_attempts: arguments.max_attempts,
        ack_deadline: Some(prost_types::Duration { seconds: arguments.ack_deadline.into(), nanos: 0 }),
        ..Subscription::default()
    };
    let start = match tail::start(&arguments.from) {
        Start::At(at) => create_subscription_request::Start::At(at),
        Start::AtTime(at) => create_subscription_request::Start::AtTime(at),
        Start::AfterCursor(cursor) => create_subscription_request::Start::AfterCursor(cursor),
    };
    let request = CreateSubscriptionRequest { subscription: Some(subscription), start: Some(start) };
    let created = connect(&arguments.named.api).await?.create_subscription(request).await.map_err(client::refused)?;
    let created = created.into_inner().subscription.unwrap_or_default();
    client::print(&shown(&created).to_string())
}

async fn list(api: &Api) -> Result<(), Failure> {
    let mut client = connect(api).await?;
    let mut request = ListSubscriptionsRequest::default();
    loop {
        let page = client.list_subscriptions(request.clone()).await.map_err(client::refused)?.into_inner();
        for subscription in &page.subscriptions {
            client::print(&shown(subscription).to_string())?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

async fn stats(api: &Api, name: String) -> Result<(), Failure> {
    let request = GetSubscriptionStatsRequest { name };
    let stats = connect(api).await?.get_subscription_stats(request).await.map_err(client::refused)?;
    let stats = stats.into_inner().stats.unwrap_or_default();
    let partition = |partition: &kenh_proto::v1::PartitionStats| {
        json!({
            "partition": partition.partition, "backlog": partition.backlog,
            "unacknowledged": partition.unacknowledged, "consumer": partition.consumer_id, "epoch": partition.epoch,
        })
    };
    let fields = json!({
        "cursor": stats.cursor, "backlog": stats.backlog, "unacknowledged": stats.unacknowledged,
        "parked": stats.parked, "partitions": stats.partitions.iter().map(partition).collect::<Vec<_>>(),
    });
    client::print(&fields.to_string())
}

fn shown(subscription: &Subscription) -> serde_json::Value {
    let filter = subscription.filter.clone().unwrap_or_default();
    let kinds = filter.kinds.iter().filter_map(|kind| EventKind::try_from(*kind).ok()).map(kind_slug);
    json!({
        "name": subscription.name, "channels": filter.channels, "kinds": kinds.collect::<Vec<_>>(),
        "ackDeadline": subscription.ack_deadline.map_or(0, |deadline| deadline.seconds),
        "maxAttempts": subscription.max_attempts,
    })
}
