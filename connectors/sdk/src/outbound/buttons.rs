//! A card of nothing but buttons, on channels where buttons stand below a text.

use kenh_proto::v1::{Button, Card, Choices, Message, outbound_action::What, part::Content};

/// Such cards as short answers, which the planner puts below the text before them. A tap on one is told by its payload, or by
/// its title where it has none.
pub fn buttons_below(what: &What) -> What {
    let mut what = what.clone();
    let message: Option<&mut Message> = match &mut what {
        What::Message(message) => Some(message),
        What::Edit(edit) => edit.message.as_mut(),
        What::Delete(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::CommentReply(_)
        | What::HideComment(_) => None,
    };
    for part in message.into_iter().flat_map(|message| &mut message.parts) {
        if let Some(Content::Card(card)) = &part.content
            && is_buttons(card)
        {
            let choices = card.buttons.iter().map(told).collect();
            part.content = Some(Content::Choices(Choices { choices }));
        }
    }
    what
}

fn is_buttons(card: &Card) -> bool {
    let said = [&card.title, &card.subtitle, &card.image_url, &card.url].into_iter().flatten();
    !card.buttons.is_empty() && said.into_iter().all(String::is_empty)
}

fn told(button: &Button) -> Button {
    let title = button.url.is_none().then(|| button.title.clone());
    Button { payload: button.payload.clone().or(title), ..button.clone() }
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::Part;

    use super::*;

    #[test]
    fn only_what_says_nothing_else_becomes_short_answers() {
        let button = |url: Option<&str>| Button { title: "Yes".into(), url: url.map(Into::into), ..Button::default() };
        let buttons = vec![button(None), button(Some("https://shop.example.test"))];
        let bare = Card { buttons: buttons.clone(), ..Card::default() };
        let titled = Card { title: Some("Lamp".into()), buttons, ..Card::default() };
        let parts = [bare, titled].map(|card| Part { content: Some(Content::Card(card)) });
        let what = buttons_below(&What::Message(Message { parts: parts.into(), ..Message::default() }));
        let What::Message(message) = what else { panic!("a message") };
        let [Some(Content::Choices(below)), Some(Content::Card(_))] =
            [&message.parts[0].content, &message.parts[1].content]
        else {
            panic!("choices and a card")
        };
        let payloads: Vec<_> = below.choices.iter().map(|choice| choice.payload.as_deref()).collect();
        assert_eq!(payloads, [Some("Yes"), None]);
    }
}
