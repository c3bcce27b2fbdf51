//! Phone numbers as Zalo wants them: `84` and the national number, digits only.

/// Digits of a Vietnamese number behind the country code: 9 for mobiles, 10 for some others.
const NATIONAL: std::ops::RangeInclusive<usize> = 9..=10;

/// Why a number is none that Zalo could reach.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotAPhone {
    /// It has other characters, or too few or too many digits.
    Malformed,
    /// It is a number of another country.
    Foreign,
}

/// Reads `+84912345678`, `84912345678` and the national `0912345678`, which Zalo does not take and becomes the former.
/// Spaces, hyphens, dots and brackets between digits are left out.
pub(super) fn vietnamese(number: &str) -> Result<String, NotAPhone> {
    let (international, rest) = number.trim().strip_prefix('+').map_or((false, number.trim()), |rest| (true, rest));
    if rest.len() > 40 || !rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')')) {
        return Err(NotAPhone::Malformed);
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let national = match (digits.strip_prefix("84"), digits.strip_prefix('0')) {
        (Some(national), _) => national,
        (None, Some(national)) if !international => national,
        (None, None) if international && !digits.is_empty() => return Err(NotAPhone::Foreign),
        (None, None | Some(_)) => return Err(NotAPhone::Malformed),
    };
    let sound = NATIONAL.contains(&national.len()) && !national.starts_with('0');
    if sound { Ok(format!("84{national}")) } else { Err(NotAPhone::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_of_writing_a_number_are_one() {
        for number in ["84912345678", "+84912345678", "0912345678", " 0912 345 678", "+84 (91) 234-56.78"] {
            assert_eq!(vietnamese(number).as_deref(), Ok("84912345678"), "{number}");
        }
        assert_eq!(vietnamese("+842412345678").as_deref(), Ok("842412345678"));
    }

    #[test]
    fn other_shapes_are_refused() {
        for number in ["+1 202 555 0100", "+66812345678"] {
            assert_eq!(vietnamese(number), Err(NotAPhone::Foreign), "{number}");
        }
        let malformed = [
            "",
            "+",
            "912345678",
            "0084912345678",
            "8491234567",
            "849123456789012",
            "+840912345678",
            "+0912345678",
            "0012345678",
            "091234567x",
            "84912345678,84912345679",
            "tel:84912345678",
            "５５５5550001112223334445",
        ];
        for number in malformed {
            assert_eq!(vietnamese(number), Err(NotAPhone::Malformed), "{number}");
        }
    }
}
