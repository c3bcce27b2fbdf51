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
                    \u{a0}ĂÂÊÔƠƯĐăâêôơưđẰ\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴ\
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

    /// Every letter with a mark, small and capital, and what iconv(1) writes for them.
    const LETTERS: &str = "àáãảạằắẵẳặầấẫẩậèéẽẻẹềếễểệìíĩỉịòóõỏọồốỗổộờớỡởợùúũủụừứữửựỳýỹỷỵăâêôơưđ\
                           ÀÁÃẢẠẰẮẴẲẶẦẤẪẨẬÈÉẼẺẸỀẾỄỂỆÌÍĨỈỊÒÓÕỎỌỒỐỖỔỘỜỚỠỞỢÙÚŨỦỤỪỨỮỬỰỲÝỸỶỴĂÂÊÔƠƯĐ";
    const AS_VISCII: &str = "e0e1e3e4d5a2a1c7c6a3a5a4e7a6a7e8e9a8eba9abaaadacaeecedeeefb8f2f3f5f6f7b0afb2b1b5b6bedeb7fef9fafbfcf8\
                          d7d1e6d8f1cffddbd6dce5e2eaf4bddff0c0c1c3c48082810502838584068687c8c988cb898b8a8d8c8ecccdce9b98d2d3a0\
                          999a908f9291939695b39794d9da9d9c9ebbbaffbcb99fdd19141ec5c2cad4b4bfd0";
    const AS_TCVN: &str = "b5b8b7b6b9bbbebdbcc6c7cac9c8cbccd0cfced1d2d5d4d3d6d7dddcd8dedfe3e2e1e4e5e8e7e6e9eaedecebeeeff3f2f1f4\
                          f5f8f7f6f9fafdfcfbfea8a9aaabacadae8083828184afc0bfba85c1c4c3c286878a89888bc5dad9cd8c8d908f8e91929594\
                          9396dbfff0e097989b9a999c9d019f9e0204110605121316151417a1a2a3a4a5a6a7";

    #[test]
    fn every_letter_is_read() {
        assert_eq!(Vietnamese::Viscii.decode(&hex::decode(AS_VISCII).unwrap()), LETTERS);
        let decomposed = Vietnamese::Tcvn.decode(&hex::decode(AS_TCVN).unwrap());
        assert_eq!(crate::charset::composed(&decomposed), LETTERS);
    }
}
