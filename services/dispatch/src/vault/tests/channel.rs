//! A channel whose refresh tokens work once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use connector_sdk::{
    Batch, Configure, Connector, Delivery, ExposeSecret as _, Fresh, Malformed, RawRequest, Registration, Rejected,
    Secret, Section, Verified,
    outbound::{Accounts, Answer, Call, Failure, Outbound, Pair, Refresh, RefreshError, Reply, Sending, Step},
    settings::Faults,
};
use kenh_intake::Endpoints;
use kenh_proto::v1::{Capabilities, SendReason};
use serde_json::{Value, json};

use crate::vault::Caller;

/// How the channel takes the next call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// After a while.
    Slowly,
    /// It answers nothing, and has done nothing.
    SilentBefore,
    /// It answers nothing, and the token is spent.
    SilentAfter,
    /// 200 with an error of its own.
    Trouble,
    /// It cannot be reached.
    Away,
    /// It refuses even what is right.
    Refuses,
}

#[derive(Debug)]
struct Inner {
    calls: Vec<String>,
    valid: String,
    given: u32,
    manners: VecDeque<Manner>,
}

#[derive(Debug, Clone)]
pub(super) struct Channel(Arc<Mutex<Inner>>);

impl Channel {
    pub(super) fn new() -> Self {
        let inner = Inner { calls: Vec::new(), valid: "rt-0".into(), given: 0, manners: VecDeque::new() };
        Self(Arc::new(Mutex::new(inner)))
    }

    /// How it takes the next calls.
    pub(super) fn next(&self, manners: impl IntoIterator<Item = Manner>) {
        self.0.lock().unwrap().manners.extend(manners);
    }

    /// The refresh tokens it was given, in their order.
    pub(super) fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().calls.clone()
    }

    /// A person gives the consent again.
    pub(super) fn consent(&self, refresh: &str) {
        self.0.lock().unwrap().valid = refresh.into();
    }

    fn spend(&self, token: &str) -> Answer {
        let mut inner = self.0.lock().unwrap();
        if inner.valid != token {
            return says(&json!({"error": -14014, "error_name": "Invalid refresh token"}));
        }
        inner.given += 1;
        inner.valid = format!("rt-{}", inner.given);
        says(
            &json!({"access_token": format!("at-{}", inner.given), "refresh_token": inner.valid, "expires_in": 90_000}),
        )
    }
}

fn says(body: &Value) -> Answer {
    Answer::Reply(Reply { status: 200, retry_after: None, body: body.to_string().into() })
}

#[async_trait]
impl Caller for Channel {
    async fn call(&self, call: &Call) -> Answer {
        let manner = {
            let mut inner = self.0.lock().unwrap();
            inner.calls.push(call.url.clone());
            inner.manners.pop_front()
        };
        match manner {
            None => self.spend(&call.url),
            Some(Manner::Slowly) => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                self.spend(&call.url)
            }
            Some(Manner::SilentBefore) => Answer::NoReply,
            Some(Manner::SilentAfter) => {
                drop(self.spend(&call.url));
                Answer::NoReply
            }
            Some(Manner::Trouble) => says(&json!({"error": -32, "error_name": "busy", "access_token": ""})),
            Some(Manner::Away) => Answer::NotSent,
            Some(Manner::Refuses) => says(&json!({"error": -14014})),
        }
    }
}

#[derive(Debug, Default)]
struct TestChannel(Accounts);

impl Configure for TestChannel {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(Accounts::read(settings, true))
    }
}

impl Connector for TestChannel {
    fn verify<'a>(&self, _: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        Err(Rejected::SignatureMissing)
    }

    fn normalize(&self, _: Delivery<'_>) -> Result<Batch, Malformed> {
        Ok(Batch::skipped("test"))
    }

    fn sign(&self, _: &[u8]) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        Some(self)
    }
}

impl Outbound for TestChannel {
    fn accounts(&self) -> &Accounts {
        &self.0
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn step(&self, _: &Sending<'_>, _: &[Answer]) -> Step {
        Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        Some(self)
    }
}

impl Refresh for TestChannel {
    fn call(&self, _: &str, refresh_token: &Secret) -> Call {
        Call::post(refresh_token.expose_secret(), Value::Null)
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        let body = reply.json();
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(Secret::from);
        let code = body["error"].to_string();
        match text("access_token") {
            Some(access) => Ok(Pair {
                access,
                refresh: text("refresh_token"),
                expires_in: body["expires_in"].as_u64().map(Duration::from_secs),
            }),
            None if code == "-32" => Err(RefreshError::Passing { code }),
            None => Err(RefreshError::Final { code }),
        }
    }

    fn ahead(&self) -> Duration {
        Duration::from_secs(5 * 3600)
    }

    fn single_use(&self) -> bool {
        true
    }
}

/// An endpoint with one account.
pub(super) fn endpoints(account: &str) -> Endpoints {
    const CHANNEL: Registration =
        Registration::of::<TestChannel>("test", "Test", "", &[], Fresh { ids: &[], times: &[] });
    let yaml = format!("test:\n  main:\n    accounts:\n      {}: {{{account}}}\n", super::ACCOUNT);
    let mut faults = Faults::default();
    let node = connector_sdk::settings::parse(&yaml, &mut faults);
    let read = Endpoints::read(&mut Section::new(&node, "channels", &mut faults), &[CHANNEL], "tests");
    assert!(faults.sorted().is_empty());
    read
}
