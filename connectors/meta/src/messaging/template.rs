//! Templates: products that people ask about, and in echoes the cards that the page sent.

use kenh_proto::v1::{Button, Card, Carousel, Product, part::Content};

use super::attachment::unknown;
use crate::{
    fields::web,
    wire::{self, Payload},
};

/// The parts of a template.
pub(super) fn contents(payload: Payload) -> Vec<Content> {
    if let Some(elements) = payload.product.and_then(|products| products.elements) {
        return elements.into_iter().map(|element| Content::Product(product(element))).collect();
    }
    let mut cards: Vec<Card> = payload.elements.unwrap_or_default().into_iter().map(card).collect();
    if let Some(text) = payload.text.0 {
        cards.push(Card { title: Some(text), buttons: buttons(payload.buttons), ..Card::default() });
    }
    match (cards.len(), cards.pop()) {
        (_, None) => vec![unknown("template", payload.title.0, payload.url.0)],
        (1, Some(card)) => vec![Content::Card(card)],
        (_, Some(last)) => {
            cards.push(last);
            vec![Content::Carousel(Carousel { cards })]
        }
    }
}

fn product(element: wire::Element) -> Product {
    Product {
        id: element.id.into_option(),
        retailer_id: element.retailer_id.into_option(),
        title: element.title.0,
        subtitle: element.subtitle.0,
        image_url: web(element.image_url.0),
        url: web(element.item_url.0),
        quantity: None,
    }
}

fn card(element: wire::Element) -> Card {
    Card {
        title: element.title.0,
        subtitle: element.subtitle.0,
        image_url: web(element.image_url.0),
        url: web(element.item_url.0),
        buttons: buttons(element.buttons),
    }
}

fn buttons(buttons: Option<Vec<wire::Button>>) -> Vec<Button> {
    let button = |button: wire::Button| Button {
        title: button.title.0.unwrap_or_default(),
        r#type: button.kind.0,
        payload: button.payload.0,
        url: web(button.url.0),
    };
    buttons.unwrap_or_default().into_iter().map(button).collect()
}
