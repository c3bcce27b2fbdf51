//! What Zalo can do, for whom.

use connector_sdk::outbound::Refusal;
use kenh_proto::v1::{
    Capabilities, Capability, ChannelOption, Feature, Message, SendReason, SupportLevel, part::Content,
};

use super::{buttons, media, recipient, recipient::Recipient, template};

/// Characters of a text or caption at most.
pub(super) const MOST_TEXT: u32 = 2000;
/// Rows, and buttons below a message, at most.
const MOST_BUTTONS: u32 = 5;
const _: () = assert!(MOST_BUTTONS as usize == buttons::MOST, "one bound");

fn has(feature: Feature) -> Capability {
    Capability { feature: feature.into(), level: SupportLevel::Native.into(), ..Capability::default() }
}

/// Public sources do not confirm all of it, or the account needs a package for it.
fn may_have(feature: Feature) -> Capability {
    Capability { level: SupportLevel::Conditional.into(), ..has(feature) }
}

fn file(feature: Feature, types: &[&str], max_bytes: u64) -> Capability {
    let mime_types = types.iter().map(|mime| (*mime).to_owned()).collect();
    Capability { mime_types, max_bytes, ..has(feature) }
}

/// All of it. `structured`: rows and buttons, attested for the older message API only.
pub(super) fn all(structured: bool) -> Capabilities {
    let mut features = vec![
        Capability { max_length: MOST_TEXT, ..has(Feature::Text) },
        Capability { caption: true, ..file(Feature::Image, &media::IMAGES, media::MOST_IMAGE) },
        // No bound is published for these.
        Capability { max_bytes: 0, ..file(Feature::Gif, &[media::GIF], 0) },
        file(Feature::File, &media::FILES, media::MOST_FILE),
        has(Feature::Sticker),
        has(Feature::Template),
        has(Feature::Quote),
        has(Feature::React),
        has(Feature::RequestContact),
        may_have(Feature::Group),
        has(Feature::DeliveryReceipts),
        has(Feature::ReadReceipts),
        has(Feature::Echoes),
    ];
    if structured {
        let rows = |feature| Capability { max_items: MOST_BUTTONS, ..may_have(feature) };
        features.extend([
            Capability { caption: true, ..rows(Feature::Card) },
            Capability { caption: true, ..rows(Feature::List) },
            rows(Feature::Choices),
        ]);
    }
    let option = |name: &str, description: &str| ChannelOption { name: name.into(), description: description.into() };
    let options = vec![
        option(
            template::TRACKING_ID,
            "templates to a phone number: repeated in the receipt; 1 to 48 letters, digits, - and _; made by the gateway \
             when absent",
        ),
        option(
            template::SENDING_MODE,
            "templates to a phone number: 1, or 3 beyond the day's quota where Zalo allows it",
        ),
        option(template::MODE, "templates to a phone number: development, to administrators of the app only"),
        option(
            recipient::CONVERSATION,
            "anonymous visitors: external id of the conversation, where it is not the destination",
        ),
    ];
    Capabilities { features, options, repeatable: false }
}

/// What a recipient can be given. Groups and visitors: as the webhooks that echo it have it.
pub(super) fn given_to(to: &Recipient<'_>, structured: bool) -> Capabilities {
    let mut capabilities = all(structured);
    let kept: Option<&[Feature]> = match to {
        Recipient::User(_) => None,
        Recipient::Group(_) | Recipient::Visitor { .. } => {
            Some(&[Feature::Text, Feature::Image, Feature::File, Feature::Sticker, Feature::Group])
        }
        Recipient::Phone(_) | Recipient::HashedPhone(_) => Some(&[Feature::Template]),
    };
    capabilities.features.retain(|capability| kept.is_none_or(|kept| kept.contains(&capability.feature())));
    capabilities
}

/// Takes away the forms that some part of this message does not fit into in a way bounds do not say.
pub(super) fn fitting(mut capabilities: Capabilities, message: &Message) -> Result<Capabilities, Refusal> {
    for part in &message.parts {
        let misfit = match &part.content {
            Some(Content::Card(card)) => card.title.is_none().then_some(Feature::Card),
            Some(Content::List(list)) => {
                let left_over = list.rows.iter().map(|row| buttons::left_over(row).len()).sum::<usize>();
                let nameless = list.rows.iter().any(|row| row.title.is_none());
                let headline = list.title.as_ref().map_or(0, |title| title.chars().count() + 1);
                let text = message.text.as_ref().map_or(0, |text| text.body.chars().count());
                let long = headline > 0 && usize::try_from(MOST_TEXT).is_ok_and(|most| headline + text > most);
                (nameless || long || left_over > buttons::MOST).then_some(Feature::List)
            }
            Some(Content::Choices(choices)) if choices.choices.is_empty() => {
                return Err(Refusal::new(SendReason::ContentInvalid, "choices without a choice"));
            }
            Some(_) | None => None,
        };
        capabilities.features.retain(|capability| Some(capability.feature()) != misfit);
    }
    Ok(capabilities)
}
