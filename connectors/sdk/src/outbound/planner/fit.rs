//! One part: its own form, another, or none.

use kenh_proto::v1::{Capability, Card, Feature, Fidelity, Media, MediaKind, Part, SendReason, part::Content};

use super::{Refusal, text, words};
use crate::outbound::{Features, feature_of};

/// What becomes of a part.
pub(super) enum Fitted {
    /// A form of the channel.
    Own(Box<Part>),
    /// Words.
    Text(String),
    /// Nothing.
    Nothing,
}

/// A part that was looked at.
pub(super) struct Fit {
    pub(super) form: Fitted,
    pub(super) fidelity: Fidelity,
    pub(super) code: Option<&'static str>,
}

impl Fit {
    fn native(part: &Part) -> Self {
        Self { form: Fitted::Own(part.clone().into()), fidelity: Fidelity::Native, code: None }
    }

    fn own(content: Content, code: &'static str) -> Self {
        let form = Fitted::Own(Part { content: Some(content) }.into());
        Self { form, fidelity: Fidelity::Converted, code: Some(code) }
    }

    fn words(text: String, code: &'static str) -> Self {
        Self { form: Fitted::Text(text), fidelity: Fidelity::Converted, code: Some(code) }
    }

    fn dropped(code: &'static str) -> Self {
        Self { form: Fitted::Nothing, fidelity: Fidelity::Dropped, code: Some(code) }
    }

    /// The caption of a file that the channel shows none with, or none of that length: it has to be told in a message of its
    /// own.
    pub(super) fn take_caption(&mut self, features: Features<'_>) -> Option<String> {
        let Fitted::Own(part) = &mut self.form else { return None };
        let capability = feature_of(part).and_then(|feature| features.native(feature)).filter(|own| own.caption);
        let Some(Content::Media(media)) = &mut part.content else { return None };
        let shown = |caption: &mut String| {
            capability.is_some_and(|own| text::fits(caption, own.max_caption, own.length_unit()))
        };
        let caption = media.caption.take_if(|caption| !shown(caption)).filter(|caption| !caption.is_empty())?;
        (self.fidelity, self.code) = (Fidelity::Converted, self.code.or(Some("split")));
        Some(caption)
    }
}

/// Fits one part; whether its own form `fits` is known to the channel.
pub(super) fn fit(features: Features<'_>, index: u32, part: &Part, fits: bool) -> Result<Fit, Refusal> {
    let invalid = || Refusal::new(SendReason::ContentInvalid, format!("part {index} has no content"));
    let content = part.content.as_ref().ok_or_else(invalid)?;
    if let Content::Media(media) = content {
        return fit_media(features, index, media);
    }
    let capability = feature_of(part).and_then(|feature| features.native(feature));
    if fits && capability.is_some_and(|capability| within(capability, content)) {
        return Ok(Fit::native(part));
    }
    Ok(match content {
        Content::Location(location) => Fit::words(words::location(location), "text"),
        Content::ContactCard(card) => Fit::words(words::contact(card), "text"),
        Content::Card(card) => Fit::words(pictured(card, words::card(card)), "text"),
        Content::Carousel(carousel) => {
            let cards = carousel.cards.iter().map(|card| pictured(card, words::card(card)));
            Fit::words(cards.collect::<Vec<_>>().join("\n\n"), "text")
        }
        Content::List(list) => Fit::words(words::list(list), "numbered_text"),
        Content::Choices(choices) => Fit::words(words::choices(&choices.choices), "numbered_text"),
        Content::Poll(poll) => Fit::words(words::poll(poll), "numbered_text"),
        Content::Link(link) => {
            words::link(link).map_or_else(|| Fit::dropped("no_form"), |text| Fit::words(text, "link"))
        }
        Content::Sticker(sticker) => match (&sticker.emoji, &sticker.url) {
            (Some(emoji), _) => Fit::words(emoji.clone(), "text"),
            (None, Some(url)) if features.native(Feature::Image).is_some() => {
                let media = Media { kind: MediaKind::Image.into(), url: Some(url.clone()), ..Media::default() };
                Fit::own(Content::Media(media), "image")
            }
            (None, _) => Fit::dropped("no_form"),
        },
        Content::Product(product) => {
            words::product(product).map_or_else(|| Fit::dropped("no_form"), |text| Fit::words(text, "text"))
        }
        Content::Media(_)
        | Content::Template(_)
        | Content::Order(_)
        | Content::Story(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => Fit::dropped("no_form"),
    })
}

fn pictured(card: &Card, mut text: String) -> String {
    if let Some(image) = &card.image_url {
        words::join(&mut text, image);
    }
    text
}

/// Whether the bounds of a form allow it. Which form of media is looked at where it is chosen.
fn within(capability: &Capability, content: &Content) -> bool {
    let count = |n: usize| capability.max_items == 0 || u32::try_from(n).is_ok_and(|n| n <= capability.max_items);
    let titled = |title: &str| {
        capability.max_title == 0 || u32::try_from(title.chars().count()).is_ok_and(|n| n <= capability.max_title)
    };
    match content {
        Content::Card(card) => count(card.buttons.len()) && card.buttons.iter().all(|button| titled(&button.title)),
        Content::Carousel(carousel) => {
            let buttons = carousel.cards.iter().flat_map(|card| &card.buttons);
            count(carousel.cards.len()) && buttons.into_iter().all(|button| titled(&button.title))
        }
        Content::List(list) => {
            count(list.rows.len()) && list.rows.iter().all(|row| row.title.as_deref().is_none_or(titled))
        }
        Content::Choices(choices) => {
            count(choices.choices.len()) && choices.choices.iter().all(|choice| titled(&choice.title))
        }
        Content::Poll(poll) => count(poll.options.len()) && poll.options.iter().all(|option| titled(option)),
        // Stickers are the channel's own: without its id there is only a picture or an emoji.
        Content::Sticker(sticker) => sticker.id.is_some(),
        Content::Media(_)
        | Content::Location(_)
        | Content::ContactCard(_)
        | Content::Template(_)
        | Content::Order(_)
        | Content::Link(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => true,
    }
}

/// A file: in its own form, as a plain file, or as a link.
fn fit_media(features: Features<'_>, index: u32, media: &Media) -> Result<Fit, Refusal> {
    if media.url.is_none() && media.provider_ref.is_none() && media.content.is_none() {
        let advice = format!("part {index} needs a url, a provider_ref or content");
        return Err(Refusal::new(SendReason::ContentInvalid, advice));
    }
    if media.url.as_deref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
        return Err(Refusal::new(
            SendReason::ContentInvalid,
            format!("the url of part {index} is not an http(s) address"),
        ));
    }
    let part = Part { content: Some(Content::Media(media.clone())) };
    let own = feature_of(&part).and_then(|feature| features.native(feature));
    if own.is_some_and(|capability| takes(capability, media)) {
        return Ok(Fit::native(&part));
    }
    // A film or picture of unknown type is hardly one of the documents a channel restricts its files to.
    let as_file = |capability: &Capability| {
        takes(capability, media) && (capability.mime_types.is_empty() || media.mime_type.is_some())
    };
    if features.native(Feature::File).is_some_and(as_file) {
        let file = Media { kind: MediaKind::File.into(), ..media.clone() };
        return Ok(Fit::own(Content::Media(file), "file"));
    }
    match &media.url {
        Some(url) => {
            let mut text = media.caption.clone().unwrap_or_default();
            words::join(&mut text, url);
            Ok(Fit::words(text, "link"))
        }
        None if own.is_some_and(|capability| too_large(capability, media)) => Err(Refusal::new(
            SendReason::ContentTooLarge,
            format!("the file of part {index} is too large for the channel"),
        )),
        None => Ok(Fit::dropped("no_form")),
    }
}

fn takes(capability: &Capability, media: &Media) -> bool {
    let typed = media.mime_type.as_deref().is_none_or(|mime| {
        capability.mime_types.is_empty() || capability.mime_types.iter().any(|known| known.eq_ignore_ascii_case(mime))
    });
    typed && !too_large(capability, media)
}

fn too_large(capability: &Capability, media: &Media) -> bool {
    let content = media.content.as_ref().and_then(|content| u64::try_from(content.len()).ok());
    capability.max_bytes > 0 && content.or(media.size).is_some_and(|size| size > capability.max_bytes)
}
