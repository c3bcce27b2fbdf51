//! Encodings of Viet Nam from before Unicode.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vietnamese {
    /// RFC 1456.
    Viscii,
    /// TCVN 5712-1:1993, which fonts call TCVN3 or ABC.
    Tcvn,
}

/// 0x80 to 0xFF.
const VISCII: &str = "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ\
                      ÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ\
                      ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư\
                      àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ";
const VISCII_CONTROLS: &[(u8, char)] = &[(0x02, 'Ẳ'), (0x05, 'Ẵ'), (0x06, 'Ẫ'), (0x14, 'Ỷ'), (0x19, 'Ỹ'), (0x1e, 'Ỵ')];

/// 0x80 to 0xFF; 0xB0 to 0xB4 are tones that combine with the letter before.
const TCVN: &str = "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\
                    \u{a0}ĂÂÊÔƠƯĐăâêôơưđẶ\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴ\
                    ẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò\
                    ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ";
const TCVN_CONTROLS: &[(u8, char)] = &[
    (0x01, 'Ú'),
    (0x02, 'Ụ'),
    (0x04, 'Ừ'),
    (0x05, 'Ử'),
    (0x06, 'Ữ'),
    (0x11, 'Ứ'),
    (0x12, 'Ự'),
    (0x13, 'Ỳ'),
    (0x14, 'Ỷ'),
    (0x15, 'Ỹ'),
    (0x16, 'Ý'),
    (0x17, 'Ỵ'),
];

impl Vietnamese {
    /// By a label in lower case.
    pub(crate) fn of(label: &str) -> Option<Self> {
        match label {
            "viscii" | "csviscii" | "viscii1.1-1" | "x-viet-viscii" => Some(Self::Viscii),
            "tcvn" | "tcvn-5712" | "tcvn5712" | "tcvn5712-1" | "tcvn5712-1:1993" | "x-viet-tcvn"
            | "x-viet-tcvn5712" | "x-viet-tcvn3" | "tcvn3" => Some(Self::Tcvn),
            _ => None,
        }
    }

    /// Every byte is a character.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        let (high, controls) = match self {
            Self::Viscii => (VISCII, VISCII_CONTROLS),
            Self::Tcvn => (TCVN, TCVN_CONTROLS),
        };
        let high: Vec<char> = high.chars().collect();
        let character = |byte: &u8| match byte {
            0x80.. => high.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
            _ => controls.iter().find(|(code, _)| code == byte).map_or(char::from(*byte), |(_, letter)| *letter),
        };
        bytes.iter().map(character).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        assert_eq!((VISCII.chars().count(), TCVN.chars().count()), (128, 128));
    }
}
