//! Telegram bots: webhooks in, or updates that are asked for; messages out.
//!
//! One call is one update, and nothing in it names the bot. Telegram does not sign: it repeats the word it was given when
//! the address was set. The answer is empty on purpose, as JSON with a `method` in it would be carried out.
//! See <https://core.telegram.org/bots/api#update>.

mod inbound;
mod outbound;
mod polling;
mod samples;
mod wire;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, ExposeSecret as _, Fresh, Malformed, RawRequest, Registration, Rejected,
    Secret, Section, Verified,
    media::{Download, Wanted},
    outbound::{Answer, Outbound},
    polled::Polled,
    signature,
};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Telegram>(
    "telegram",
    "Telegram bot",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["update_id", "message_id"], times: &["date", "edit_date"] },
);

const HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

/// One bot. The default has no token: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Telegram {
    bot_id: Option<String>,
    secret_tokens: Vec<Secret>,
    sender: Option<outbound::Sender>,
    polling: Option<polling::Polling>,
}

impl Configure for Telegram {
    fn configure(settings: &mut Section<'_>) -> Self {
        let bot_id = settings.required_text("bot_id");
        if !bot_id.bytes().all(|byte| byte.is_ascii_digit()) {
            settings.fault("bot_id", "expected the digits before the colon of the bot's token");
        }
        let polls = settings.choice("updates", &[("webhook", false), ("polling", true)], false);
        let secret_tokens = if polls {
            // Nobody calls.
            settings.ignore("secret_tokens");
            Vec::new()
        } else {
            settings.required_secrets("secret_tokens")
        };
        let sender = outbound::Sender::configure(settings, &bot_id);
        let polling = if polls { sender.as_ref().and_then(|sender| sender.polling(&bot_id)) } else { None };
        if polls && polling.is_none() {
            settings.fault("updates", "expected the bot's token under `accounts`: polling asks with it");
        }
        Self { bot_id: Some(bot_id), secret_tokens, sender, polling }
    }
}

impl Connector for Telegram {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::token(request, HEADER, &self.secret_tokens)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body, self.bot_id.as_deref())
    }

    fn sign(&self, _body: &[u8]) -> Vec<(&'static str, String)> {
        let token = self.secret_tokens.first();
        token.map(|token| (HEADER, token.expose_secret().to_owned())).into_iter().collect()
    }

    fn polled(&self) -> Option<&dyn Polled> {
        self.polling.as_ref().map(|polling| polling as &dyn Polled)
    }

    fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        match &self.sender {
            Some(sender) => sender.download(wanted, answers),
            None => Download::without_account(wanted.media),
        }
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }
}
