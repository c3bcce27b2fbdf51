//! What can be sent, and what becomes of it.

use std::time::{Duration, SystemTime};

use connector_sdk::{
    outbound::{Order, Planned, Refusal, To, plan},
    phone::{Address, vietnamese},
};
use kenh_proto::v1::{
    Capabilities, Capability, ChannelOption, Feature, Fidelity, LengthUnit, Message, PartPlan, SendPurpose, SendReason,
    SupportLevel, outbound_action::What,
};

use super::{DIACRITICS, KIND, advertising_waits};
use crate::{
    provider::{Field, Sends},
    settings::Settings,
    smpp,
    text::{composed, folded, segmentation},
};

/// What Vietnamese advertising begins with: decree 91/2020/NĐ-CP.
const LABELS: [&str; 2] = ["[QC]", "[AD]"];

pub(crate) fn capabilities(settings: &Settings) -> Capabilities {
    let has = |feature: Feature| Capability {
        feature: feature.into(),
        level: SupportLevel::Native.into(),
        ..Capability::default()
    };
    let text = Capability {
        max_length: settings.provider.sends.longest,
        length_unit: LengthUnit::Utf16.into(),
        ..has(Feature::Text)
    };
    let mut features = vec![text];
    if !settings.provider.rules.is_empty() {
        features.push(has(Feature::DeliveryReceipts));
    }
    if settings.mms {
        // Of networks in the United States and Canada; elsewhere providers make a link of it.
        let conditional =
            |feature| Capability { level: SupportLevel::Conditional.into(), caption: true, ..has(feature) };
        features.extend([Feature::Image, Feature::Gif, Feature::Video, Feature::Audio].map(conditional));
    }
    let option = |name: &str, description: &str| ChannelOption { name: name.into(), description: description.into() };
    let mut options = vec![option(DIACRITICS, "keep or fold: whether Vietnamese loses its diacritics to fit GSM-7")];
    if settings.provider.sends.has_kinds() {
        options.push(option(KIND, "the provider's kind of message, a number"));
    }
    Capabilities { features, options, repeatable: settings.provider.sends.is_keyed() }
}

pub(crate) fn planned(settings: &Settings, order: &Order<'_>) -> Result<Planned, Refusal> {
    let to = recipient(order.to)?;
    let fold = folds(settings, order)?;
    if let Some(kind) = order.options.get(KIND)
        && !(1..=3).contains(&kind.len()) | !kind.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(Refusal::new(SendReason::ContentInvalid, "the option sms_type is a number of the provider's"));
    }
    let What::Message(message) = order.what else { return plan(&capabilities(settings), order) };
    let mut message = message.clone();
    let changed = written(&mut message, fold);
    if order.purpose == SendPurpose::Promotion && is_vietnamese(&to) {
        let body = message.text.as_ref().map(|text| text.body.as_str()).unwrap_or_default();
        if !LABELS.iter().any(|label| body.starts_with(label)) {
            let advice = "advertising in Viet Nam begins with [QC] or [AD]";
            return Err(Refusal::new(SendReason::ContentInvalid, advice));
        }
        if advertising_waits(order.purpose, order.now).is_some() {
            let advice = "advertising may be sent from 07:00 to 22:00 by the clock of Viet Nam";
            return Err(Refusal::new(SendReason::QuietHours, advice));
        }
    }
    let mut planned = plan(&capabilities(settings), &Order { what: &What::Message(message), ..*order })?;
    let mut changed = changed;
    for piece in &mut planned.pieces {
        let What::Message(piece) = piece else { continue };
        // Lists and cards have become words by now.
        changed |= written(piece, fold);
        let media = piece.parts.len();
        let body = piece.text.as_ref().map(|text| text.body.as_str()).unwrap_or_default();
        if media == 0 {
            planned.segmentation.push(segmentation(body));
        }
    }
    if planned.segmentation.len() != planned.pieces.len() {
        // A picture is charged as a whole: nothing of it can be told by segments.
        planned.segmentation.clear();
    }
    if let Some(smpp) = &settings.smpp {
        smpp::cut(smpp, &mut planned)?;
    }
    if changed && order.strict {
        return Err(Refusal::unsupported("the text would lose its diacritics: say keep with the option diacritics"));
    }
    if changed {
        note_folded(&mut planned.parts);
    }
    Ok(planned)
}

/// Composes the text, and folds it where that saves something. Whether it was folded.
fn written(message: &mut Message, fold: bool) -> bool {
    let Some(text) = &mut message.text else { return false };
    text.body = composed(&text.body);
    let folded = folded(&text.body).filter(|_| fold);
    let changed = folded.is_some();
    text.body = folded.unwrap_or_else(|| std::mem::take(&mut text.body));
    changed
}

fn note_folded(parts: &mut Vec<PartPlan>) {
    let folded = || PartPlan { part: None, fidelity: Fidelity::Converted.into(), code: Some("folded".into()) };
    match parts.iter_mut().find(|part| part.part.is_none() && part.fidelity() == Fidelity::Native) {
        Some(text) => *text = folded(),
        None => parts.insert(0, folded()),
    }
}

fn folds(settings: &Settings, order: &Order<'_>) -> Result<bool, Refusal> {
    match order.options.get(DIACRITICS).map(String::as_str) {
        None => Ok(settings.fold),
        Some("keep") => Ok(false),
        Some("fold") => Ok(true),
        Some(_) => Err(Refusal::new(SendReason::ContentInvalid, "the option diacritics is keep or fold")),
    }
}

/// Whom a message is for: a number, in whichever way it is written.
pub(crate) fn recipient(to: &To) -> Result<String, Refusal> {
    let unknown = |advice| Err(Refusal::new(SendReason::RecipientUnknown, advice));
    let To::Contact { scheme, value } = to else { return unknown("SMS goes to a contact, by phone number") };
    match (scheme.as_str(), vietnamese(value)) {
        ("phone", Address::Phone(number)) => Ok(number),
        ("phone", _) => Err(Refusal::new(
            SendReason::ContentInvalid,
            "the phone number is none: write it as +84912345678; without + it is read as one of Viet Nam",
        )),
        ("alphanumeric", _) => unknown("a name cannot be answered: its messages come from no number"),
        _ => unknown("SMS takes contacts by phone"),
    }
}

fn is_vietnamese(number: &str) -> bool {
    number.starts_with("+84")
}

/// Whether a piece has to wait, and how long: time has passed since it was planned.
pub(crate) fn quiet(purpose: SendPurpose, to: &str, now: SystemTime) -> Option<Duration> {
    advertising_waits(purpose, now).filter(|_| is_vietnamese(to))
}

impl Sends {
    fn has(&self, wanted: impl Fn(&Field) -> bool) -> bool {
        self.fields.iter().any(|(_, field)| wanted(field))
    }

    /// Whether files can be sent.
    pub(crate) fn takes_media(&self) -> bool {
        self.has(|field| *field == Field::Media)
    }

    /// Whether an account can be a service.
    pub(crate) fn has_services(&self) -> bool {
        self.has(|field| *field == Field::Service)
    }

    fn has_kinds(&self) -> bool {
        self.has(|field| matches!(field, Field::Kind(..) | Field::KindNumber(..)))
    }

    fn is_keyed(&self) -> bool {
        self.effect == connector_sdk::outbound::Effect::Keyed
    }
}
