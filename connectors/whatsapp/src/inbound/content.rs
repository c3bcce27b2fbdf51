//! What a message says and shows, by its type.

use connector_sdk::json::Number;
use kenh_proto::v1::{Link, Location, MediaKind, Order, Part, Product, Text, part};

use super::{contacts, media};
use crate::wire::{self, Body};

/// Text and parts.
#[derive(Default)]
pub(super) struct Content {
    pub(super) text: Option<Text>,
    pub(super) parts: Vec<Part>,
    pub(super) degraded: Vec<&'static str>,
}

impl Content {
    /// Whether nothing of it came.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_none() && self.parts.is_empty()
    }

    fn of(text: Option<String>, parts: impl IntoIterator<Item = part::Content>) -> Self {
        let parts = parts.into_iter().map(|content| Part { content: Some(content) }).collect();
        Self { text: text.map(|body| Text { body, ..Text::default() }), parts, degraded: Vec::new() }
    }
}

/// The content; `None` of a type that is none of these.
pub(super) fn of(body: Body) -> Option<Content> {
    Some(match body.kind.get()? {
        "text" => Content::of(body.text.unwrap_or_default().body.into_option(), []),
        "image" => file(MediaKind::Image, body.image),
        "video" => file(MediaKind::Video, body.video),
        "audio" | "voice" => file(MediaKind::Audio, body.audio.or(body.voice)),
        "document" => file(MediaKind::File, body.document),
        "sticker" => Content::of(None, body.sticker.map(media::sticker)),
        "location" => Content::of(None, body.location.into_iter().flat_map(place)),
        "contacts" => {
            let (cards, degraded) = contacts::cards(&body.contacts.unwrap_or_default());
            Content { degraded, ..Content::of(None, cards.into_iter().map(part::Content::ContactCard)) }
        }
        "order" => order(body.order.unwrap_or_default()),
        _ => return None,
    })
}

fn file(kind: MediaKind, media: Option<wire::Media>) -> Content {
    let Some(mut media) = media else { return Content::default() };
    let caption = std::mem::take(&mut media.caption).into_option();
    let (media, degraded) = media::file(kind, media);
    Content { degraded: degraded.into_iter().collect(), ..Content::of(caption, [part::Content::Media(media)]) }
}

/// A place, and the page of the place where it has one.
fn place(location: wire::Location) -> Vec<part::Content> {
    let page = location.url.into_url();
    let name = location.name.into_option();
    let link = page.map(|url| Link { url: Some(url), title: name.clone(), ..Link::default() });
    let place = Location {
        latitude: location.latitude.get(),
        longitude: location.longitude.get(),
        name,
        address: location.address.into_option(),
    };
    std::iter::once(part::Content::Location(place)).chain(link.map(part::Content::Link)).collect()
}

fn order(order: wire::Order) -> Content {
    let items: Vec<_> = order.product_items.into_iter().map(item).collect();
    let order_part = (!items.is_empty()).then(|| part::Content::Order(Order { items, ..Order::default() }));
    Content::of(order.text.into_option(), order_part)
}

fn item(item: wire::Ordered) -> Product {
    let price: Vec<_> = [item.item_price.get(), item.currency.get()].into_iter().flatten().collect();
    Product {
        retailer_id: item.product_retailer_id.into_option(),
        subtitle: (!price.is_empty()).then(|| price.join(" ")),
        quantity: item.quantity.and_then(Number::whole).and_then(|count| u32::try_from(count).ok()),
        ..Product::default()
    }
}
