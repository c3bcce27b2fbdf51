//! Which requests are believed.

#[cfg(test)]
mod common;

use common::{configured, endpoint, headers, verdict};
use connector_sdk::{Delivery, Rejected};
use connector_zalo::CONNECTOR;

const HEADER: &str = "X-ZEvent-Signature";

/// Non-ASCII text, as sent.
const TEXT: &str = r#"{"app_id":"1000000000000000001","sender":{"id":"5550001112223334445"},"user_id_by_app":"6660001112223334445","recipient":{"id":"7770001112223334445"},"event_name":"user_send_text","message":{"text":"Xin chào shop","msg_id":"a1b2c3d4e5f60718293a"},"timestamp":"1767225600123"}"#;
const TEXT_MAC: &str = "9651ba7d225c4a301950bd29c6c0b00102458711e52a9253b70ea0aa72b9bc3a";
/// Escaped slashes.
const IMAGE: &str = r#"{"app_id":"1000000000000000001","sender":{"id":"5550001112223334445"},"recipient":{"id":"7770001112223334445"},"event_name":"user_send_image","message":{"attachments":[{"payload":{"thumbnail":"https:\/\/media.example.test\/t.jpg","url":"https:\/\/media.example.test\/p.jpg"},"type":"image"}],"msg_id":"a1b2c3d4e5f60718293b"},"timestamp":"1767225601123"}"#;
const IMAGE_MAC: &str = "dcb690a06ce4e3456a06ec2ccecd543b85d46220a4ebe5db02ecc228d2f6814c";
/// A template receipt: other order of members, another time inside the message.
const TEMPLATE: &str = r#"{"sender":{"id":"7770001112223334445"},"recipient":{"id":"84912345678"},"event_name":"user_received_message","message":{"delivery_time":"1767225605000","msg_id":"zns0000000000000001","tracking_id":"order-1001"},"app_id":"1000000000000000001","timestamp":"1767225606123"}"#;
const TEMPLATE_MAC: &str = "b0f97b861bfa2e39828292543204b1aa30747febb1f129972334561ab60b73fa";

fn says(body: &str, value: &str) -> Result<(), Rejected> {
    verdict(&*endpoint(), body, &[(HEADER, value)])
}

#[test]
fn the_vectors_are_believed() {
    for (body, mac) in [(TEXT, TEXT_MAC), (IMAGE, IMAGE_MAC), (TEMPLATE, TEMPLATE_MAC)] {
        assert_eq!(says(body, &format!("mac={mac}")), Ok(()));
        assert_eq!(endpoint().sign(body.as_bytes()), [(HEADER, format!("mac={mac}"))]);
    }
}

#[test]
fn case_spaces_and_a_missing_scheme_do_no_harm() {
    let upper = TEXT_MAC.to_uppercase();
    for value in [TEXT_MAC, &upper, &format!("mac = {upper}"), &format!(" mac= {TEXT_MAC} ")] {
        assert_eq!(says(TEXT, value), Ok(()), "{value}");
    }
}

#[test]
fn a_body_serialised_anew_is_refused() {
    let escaped = TEXT.replace('à', "\\u00e0");
    assert_eq!(says(&escaped, &format!("mac={TEXT_MAC}")), Err(Rejected::SignatureMismatch));
    let unescaped = IMAGE.replace("\\/", "/");
    assert_eq!(says(&unescaped, &format!("mac={IMAGE_MAC}")), Err(Rejected::SignatureMismatch));
    let of_escaped = "mac=762356934d9b867bad0f3059b71211c1ca168d696abcf420fe8d564917800e16";
    assert_eq!(says(TEXT, of_escaped), Err(Rejected::SignatureMismatch));
}

#[test]
fn an_hmac_is_refused() {
    let hmac = "mac=2a38eb25ff8a44924a9dc73b296dc04c2ef89a533cf1130303283444f4923feb";
    assert_eq!(says(TEXT, hmac), Err(Rejected::SignatureMismatch));
}

#[test]
fn a_header_that_is_missing_doubled_or_broken_is_refused() {
    let mac = format!("mac={TEXT_MAC}");
    assert_eq!(verdict(&*endpoint(), TEXT, &[]), Err(Rejected::SignatureMissing));
    assert_eq!(verdict(&*endpoint(), TEXT, &[(HEADER, &mac), (HEADER, &mac)]), Err(Rejected::SignatureMissing));
    let truncated = mac.get(..mac.len() - 2).unwrap();
    for value in ["", "mac=", truncated, &format!("{mac}00"), &format!("sha256={TEXT_MAC}"), "mac=zz"] {
        assert_eq!(says(TEXT, value), Err(Rejected::SignatureMalformed), "{value}");
    }
}

#[test]
fn another_application_or_none_is_refused_also_when_signed() {
    let other = TEXT.replace("1000000000000000001", "1000000000000000002");
    let none = TEXT.replace("app_id", "app");
    for body in [other, none] {
        let mac = endpoint().sign(body.as_bytes()).remove(0).1;
        assert_eq!(says(&body, &mac), Err(Rejected::WrongApplication));
    }
}

#[test]
fn a_timestamp_counts_as_the_digits_that_were_sent() {
    let stamped = |timestamp: &str| TEXT.replace("\"1767225600123\"", timestamp);
    for timestamp in ["1767225600123", "\"17672256001\"", "18446744073709551616", "\"0\""] {
        let body = stamped(timestamp);
        let mac = endpoint().sign(body.as_bytes()).remove(0).1;
        assert_eq!(says(&body, &mac), Ok(()), "{timestamp}");
    }
    // As text and as number the signature is over other bytes, though over the same digits.
    assert_eq!(says(&stamped("1767225600123"), &format!("mac={TEXT_MAC}")), Err(Rejected::SignatureMismatch));
}

#[test]
fn a_body_without_a_sound_timestamp_is_refused() {
    let long = format!("\"{}\"", "1".repeat(21));
    let bad = ["null", "\"\"", "1.5", "-1", "1e3", "\" 1\"", "\"\\u0031\"", "[1]", "true", "1,\"timestamp\":2", &long];
    for timestamp in bad {
        let body = TEXT.replace("\"1767225600123\"", timestamp);
        assert_eq!(says(&body, &format!("mac={TEXT_MAC}")), Err(Rejected::SignedPartMissing), "{timestamp}");
    }
    for body in ["", "{}", "[]", "nonsense", r#"{"app_id":"1000000000000000001"}"#] {
        assert_eq!(says(body, &format!("mac={TEXT_MAC}")), Err(Rejected::SignedPartMissing), "{body}");
    }
}

#[test]
fn while_a_secret_is_replaced_both_are_believed() {
    let with = |keys: &str| configured(&format!("app_id: '1000000000000000001'\noa_secret_keys: {keys}")).unwrap();
    let mac = format!("mac={TEXT_MAC}");
    let says = |keys: &str| verdict(&*with(keys), TEXT, &[(HEADER, &mac)]);
    assert_eq!(says("[oaSecretForTests02, oaSecretForTests01]"), Ok(()));
    assert_eq!(says("[oaSecretForTests01, oaSecretForTests02]"), Ok(()));
    assert_eq!(says("oaSecretForTests02"), Err(Rejected::SignatureMismatch));
}

#[test]
fn without_a_secret_nothing_else_is_looked_at() {
    let bare = (CONNECTOR.bare)();
    for body in [TEXT, "", "nonsense"] {
        assert_eq!(verdict(&*bare, body, &[]), Err(Rejected::NoSecret));
    }
    assert!(bare.sign(TEXT.as_bytes()).is_empty());
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    let faults = |yaml: &str| configured(yaml).unwrap_err().into_iter().map(|fault| fault.path).collect::<Vec<_>>();
    assert_eq!(faults("{}"), ["zalo.app_id", "zalo.oa_secret_keys"]);
    assert_eq!(faults("app_id: '12a'\noa_secret_keys: s"), ["zalo.app_id"]);
    assert_eq!(faults("app_id: '1'\noa_secret_keys: s\nsite_verification: a/b"), ["zalo.site_verification"]);
}

#[test]
fn the_domain_is_proven_by_a_page() {
    assert!(endpoint().pages().is_empty());
    let with_code = configured("app_id: '1'\noa_secret_keys: s\nsite_verification: Ab_c-1").unwrap();
    let pages = with_code.pages();
    let [page] = pages.as_slice() else { panic!("one page") };
    assert_eq!(page.path, "/zalo_verifierAb_c-1.html");
    assert!(page.body.contains("name=\"zalo-platform-site-verification\"") && page.body.contains("content=\"Ab_c-1\""));
}

#[test]
fn a_repeat_is_known_by_its_header() {
    let repeat =
        |name: &str, value: &str| endpoint().is_redelivery(Delivery { headers: &headers(&[(name, value)]), body: b"" });
    assert!(repeat("num_retry", "1") && repeat("num-retry", "5") && repeat("Num_Retry", " 2 "));
    assert!(!repeat("num_retry", "0") && !repeat("num_retry", "yes") && !repeat("retry", "1"));
}
