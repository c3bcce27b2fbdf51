//! Which calls are believed: tokens of the Bot Connector, and everything that is none.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{APP, Bot, ISSUER, NOW, SERVICE, SigningKey, set};
use connector_sdk::Rejected;
use serde_json::{Value, json};

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": APP, "serviceurl": SERVICE, "nbf": NOW, "exp": NOW + 3600})
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn a_token_of_the_bot_connector_is_believed_and_covers_no_body() {
    for key in [SigningKey::rs256("k1"), SigningKey::es256("k1")] {
        let bot = Bot::knowing(&set(&[key.jwk()]));
        assert_eq!(bot.says(&key.token(&claims())), Ok(()));
        let several = with("aud", json!(["another", APP]));
        assert_eq!(bot.says(&key.token(&several)), Ok(()), "one of several audiences");
    }
}

#[test]
fn claims_that_do_not_fit_are_refused() {
    let key = SigningKey::es256("k1");
    let bot = Bot::knowing(&set(&[key.jwk()]));
    let wrong = Err(Rejected::WrongApplication);
    for (claims, verdict) in [
        (with("iss", "https://sts.windows.net/"), wrong),
        (without("iss"), wrong),
        (with("aud", "00000000-0000-0000-0000-000000000011"), wrong),
        (with("aud", json!([])), wrong),
        (without("aud"), wrong),
        // An activity that names an address of its own to be answered at.
        (with("serviceurl", "https://smba.trafficmanager.net/amer/"), wrong),
        (with("serviceurl", json!([SERVICE])), wrong),
        (without("serviceurl"), wrong),
        (without("exp"), Err(Rejected::TimestampMissing)),
        (with("exp", "soon"), Err(Rejected::TimestampMissing)),
        (with("exp", NOW - 300), Ok(())),
        (with("exp", NOW - 301), Err(Rejected::Stale)),
        (with("nbf", NOW + 300), Ok(())),
        (with("nbf", NOW + 301), Err(Rejected::Stale)),
        (without("nbf"), Ok(())),
    ] {
        assert_eq!(bot.says(&key.token(&claims)), verdict, "{claims}");
    }
}

#[test]
fn what_no_published_key_signed_is_refused() {
    let (key, other) = (SigningKey::es256("k1"), SigningKey::es256("k1"));
    let bot = Bot::knowing(&set(&[key.jwk()]));
    assert_eq!(bot.says(&other.token(&claims())), Err(Rejected::SignatureMismatch), "another key of that name");
    assert_eq!(bot.says(&SigningKey::es256("k2").token(&claims())), Err(Rejected::KeyUnknown));
    let good = key.token(&claims());
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let malformed = Err(Rejected::SignatureMalformed);
    assert_eq!(bot.says(&format!("{head}.{payload}.")), Err(Rejected::SignatureMismatch));
    assert_eq!(bot.says(&format!("{head}.{payload}")), malformed);
    assert_eq!(bot.says(&format!("{head}.{payload}.?")), malformed);
    assert_eq!(bot.says(&"a".repeat(9000)), malformed);
    let changed = key.token(&with("aud", "another"));
    let forged = changed.split('.').nth(1).unwrap();
    assert_eq!(bot.says(&format!("{head}.{forged}.{signature}")), Err(Rejected::SignatureMismatch));
    for header in [
        json!({"alg": "none", "kid": "k1"}),
        json!({"alg": "HS256", "kid": "k1"}),
        json!({"alg": "RS256", "kid": "k1"}),
        json!({"alg": "ES256", "kid": "k1", "crit": ["exp"]}),
    ] {
        assert!(bot.says(&key.token_with(&header, &claims())).is_err(), "{header}");
    }
    assert_eq!(bot.presented(&[]), Err(Rejected::SignatureMissing));
    assert_eq!(bot.presented(&[("Authorization", good.as_str())]), malformed, "without the word Bearer");
    let bearer = format!("Bearer {good}");
    assert_eq!(
        bot.presented(&[("Authorization", &bearer), ("Authorization", &bearer)]),
        Err(Rejected::SignatureMissing)
    );
}

#[test]
fn a_key_is_endorsed_for_the_channel() {
    let key = SigningKey::es256("k1");
    let endorsed = |channels: Value| {
        let mut jwk = key.jwk();
        jwk["endorsements"] = channels;
        Bot::knowing(&set(&[jwk])).says(&key.token(&claims()))
    };
    assert_eq!(endorsed(json!(["webchat", "msteams"])), Ok(()));
    assert_eq!(endorsed(json!([])), Ok(()), "endorsed for nothing in particular");
    assert_eq!(endorsed(json!(["webchat"])), Err(Rejected::WrongApplication));
}

#[test]
fn before_any_key_is_known_nothing_is_proven_and_a_new_set_takes_the_place_of_the_old() {
    let (old, new) = (SigningKey::es256("k1"), SigningKey::es256("k2"));
    let bot = Bot::unknowing();
    assert_eq!(bot.says(&old.token(&claims())), Err(Rejected::KeysUnavailable));
    bot.learns(&set(&[old.jwk()]));
    assert_eq!(bot.says(&old.token(&claims())), Ok(()));
    bot.learns(&set(&[new.jwk()]));
    assert_eq!(bot.says(&old.token(&claims())), Err(Rejected::KeyUnknown), "it is withdrawn");
    assert_eq!(bot.says(&new.token(&claims())), Ok(()));
}

#[test]
fn the_key_of_the_simulation_is_good_only_where_there_is_one() {
    let simulating = Bot::of("simulation_key: words-nobody-can-guess\n");
    let signed = simulating.signed();
    let presented: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(simulating.presented(&presented), Ok(()));
    assert!(Bot::of("simulation_key: other-words-nobody-guesses\n").presented(&presented).is_err());
    assert!(Bot::unknowing().presented(&presented).is_err());
    assert!(Bot::unknowing().signed().is_empty());
}
