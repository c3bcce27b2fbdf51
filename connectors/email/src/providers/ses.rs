//! Amazon SES, whose mail comes as notifications of Amazon SNS.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>

mod notice;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_sdk::{
    Batch, Event, Malformed, RawRequest, Rejected, Verified,
    json::{self, Soft, Word},
    provider_samples,
    signature::{self, Algorithm},
};
use serde::Deserialize;

use self::notice::Notice;
use crate::{
    inbound::Arrival,
    provider::{Parcel, Provider, Secrets, Setting, odd, sign_token, token},
    settings::Settings,
};

/// RSA over the members of the notification, with a certificate Amazon publishes.
pub(crate) const SES: Provider = Provider {
    name: "ses",
    verify,
    // Nobody but Amazon can.
    sign: sign_token,
    headers: &[],
    open,
    secrets: Secrets::TokensBeside,
    settings: &[Setting::Topics],
    example: include_str!("../../examples/ses.yaml"),
    samples: provider_samples!("ses/": "received".json, "subscription_confirmation".json, "topic_validated".json),
};

/// A notification.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Notification {
    #[serde(rename = "Type")]
    kind: Soft<Word>,
    message_id: Soft<Word>,
    topic_arn: Soft<Word>,
    subject: Soft<Word>,
    message: Soft<Word>,
    timestamp: Soft<Word>,
    token: Soft<Word>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Soft<Word>,
    signature_version: Soft<Word>,
    signature: Soft<Word>,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: Soft<Word>,
}

fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    if !settings.secrets.is_empty() {
        token(settings, request)?;
    }
    let call = json::object::<Notification>(request.body).map_err(|_| Rejected::SignedPartMissing)?;
    // Mended text is not the text that was signed.
    if call.degraded.is_some() {
        return Err(Rejected::SignatureMalformed);
    }
    let call = call.value;
    // The certificate is one of those configured, whatever the call names; one that names another site is not Amazon's.
    if !is_amazon(call.signing_cert_url.0.get().unwrap_or_default()) {
        return Err(Rejected::SignedPartMissing);
    }
    let topic = call.topic_arn.0.get().unwrap_or_default();
    if !settings.topics.iter().any(|known| known == topic) {
        return Err(Rejected::WrongApplication);
    }
    let algorithm = match call.signature_version.0.get() {
        Some("1") => Algorithm::Sha1,
        Some("2") => Algorithm::Sha256,
        _ => return Err(Rejected::SignatureMalformed),
    };
    let signature = call.signature.0.get().ok_or(Rejected::SignatureMissing)?;
    let signature = STANDARD.decode(signature).map_err(|_| Rejected::SignatureMalformed)?;
    let base = base(&call).ok_or(Rejected::SignedPartMissing)?;
    signature::rsa_assembled(request, algorithm, &signature, base.as_bytes(), &settings.certificates)
}

/// `Key\nvalue\n` of the members that are signed.
fn base(call: &Notification) -> Option<String> {
    let all: &[(&str, &Soft<Word>)] = match call.kind.0.get()? {
        "Notification" => &[
            ("Message", &call.message),
            ("MessageId", &call.message_id),
            ("Subject", &call.subject),
            ("Timestamp", &call.timestamp),
            ("TopicArn", &call.topic_arn),
            ("Type", &call.kind),
        ],
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => &[
            ("Message", &call.message),
            ("MessageId", &call.message_id),
            ("SubscribeURL", &call.subscribe_url),
            ("Timestamp", &call.timestamp),
            ("Token", &call.token),
            ("TopicArn", &call.topic_arn),
            ("Type", &call.kind),
        ],
        _ => return None,
    };
    let there = all.iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", value.0.get()?)));
    Some(there.collect())
}

/// `https://sns.<region>.amazonaws.com[.cn]/….pem`
fn is_amazon(url: &str) -> bool {
    let Some((host, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else { return false };
    let region = host
        .strip_prefix("sns.")
        .and_then(|rest| rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn")));
    let is_region =
        |region: &str| region.len() >= 3 && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    region.is_some_and(is_region) && path.strip_suffix(".pem").is_some() && !path.contains(['?', '#'])
}

/// How the first notification of a topic begins, which is no JSON.
const VALIDATED: &str = "Successfully validated SNS topic";

fn open(body: &[u8]) -> Result<Parcel<'_>, Malformed> {
    let call = json::object::<Notification>(body)?.value;
    let kind = call.kind.0.get().unwrap_or_default();
    let other = |kind: Option<&str>, reason, detail: Option<&str>| {
        let event = Event::unsupported(None, body, kind.and_then(json::name), reason, detail.map(Into::into));
        Parcel::from(Batch::from(event))
    };
    if kind != "Notification" {
        // Who configures the topic calls the address it holds.
        return Ok(other(Some(kind), "not_typed", None));
    }
    let message = call.message.0.get().ok_or_else(|| odd("the notification has no Message"))?;
    if message.starts_with(VALIDATED) {
        return Ok(Batch::skipped("topic_validated").into());
    }
    let json::Parsed { value: notice, degraded } = json::object::<Notice>(message.as_bytes())?;
    let notification = notice.notification_type.0.get();
    if notification != Some("Received") {
        return Ok(other(notification, "not_typed", None));
    }
    let Some(content) = notice.content.0.get() else {
        // Mail of more than 150 KB comes by way of S3.
        return Ok(other(
            notification,
            "no_content",
            Some("the notification holds no mail: use an SNS action, not S3"),
        ));
    };
    let mut arrival = Arrival::of(body);
    arrival.degraded.extend(degraded);
    let receipt = notice.receipt.0;
    let is_base64 = receipt.action.0.encoding.0.get().is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"));
    arrival.message = if is_base64 {
        let packed: String = content.split_ascii_whitespace().collect();
        STANDARD.decode(packed).map_err(|_| odd("the content is no base64"))?.into()
    } else {
        content.as_bytes().to_vec().into()
    };
    arrival.authentication = receipt.authentication();
    arrival.envelope_to = receipt.recipients.0;
    arrival.envelope_from = notice.mail.0.source.0.into_option();
    arrival.provider_id = notice.mail.0.message_id.0.into_option();
    Ok(arrival.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amazon_is_amazon() {
        assert!(is_amazon("https://sns.ap-southeast-1.amazonaws.com/SimpleNotificationService-0123.pem"));
        assert!(is_amazon("https://sns.cn-north-1.amazonaws.com.cn/x.pem"));
        for no in [
            "http://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.evil.amazonaws.com.example.test/x.pem",
            "https://sns.us-east-1.amazonaws.com.evil.test/x.pem",
            "https://sns.us-east-1.amazonaws.com@evil.test/x.pem",
            "https://evil.test/sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem?u=evil",
            "https://sns..amazonaws.com/x.pem",
            "https://s3.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com/x.txt",
        ] {
            assert!(!is_amazon(no), "{no}");
        }
    }
}
