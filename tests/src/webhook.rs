//! Calls as the channels make them.

use std::time::SystemTime;

use connector_sdk::{
    Connector, Section,
    settings::{self, Faults},
};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{APP_SECRET, Gateway, OA_SECRET, SIGNING_SECRET, VERIFY_TOKEN, ZALO_APP},
    leaks,
};

/// A channel's end of the line.
#[derive(Debug)]
pub struct Channel {
    slug: &'static str,
    connector: Box<dyn Connector>,
    client: Client,
}

/// Facebook's.
pub fn messenger() -> Channel {
    Channel::new("messenger", &format!("app_secrets: {APP_SECRET}\nverify_token: {VERIFY_TOKEN}\n"))
}

/// WhatsApp's.
pub fn whatsapp() -> Channel {
    Channel::new("whatsapp", &format!("app_secrets: {APP_SECRET}\nverify_token: {VERIFY_TOKEN}\n"))
}

/// Instagram's.
pub fn instagram() -> Channel {
    Channel::new("instagram", &format!("app_secrets: {APP_SECRET}\nverify_token: {VERIFY_TOKEN}\n"))
}

/// Zalo's.
pub fn zalo() -> Channel {
    Channel::new("zalo", &format!("app_id: \"{ZALO_APP}\"\noa_secret_keys: {OA_SECRET}\n"))
}

/// Slack's.
pub fn slack() -> Channel {
    Channel::new("slack", &format!("signing_secrets: {SIGNING_SECRET}\n"))
}

/// A provider of SMS, by its settings.
pub fn sms(settings: &str) -> Channel {
    Channel::new("sms", settings)
}

/// A channel, by its settings.
pub fn of(slug: &'static str, settings: &str) -> Channel {
    Channel::new(slug, settings)
}

/// A provider of mail, by its settings.
pub fn email(settings: &str) -> Channel {
    Channel::new("email", settings)
}

impl Channel {
    fn new(slug: &'static str, yaml: &str) -> Self {
        let registration = connector_catalog::find(slug).expect("a channel of the catalog");
        let mut faults = Faults::default();
        let node = settings::parse(yaml, &mut faults);
        let connector = (registration.configure)(&mut Section::new(&node, slug, &mut faults));
        Self { slug, connector, client: client() }
    }

    /// Headers that sign a body.
    pub fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.connector.sign(body)
    }

    /// Posts a body with its signature.
    pub async fn post(&self, gateway: &Gateway, body: &str) -> StatusCode {
        self.post_to(&gateway.url(self.slug, "main"), body).await.expect("the gateway answers")
    }

    /// Posts a body with its signature to an address.
    pub async fn post_to(&self, url: &str, body: &str) -> Result<StatusCode, reqwest::Error> {
        Ok(self.call(url, body).await?.status())
    }

    /// Posts a body with its signature to an address; the whole answer.
    pub async fn call(&self, url: &str, body: &str) -> Result<Response, reqwest::Error> {
        self.call_with(url, body, self.sign(body.as_bytes())).await
    }

    /// The same with a signature of that time.
    pub async fn call_at(&self, url: &str, body: &str, at: SystemTime) -> Result<Response, reqwest::Error> {
        self.call_with(url, body, self.connector.sign_at(body.as_bytes(), at)).await
    }

    async fn call_with(
        &self,
        url: &str,
        body: &str,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Response, reqwest::Error> {
        let mut call = self.client.post(url).header("content-type", "application/json");
        for (name, value) in headers {
            call = call.header(name, value);
        }
        call.body(body.to_owned()).send().await
    }
}

/// An HTTP client.
pub fn client() -> Client {
    // The first of several tests in a process installs it.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::new()
}

/// A Messenger delivery of one text message.
pub fn messenger_text(person: u64, mid: &str, text: &str) -> String {
    messenger_batch(&[messenger_item(person, mid, text)])
}

/// The same, written just now: it can be answered.
pub fn messenger_now(person: u64, mid: &str, text: &str) -> String {
    let mut item = messenger_item(person, mid, text);
    if let Some(item) = item.as_object_mut() {
        item.insert("timestamp".into(), json!(millis()));
    }
    messenger_batch(&[item])
}

/// Milliseconds since 1970.
pub fn millis() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// One item of a Messenger delivery.
pub fn messenger_item(person: u64, mid: &str, text: &str) -> Value {
    leaks::unsaid(text);
    json!({"sender": {"id": person.to_string()}, "recipient": {"id": "770001"}, "timestamp": 1_767_225_600_000_u64,
           "message": {"mid": mid, "text": text}})
}

/// A Messenger delivery of several items.
pub fn messenger_batch(items: &[Value]) -> String {
    json!({"object": "page", "entry": [{"id": "770001", "time": 1_767_225_600_123_u64, "messaging": items}]})
        .to_string()
}

/// A Zalo delivery of one text message.
pub fn zalo_text(person: u64, msg_id: &str, text: &str) -> String {
    leaks::unsaid(text);
    json!({"app_id": ZALO_APP, "sender": {"id": person.to_string()}, "recipient": {"id": "7770001112223334445"},
           "event_name": "user_send_text", "message": {"text": text, "msg_id": msg_id}, "timestamp": "1767225600123"})
    .to_string()
}
