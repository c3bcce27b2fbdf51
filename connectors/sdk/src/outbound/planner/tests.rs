//! What becomes of messages on channels that can more or less.

use std::{collections::BTreeMap, time::SystemTime};

use kenh_proto::v1::{
    Button, Capability, Card, Choices, Location, Media, MediaKind, Part, Quote, React, SendPurpose, SenderRole,
    SupportLevel,
};

use super::*;
use crate::outbound::Window;

fn capability(feature: Feature) -> Capability {
    Capability { feature: feature.into(), level: SupportLevel::Native.into(), ..Capability::default() }
}

fn channel(features: Vec<Capability>) -> Capabilities {
    Capabilities { features, ..Capabilities::default() }
}

fn text_only(most: u32) -> Capabilities {
    channel(vec![Capability { max_length: most, ..capability(Feature::Text) }])
}

fn planned(capabilities: &Capabilities, what: &What, strict: bool) -> Result<Planned, Refusal> {
    let (to, options) = (To::Contact { scheme: "uid".into(), value: "1".into() }, BTreeMap::new());
    let (role, purpose) = (SenderRole::Bot, SendPurpose::Reply);
    let (window, conversation, now) = (Window::Unknown, None, SystemTime::UNIX_EPOCH);
    plan(
        capabilities,
        &Order { what, to: &to, role, purpose, window, strict, options: &options, conversation, answered: None, now },
    )
}

fn message(text: &str, parts: Vec<Content>) -> What {
    let parts = parts.into_iter().map(|content| Part { content: Some(content) }).collect();
    What::Message(Message { parts, ..worded(text.into(), TextFormat::default()) })
}

fn image() -> Content {
    let url = Some("https://media.example.test/1.jpg".into());
    Content::Media(Media { kind: MediaKind::Image.into(), url, ..Media::default() })
}

/// Texts and numbers of parts of the pieces.
fn shape(planned: &Planned) -> Vec<(String, usize)> {
    let piece = |what: &What| {
        let What::Message(message) = what else { panic!("no message") };
        (message.text.clone().unwrap_or_default().body, message.parts.len())
    };
    planned.pieces.iter().map(piece).collect()
}

#[test]
fn what_the_channel_has_keeps_its_form() {
    let can = channel(vec![capability(Feature::Text), capability(Feature::Image)]);
    let planned = planned(&can, &message("look", vec![image()]), true).unwrap();
    assert_eq!(shape(&planned), [("look".into(), 0), (String::new(), 1)]);
    assert!(planned.parts.iter().all(|part| part.fidelity() == Fidelity::Native));
}

#[test]
fn a_caption_travels_with_its_picture_where_it_fits() {
    let picture = Capability { caption: true, max_caption: 5, ..capability(Feature::Image) };
    let can = channel(vec![capability(Feature::Text), picture]);
    assert_eq!(shape(&planned(&can, &message("look", vec![image()]), true).unwrap()), [("look".into(), 1)]);
    let long = planned(&can, &message("look here", vec![image()]), true).unwrap();
    assert_eq!(shape(&long), [("look here".into(), 0), (String::new(), 1)]);
}

#[test]
fn a_caption_of_the_files_own_that_is_too_long_is_told_behind_it() {
    let captioned = |caption: &str| {
        let Content::Media(media) = image() else { panic!("a picture") };
        Content::Media(Media { caption: Some(caption.into()), ..media })
    };
    let picture = Capability { caption: true, max_caption: 5, ..capability(Feature::Image) };
    let can = channel(vec![capability(Feature::Text), picture]);
    let sent = |caption: &str| shape(&planned(&can, &message("", vec![captioned(caption)]), false).unwrap());
    assert_eq!(sent("short"), [(String::new(), 1)]);
    assert_eq!(sent("longer"), [(String::new(), 1), ("longer".into(), 0)]);
}

#[test]
fn a_text_keeps_its_marks_and_words_made_of_parts_get_none() {
    let place = Content::Location(Location { latitude: 10.5, longitude: 106.5, ..Location::default() });
    let What::Message(mut message) = message("<b>here</b>", vec![place]) else { panic!("a message") };
    let format = |message: &Message| message.text.as_ref().map(Text::format).unwrap();
    message.text.as_mut().unwrap().set_format(TextFormat::Html);
    let pieces = planned(&text_only(0), &What::Message(message), false).unwrap().pieces;
    let formats = pieces.iter().map(|piece| {
        let What::Message(message) = piece else { panic!("a message") };
        format(message)
    });
    assert_eq!(formats.collect::<Vec<_>>(), [TextFormat::Html, TextFormat::Unspecified]);
}

#[test]
fn what_it_lacks_becomes_words_or_is_refused() {
    let place = Content::Location(Location { latitude: 10.5, longitude: 106.5, ..Location::default() });
    let card = Content::Card(Card {
        title: Some("Shirt".into()),
        buttons: vec![Button { title: "Buy".into(), url: Some("https://s.example.test".into()), ..Button::default() }],
        ..Card::default()
    });
    let what = message("See", vec![place, card, image()]);
    let words = "See\nhttps://maps.google.com/?q=10.5,106.5\nShirt\nBuy: https://s.example.test\nhttps://media.example.test/1.jpg";
    assert_eq!(shape(&planned(&text_only(0), &what, false).unwrap()), [(words.into(), 0)]);
    let refusal = planned(&text_only(0), &what, true).unwrap_err();
    assert_eq!(refusal.reason, SendReason::ContentUnsupported);
    assert!(refusal.advice.contains("part 0"), "{}", refusal.advice);
}

#[test]
fn short_answers_stay_with_their_text_or_are_numbered() {
    let button = |title: &str| Button { title: title.into(), ..Button::default() };
    let choices = |titles: &[&str]| Content::Choices(Choices { choices: titles.iter().map(|t| button(t)).collect() });
    let offered = Capability { max_items: 2, max_title: 3, ..capability(Feature::Choices) };
    let can = channel(vec![capability(Feature::Text), offered]);
    assert_eq!(
        shape(&planned(&can, &message("Which?", vec![choices(&["a", "b"])]), true).unwrap()),
        [("Which?".into(), 1)]
    );
    for too_much in [&["a", "b", "c"][..], &["long"]] {
        let planned = planned(&can, &message("Which?", vec![choices(too_much)]), false).unwrap();
        assert_eq!(planned.pieces.len(), 1);
        assert!(shape(&planned)[0].0.starts_with("Which?\n1. "), "{:?}", shape(&planned));
    }
    let alone = planned(&can, &message("", vec![choices(&["a"])]), false).unwrap_err();
    assert_eq!(alone.reason, SendReason::ContentInvalid);
}

#[test]
fn long_text_is_split_and_says_so() {
    let planned = planned(&text_only(10), &message("One two. Three four", vec![]), false).unwrap();
    assert_eq!(planned.pieces.len(), 2);
    assert_eq!(planned.parts[0].code.as_deref(), Some("split"));
    let endless = super::tests::planned(&text_only(1), &message(&"x".repeat(100), vec![]), false).unwrap_err();
    assert_eq!(endless.reason, SendReason::ContentTooLarge);
}

#[test]
fn a_file_too_large_or_of_another_type_becomes_a_link() {
    let picture = Capability { max_bytes: 10, mime_types: vec!["image/png".into()], ..capability(Feature::Image) };
    let can = channel(vec![capability(Feature::Text), picture]);
    let media = |size, mime: &str, url: Option<&str>, content: Option<Vec<u8>>| {
        Content::Media(Media {
            kind: MediaKind::Image.into(),
            size: Some(size),
            mime_type: Some(mime.into()),
            url: url.map(Into::into),
            content,
            ..Media::default()
        })
    };
    let url = Some("https://m.example.test/1");
    assert_eq!(shape(&planned(&can, &message("", vec![media(10, "image/PNG", url, None)]), true).unwrap())[0].1, 1);
    for part in [media(11, "image/png", url, None), media(1, "image/webp", url, None)] {
        assert_eq!(
            shape(&planned(&can, &message("", vec![part]), false).unwrap()),
            [("https://m.example.test/1".into(), 0)]
        );
    }
    let refused = planned(&can, &message("", vec![media(1, "image/png", None, Some(vec![0; 11]))]), false).unwrap_err();
    assert_eq!(refused.reason, SendReason::ContentTooLarge);
}

#[test]
fn a_film_of_unknown_type_is_no_document() {
    let file = Capability { mime_types: vec!["application/pdf".into()], ..capability(Feature::File) };
    let can = channel(vec![capability(Feature::Text), file]);
    let untyped = |mime: Option<&str>| {
        Content::Media(Media {
            kind: MediaKind::Video.into(),
            url: Some("https://m.example.test/1".into()),
            mime_type: mime.map(Into::into),
            ..Media::default()
        })
    };
    let words = |mime| shape(&planned(&can, &message("", vec![untyped(mime)]), false).unwrap());
    assert_eq!(words(None), [("https://m.example.test/1".into(), 0)]);
    assert_eq!(words(Some("video/mp4")), [("https://m.example.test/1".into(), 0)]);
    assert_eq!(words(Some("application/pdf")), [(String::new(), 1)]);
}

#[test]
fn a_sticker_without_an_id_of_the_channel_is_a_picture_or_an_emoji() {
    use kenh_proto::v1::Sticker;
    let can = channel(vec![capability(Feature::Text), capability(Feature::Image), capability(Feature::Sticker)]);
    let sent = |sticker| planned(&can, &message("", vec![Content::Sticker(sticker)]), false).unwrap();
    let kept = sent(Sticker { id: Some("s1".into()), ..Sticker::default() });
    assert_eq!(kept.parts[0].fidelity(), Fidelity::Native);
    let url = Some("https://m.example.test/s.png".into());
    let picture = sent(Sticker { url, ..Sticker::default() });
    assert_eq!(picture.parts[0].code.as_deref(), Some("image"));
    assert_eq!(shape(&sent(Sticker { emoji: Some("👍".into()), ..Sticker::default() })), [("👍".into(), 0)]);
}

#[test]
fn actions_and_options_the_channel_lacks_are_refused() {
    let react = What::React(React { provider_message_id: "m".into(), reaction: "❤".into(), ..React::default() });
    assert_eq!(planned(&text_only(0), &react, false).unwrap_err().reason, SendReason::ContentUnsupported);
    assert_eq!(planned(&channel(vec![capability(Feature::React)]), &react, false).unwrap().pieces.len(), 1);
    let (to, options) = (To::Group("g".into()), BTreeMap::from([("colour".to_owned(), "red".to_owned())]));
    let what = message("hi", vec![]);
    let order = |options| Order {
        what: &what,
        to: &to,
        role: SenderRole::Bot,
        purpose: SendPurpose::Reply,
        window: Window::Unknown,
        strict: false,
        options,
        conversation: None,
        answered: None,
        now: SystemTime::UNIX_EPOCH,
    };
    assert!(plan(&text_only(0), &order(&options)).unwrap_err().advice.contains("colour"));
    assert_eq!(plan(&text_only(0), &order(&BTreeMap::new())).unwrap_err().reason, SendReason::ContentUnsupported);
}

#[test]
fn a_quote_is_kept_on_the_first_piece_or_named_as_left_out() {
    let What::Message(mut quoting) = message("yes", vec![]) else { unreachable!() };
    quoting.quoted = Some(Quote { provider_message_id: "m_1".into(), ..Quote::default() });
    let what = What::Message(quoting);
    let can = channel(vec![capability(Feature::Text), capability(Feature::Quote)]);
    let kept = planned(&can, &what, true).unwrap();
    assert!(matches!(&kept.pieces[0], What::Message(message) if message.quoted.is_some()));
    let left_out = planned(&text_only(0), &what, false).unwrap();
    assert_eq!(left_out.parts[0].code.as_deref(), Some("quote"));
}

#[test]
fn a_files_own_caption_follows_it_where_the_channel_shows_none() {
    let Content::Media(mut media) = image() else { unreachable!() };
    media.caption = Some("the red one".into());
    let what = message("look", vec![Content::Media(media)]);
    let can = channel(vec![capability(Feature::Text), capability(Feature::Image)]);
    let told = planned(&can, &what, false).unwrap();
    assert_eq!(shape(&told), [("look".into(), 0), (String::new(), 1), ("the red one".into(), 0)]);
    assert_eq!(told.parts[1].code.as_deref(), Some("split"));
    let shown = channel(vec![capability(Feature::Text), Capability { caption: true, ..capability(Feature::Image) }]);
    let kept = planned(&shown, &what, true).unwrap();
    assert_eq!(shape(&kept), [("look".into(), 0), (String::new(), 1)]);
}

#[test]
fn a_part_that_does_not_fit_by_the_channels_own_rule_becomes_words() {
    let card = |title: &str| Content::Card(Card { title: Some(title.into()), ..Card::default() });
    let can = channel(vec![capability(Feature::Text), capability(Feature::Card)]);
    let (to, options) = (To::Contact { scheme: "uid".into(), value: "1".into() }, BTreeMap::new());
    let what = message("", vec![card("fits"), card("does not")]);
    let order = Order {
        conversation: None,
        answered: None,
        what: &what,
        to: &to,
        role: SenderRole::Bot,
        purpose: SendPurpose::Reply,
        window: Window::Unknown,
        strict: false,
        options: &options,
        now: SystemTime::UNIX_EPOCH,
    };
    let short =
        |part: &Part| matches!(&part.content, Some(Content::Card(card)) if card.title.as_deref() == Some("fits"));
    let planned = plan_where(&can, &order, &short).unwrap();
    assert_eq!(shape(&planned), [(String::new(), 1), ("does not".into(), 0)]);
}
