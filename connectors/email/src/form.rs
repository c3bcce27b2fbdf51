//! Fields of a posted form, multipart or urlencoded, with their bytes as they came.

use bytes::Bytes;
use connector_sdk::Malformed;
use futures_util::{FutureExt as _, stream};
use multer::Multipart;

use crate::provider::odd;

/// Fields of a form.
#[derive(Default)]
pub(crate) struct Fields(Vec<Field>);

/// One of them.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Bytes,
}

/// More fields than a mail makes.
const MOST: usize = 1000;
/// Longest boundary (RFC 2046), with dashes and some more.
const LONGEST_BOUNDARY: usize = 200;

/// Reads a form. The boundary of a multipart one is taken from the body's first line and not from the header that names
/// it as well: no signature covers that.
pub(crate) fn read(body: &[u8]) -> Result<Fields, Malformed> {
    let Some(rest) = body.strip_prefix(b"--") else {
        let pairs = form_urlencoded::parse(body).into_owned().take(MOST);
        let field = |(name, value): (String, String)| Field { name, file_name: None, mime: None, bytes: value.into() };
        return Ok(Fields(pairs.map(field).collect()));
    };
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let boundary = std::str::from_utf8(line).ok().filter(|line| !line.is_empty() && line.len() <= LONGEST_BOUNDARY);
    let boundary = boundary.ok_or_else(|| odd("the form has no boundary"))?;
    let whole = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(body))]);
    // Everything is there already: nothing of it ever waits.
    let fields = parts(Multipart::new(whole, boundary)).now_or_never();
    let fields = fields.ok_or_else(|| odd("the form has no end"))?.map_err(|_| odd("the form is broken"))?;
    if fields.len() >= MOST {
        return Err(odd("the form has too many fields"));
    }
    Ok(Fields(fields))
}

async fn parts(mut form: Multipart<'_>) -> multer::Result<Vec<Field>> {
    let mut fields = Vec::new();
    while let Some(part) = form.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(Into::into);
        let mime = part.content_type().map(ToString::to_string);
        fields.push(Field { name, file_name, mime, bytes: part.bytes().await? });
        if fields.len() >= MOST {
            break;
        }
    }
    Ok(fields)
}

impl Fields {
    /// All fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// The bytes of a field; of several the last, which is the provider's own where a name was taken already.
    pub(crate) fn bytes(&self, name: &str) -> Option<&Bytes> {
        self.0.iter().rev().find(|field| field.name == name).map(|field| &field.bytes).filter(|bytes| !bytes.is_empty())
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_as_they_are() {
        let body = b"--b1\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xe9\xff\r\n--b1\r\n\
                     Content-Disposition: form-data; name=\"f\"; filename=\"a b.png\"\r\nContent-Type: image/png\r\n\r\n\0\r\n\r\n--b1--\r\n";
        let fields = read(body).unwrap();
        assert_eq!(fields.bytes("text").unwrap().as_ref(), b"\xe9\xff");
        let file = fields.iter().last().unwrap();
        assert_eq!((file.file_name.as_deref(), file.mime.as_deref()), (Some("a b.png"), Some("image/png")));
        assert_eq!(file.bytes.as_ref(), b"\0\r\n");
    }

    #[test]
    fn broken_forms_are_told() {
        for body in [b"--".as_slice(), b"--b\r\n", b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx"] {
            assert!(read(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn of_a_name_that_is_there_twice_the_last_counts() {
        assert_eq!(read(b"token=a&token=b").unwrap().text("token").as_deref(), Some("b"));
    }
}
