//! What Meta allows the account and its numbers, and how much.

use connector_sdk::{
    Malformed,
    json::{self, Parsed, Raw},
};
use kenh_proto::v1::{AccountEvent, AccountEventKind};

use super::of;
use crate::wire::{Alert, AlertInfo, Update};

/// What happens to an account as a whole: some forbid something, some take our access.
const ACCOUNT: &[(&str, AccountEventKind)] = &[
    ("ACCOUNT_RESTRICTION", AccountEventKind::Policy),
    ("ACCOUNT_VIOLATION", AccountEventKind::Policy),
    ("DISABLED_UPDATE", AccountEventKind::Policy),
    ("ACCOUNT_DELETED", AccountEventKind::AuthorizationRevoked),
    ("PARTNER_APP_UNINSTALLED", AccountEventKind::AuthorizationRevoked),
    ("PARTNER_REMOVED", AccountEventKind::AuthorizationRevoked),
];

/// The value of a field about the account or a number. `None` for what no event of ours says.
pub(super) fn read(field: &str, value: &Raw) -> Result<Parsed<Option<AccountEvent>>, Malformed> {
    let Parsed { value: update, degraded } = json::object::<Update>(value.get().as_bytes())?;
    Ok(Parsed { value: event(field, update), degraded })
}

fn event(field: &str, update: Update) -> Option<AccountEvent> {
    let subject = update.display_phone_number.get().or(update.phone_number.get()).map(Into::into);
    let mut event = match field {
        "account_update" => account(&update)?,
        "account_review_update" => of(AccountEventKind::Policy, &[]),
        "phone_number_name_update" => {
            of(AccountEventKind::Policy, &[("requested_verified_name", &update.requested_verified_name)])
        }
        _ => of(
            AccountEventKind::Quota,
            &[
                ("max_daily_conversation_per_phone", &update.max_daily_conversation_per_phone),
                ("max_daily_conversations_per_business", &update.max_daily_conversations_per_business),
                ("max_phone_numbers_per_business", &update.max_phone_numbers_per_business),
            ],
        ),
    };
    event.subject = subject;
    if field == "phone_number_quality_update" {
        event.previous = update.old_limit.into_option();
        event.current = update.current_limit.into_option();
        event.reason = update.event.into_option();
    } else if event.current.is_none() {
        event.current = update.decision.into_option();
        event.reason = update.rejection_reason.into_option().filter(|reason| reason != "NONE");
    }
    Some(event)
}

/// The state of a ban, and what is restricted, in Meta's words.
fn account(update: &Update) -> Option<AccountEvent> {
    let happened = update.event.get()?;
    let kind = ACCOUNT.iter().find(|(name, _)| *name == happened)?.1;
    let (ban, violation) = (&update.ban_info.0, &update.violation_info.0);
    let mut event = of(
        kind,
        &[
            ("waba_ban_state", &ban.waba_ban_state),
            ("waba_ban_date", &ban.waba_ban_date),
            ("violation_type", &violation.violation_type),
        ],
    );
    if let Some(restrictions) = &update.restriction_info {
        event.values.insert("restriction_info".into(), restrictions.get().into());
    }
    event.current = Some(happened.into());
    Some(event)
}

/// The value of `account_alerts`.
pub(super) fn alert(_: &str, value: &Raw) -> Result<Parsed<Option<AccountEvent>>, Malformed> {
    let Parsed { value: alert, degraded } = json::object::<Alert>(value.get().as_bytes())?;
    let info = alert.info.0.unwrap_or(AlertInfo {
        severity: alert.severity,
        status: alert.status,
        kind: alert.kind,
        description: alert.description,
    });
    if info.kind.get().or(info.status.get()).is_none() {
        return Ok(Parsed { value: None, degraded });
    }
    let mut event = of(
        AccountEventKind::Policy,
        &[("entity_type", &alert.entity_type), ("severity", &info.severity), ("type", &info.kind)],
    );
    event.subject = alert.entity_id.into_option();
    event.current = info.status.into_option();
    event.reason = info.description.into_option();
    Ok(Parsed { value: Some(event), degraded })
}
