//! Numbers as people in Viet Nam write them, those from before 2018 included.

use super::{Address, digits, is_e164, name};

/// Mobile numbers lost a digit from 2018-09-15 on; the last seven stayed. Old ones live on in lists of contacts.
const MIGRATED: [(&str, &str); 21] = [
    // MobiFone
    ("120", "70"),
    ("121", "79"),
    ("122", "77"),
    ("126", "76"),
    ("128", "78"),
    // Vinaphone
    ("123", "83"),
    ("124", "84"),
    ("125", "85"),
    ("127", "81"),
    ("129", "82"),
    // Viettel
    ("162", "32"),
    ("163", "33"),
    ("164", "34"),
    ("165", "35"),
    ("166", "36"),
    ("167", "37"),
    ("168", "38"),
    ("169", "39"),
    // Vietnamobile
    ("186", "56"),
    ("188", "58"),
    // Gmobile
    ("199", "59"),
];

/// Reads an address. Numbers of other countries need their `+` or `00`.
pub fn vietnamese(text: &str) -> Address {
    let text = text.trim();
    let Some((plus, digits)) = digits(text) else { return name(text) };
    let other = || Address::Other(text.into());
    let abroad = if plus { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let national = match (abroad, abroad.and_then(|rest| rest.strip_prefix("84"))) {
        // People write +840912…
        (_, Some(rest)) => rest.strip_prefix('0').unwrap_or(rest),
        (Some(foreign), None) => {
            return if is_e164(foreign) { Address::Phone(format!("+{foreign}")) } else { other() };
        }
        (None, None) => {
            let is_service =
                matches!(digits.len(), 8 | 10) && (digits.starts_with("1900") || digits.starts_with("1800"));
            if is_service {
                return Address::Service(digits);
            }
            if (3..=6).contains(&digits.len()) && !digits.starts_with('0') {
                return Address::ShortCode(digits);
            }
            domestic(&digits)
        }
    };
    significant(national).map_or_else(other, |number| Address::Phone(format!("+84{number}")))
}

/// The number behind trunk prefix or country code. The length tells the code 84 from the prefix 084 without its zero.
fn domestic(digits: &str) -> &str {
    match (digits.strip_prefix('0'), digits.strip_prefix("84")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if (11..=13).contains(&digits.len()) => rest.strip_prefix('0').unwrap_or(rest),
        (None, _) => digits,
    }
}

/// A national number as it is today: nine digits of a mobile, ten of a landline.
fn significant(number: &str) -> Option<String> {
    let migrated = MIGRATED
        .iter()
        .filter(|_| number.len() == 10)
        .find_map(|(old, new)| number.strip_prefix(old).map(|rest| format!("{new}{rest}")));
    let number = migrated.unwrap_or_else(|| number.to_owned());
    let mobile = number.len() == 9 && number.starts_with(['3', '5', '7', '8', '9']);
    let landline = number.len() == 10 && number.starts_with('2');
    (mobile || landline).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_number_is_one() {
        let cases = [
            ("0912345678", "+84912345678"),
            ("+84 912 345 678", "+84912345678"),
            ("84912345678", "+84912345678"),
            ("+840912345678", "+84912345678"),
            ("840912345678", "+84912345678"),
            ("0084912345678", "+84912345678"),
            ("912345678", "+84912345678"),
            ("(091) 234.5678", "+84912345678"),
            ("01691234567", "+84391234567"),
            ("841691234567", "+84391234567"),
            ("+841691234567", "+84391234567"),
            ("1691234567", "+84391234567"),
            ("01201234567", "+84701234567"),
            ("01241234567", "+84841234567"),
            ("0841234567", "+84841234567"),
            ("841234567", "+84841234567"),
            ("84841234567", "+84841234567"),
            ("+84841234567", "+84841234567"),
            ("01861234567", "+84561234567"),
            ("01991234567", "+84591234567"),
            ("02471234567", "+842471234567"),
            ("842471234567", "+842471234567"),
            ("+6591234567", "+6591234567"),
        ];
        for (written, number) in cases {
            assert_eq!(vietnamese(written), Address::Phone(number.into()), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for other in ["01601234567", "091234567", "09123456789", "+84", "0", "+", "0912345678x1234567"] {
            assert_eq!(vietnamese(other), Address::Other(other.into()), "{other}");
        }
        for service in ["19001234", "1900123456", "18001234"] {
            assert_eq!(vietnamese(service), Address::Service(service.into()));
        }
        assert_eq!(vietnamese("8079"), Address::ShortCode("8079".into()));
        assert_eq!(vietnamese("MYSHOP"), Address::Name("MYSHOP".into()));
    }

    #[test]
    fn every_prefix_that_moved_is_in_the_table_once() {
        for (old, new) in MIGRATED {
            assert_eq!(vietnamese(&format!("0{old}1234567")), Address::Phone(format!("+84{new}1234567")));
        }
        let mut new: Vec<_> = MIGRATED.iter().map(|(_, new)| new).collect();
        new.sort_unstable();
        new.dedup();
        assert_eq!(new.len(), MIGRATED.len());
    }
}
