//! Every method of the api and what its caller needs. A method without a row is refused.
//!
//! The right is asked for before a call is looked at: whoever has it for nothing at all goes no further. What it has
//! to cover, the method asks of its [`Caller`](kenh_access::Caller).

use kenh_access::{Method, Needs, Right};

const READ: Needs = Needs::Right(Right::Read);
const MANAGE: Needs = Needs::Right(Right::Manage);
const SEND: Needs = Needs::Right(Right::Send);
const CONNECTOR: Needs = Needs::Right(Right::Connector);
const RAW: Needs = Needs::Right(Right::Raw);

/// The table.
pub(crate) const METHODS: &[Method] = &[
    Method::stream("/kenh.v1.EventService/Subscribe", READ),
    Method::unary("/kenh.v1.EventService/Pull", READ),
    Method::unary("/kenh.v1.EventService/ListEvents", READ),
    Method::unary("/kenh.v1.EventService/GetEvent", READ),
    Method::unary("/kenh.v1.EventService/GetRaw", RAW),
    Method::stream("/kenh.v1.EventService/GetMedia", READ),
    Method::unary("/kenh.v1.SubscriptionService/CreateSubscription", MANAGE),
    Method::unary("/kenh.v1.SubscriptionService/GetSubscription", READ),
    Method::unary("/kenh.v1.SubscriptionService/ListSubscriptions", READ),
    Method::unary("/kenh.v1.SubscriptionService/DeleteSubscription", MANAGE),
    Method::unary("/kenh.v1.SubscriptionService/SeekSubscription", MANAGE),
    Method::unary("/kenh.v1.SubscriptionService/GetSubscriptionStats", READ),
    Method::unary("/kenh.v1.ParkedService/ListParked", MANAGE),
    Method::unary("/kenh.v1.ParkedService/GetParked", MANAGE),
    Method::unary("/kenh.v1.ParkedService/RedriveParked", MANAGE),
    Method::unary("/kenh.v1.ParkedService/DiscardParked", MANAGE),
    Method::unary("/kenh.v1.MessageService/SendMessage", SEND),
    Method::unary("/kenh.v1.MessageService/PlanSend", SEND),
    Method::unary("/kenh.v1.MessageService/GetMessage", SEND),
    Method::unary("/kenh.v1.MessageService/ListMessages", SEND),
    Method::unary("/kenh.v1.MessageService/CancelMessage", SEND),
    Method::unary("/kenh.v1.MessageService/RetryMessage", SEND),
    Method::unary("/kenh.v1.MessageService/EditMessage", SEND),
    Method::unary("/kenh.v1.MessageService/DeleteMessage", SEND),
    Method::unary("/kenh.v1.MessageService/React", SEND),
    Method::unary("/kenh.v1.MessageService/SendTyping", SEND),
    Method::unary("/kenh.v1.MessageService/MarkRead", SEND),
    Method::unary("/kenh.v1.MessageService/ReplyToComment", SEND),
    Method::unary("/kenh.v1.MessageService/HideComment", SEND),
    Method::unary("/kenh.v1.ChannelService/ListChannels", READ),
    Method::unary("/kenh.v1.ChannelService/GetCapabilities", READ),
    Method::unary("/kenh.v1.ChannelService/ListAccountHealth", READ),
    Method::stream("/kenh.v1.ChannelService/WatchHealth", READ),
    Method::unary("/kenh.v1.ChannelService/PauseAccount", MANAGE),
    Method::unary("/kenh.v1.ChannelService/ResumeAccount", MANAGE),
    Method::unary("/kenh.v1.ChannelService/ListExchanges", READ),
    Method::stream("/kenh.v1.ChannelService/WatchExchanges", READ),
    Method::stream("/kenh.v1.ConnectorService/Attach", CONNECTOR),
    Method::unary("/kenh.v1.ConnectorService/Push", CONNECTOR),
    // Who looks whether the server is there has no key.
    Method::unary("/grpc.health.v1.Health/Check", Needs::Nothing),
    Method::stream("/grpc.health.v1.Health/Watch", Needs::Nothing),
    Method::stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Needs::Identity),
    Method::stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Needs::Identity),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    /// Methods of everything that is served, and whether each one streams to its caller.
    fn served() -> BTreeMap<String, bool> {
        let sets = [
            kenh_proto::FILE_DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ];
        let files = sets.into_iter().flat_map(|set| FileDescriptorSet::decode(set).unwrap().file);
        let mut methods = BTreeMap::new();
        for file in files {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    methods.insert(path, method.server_streaming());
                }
            }
        }
        methods
    }

    #[test]
    fn every_method_that_is_served_has_a_row_and_every_row_a_method() {
        let served = served();
        assert!(served.len() > 15, "{served:?}");
        let rows: BTreeMap<_, _> = METHODS.iter().map(|row| (row.path.to_owned(), row.streams)).collect();
        assert_eq!(rows.len(), METHODS.len(), "a method has one row");
        for (path, streams) in &served {
            let row = rows.get(path);
            assert!(row.is_some(), "{path} has no row in services/api/src/methods.rs: nobody can call it");
            assert_eq!(row, Some(streams), "{path}: a method that streams counts against its caller's streams");
        }
        for path in rows.keys() {
            assert!(served.contains_key(path), "there is no method {path}");
        }
    }

    #[test]
    fn only_looking_whether_the_server_is_there_needs_nothing() {
        let open = METHODS.iter().filter(|row| row.needs == Needs::Nothing);
        assert!(open.clone().count() > 0 && open.clone().all(|row| row.path.starts_with("/grpc.health.v1.Health/")));
        let known = METHODS.iter().filter(|row| row.needs == Needs::Identity);
        assert!(known.clone().all(|row| row.path.starts_with("/grpc.reflection.")));
    }
}
