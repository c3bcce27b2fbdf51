//! The calls connectors describe, made.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Answer, Body, Call, File, Method, Outbound, Reply, TOKEN, with_token},
};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, header};
use kenh_runtime::clock;
use reqwest::{multipart, redirect};

use crate::{Config, vault::Caller};

/// Answers of channels are small; more than this is not read.
const LARGEST_REPLY: usize = 1 << 20;
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// How long a header of a channel's answer says to wait.
type Pause<'a> = dyn Fn(&str, &str) -> Option<Duration> + Send + Sync + 'a;

/// An HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The one for calls.
    #[error("the HTTP client for channels cannot be made: {0}")]
    Channels(#[from] reqwest::Error),
    /// The one for files.
    #[error(transparent)]
    Files(#[from] kenh_fetch::ClientError),
}

/// Makes calls.
#[derive(Debug, Clone)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new(config: &Config) -> Result<Self, ClientError> {
        // A channel that redirects would be given the token at another address.
        let builder = reqwest::Client::builder()
            .timeout(config.timeout)
            .connect_timeout(CONNECT.min(config.timeout))
            .pool_idle_timeout(Duration::from_secs(60))
            .user_agent(concat!("kenh/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none());
        Ok(Self(builder.build()?))
    }

    /// Makes a call. What went wrong on the way is an answer too. With the bytes that were sent.
    pub(crate) async fn call(&self, call: &Call, token: &Secret, channel: &dyn Outbound) -> (Answer, u64) {
        self.exchange(call, token, &|name, value| channel.pause(name, value, clock::now())).await
    }

    async fn exchange(&self, call: &Call, token: &Secret, pause: &Pause<'_>) -> (Answer, u64) {
        let Ok(request) = self.request(call, token) else { return (Answer::NotSent, 0) };
        let sent = sent(call, &request);
        let answer = match self.0.execute(request).await {
            Ok(response) => reply(response, pause).await,
            Err(error) if error.is_connect() || error.is_builder() => Answer::NotSent,
            Err(_) => Answer::NoReply,
        };
        (answer, sent)
    }

    fn request(&self, call: &Call, token: &Secret) -> Result<reqwest::Request, reqwest::Error> {
        let method = match call.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
            Method::Delete => http::Method::DELETE,
        };
        let filled = |text: &str| text.replace(TOKEN, token.expose_secret());
        let mut request = self.0.request(method, filled(&call.url));
        for (name, value) in &call.headers {
            // A value that no header can hold fails the request, which then was not sent.
            let mut value =
                HeaderValue::try_from(with_token(value, token.expose_secret())).unwrap_or(HeaderValue::from_static(""));
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        match &call.body {
            Body::None => request,
            Body::Json(json) => request.json(json),
            Body::Form(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, filled(value))).collect();
                request.form(&fields)
            }
            Body::TokenIn(members, body) => match &**body {
                Body::Json(json) => {
                    let mut json = json.clone();
                    for member in *members {
                        if let Some(value) = json.get_mut(member) {
                            *value = value.as_str().map(filled).into();
                        }
                    }
                    request.json(&json)
                }
                Body::Form(fields) => {
                    let fill =
                        |name, value: &str| if members.contains(name) { filled(value) } else { value.to_owned() };
                    request.form(&fields.iter().map(|(name, value)| (*name, fill(name, value))).collect::<Vec<_>>())
                }
                Body::Multipart { fields, name, file } => {
                    let fill =
                        |name, value: &str| if members.contains(&name) { filled(value) } else { value.to_owned() };
                    let fields = fields.iter().map(|(name, value)| (*name, fill(*name, value)));
                    request.multipart(form(fields, name, file)?)
                }
                Body::None | Body::TokenIn(..) => request,
            },
            Body::Multipart { fields, name, file } => {
                let fields = fields.iter().map(|(name, value)| (*name, filled(value)));
                request.multipart(form(fields, name, file)?)
            }
        }
        .build()
    }
}

fn form(
    fields: impl Iterator<Item = (&'static str, String)>,
    name: &'static str,
    file: &File,
) -> Result<multipart::Form, reqwest::Error> {
    let part = multipart::Part::stream(file.bytes.clone()).file_name(file.name.clone()).mime_str(&file.mime)?;
    let form = fields.fold(multipart::Form::new(), |form, (name, value)| form.text(name, value));
    Ok(form.part(name, part))
}

#[async_trait]
impl Caller for Client {
    async fn call(&self, call: &Call) -> Answer {
        // What renews a token stands in the call already.
        self.exchange(call, &Secret::default(), &|_, _| None).await.0
    }
}

/// Bytes of the body; of a form with a file, those of the file.
fn sent(call: &Call, request: &reqwest::Request) -> u64 {
    let body = if let Body::TokenIn(_, body) = &call.body { body } else { &call.body };
    let bytes = match body {
        Body::Multipart { file, .. } => file.bytes.len(),
        Body::None | Body::Json(_) | Body::Form(_) | Body::TokenIn(..) => {
            request.body().and_then(reqwest::Body::as_bytes).map_or(0, <[u8]>::len)
        }
    };
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

async fn reply(response: reqwest::Response, pause: &Pause<'_>) -> Answer {
    let status = response.status().as_u16();
    // Some channels say in headers of their own how long to wait.
    let own = response.headers().iter().filter_map(|(name, value)| pause(name.as_str(), value.to_str().ok()?));
    let retry_after = retry_after(response.headers()).into_iter().chain(own).max();
    // The channel has decided; a body that breaks off is as good as none.
    let body = read(response, LARGEST_REPLY).await.unwrap_or_default();
    Answer::Reply(Reply { status, retry_after, body })
}

/// Reads a body up to a bound.
async fn read(response: reqwest::Response, most: usize) -> Option<Bytes> {
    let (mut body, mut chunks) = (BytesMut::new(), response.bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        if body.len() + chunk.len() > most {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body.freeze())
}

/// Seconds, whole or broken; a date is rare and is taken as none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    const LONGEST: f64 = 86_400.0;
    let seconds: f64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (0.0..=LONGEST).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}
