use super::*;

fn parsed(raw: &[u8], check: impl FnOnce(&Mail<'_>)) {
    let prepared = prepared(raw, Fallback::Windows1258);
    check(&Mail::parse(&prepared, Fallback::Windows1258).unwrap());
}

#[test]
fn headers_of_old_encodings_are_read() {
    parsed(b"Subject: =?VISCII?Q?Ti=AAng_Vi=AEt?=\nFrom: =?tcvn?B?VGnVbmc=?= <a@example.test>\n\nx", |mail| {
        assert_eq!(mail.subject().unwrap(), "Tiếng Việt");
        assert_eq!(mail.addresses(&HeaderName::From), [("a@example.test".into(), Some("Tiếng".into()))]);
    });
    parsed(b"Subject: Ch\xe0o\nFrom: a@example.test\n\nCh\xe0o", |mail| {
        assert_eq!((mail.subject().unwrap(), mail.text(0)), ("Chào".into(), "Chào".into()));
    });
}

#[test]
fn depth_exhausts_nothing() {
    let nested = b"Content-Type: message/rfc822\n\n".repeat(60_000);
    parsed(&[b"From: a@example.test\n".as_slice(), &nested].concat(), |mail| assert!(!mail.parts().is_empty()));
    let many: Vec<_> =
        (0..2_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let many = many.concat();
    parsed(format!("From: a@example.test\n{many}").as_bytes(), |mail| assert!(mail.parts().len() > 1_000));
}

#[test]
fn what_is_no_mail_is_none() {
    for raw in [b"".as_slice(), b"\n\n", b"hello", b"\xff\xfe\x00", b"a: b\n\nc"] {
        assert!(Mail::parse(raw, Fallback::default()).is_none(), "{raw:?}");
    }
}

#[test]
fn flowed_lines_are_joined() {
    assert_eq!(unflowed("Xin \nchào\n-- \nA\n> b \n> c"), "Xin chào\n-- \nA\n> b \n> c");
}
