//! Templates: whether they may be sent, how people like them, what they are charged as.

use connector_sdk::{
    Malformed,
    json::{self, Parsed, Raw},
};
use kenh_proto::v1::{AccountEvent, AccountEventKind};

use super::of;
use crate::wire::Template;

/// The value of a field about templates.
pub(super) fn read(field: &str, value: &Raw) -> Result<Parsed<Option<AccountEvent>>, Malformed> {
    let Parsed { value: template, degraded } = json::object::<Template>(value.get().as_bytes())?;
    let mut event = of(
        AccountEventKind::TemplateStatus,
        &[
            ("name", &template.message_template_name),
            ("language", &template.message_template_language),
            ("category", &template.message_template_category),
            ("previous_category", &template.previous_category),
            ("new_category", &template.new_category),
            ("correct_category", &template.correct_category),
        ],
    );
    event.subject = template.message_template_id.into_option();
    if field == "message_template_quality_update" {
        event.kind = AccountEventKind::TemplateQuality.into();
        event.previous = template.previous_quality_score.into_option();
        event.current = template.new_quality_score.into_option();
    } else {
        event.current = template.event.into_option();
        // The word of a template that was not rejected.
        event.reason = template.reason.into_option().filter(|reason| reason != "NONE");
    }
    Ok(Parsed { value: Some(event), degraded })
}
