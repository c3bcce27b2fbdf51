//! Fields of a mail that a provider has taken apart, put together again as a message: from there on all go one way, and files
//! are found again in the same manner.
//!
//! The same fields give the same bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// What a provider made of a mail.
#[derive(Default)]
pub(crate) struct Pieces<'a> {
    /// Headers in their order. Those about MIME are left out.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) files: Vec<File<'a>>,
}

/// A file.
pub(crate) struct File<'a> {
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) content_id: Option<String>,
    pub(crate) bytes: std::borrow::Cow<'a, [u8]>,
}

impl Pieces<'_> {
    /// Adds a header that is not there yet.
    pub(crate) fn default_header(&mut self, name: &str, value: Option<String>) {
        let is_there = self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some(value) = value.filter(|_| !is_there) {
            self.headers.push((name.to_owned(), value));
        }
    }

    /// The message.
    pub(crate) fn message(&self) -> Vec<u8> {
        let boundary = self.boundary();
        let mut out = Vec::new();
        for (name, value) in &self.headers {
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
            let lower = name.to_ascii_lowercase();
            if is_name && !lower.starts_with("content-") && lower != "mime-version" {
                line(&mut out, &format!("{name}: {}", one_line(value)));
            }
        }
        line(&mut out, "MIME-Version: 1.0");
        line(&mut out, &format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n"));
        self.bodies(&mut out, &boundary);
        for file in &self.files {
            // Without parameters: one that names a boundary would swallow what follows.
            let mime = file.mime.as_deref().and_then(|mime| mime.split(';').next()).map(one_line);
            let mime = mime.filter(|mime| mime.contains('/') && !mime.to_ascii_lowercase().starts_with("multipart/"));
            line(
                &mut out,
                &format!("--{boundary}\r\nContent-Type: {}", mime.as_deref().unwrap_or("application/octet-stream")),
            );
            if let Some(id) = &file.content_id {
                line(&mut out, &format!("Content-ID: <{}>", one_line(id.trim_matches(['<', '>']))));
            }
            let name = file.name.as_deref().map(|name| format!("; filename=\"=?utf-8?B?{}?=\"", STANDARD.encode(name)));
            line(&mut out, &format!("Content-Disposition: attachment{}", name.unwrap_or_default()));
            encoded(&mut out, &file.bytes);
        }
        line(&mut out, &format!("--{boundary}--"));
        out
    }

    /// The text bodies, each as good as the other.
    fn bodies(&self, out: &mut Vec<u8>, boundary: &str) {
        let bodies = [("plain", &self.text), ("html", &self.html)];
        if bodies.iter().all(|(_, text)| text.is_none()) {
            return;
        }
        line(out, &format!("--{boundary}\r\nContent-Type: multipart/alternative; boundary=\"{boundary}-alt\"\r\n"));
        for (mime, text) in bodies {
            if let Some(text) = text {
                line(out, &format!("--{boundary}-alt\r\nContent-Type: text/{mime}; charset=utf-8"));
                encoded(out, text.as_bytes());
            }
        }
        line(out, &format!("--{boundary}-alt--"));
    }

    /// Of a digest: no part can hold it but on purpose, and a mail that knows it would have to know its own digest. Base64 and
    /// header lines hold no line that begins with dashes.
    fn boundary(&self) -> String {
        let mut digest = Sha256::new();
        for (name, value) in &self.headers {
            digest.update(name);
            digest.update(value);
        }
        format!("kenh-{}", hex::encode(digest.finalize().get(..12).unwrap_or_default()))
    }
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn encoded(out: &mut Vec<u8>, bytes: &[u8]) {
    line(out, "Content-Transfer-Encoding: base64\r\n");
    for chunk in bytes.chunks(57) {
        line(out, &STANDARD.encode(chunk));
    }
}

/// A value can begin no other header.
fn one_line(value: &str) -> String {
    value.split(['\r', '\n', '\0']).map(str::trim).filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An address with its name, as a header has it.
pub(crate) fn mailbox(address: &str, name: Option<&str>) -> String {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => format!("\"{}\" <{address}>", name.replace(['\\', '"'], " ")),
        None => address.to_owned(),
    }
}

/// The lines of a header block as names and values.
pub(crate) fn header_block(text: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in text.lines().take_while(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{charset::Fallback, mail::Mail};

    #[test]
    fn what_was_taken_apart_reads_as_it_was() {
        let mut pieces = Pieces {
            headers: vec![
                ("Subject".into(), "Đơn hàng\r\nBcc: evil@example.test".into()),
                ("Content-Type".into(), "text/html".into()),
                ("Message-ID".into(), "<m1@example.test>".into()),
            ],
            text: Some("--kenh\r\nChào".into()),
            html: Some("<p>Chào</p>".into()),
            files: vec![File {
                name: Some("ảnh \"1\".png".into()),
                mime: Some("image/png\r\nX: y".into()),
                content_id: Some("<img1>".into()),
                bytes: b"\0\xff"[..].into(),
            }],
        };
        pieces.default_header("From", Some(mailbox("lan@example.test", Some("Lan \"L\""))));
        pieces.default_header("subject", Some("no".into()));
        let raw = pieces.message();
        let mail = Mail::parse(&raw, Fallback::default()).unwrap();
        assert_eq!(mail.subject().unwrap(), "Đơn hàng Bcc: evil@example.test");
        let (plain, html) = mail.bodies();
        assert_eq!((mail.text(plain[0]), mail.text(html[0])), ("--kenh\r\nChào".into(), "<p>Chào</p>".into()));
        let (files, _) =
            crate::attachment::parts(&mail, &plain.into_iter().chain(html).collect(), "<img src=cid:img1>");
        let Some(kenh_proto::v1::part::Content::Media(file)) = &files[0].content else { panic!("a file") };
        assert_eq!(
            (file.name.as_deref(), file.content_id.as_deref(), file.inline),
            (Some("ảnh \"1\".png"), Some("img1"), true)
        );
        assert_eq!(crate::attachment::bytes(&mail, file.provider_ref.as_deref().unwrap()).unwrap(), b"\0\xff");
    }
}
