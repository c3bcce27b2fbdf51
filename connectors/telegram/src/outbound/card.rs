//! Cards: a picture with a caption, or a text, with buttons below.

use kenh_proto::v1::{Card, Media, MediaKind};

use super::{
    button,
    capabilities::{LONGEST_CAPTION, LONGEST_TEXT},
};

/// What a card says.
pub(super) fn words(card: &Card) -> String {
    let lines = [&card.title, &card.subtitle, &card.url].into_iter().filter_map(|line| line.as_deref());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Whether it has a form: something to say or to show, and buttons that fit.
pub(super) fn fits(card: &Card) -> bool {
    let most = if card.image_url.is_some() { LONGEST_CAPTION } else { LONGEST_TEXT };
    let length = words(card).chars().count();
    let says = length > 0 || card.image_url.is_some();
    says && u32::try_from(length).is_ok_and(|length| length <= most) && button::fit_inline(&card.buttons)
}

/// Its picture.
pub(super) fn picture(card: &Card) -> Option<Media> {
    let url = card.image_url.clone()?;
    Some(Media { kind: MediaKind::Image.into(), url: Some(url), ..Media::default() })
}
