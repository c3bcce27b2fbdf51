//! Everything in a message that people read, before it is measured.
//!
//! Zalo counts Unicode scalar values, and Vietnamese in decomposed form is a quarter longer than what it shows: all text is
//! composed (NFC) first. In groups it is kept from calling people as well ([`super::mention`]).

use kenh_proto::v1::{Card, Message, Part, Text, part::Content};
use unicode_normalization::UnicodeNormalization as _;

use super::mention;

/// Composes all text of a message, for a group or not.
pub(super) fn composed(message: &mut Message, group: bool) {
    let compose = |text: &mut String| {
        let safe = if group { mention::escaped(text) } else { std::mem::take(text) };
        *text = safe.nfc().collect();
    };
    if let Some(text) = &mut message.text {
        // Positions in the text are over once it is composed.
        let body = if group { mention::written(text) } else { std::mem::take(&mut text.body) };
        *text = Text { body: body.nfc().collect(), ..Text::default() };
    }
    message.mentions.clear();
    message.parts.iter_mut().for_each(|part| each(part, &compose));
}

/// Visits what people read in a part. Ids, addresses and payloads are for programs.
fn each(part: &mut Part, visit: &impl Fn(&mut String)) {
    let all = |texts: &mut [&mut Option<String>]| texts.iter_mut().filter_map(|text| text.as_mut()).for_each(visit);
    match &mut part.content {
        Some(Content::Media(media)) => all(&mut [&mut media.caption]),
        Some(Content::Location(place)) => all(&mut [&mut place.name, &mut place.address]),
        Some(Content::ContactCard(card)) => {
            all(&mut [&mut card.name]);
            card.phones.iter_mut().chain(&mut card.emails).for_each(visit);
        }
        Some(Content::Card(one)) => card(one, visit),
        Some(Content::Carousel(carousel)) => carousel.cards.iter_mut().for_each(|one| card(one, visit)),
        Some(Content::List(list)) => {
            all(&mut [&mut list.title]);
            list.rows.iter_mut().for_each(|row| card(row, visit));
        }
        Some(Content::Choices(choices)) => choices.choices.iter_mut().for_each(|choice| visit(&mut choice.title)),
        Some(Content::Template(template)) => {
            template.values.values_mut().for_each(visit);
            template.cards.iter_mut().for_each(|one| card(one, visit));
        }
        Some(Content::Poll(poll)) => {
            visit(&mut poll.question);
            poll.options.iter_mut().for_each(visit);
        }
        Some(Content::Link(link)) => all(&mut [&mut link.title, &mut link.description]),
        Some(Content::Product(product)) => all(&mut [&mut product.title, &mut product.subtitle]),
        Some(
            Content::Order(_) | Content::Sticker(_) | Content::Story(_) | Content::Appointment(_) | Content::Unknown(_),
        )
        | None => {}
    }
}

fn card(card: &mut Card, visit: &impl Fn(&mut String)) {
    [&mut card.title, &mut card.subtitle].into_iter().filter_map(|text| text.as_mut()).for_each(visit);
    card.buttons.iter_mut().for_each(|button| visit(&mut button.title));
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::{Button, Choices};

    use super::*;

    /// 34 characters of Vietnamese, decomposed.
    const LONG: &str = "Tôi muốn hỏi giá của sản phẩm này.";

    #[test]
    fn text_is_composed_before_it_is_measured() {
        let decomposed: String = LONG.nfd().collect();
        assert_eq!((LONG.chars().count(), decomposed.chars().count()), (34, 44));
        let text = Text { body: decomposed.clone(), ..Text::default() };
        let choice = Button { title: decomposed, ..Button::default() };
        let parts = vec![Part { content: Some(Content::Choices(Choices { choices: vec![choice] })) }];
        let mut message = Message { text: Some(text), parts, ..Message::default() };
        composed(&mut message, false);
        assert_eq!(message.text.unwrap().body, LONG);
        let Some(Content::Choices(choices)) = &message.parts[0].content else { panic!("choices") };
        assert_eq!(choices.choices[0].title, LONG);
    }

    #[test]
    fn in_a_group_no_part_calls_people() {
        let button = Button { title: "[@2]".into(), ..Button::default() };
        let one = Card { title: Some("[@1]".into()), buttons: vec![button], ..Card::default() };
        let text = Text { body: "[@0]".into(), ..Text::default() };
        let parts = vec![Part { content: Some(Content::Card(one)) }];
        let mut message = Message { text: Some(text), parts, ..Message::default() };
        composed(&mut message, true);
        let shown = kenh_proto::to_json("Message", &message).unwrap();
        assert_eq!((shown.matches("[ @").count(), shown.matches("[@").count()), (3, 0), "{shown}");
    }
}
