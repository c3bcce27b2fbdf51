//! Taking the bytes a channel delivered out of an encoded envelope, without decoding it: what is left are the stored
//! bytes, field for field, also those this version does not know.

use bytes::Bytes;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field};

/// `Envelope.raw`.
const RAW: u32 = 20;
/// `Raw.bytes` and `Raw.headers`, which stand there together.
const DELIVERED: [u32; 2] = [4, 5];

/// Whether an envelope holds bytes as a channel delivered them.
pub(crate) fn is_in(envelope: &[u8]) -> bool {
    let raw = Fields(envelope).filter_map(Result::ok).filter(|field| field.number == RAW);
    raw.filter_map(|field| field.content)
        .any(|raw| Fields(raw).filter_map(Result::ok).any(|field| field.is_delivered()))
}

/// The envelope without them; itself when it holds none. One that is broken is empty then: nothing of it is shown.
pub(crate) fn without(envelope: &Bytes) -> Bytes {
    match strip(envelope) {
        Ok(Some(left)) => left.into(),
        Ok(None) => envelope.clone(),
        Err(Broken) => Bytes::new(),
    }
}

fn strip(envelope: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
    let mut stripped = false;
    let mut left = Vec::new();
    for field in Fields(envelope) {
        let field = field?;
        match field.content.filter(|_| field.number == RAW) {
            None => left.extend_from_slice(field.whole),
            Some(raw) => {
                let mut kept = Vec::new();
                for field in Fields(raw) {
                    let field = field?;
                    if field.is_delivered() {
                        stripped = true;
                    } else {
                        kept.extend_from_slice(field.whole);
                    }
                }
                encode_key(RAW, WireType::LengthDelimited, &mut left);
                encode_varint(u64::try_from(kept.len()).unwrap_or_default(), &mut left);
                left.extend_from_slice(&kept);
            }
        }
    }
    Ok(stripped.then_some(left))
}

/// The fields of an encoded message, one after the other; nothing after a broken one.
struct Fields<'a>(&'a [u8]);

struct Field<'a> {
    number: u32,
    /// Key, length and content.
    whole: &'a [u8],
    /// The content of a field that has a length.
    content: Option<&'a [u8]>,
}

#[derive(Debug)]
struct Broken;

impl Field<'_> {
    fn is_delivered(&self) -> bool {
        DELIVERED.contains(&self.number)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = next_field(self.0);
        self.0 = field.as_ref().ok().and_then(|field| self.0.get(field.whole.len()..)).unwrap_or_default();
        Some(field)
    }
}

fn next_field(message: &[u8]) -> Result<Field<'_>, Broken> {
    let mut rest = message;
    let (number, wire_type) = decode_key(&mut rest).map_err(|_| Broken)?;
    let mut content = None;
    if wire_type == WireType::LengthDelimited {
        let length = usize::try_from(decode_varint(&mut rest).map_err(|_| Broken)?).map_err(|_| Broken)?;
        let (inside, behind) = rest.split_at_checked(length).ok_or(Broken)?;
        (content, rest) = (Some(inside), behind);
    } else {
        skip_field(wire_type, number, &mut rest, DecodeContext::default()).map_err(|_| Broken)?;
    }
    let whole = message.get(..message.len() - rest.len()).ok_or(Broken)?;
    Ok(Field { number, whole, content })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use kenh_proto::v1::{Account, Envelope, Raw};
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;

    fn envelope(raw: Option<Raw>) -> Envelope {
        let account = Some(Account { external_id: Some("770001".into()), ..Default::default() });
        Envelope { id: "an-id".into(), channel: "zalo".into(), account, raw, partition: 3, ..Default::default() }
    }

    fn raw() -> Raw {
        let headers = [("X-Signature".to_owned(), "mac=1".to_owned())].into();
        Raw {
            sha256: vec![7; 32].into(),
            size: 9,
            bytes: Some(b"delivered".as_slice().into()),
            headers,
            ..Default::default()
        }
    }

    #[test]
    fn the_bytes_and_their_headers_go_and_the_digest_stays() {
        let full: Bytes = envelope(Some(raw())).encode_to_vec().into();
        assert!(is_in(&full));
        let left = without(&full);
        assert!(!is_in(&left));
        let expected = Raw { bytes: None, headers: HashMap::default(), ..raw() };
        assert_eq!(Envelope::decode(left).unwrap(), envelope(Some(expected)));
    }

    #[test]
    fn what_holds_none_is_the_stored_bytes_themselves() {
        for raw in [None, Some(Raw { bytes: None, headers: HashMap::default(), ..raw() })] {
            let stored: Bytes = envelope(raw).encode_to_vec().into();
            assert!(!is_in(&stored));
            assert_eq!(without(&stored).as_ptr(), stored.as_ptr());
        }
    }

    #[test]
    fn fields_of_a_later_version_stay_and_a_second_raw_is_stripped_too() {
        let mut bytes = envelope(Some(raw())).encode_to_vec();
        encode_key(5000, WireType::Varint, &mut bytes);
        encode_varint(42, &mut bytes);
        bytes.extend(Envelope { raw: Some(raw()), ..Default::default() }.encode_to_vec());
        let left = without(&bytes.into());
        assert!(!is_in(&left) && left.windows(3).any(|window| window == [0xc0, 0xb8, 0x02]));
        assert_eq!(Envelope::decode(left).unwrap().raw.unwrap().bytes, None);
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_nothing_delivered_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let left = without(&bytes.into());
            prop_assert!(!is_in(&left));
            if let Ok(envelope) = Envelope::decode(left) {
                prop_assert!(envelope.raw.is_none_or(|raw| raw.bytes.is_none() && raw.headers.is_empty()));
            }
        }

        #[test]
        fn a_cut_envelope_shows_nothing_delivered(cut in 0usize..200) {
            let mut full = envelope(Some(raw())).encode_to_vec();
            full.extend(Envelope { channel: "behind the raw bytes".into(), ..Default::default() }.encode_to_vec());
            let bytes = full[..cut.min(full.len())].to_vec();
            prop_assert!(!is_in(&without(&bytes.into())));
        }
    }
}
