//! The calls of `kenh.v1.SubscriptionService`.

use async_trait::async_trait;
use kenh_access::{Caller, Right};
use kenh_proto::server::{
    self as v1, create_subscription_request, seek_subscription_request,
    subscription_service_server::SubscriptionService,
};
use kenh_store::{CreateError, Window};
use tonic::{Request, Response, Status};

use crate::{
    cursor::Position,
    named::{Named, Spec, check_name, delivered},
    request::{self, Start, page_size},
    status,
};

pub(crate) struct SubscriptionCalls {
    named: Named,
    most: u64,
}

impl SubscriptionCalls {
    pub(crate) fn new(named: Named, most: u64) -> Self {
        Self { named, most }
    }

    async fn find(&self, name: &str) -> Result<kenh_store::Subscription, Status> {
        check_name(name)?;
        let found = self.named.store.get(name).await.map_err(|error| status::store(&error))?;
        found.ok_or_else(|| status::no_subscription(name))
    }

    /// A subscription that the caller has a right to: to everything that it matches.
    async fn permitted(&self, caller: &Caller, right: Right, name: &str) -> Result<kenh_store::Subscription, Status> {
        let found = self.find(name).await?;
        match Spec::kept(&found) {
            Ok(spec) => caller.may_all(right, &spec.filter.channels, &spec.filter.accounts)?,
            // What it matches is not known: it is left to those who may do everything.
            Err(_) => caller.may_all(right, &[], &[])?,
        }
        Ok(found)
    }

    fn partition_stats(&self, window: &Window, head: u64) -> v1::PartitionStats {
        v1::PartitionStats {
            partition: window.partition,
            backlog: self.named.hub.events_between(window.position, head),
            unacknowledged: u64::try_from(delivered(window.position, &window.state)).unwrap_or(u64::MAX),
            consumer_id: window.holder.as_ref().map(|holder| holder.consumer.clone()).unwrap_or_default(),
            epoch: window.epoch,
        }
    }

    async fn parked(&self, name: &str) -> Result<u64, Status> {
        let counts = self.named.store.count_parked().await.map_err(|error| status::store(&error))?;
        Ok(counts.into_iter().find(|(of, _)| of.as_deref() == Some(name)).map_or(0, |(_, count)| count))
    }
}

fn shown(subscription: &kenh_store::Subscription) -> Result<v1::Subscription, Status> {
    Ok(Spec::kept(subscription)?.shown(subscription.created_at))
}

#[async_trait]
impl SubscriptionService for SubscriptionCalls {
    async fn create_subscription(
        &self,
        request: Request<v1::CreateSubscriptionRequest>,
    ) -> Result<Response<v1::CreateSubscriptionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let asked = request.subscription.ok_or_else(|| status::invalid("subscription", "must be set"))?;
        let spec = Spec::asked(asked)?;
        caller.may_all(Right::Manage, &spec.filter.channels, &spec.filter.accounts)?;
        let start = request.start.map_or(Start::Latest, Into::into);
        let position = request::position(start, &self.named.hub, &*self.named.log).await?;
        let created = match self.named.store.create(spec.name(), spec.encode(), &position.0, self.most).await {
            Ok(created) => created,
            Err(CreateError::Exists(existing)) if Spec::kept(&existing)?.is_same_as(&spec) => existing,
            Err(CreateError::Exists(existing)) => return Err(status::subscription_exists(&existing.name)),
            Err(CreateError::TooMany(most)) => return Err(status::too_many_subscriptions(most)),
            Err(CreateError::Store(error)) => return Err(status::store(&error)),
        };
        Ok(Response::new(v1::CreateSubscriptionResponse { subscription: Some(spec.shown(created.created_at)) }))
    }

    async fn get_subscription(
        &self,
        request: Request<v1::GetSubscriptionRequest>,
    ) -> Result<Response<v1::GetSubscriptionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let found = self.permitted(&caller, Right::Read, &request.into_inner().name).await?;
        Ok(Response::new(v1::GetSubscriptionResponse { subscription: Some(shown(&found)?) }))
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        let reach = Caller::of(&request)?.reach(Right::Read);
        let request = request.into_inner();
        let size = page_size("page_size", request.page_size)?;
        let limit = u32::try_from(size).unwrap_or(u32::MAX);
        let found = self.named.store.list(&request.page_token, limit).await.map_err(|error| status::store(&error))?;
        let next_page_token = if found.len() < size { None } else { found.last().map(|last| last.name.clone()) };
        // The gateway's own have names that nobody can give.
        let public = found.iter().filter(|subscription| check_name(&subscription.name).is_ok());
        let mut subscriptions = Vec::new();
        for subscription in public {
            let spec = Spec::kept(subscription)?;
            if reach.covers(&spec.filter.channels, &spec.filter.accounts) {
                subscriptions.push(spec.shown(subscription.created_at));
            }
        }
        Ok(Response::new(v1::ListSubscriptionsResponse {
            subscriptions,
            next_page_token: next_page_token.unwrap_or_default(),
        }))
    }

    async fn delete_subscription(
        &self,
        request: Request<v1::DeleteSubscriptionRequest>,
    ) -> Result<Response<v1::DeleteSubscriptionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let name = request.into_inner().name;
        self.permitted(&caller, Right::Manage, &name).await?;
        if !self.named.store.delete(&name).await.map_err(|error| status::store(&error))? {
            return Err(status::no_subscription(&name));
        }
        self.named.members.hurry();
        Ok(Response::new(v1::DeleteSubscriptionResponse {}))
    }

    async fn seek_subscription(
        &self,
        request: Request<v1::SeekSubscriptionRequest>,
    ) -> Result<Response<v1::SeekSubscriptionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        self.permitted(&caller, Right::Manage, &request.name).await?;
        let to = request.to.ok_or_else(|| status::invalid("to", "must be set"))?;
        let position = request::position(to.into(), &self.named.hub, &*self.named.log).await?;
        let sought = self.named.store.seek(&request.name, &position.0).await.map_err(|error| status::store(&error))?;
        if !sought {
            return Err(status::no_subscription(&request.name));
        }
        self.named.members.hurry();
        Ok(Response::new(v1::SeekSubscriptionResponse { cursor: position.cursor() }))
    }

    async fn get_subscription_stats(
        &self,
        request: Request<v1::GetSubscriptionStatsRequest>,
    ) -> Result<Response<v1::GetSubscriptionStatsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let name = request.into_inner().name;
        self.permitted(&caller, Right::Read, &name).await?;
        let windows = self.named.store.windows(&name).await.map_err(|error| status::store(&error))?;
        let heads = self.named.hub.heads().await.map_err(|error| status::unreadable(&error))?;
        let partitions: Vec<_> =
            windows.iter().zip(heads).map(|(window, head)| self.partition_stats(window, head)).collect();
        let stats = v1::SubscriptionStats {
            cursor: Position(windows.iter().map(|window| window.position).collect()).cursor(),
            backlog: partitions.iter().map(|partition| partition.backlog).sum(),
            unacknowledged: partitions.iter().map(|partition| partition.unacknowledged).sum(),
            parked: self.parked(&name).await?,
            partitions,
        };
        Ok(Response::new(v1::GetSubscriptionStatsResponse { stats: Some(stats) }))
    }
}

impl From<create_subscription_request::Start> for Start {
    fn from(start: create_subscription_request::Start) -> Self {
        use create_subscription_request::Start as Asked;
        match start {
            Asked::At(at) => v1::open::Start::At(at).into(),
            Asked::AtTime(at) => v1::open::Start::AtTime(at).into(),
            Asked::AfterCursor(cursor) => v1::open::Start::AfterCursor(cursor).into(),
        }
    }
}

impl From<seek_subscription_request::To> for Start {
    fn from(to: seek_subscription_request::To) -> Self {
        use seek_subscription_request::To as Asked;
        match to {
            Asked::At(at) => v1::open::Start::At(at).into(),
            Asked::AtTime(at) => v1::open::Start::AtTime(at).into(),
            Asked::AfterCursor(cursor) => v1::open::Start::AfterCursor(cursor).into(),
        }
    }
}
