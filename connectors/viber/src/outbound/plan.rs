//! Fitting an action to Viber, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Message, Part, SendReason, outbound_action::What, part::Content};

use super::{
    capabilities::{self, OPTIONS},
    card, content, keyboard, message,
};

/// Bytes of a call at most, with some left for who sends it to whom.
const LARGEST_CALL: usize = 30_000 - 2_000;
/// Characters of a name, of a phone number, and of a link at most.
const LONGEST_NAME: usize = 28;
const LONGEST_PHONE: usize = 18;
const LONGEST_LINK: usize = 2000;

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    message::receiver(order.to)?;
    let what = sdk::buttons_below(order.what);
    if let What::Message(message) = &what {
        check_files(message)?;
    }
    let planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &fits)?;
    sdk::check_options(order, OPTIONS)?;
    for piece in &planned.pieces {
        let What::Message(piece) = piece else { continue };
        let members = content::members(piece, Some(0));
        if members.is_some_and(|members| serde_json::Value::Object(members).to_string().len() > LARGEST_CALL) {
            let advice = "a message is at most 30 kB: shorten what buttons carry, or send fewer cards";
            return Err(Refusal::new(SendReason::ContentTooLarge, advice));
        }
    }
    Ok(planned)
}

fn check_files(message: &Message) -> Result<(), Refusal> {
    let homeless = |part: &Part| matches!(&part.content, Some(Content::Media(media)) if media.url.is_none());
    if message.parts.iter().any(homeless) {
        return Err(Refusal::unsupported("Viber takes files by their address only: give a url"));
    }
    Ok(())
}

fn fits(part: &Part) -> bool {
    let within = |text: Option<&String>, most| text.is_some_and(|text| (1..=most).contains(&text.chars().count()));
    match &part.content {
        Some(Content::Card(shown)) => card::fit(std::slice::from_ref(shown)),
        Some(Content::Carousel(carousel)) => !carousel.cards.is_empty() && card::fit(&carousel.cards),
        Some(Content::Choices(choices)) => keyboard::fit(choices),
        Some(Content::ContactCard(person)) => {
            let more = !person.emails.is_empty() || person.url.is_some() || person.phones.len() != 1;
            within(person.name.as_ref(), LONGEST_NAME) && within(person.phones.first(), LONGEST_PHONE) && !more
        }
        Some(Content::Link(link)) => {
            within(link.url.as_ref(), LONGEST_LINK) && link.title.is_none() && link.description.is_none()
        }
        Some(Content::Sticker(sticker)) => sticker.id.as_ref().is_some_and(|id| id.parse::<u64>().is_ok()),
        // What has a name or an address says more than a point.
        Some(Content::Location(place)) => place.name.is_none() && place.address.is_none(),
        _ => true,
    }
}
