//! What a message centre delivers, as fields that the provider's rules read.

use connector_sdk::{
    Malformed, digest_key,
    fields::Item,
    outbound::Accounts,
    phone::{Address, international, vietnamese},
    smsc::Part,
};
use rusmpp::values::Ton;

use super::{
    Dialect,
    coding::{Coding, decode},
    id_of_answer, id_of_receipt,
    pdu::{self, Kind, Party, Short},
    receipt::{Said, word},
};

/// What stands for parts that never came.
const GAP: &str = " […] ";

/// The item of a delivery: a receipt, or a message of one part or several.
pub(crate) fn items(body: &[u8], dialect: Dialect, accounts: Option<&Accounts>) -> Result<Vec<Item>, Malformed> {
    let pdus = pdu::each(body)?;
    let shorts = pdus.iter().map(|pdu| pdu::read(pdu)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = shorts.first() else { return Ok(Vec::new()) };
    let text = decode(&first.octets, Coding::of(first.data_coding, dialect));
    let text = text.as_ref().map(|(text, _)| text.as_str()).unwrap_or_default();
    Ok(vec![match kind(first, text, dialect) {
        Kind::Message => message(&shorts, dialect, body),
        Kind::Receipt => receipt(first, text, dialect, accounts, body),
        Kind::Acknowledgement => item(first, vec![("acknowledgement", text.to_owned())], body, None),
    }])
}

/// The message that a PDU is a part of.
pub(crate) fn part(pdu: &[u8], dialect: Dialect) -> Option<Part> {
    let short = pdu::read(pdu).ok()?;
    let text = decode(&short.octets, Coding::of(short.data_coding, dialect));
    let text = text.as_ref().map(|(text, _)| text.as_str()).unwrap_or_default();
    if kind(&short, text, dialect) != Kind::Message {
        return None;
    }
    let (from, to) = (address(&short.source), address(&short.destination));
    let Some(place) = short.place else {
        // All but the sequence number: the same again is a repeat.
        let digest = digest_key(pdu.get(16..).unwrap_or_default());
        return Some(Part { message: format!("one:{digest}"), number: 1, total: 1 });
    };
    // Senders count references each for themselves. Nobody needs to read whose it was.
    let of = format!("{from}\n{to}\n{}\n{}", place.kind, place.reference);
    Some(Part { message: digest_key(of.as_bytes()), number: place.number.into(), total: place.total.into() })
}

fn kind(short: &Short, text: &str, dialect: Dialect) -> Kind {
    let unmarked = dialect.unmarked_receipts && short.kind == Kind::Message && short.place.is_none();
    if unmarked && Said::read(text).is_receipt() { Kind::Receipt } else { short.kind }
}

fn message(shorts: &[Short], dialect: Dialect, raw: &[u8]) -> Item {
    let Some(first) = shorts.first() else { return Item::of(Vec::new(), raw.to_vec(), None) };
    let mut mended = None;
    let mut text = String::new();
    let mut is_text = true;
    // Characters and surrogate pairs are cut in two by some senders, so octets are joined first: of parts that follow each
    // other, in the same coding.
    let mut run: Vec<u8> = Vec::new();
    let mut next = 1;
    for (index, short) in shorts.iter().enumerate() {
        let number = short.place.map_or(1, |place| place.number);
        if number != next {
            mended = Some("incomplete");
            text.push_str(GAP);
        }
        next = number.saturating_add(1);
        run.extend_from_slice(&short.octets);
        let follows = shorts.get(index + 1).is_some_and(|other| {
            other.data_coding == short.data_coding && other.place.is_some_and(|place| place.number == next)
        });
        if follows {
            continue;
        }
        match decode(&std::mem::take(&mut run), Coding::of(short.data_coding, dialect)) {
            Some((read, fault)) => {
                text.push_str(&read);
                mended = mended.or(fault);
            }
            None => is_text = false,
        }
    }
    if first.place.is_some_and(|place| next <= place.total) {
        mended = Some("incomplete");
        text.push_str(GAP);
    }
    let text = text.trim_matches(' ').to_owned();
    let place = first.place.map(|place| format!("{}/{}/{}", place.kind, place.reference, place.total));
    let mut fields = vec![("part", place.unwrap_or_default())];
    // Octets that are no text fit no rule: they are kept as they are.
    fields.push(if is_text { ("text", text) } else { ("binary", first.data_coding.to_string()) });
    item(first, fields, raw, mended)
}

fn receipt(short: &Short, text: &str, dialect: Dialect, accounts: Option<&Accounts>, raw: &[u8]) -> Item {
    let said = Said::read(text);
    let ids = dialect.receipt_ids;
    // Beside the text the id stands as the answer wrote it.
    let id = match (&short.receipted_id, said.get("id")) {
        (Some(id), _) => Some(id_of_answer(ids, id)),
        (None, Some(id)) => Some(id_of_receipt(ids, id)),
        (None, None) => None,
    };
    let state = short.state.and_then(word).or(said.get("stat"));
    let field = |name: &'static str, value: Option<&str>| value.map(|value| (name, value.to_owned()));
    let mut fields: Vec<_> = [
        id.map(|id| ("id", id)),
        field("stat", state),
        field("err", said.get("err")),
        field("done", said.get("done date")),
        short.network_error.map(|code| ("network_error", code.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    // Who got it is the source of its receipt; some message centres leave the two as they were.
    let (from, to) = (address(&short.source), address(&short.destination));
    let as_sent = accounts.is_some_and(|accounts| accounts.get(&from).is_some() && accounts.get(&to).is_none());
    let (ours, theirs) = if as_sent { (from, to) } else { (to, from) };
    fields.extend([("receipt", "1".to_owned()), ("from", ours), ("to", theirs)]);
    Item::of(fields, raw.to_vec(), None)
}

fn item(short: &Short, mut fields: Vec<(&'static str, String)>, raw: &[u8], mended: Option<&'static str>) -> Item {
    fields.extend([("from", address(&short.source)), ("to", address(&short.destination))]);
    Item::of(fields, raw.to_vec(), mended)
}

/// An address as events have it. What is said of its type is often not true: 0 as good as always. Without `+` a number is one of
/// Viet Nam, as everywhere, where it can be one.
fn address(party: &Party) -> String {
    let text = party.address.as_str();
    let read = match party.ton {
        Ton::Alphanumeric => Address::Name(text.into()),
        Ton::International if !text.starts_with('+') => international(&format!("+{text}")),
        Ton::Unknown
        | Ton::International
        | Ton::National
        | Ton::NetworkSpecific
        | Ton::SubscriberNumber
        | Ton::Abbreviated
        | Ton::Other(_) => vietnamese(text),
    };
    match read {
        Address::Other(_) => international(text).value().to_owned(),
        known @ (Address::Phone(_) | Address::ShortCode(_) | Address::Service(_) | Address::Name(_)) => {
            known.value().to_owned()
        }
    }
}
