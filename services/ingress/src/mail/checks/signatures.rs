//! How many signatures of a mail are looked at.

use std::borrow::Cow;

/// Each costs an answer of DNS, and may cost a digest of the whole text.
const MOST: usize = 10;
const NAME: &[u8] = b"dkim-signature";

/// The message without the signatures beyond the first ones. A signature covers no other one, unless it says so.
pub(super) fn bounded(message: &[u8]) -> Cow<'_, [u8]> {
    let (mut place, mut found, mut drops) = (0, 0, false);
    let mut kept: Option<Vec<u8>> = None;
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            let is_signature = line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
            found += usize::from(is_signature);
            drops = is_signature && found > MOST;
        }
        if drops && kept.is_none() {
            kept = Some(message.get(..place).unwrap_or_default().to_vec());
        }
        if let (false, Some(kept)) = (drops, &mut kept) {
            kept.extend_from_slice(line);
        }
        place += line.len();
    }
    let Some(mut kept) = kept else { return message.into() };
    kept.extend_from_slice(message.get(place..).unwrap_or_default());
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signatures_are_looked_at_and_no_more() {
        let signature = |number: usize| format!("DKIM-Signature: v=1; a=x{number};\r\n\tb=1\r\n");
        let mail = |number: usize| {
            let all: String = (0..number).map(signature).collect();
            format!("Received: x\r\n{all}From: a@b.test\r\n\r\nDKIM-Signature: none\r\n")
        };
        assert_eq!(bounded(mail(MOST).as_bytes()), Cow::Borrowed(mail(MOST).as_bytes()));
        assert_eq!(bounded(mail(MOST + 7).as_bytes()), Cow::<[u8]>::Owned(mail(MOST).into_bytes()));
        assert_eq!(bounded(b"no header"), Cow::Borrowed(b"no header".as_slice()));
    }
}
