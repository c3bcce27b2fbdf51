//! Leave to write, given or withdrawn.

use connector_sdk::{Event, time::Epoch};
use kenh_proto::v1::{SubscriptionAction, SubscriptionChange, envelope::Payload};

use super::subject::Subject;
use crate::{key::fingerprint, wire};

/// What a person allows from here on. A state nobody knows is never taken for leave to write.
pub(super) fn event(subject: &Subject<'_>, optin: wire::Optin) -> Event {
    let status = optin.notification_messages_status.0.as_deref();
    let action = match (optin.kind.0.as_deref(), status) {
        (None | Some("one_time_notif_req"), None)
        | (Some("notification_messages"), None | Some("RESUME_NOTIFICATIONS")) => SubscriptionAction::OptedIn,
        (Some("notification_messages"), Some("STOP_NOTIFICATIONS")) => SubscriptionAction::OptedOut,
        _ => return subject.unsupported(Some("optin"), "unknown_event"),
    };
    let payload = optin.payload.0.or(optin.reference.0);
    // Whoever has no id yet ticked the box of the checkbox plugin, which is Meta's word for it elsewhere.
    let plugin = || optin.user_ref.get().is_some().then(|| "checkbox_plugin".into());
    let key = subject.key(
        "optin",
        &[
            &subject.moment(),
            optin.kind.0.as_deref().unwrap_or_default(),
            status.unwrap_or_default(),
            &fingerprint(payload.as_deref().unwrap_or_default().as_bytes()),
        ],
    );
    let change = SubscriptionChange {
        action: action.into(),
        source: optin.kind.0.clone().or_else(plugin),
        topic: optin.title.0,
        token: optin.notification_messages_token.0.or(optin.one_time_notif_token.0),
        expires_at: optin.token_expiry_timestamp.and_then(Epoch::timestamp),
        frequency: optin.notification_messages_frequency.0,
        payload,
    };
    subject.event(key, Payload::SubscriptionChange(change))
}
