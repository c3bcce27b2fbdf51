//! The vectors of each scheme, passing and must-fail.

#[cfg(test)]
mod common;

use common::{NOW, call, endpoint, verdict};
use connector_sdk::{Proof, Rejected};
use http::Method;

const TWILIO: &str = "provider: twilio\nuser: AC1\nsecrets: [test_auth_token_0000, test_auth_token_0001]\n\
                      public_url: https://gw.example.test/hooks/twilio/sms\n";
const BODY: &str = "MessageSid=SM00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001\
                    &From=%2B84900000001&To=%2B84280000001&Body=Xin+ch%C3%A0o+%F0%9F%91%8B+a%26b%3Dc&NumMedia=0\
                    &NumSegments=1&FromCity=";

fn twilio(body: &str, headers: &[(&str, &str)]) -> Result<Proof, Rejected> {
    verdict(&*endpoint(TWILIO), &call(Method::POST, "tenant=7", headers, body))
}

#[test]
fn twilio_signs_address_and_parameters() {
    let header = "X-Twilio-Signature";
    assert_eq!(twilio(BODY, &[(header, "JXEZ7LbwM3N8b1bi+Fd1vwnflGA=")]), Ok(Proof::Signature));
    assert_eq!(twilio(BODY, &[(header, "Pemu7p6tT118lIy6VEW9vmhSCLk=")]), Ok(Proof::Signature), "with :443");
    let mismatch = Err(Rejected::SignatureMismatch);
    assert_eq!(twilio(BODY, &[(header, "Z02OuKOP5pLodb+YxQMWRqNKrl0=")]), mismatch, "behind the proxy");
    assert_eq!(
        twilio(
            &BODY.replace("chao", "x").replace("%2B84900000001", "%2B84900000002"),
            &[(header, "JXEZ7LbwM3N8b1bi+Fd1vwnflGA=")]
        ),
        mismatch
    );
    let other_query = call(Method::POST, "tenant=8", &[(header, "JXEZ7LbwM3N8b1bi+Fd1vwnflGA=")], BODY);
    assert_eq!(verdict(&*endpoint(TWILIO), &other_query), mismatch);
    assert_eq!(twilio(BODY, &[]), Err(Rejected::SignatureMissing));
    assert_eq!(twilio(BODY, &[(header, "?")]), Err(Rejected::SignatureMalformed));
}

#[test]
fn twilio_signs_with_a_shared_key_where_it_says_so() {
    let signature = ("X-Twilio-Signature", "/pqF2kkUe2wGP8E3jaRAcP+j5LjhzaW66yxxYh9MsUI=");
    let manner = "X-Twilio-Webhooks-Signature-Settings";
    assert_eq!(twilio(BODY, &[signature, (manner, "key=SK1,algorithm=HMAC_SHA256")]), Ok(Proof::Signature));
    assert_eq!(twilio(BODY, &[signature]), Err(Rejected::SignatureMismatch));
    let unknown = twilio(BODY, &[signature, (manner, "key=SK1,algorithm=NONE")]);
    assert_eq!(unknown, Err(Rejected::SignatureMalformed));
    let sha1 = ("X-Twilio-Signature", "JXEZ7LbwM3N8b1bi+Fd1vwnflGA=");
    assert_eq!(twilio(BODY, &[sha1, (manner, "key=SK1")]), Ok(Proof::Signature));
}

#[test]
fn twilio_signs_the_digest_of_a_json_body() {
    let settings = TWILIO.replace("twilio/sms", "twilio/status");
    let body = r#"{"MessageSid":"SM00000000000000000000000000000001","MessageStatus":"delivered"}"#;
    let query = "bodySHA256=c2a49ec3252aa01ed7bfceee3c3ae192ce3a8d483b78b62381a3f1649b15ba99";
    let signature = [("X-Twilio-Signature", "jRBp1BSNzX8P/ht7VYt2DhGfcRI=")];
    let right = call(Method::POST, query, &signature, body);
    assert_eq!(verdict(&*endpoint(&settings), &right), Ok(Proof::Signature));
    let changed = body.replace("delivered", "delivereD");
    let wrong = call(Method::POST, query, &signature, &changed);
    assert_eq!(verdict(&*endpoint(&settings), &wrong), Err(Rejected::SignatureMismatch));
    let without = call(Method::POST, "", &signature, body);
    assert_eq!(verdict(&*endpoint(&settings), &without), Err(Rejected::SignatureMismatch));
}

const PLIVO: &str = "provider: plivo\nuser: MA1\nsecrets: [older, test-plivo-auth-token]\n\
                     public_url: https://gw.example.test/hooks/plivo\n";
const NONCE: &str = "05429567804466091622";
const FORM: &str = "From=84900000001&To=84280000001&Text=Xin+chao&Type=sms\
                    &MessageUUID=00000000-0000-4000-8000-000000000003&Units=1";

#[test]
fn plivo_signs_address_parameters_and_a_nonce() {
    let post = |signature: &str, nonce: &str, body: &str| {
        let headers = [("X-Plivo-Signature-V3", signature), ("X-Plivo-Signature-V3-Nonce", nonce)];
        verdict(&*endpoint(PLIVO), &call(Method::POST, "tenant=7", &headers, body))
    };
    let right = "d7R+r5CFrdlcYi1esTDrIx4yGxrKd5+GTjWlO1rcUHo=";
    assert_eq!(post(right, NONCE, FORM), Ok(Proof::Signature));
    assert_eq!(post(&format!("AAAA, {right}"), NONCE, FORM), Ok(Proof::Signature), "one of several");
    assert_eq!(post(right, "05429567804466091623", FORM), Err(Rejected::SignatureMismatch));
    assert_eq!(post(right, NONCE, &FORM.replace("chao", "chAo")), Err(Rejected::SignatureMismatch));
    let get = "merV9ODzCKVG4qvIa2mMhOjD9MfgrbksM4U/Ny+v9v0=";
    assert_eq!(post(get, NONCE, FORM), Err(Rejected::SignatureMismatch));
    let headers = [("X-Plivo-Signature-V3", get), ("X-Plivo-Signature-V3-Nonce", NONCE)];
    let query = format!("{FORM}&tenant=7");
    assert_eq!(verdict(&*endpoint(PLIVO), &call(Method::GET, &query, &headers, &query)), Ok(Proof::Signature));
}

#[test]
fn plivos_older_signature_covers_no_body_and_counts_only_where_it_is_let() {
    let headers = [
        ("X-Plivo-Signature-V2", "JsmP2477sSSCLiVw/8e3y1vP3gOXxRYeG9/UpkinpVY="),
        ("X-Plivo-Signature-V2-Nonce", NONCE),
    ];
    let call = call(Method::POST, "tenant=7", &headers, FORM);
    assert_eq!(verdict(&*endpoint(PLIVO), &call), Err(Rejected::SignatureMissing));
    let lenient = endpoint(&format!("{PLIVO}unsigned_bodies: true\n"));
    assert_eq!(verdict(&*lenient, &call), Ok(Proof::Token));
}

#[test]
fn telnyx_signs_time_and_body_with_its_key() {
    let settings = "provider: telnyx\nsecrets: A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n";
    let body = r#"{"data":{"event_type":"message.received","id":"00000000-0000-4000-8000-000000000004"}}"#;
    let signature = "1L5A0zw63mLXX2+UV3sEo7Pobeljt8QhmcEUzG5twHNbuOO94QKQudk3QRpRrC7z63BOAsKs8KqtNU9sE9SPAg==";
    let at = |now: u64, time: &str, body: &str| {
        let headers = [("telnyx-signature-ed25519", signature), ("telnyx-timestamp", time)];
        let mut call = call(Method::POST, "", &headers, body);
        call.now = now;
        verdict(&*endpoint(settings), &call)
    };
    assert_eq!(at(1_795_291_200, "1795291200", body), Ok(Proof::Signature));
    assert_eq!(at(1_795_291_500, "1795291200", body), Ok(Proof::Signature));
    assert_eq!(at(1_795_291_501, "1795291200", body), Err(Rejected::Stale));
    assert_eq!(at(1_795_291_200, "1795291201", body), Err(Rejected::SignatureMismatch));
    assert_eq!(at(1_795_291_200, "1795291200", &body.replace("received", "sent")), Err(Rejected::SignatureMismatch));
}

#[test]
fn vonage_names_the_digest_of_the_body_in_a_token() {
    let settings = "provider: vonage\nuser: abcd1234\nsecrets: [another, test-vonage-signature-secret]\n";
    let body = r#"{"to":"84280000001","from":"84900000001","channel":"sms","message_uuid":"aaaaaaaa-0000-4000-8000-000000000001","timestamp":"2026-11-21T20:00:00Z","message_type":"text","text":"hi"}"#;
    let verdict_of = |payload: &str, algorithm: &str, body: &str| {
        let bearer = common::jwt(algorithm, payload, "test-vonage-signature-secret");
        verdict(&*endpoint(settings), &call(Method::POST, "", &[("Authorization", &bearer)], body))
    };
    let digest = "943af9314cdeda933f99578bd5e32d78eb687dd9e08747193954eb8d716aff81";
    let payload = format!(r#"{{"iat":{NOW},"jti":"j","iss":"Vonage","api_key":"abcd1234","payload_hash":"{digest}"}}"#);
    assert_eq!(verdict_of(&payload, "HS256", body), Ok(Proof::Signature));
    let mismatch = Err(Rejected::SignatureMismatch);
    assert_eq!(verdict_of(&payload, "HS256", &body.replace("hi", "ho")), mismatch, "a valid token, another body");
    assert_eq!(verdict_of(&payload, "none", body), Err(Rejected::SignatureMalformed));
    let without = payload.replace("payload_hash", "other");
    assert_eq!(verdict_of(&without, "HS256", body), Err(Rejected::SignedPartMissing));
    assert_eq!(verdict_of(&payload.replace("abcd1234", "other"), "HS256", body), Err(Rejected::WrongApplication));
    assert_eq!(verdict_of(&payload.replace("Vonage", "Other"), "HS256", body), Err(Rejected::WrongApplication));
    let old = payload.replace(&NOW.to_string(), &(NOW - 301).to_string());
    assert_eq!(verdict_of(&old, "HS256", body), Err(Rejected::Stale));
    let forged = common::jwt("HS256", &payload, "guessed");
    let forged = call(Method::POST, "", &[("Authorization", &forged)], body);
    assert_eq!(verdict(&*endpoint(settings), &forged), mismatch);
}

#[test]
fn stringee_signs_the_body() {
    let settings = "provider: stringee\nuser: SK1\nsecrets: stringeeSigningKey\n";
    let body = r#"{"call_status":"started","project_id":77,"timestamp_ms":1767225600123,"type":"stringee_call","call_id":"call-vn-1-TEST000001-1767225600000"}"#;
    let headers = [("X-STRINGEE-SIGNATURE", "8srMgbsic9n6zt1996Ti6pyYZzk=")];
    let right = call(Method::POST, "", &headers, body);
    assert_eq!(verdict(&*endpoint(settings), &right), Ok(Proof::Signature));
    let wrong = body.replace("77", "78");
    let wrong = call(Method::POST, "", &headers, &wrong);
    assert_eq!(verdict(&*endpoint(settings), &wrong), Err(Rejected::SignatureMismatch));
}

const TOKEN: &str = "an-unguessable-token-0001";

#[test]
fn a_token_stands_in_the_address_or_is_a_password() {
    let settings = format!("provider: speedsms\nsecrets: [{TOKEN}, an-unguessable-token-0002]\n");
    let of = |headers: &[(&str, &str)]| verdict(&*endpoint(&settings), &call(Method::POST, "", headers, "{}"));
    assert_eq!(of(&[("x-kenh-token", TOKEN)]), Ok(Proof::Token));
    assert_eq!(of(&[("x-kenh-token", "an-unguessable-token-0002")]), Ok(Proof::Token));
    // kenh:an-unguessable-token-0001
    assert_eq!(of(&[("Authorization", "Basic a2VuaDphbi11bmd1ZXNzYWJsZS10b2tlbi0wMDAx")]), Ok(Proof::Token));
    assert_eq!(of(&[]), Err(Rejected::TokenMissing));
    assert_eq!(of(&[("x-kenh-token", TOKEN), ("x-kenh-token", TOKEN)]), Err(Rejected::TokenMissing), "two of them");
    for wrong in ["", "an-unguessable-token-000", "an-unguessable-token-00011"] {
        assert_eq!(of(&[("x-kenh-token", wrong)]), Err(Rejected::TokenMismatch), "{wrong}");
    }
    for wrong in ["Basic a2VuaDo=", "Basic a2VuaA==", "Basic ?"] {
        assert_eq!(of(&[("Authorization", wrong)]), Err(Rejected::TokenMismatch), "{wrong}");
    }
}

#[test]
fn a_message_of_esms_needs_its_signature_beside_the_token() {
    let settings = format!("provider: esms\nuser: K\nsecrets: {TOKEN}\nmessage_keys: [older, privkeyForTests01]\n");
    let body = "sender=84912345678&content=TEST+hello&serviceNumber=8079&keyword=TEST&cpid=cp01&smsid=900001\
                &receiverTime=20260101120000&sign=3fb81d5c9e080118f61cbc435542b838";
    let at = |body: &str, token: &str, now: u64| {
        let headers = [("x-kenh-token", token)];
        let mut call = call(Method::GET, body, &headers, body);
        call.now = now;
        verdict(&*endpoint(&settings), &call)
    };
    // 12:00 in Viet Nam.
    let noon = 1_767_243_600;
    assert_eq!(at(body, TOKEN, noon), Ok(Proof::Token));
    assert_eq!(at(&body.replace("3fb8", "3FB8"), TOKEN, noon), Ok(Proof::Token), "the case does not matter");
    assert_eq!(at(&body.replace("hello", "hallo"), TOKEN, noon), Err(Rejected::SignatureMismatch));
    assert_eq!(at(&body.replace("&sign=", "&x="), TOKEN, noon), Err(Rejected::SignatureMissing));
    assert_eq!(at(body, TOKEN, noon + 7200), Err(Rejected::Stale));
    assert_eq!(at(body, "an-unguessable-token-0003", noon), Err(Rejected::TokenMismatch));
    assert_eq!(at("SMSID=1&SendStatus=5", TOKEN, noon), Ok(Proof::Token), "reports are not signed");
}
