//! Named subscriptions, as a CRM uses them.

use std::time::Duration;

use kenh_proto::v1::{
    Ack, AckMode, AckResult, CreateSubscriptionRequest, Delivery, Extend, GetSubscriptionStatsRequest,
    ListParkedRequest, Nack, NackAction, Open, ParkedEvent, SeekSubscriptionRequest, StartAt, Subscription,
    SubscriptionStats, create_subscription_request::Start, parked_service_client::ParkedServiceClient,
    seek_subscription_request::To, subscribe_request::Request, subscribe_response::Response,
    subscription_service_client::SubscriptionServiceClient,
};
use tonic::{Status, transport::Channel};

use crate::{gateway::Gateway, stream::Stream};

/// A client for subscriptions.
pub async fn subscriptions(gateway: &Gateway) -> SubscriptionServiceClient<Channel> {
    SubscriptionServiceClient::connect(gateway.api_url()).await.expect("the api answers")
}

/// A client for parked events.
pub async fn parked_events(gateway: &Gateway) -> ParkedServiceClient<Channel> {
    ParkedServiceClient::connect(gateway.api_url()).await.expect("the api answers")
}

/// A duration as the contract has it.
pub fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(duration).expect("a short one")
}

/// A subscription that retries at once.
pub fn impatient(name: &str) -> Subscription {
    let retry = Some(duration(Duration::ZERO));
    Subscription { name: name.into(), retry_min: retry, retry_max: retry, ..Default::default() }
}

/// Creates a subscription that begins at the oldest event.
pub async fn create(gateway: &Gateway, subscription: Subscription) -> Subscription {
    let start = Some(Start::At(StartAt::Earliest.into()));
    let request = CreateSubscriptionRequest { subscription: Some(subscription), start };
    let created = subscriptions(gateway).await.create_subscription(request).await.expect("it is created");
    created.into_inner().subscription.expect("with its settings")
}

/// Puts a subscription elsewhere; the new position.
pub async fn seek(gateway: &Gateway, name: &str, to: To) -> String {
    let request = SeekSubscriptionRequest { name: name.into(), to: Some(to) };
    subscriptions(gateway).await.seek_subscription(request).await.expect("it is sought").into_inner().cursor
}

/// Where a subscription stands.
pub async fn stats(gateway: &Gateway, name: &str) -> SubscriptionStats {
    let request = GetSubscriptionStatsRequest { name: name.into() };
    let stats = subscriptions(gateway).await.get_subscription_stats(request).await.expect("stats");
    stats.into_inner().stats.expect("stats")
}

/// All parked events.
pub async fn parked(gateway: &Gateway) -> Vec<ParkedEvent> {
    let mut client = parked_events(gateway).await;
    client.list_parked(ListParkedRequest::default()).await.expect("a list").into_inner().events
}

/// How a consumer opens its stream.
pub fn individual(subscription: &str, consumer: &str) -> Open {
    Open {
        subscription: subscription.into(),
        consumer_id: consumer.into(),
        ack_mode: AckMode::Individual.into(),
        ..Open::default()
    }
}

/// A consumer of a named subscription.
#[derive(Debug)]
pub struct Consumer {
    /// Its stream.
    pub stream: Stream,
}

impl Consumer {
    /// Opens its stream.
    pub async fn open(gateway: &Gateway, open: Open) -> Self {
        Self { stream: Stream::open(gateway, open).await }
    }

    /// Opens its stream, or says why not.
    pub async fn refused(gateway: &Gateway, open: Open) -> Status {
        Stream::try_open(gateway, open).await.expect_err("the stream does not open")
    }

    /// The next event.
    pub async fn delivery(&mut self) -> Delivery {
        self.stream.delivery().await
    }

    /// Is done with an event, and waits until that is durable.
    pub async fn ack(&mut self, delivery: &Delivery) {
        let result = self.send_ack(&[delivery]).await;
        assert_eq!((result.accepted, result.refused), (vec![delivery.cursor.clone()], vec![]));
    }

    /// Is done with events; what became of it, all of it.
    pub async fn send_ack(&mut self, deliveries: &[&Delivery]) -> AckResult {
        let cursors: Vec<_> = deliveries.iter().map(|delivery| delivery.cursor.clone()).collect();
        let count = cursors.len();
        self.stream.send(Request::Ack(Ack { cursors })).await;
        self.results(count).await
    }

    /// Is not done with an event.
    pub async fn nack(&mut self, delivery: &Delivery, action: NackAction, after: Option<Duration>, why: &str) {
        let cursors = vec![delivery.cursor.clone()];
        let retry_after = after.map(duration);
        let nack = Nack { cursors: cursors.clone(), action: action.into(), retry_after, reason: why.into() };
        self.stream.send(Request::Nack(nack)).await;
        assert_eq!(self.results(1).await.accepted, cursors);
    }

    /// Needs longer.
    pub async fn extend(&self, delivery: &Delivery, by: Duration) {
        let extend = Extend { cursors: vec![delivery.cursor.clone()], by: Some(duration(by)) };
        self.stream.send(Request::Extend(extend)).await;
    }

    /// What became of so many acknowledgements.
    pub async fn results(&mut self, count: usize) -> AckResult {
        let mut results = AckResult::default();
        while results.accepted.len() + results.refused.len() < count {
            let result = self.stream.ack_result().await;
            results.accepted.extend(result.accepted);
            results.refused.extend(result.refused);
        }
        results
    }

    /// How its stream ends.
    pub async fn end(&mut self) -> Status {
        loop {
            match self.stream.response().await {
                Ok(Some(Response::Drain(_)) | None) => panic!("the stream ended well"),
                Ok(Some(_)) => {}
                Err(status) => return status,
            }
        }
    }
}
