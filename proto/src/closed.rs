//! Closed enums: a number that the contract does not have is found wherever it stands.

use prost::Message;
use prost_reflect::{DynamicMessage, Kind, Value};

use crate::json::descriptor;

/// The first field of an enum whose number the contract does not have, as a path: `message.parts[0].media.kind`. `name` is the
/// message's name within the package.
pub fn unknown_value<M: Message>(name: &str, message: &M) -> Option<String> {
    let descriptor = descriptor(name).ok()?;
    let message = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).ok()?;
    in_message(&message)
}

fn in_message(message: &DynamicMessage) -> Option<String> {
    message.fields().find_map(|(field, value)| {
        let kind = field.kind();
        let below = if let Value::List(items) = value {
            let item = |(index, item)| Some(format!("[{index}]{}", in_value(&kind, item)?));
            items.iter().enumerate().find_map(item)
        } else if let Value::Map(entries) = value {
            let kind = kind.as_message()?.map_entry_value_field().kind();
            entries.values().find_map(|value| in_value(&kind, value))
        } else {
            in_value(&kind, value)
        };
        Some(format!("{}{}", field.name(), below?))
    })
}

fn in_value(kind: &Kind, value: &Value) -> Option<String> {
    if let (Kind::Enum(known), Value::EnumNumber(number)) = (kind, value) {
        return known.get_value(*number).is_none().then(String::new);
    }
    Some(format!(".{}", in_message(value.as_message()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Envelope, Media, Message as Written, Part, envelope::Payload, part::Content};

    #[test]
    fn a_number_nobody_knows_is_found_wherever_it_stands() {
        let envelope = |direction, kind| {
            let media = Content::Media(Media { kind, ..Media::default() });
            let parts = vec![Part::default(), Part { content: Some(media) }];
            let payload = Payload::Message(Written { parts, ..Written::default() });
            unknown_value("Envelope", &Envelope { direction, payload: Some(payload), ..Envelope::default() })
        };
        assert_eq!(envelope(1, 1), None);
        assert_eq!(envelope(99, 1).as_deref(), Some("direction"));
        assert_eq!(envelope(1, 99).as_deref(), Some("message.parts[1].media.kind"));
    }
}
