//! What happens other than writing.

use std::collections::HashMap;

use connector_sdk::{Event, json::Word};
use kenh_proto::v1::{
    AccountEvent, AccountEventKind, Action, ActionKind, ControlAction, ControlEvent, ConversationAction,
    ConversationEvent, Receipt, ReceiptStatus, SubscriptionAction, SubscriptionChange, Target, envelope::Payload,
};

use super::item::Item;
use crate::wire::{
    BeaconBody, FollowBody, LinkBody, MembersBody, MembershipBody, ModuleBody, PnpBody, PostbackBody, VideoBody,
};

/// `follow`: for the first time, or after having blocked the account.
pub(super) fn followed(item: &Item<'_>, body: &FollowBody) -> Event {
    let again = body.follow.0.is_unblocked.0;
    subscription(item, if again { SubscriptionAction::Unblocked } else { SubscriptionAction::Followed })
}

/// `unfollow`: the user blocked the account, which is LINE's only way of leaving one.
pub(super) fn unfollowed(item: &Item<'_>) -> Event {
    subscription(item, SubscriptionAction::Blocked)
}

fn subscription(item: &Item<'_>, action: SubscriptionAction) -> Event {
    let change = SubscriptionChange { action: action.into(), ..SubscriptionChange::default() };
    item.by_user(Payload::SubscriptionChange(change))
}

/// `join`, `leave`: the account came into a group or is no longer in it.
pub(super) fn group(item: &Item<'_>, action: ConversationAction) -> Event {
    let change = ConversationEvent { action: action.into(), ..ConversationEvent::default() };
    item.by_channel(Payload::ConversationEvent(change))
}

/// `memberJoined`, `memberLeft`
pub(super) fn members(item: &Item<'_>, action: ConversationAction, body: MembersBody) -> Event {
    let users = body.joined.members.into_iter().chain(body.left.members);
    let members = users.filter_map(|user| user.user_id.into_option()).map(|id| item.member(id)).collect();
    let change = ConversationEvent { action: action.into(), members, title: None };
    item.by_channel(Payload::ConversationEvent(change))
}

/// `postback`: a button, a date picked, or another rich menu.
pub(super) fn postback(item: &Item<'_>, body: PostbackBody) -> Event {
    let picked = body.postback.params.0.into_iter();
    let values = picked.filter_map(|(name, value)| Some((name, value.into_option()?))).collect();
    let payload = body.postback.data.into_option();
    let action = Action { kind: ActionKind::Postback.into(), payload, values, title: None };
    item.by_user(Payload::Action(action))
}

/// `videoPlayComplete`: a video of ours was watched to its end.
pub(super) fn watched(item: &Item<'_>, body: VideoBody) -> Event {
    receipt(item, ReceiptStatus::Read, body.video_play_complete.tracking_id)
}

/// `delivery`
pub(super) fn delivered(item: &Item<'_>, body: PnpBody) -> Event {
    receipt(item, ReceiptStatus::Delivered, body.delivery.data)
}

fn receipt(item: &Item<'_>, status: ReceiptStatus, reference: Word) -> Event {
    let receipt = Receipt { status: status.into(), ..Receipt::default() };
    let target = Target { client_reference: reference.into_option(), ..Target::default() };
    item.by_channel(Payload::Receipt(receipt)).target(target)
}

/// `beacon`: the user came near a sender of the business.
pub(super) fn beacon(item: &Item<'_>, body: BeaconBody) -> Event {
    let beacon = body.beacon;
    let action = Action {
        payload: beacon.dm.into_option(),
        values: values([("beacon_hwid", beacon.hwid), ("beacon_type", beacon.kind)]),
        ..Action::default()
    };
    item.by_user(Payload::Action(action))
}

/// `accountLink`: the user's account with the business was linked, or failed to be.
pub(super) fn linked(item: &Item<'_>, body: LinkBody) -> Event {
    let action = Action {
        kind: ActionKind::AccountLink.into(),
        payload: body.link.nonce.into_option(),
        values: values([("status", body.link.result)]),
        title: None,
    };
    item.by_user(Payload::Action(action))
}

/// `membership`: a paid one was begun, prolonged or ended.
pub(super) fn membership(item: &Item<'_>, body: MembershipBody) -> Event {
    let membership = body.membership;
    let action = match membership.kind.get() {
        Some("joined" | "renewed") => SubscriptionAction::OptedIn,
        Some("left") => SubscriptionAction::OptedOut,
        Some(_) | None => SubscriptionAction::Unspecified,
    };
    let change = SubscriptionChange {
        action: action.into(),
        source: membership.kind.into_option().map(|kind| format!("membership_{kind}")),
        topic: membership.membership_id.into_option(),
        ..SubscriptionChange::default()
    };
    item.by_user(Payload::SubscriptionChange(change))
}

/// `module`: the account gave a module's channel access, or took it back.
pub(super) fn module(item: &Item<'_>, body: ModuleBody) -> Event {
    let module = body.module;
    let kind = match module.kind.get() {
        Some("detached") => AccountEventKind::AuthorizationRevoked,
        Some(_) | None => AccountEventKind::Unspecified,
    };
    let event = AccountEvent {
        kind: kind.into(),
        current: module.kind.into_option(),
        reason: module.reason.into_option(),
        subject: module.bot_id.into_option(),
        ..AccountEvent::default()
    };
    item.by_channel(Payload::AccountEvent(event))
}

/// `activated`, `deactivated`: this channel may answer in the chat from now on, or no longer.
pub(super) fn control(item: &Item<'_>, ours: bool) -> Event {
    let account = item.account.map(Into::into);
    let (previous_owner, new_owner) = if ours { (None, account) } else { (account, None) };
    let action = ControlAction::Passed.into();
    let event = ControlEvent { action, previous_owner, new_owner, ..ControlEvent::default() };
    item.by_channel(Payload::ControlEvent(event))
}

/// `botSuspended`, `botResumed`
pub(super) fn state(item: &Item<'_>, state: &str) -> Event {
    let kind = AccountEventKind::Policy.into();
    let event = AccountEvent { kind, current: Some(state.into()), ..AccountEvent::default() };
    item.by_channel(Payload::AccountEvent(event))
}

fn values<const N: usize>(values: [(&str, Word); N]) -> HashMap<String, String> {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.into_option()?))).collect()
}
