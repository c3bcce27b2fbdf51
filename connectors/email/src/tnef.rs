//! Files within `winmail.dat`, which Outlook sends to whom it takes for another Outlook: TNEF ([MS-OXTNEF]).
//!
//! Only what hangs on is read. The text stands in the mail beside it as well.

const SIGNATURE: u32 = 0x223e_9f78;
/// Begins an attachment.
const RENDER_DATA: u32 = 0x0006_9002;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800f;
const ATTACHMENT: u8 = 2;
/// More files than a mail has.
const MOST: usize = 100;

/// A file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct File<'a> {
    pub(crate) name: Option<String>,
    pub(crate) bytes: &'a [u8],
}

/// Whether a part may be one, by its type and name.
pub(crate) fn is_tnef(mime: &str, name: Option<&str>) -> bool {
    mime == "application/ms-tnef"
        || mime == "application/vnd.ms-tnef"
        || name.is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"))
}

/// The files, up to where it is damaged.
pub(crate) fn files(bytes: &[u8]) -> Vec<File<'_>> {
    let mut files = Vec::new();
    let Some((SIGNATURE, mut rest)) = number(bytes).and_then(|(signature, rest)| Some((signature, rest.get(2..)?)))
    else {
        return files;
    };
    while let Some((level, id, data, behind)) = attribute(rest) {
        rest = behind;
        if level != ATTACHMENT {
            continue;
        }
        if id == RENDER_DATA {
            if files.len() == MOST {
                break;
            }
            files.push(File::default());
        }
        let Some(file) = files.last_mut() else { continue };
        match id {
            TITLE => file.name = name(data),
            DATA => file.bytes = data,
            _ => {}
        }
    }
    files
}

/// Level, id, data, and what stands behind the checksum.
fn attribute(bytes: &[u8]) -> Option<(u8, u32, &[u8], &[u8])> {
    let (level, rest) = bytes.split_first()?;
    let (id, rest) = number(rest)?;
    let (length, rest) = number(rest)?;
    let (data, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((*level, id, data, rest.get(2..)?))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

/// Names are in the code page of the sender; what is no UTF-8 is read as Western.
fn name(data: &[u8]) -> Option<String> {
    let text = data.split(|byte| *byte == 0).next()?;
    let text = match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(text).0.into_owned(),
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        [&[level][..], &id.to_le_bytes(), &length.to_le_bytes(), data, &[0, 0]].concat()
    }

    #[test]
    fn files_are_found_and_damage_ends_them() {
        let whole = [
            SIGNATURE.to_le_bytes().to_vec(),
            vec![1, 0],
            attribute(1, 0x0008_9006, &[0, 0, 1, 0]),
            attribute(2, RENDER_DATA, &[0; 14]),
            attribute(2, TITLE, b"bao gia.pdf\0"),
            attribute(2, DATA, b"%PDF"),
            attribute(2, RENDER_DATA, &[0; 14]),
            attribute(2, DATA, b"two"),
        ]
        .concat();
        let names =
            |bytes: &[u8]| files(bytes).iter().map(|file| (file.name.clone(), file.bytes.to_vec())).collect::<Vec<_>>();
        let expected = vec![(Some("bao gia.pdf".into()), b"%PDF".to_vec()), (None, b"two".to_vec())];
        assert_eq!(names(&whole), expected);
        for end in 0..whole.len() {
            assert!(files(&whole[..end]).len() <= 2);
        }
        assert!(files(b"").is_empty() && files(b"\x78\x9f\x3e\x22\x01\x00\xff").is_empty());
    }
}
