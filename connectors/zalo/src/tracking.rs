//! Tracking ids: what Zalo repeats in the receipts and answers of templates sent to a phone number.
//!
//! They have at most 48 letters and digits. Our reference of a piece, `<UUID>.<index>`, is written as the 32 digits of the
//! UUID without hyphens, `p`, and the index, and read back by the same rule. A UUID of the gateway is of version 7, so its
//! thirteenth digit is a 7: an id of somebody else's making is hardly taken for one.

/// Length at most.
const MOST: usize = 48;

/// Where the hyphens of a UUID are, among its digits.
const HYPHENS: [usize; 4] = [8, 12, 16, 20];

/// The tracking id of a reference.
pub(crate) fn of_reference(reference: &str) -> String {
    let written = reference.replace('-', "").replace('.', "p");
    written.chars().filter(char::is_ascii_alphanumeric).take(MOST).collect()
}

/// The reference a tracking id was made of; one that a caller chose stays as it is.
pub(crate) fn reference(tracking_id: &str) -> String {
    ours(tracking_id).unwrap_or_else(|| tracking_id.to_owned())
}

fn ours(tracking_id: &str) -> Option<String> {
    let (digits, index) = tracking_id.split_once('p')?;
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_ours = digits.len() == 32
        && digits.bytes().all(hexadecimal)
        && digits.as_bytes().get(12) == Some(&b'7')
        && (1..=3).contains(&index.len())
        && index.bytes().all(|byte| byte.is_ascii_digit());
    is_ours.then(|| {
        let with_hyphen = |(at, digit)| if HYPHENS.contains(&at) { vec!['-', digit] } else { vec![digit] };
        let id: String = digits.chars().enumerate().flat_map(with_hyphen).collect();
        format!("{id}.{index}")
    })
}

/// Whether Zalo takes it.
pub(crate) fn is_sound(tracking_id: &str) -> bool {
    (1..=MOST).contains(&tracking_id.len())
        && tracking_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_goes_there_and_back() {
        for index in ["0", "7", "49"] {
            let ours = format!("0190c0de-0000-7000-8000-000000000001.{index}");
            let tracking_id = of_reference(&ours);
            assert_eq!(tracking_id, format!("0190c0de000070008000000000000001p{index}"));
            assert!(is_sound(&tracking_id) && tracking_id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert_eq!(reference(&tracking_id), ours);
        }
    }

    #[test]
    fn what_a_caller_chose_stays_as_it_is() {
        let others = [
            "order-1001",
            "p",
            "0190c0de000070008000000000000001",
            "0190c0de000070008000000000000001p",
            "0190c0de000070008000000000000001px",
            "0190C0DE000070008000000000000001p0",
            "0190c0de000040008000000000000001p0",
            "0190c0de00007000800000000000000p0",
        ];
        for other in others {
            assert_eq!(reference(other), other);
        }
    }

    #[test]
    fn an_id_zalo_would_refuse_is_known() {
        assert!(is_sound("order-1001") && is_sound(&"a".repeat(48)));
        for no in ["", "a b", "đơn", "a.b", "a/b", &"a".repeat(49)] {
            assert!(!is_sound(no), "{no}");
        }
    }
}
