//! The layer before every service.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response};
use kenh_runtime::{clock, metrics};
use tonic::{Code, body::Body};
use tower_service::Service;
use uuid::Uuid;

use crate::{
    Access, Caller, Method, Needs, Peer, Principal,
    audit::{Call, slug},
    body::Held,
    quota::OpenStream,
    refusal::Refusal,
};

/// A call's id, which its caller may give; it comes back with the answer.
const REQUEST_ID: &str = "x-request-id";
const LONGEST_REQUEST_ID: usize = 128;
/// The label of calls to what no row names.
const UNKNOWN: &str = "unknown";

/// Puts a [`Guard`] before a service.
#[derive(Debug, Clone)]
pub struct Layer {
    access: Access,
    methods: Arc<HashMap<&'static str, Method>>,
}

impl Layer {
    /// With the table of all methods: a call to one that has no row is refused.
    pub fn new<'a>(access: Access, methods: impl IntoIterator<Item = &'a Method>) -> Self {
        Self { access, methods: Arc::new(methods.into_iter().map(|method| (method.path, *method)).collect()) }
    }
}

impl<S> tower_layer::Layer<S> for Layer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, layer: self.clone() }
    }
}

/// Lets calls through to a service, with a [`Caller`] in their extensions, or refuses them.
#[derive(Debug, Clone)]
pub struct Guard<S> {
    inner: S,
    layer: Layer,
}

/// A call that may be carried out.
struct Admitted {
    caller: Caller,
    room: Option<OpenStream>,
}

impl Layer {
    async fn admit(&self, method: Option<Method>, call: Facts, headers: &http::HeaderMap) -> Result<Admitted, Refused> {
        let who = match method.map(|method| method.needs) {
            Some(Needs::Nothing) => self.access.stranger(),
            _ => match self.access.authenticate(headers, call.peer.as_ref()).await {
                Ok(who) => who,
                Err(refusal) => return Err(call.of_refused(None, refusal)),
            },
        };
        if let Err(wait) = who.meter.request() {
            return Err(call.of_refused(Some(who), Refusal::TooManyRequests(wait)));
        }
        let Some(method) = method else { return Err(call.of_refused(Some(who), Refusal::NoMethod)) };
        if let Needs::Right(right) = method.needs
            && who.rights.reach(right).is_nothing()
        {
            return Err(call.of_refused(Some(who), Refusal::NoRight(right)));
        }
        let room = match method.streams.then(|| who.meter.stream()) {
            Some(Err(most)) => return Err(call.of_refused(Some(who), Refusal::TooManyStreams(most))),
            Some(Ok(room)) => Some(room),
            None => None,
        };
        Ok(Admitted { caller: Caller::new(who.clone(), call.of_call(Some(who)).into()), room })
    }

    /// Answers a call that was refused.
    fn answer(&self, refused: &Refused) -> Response<Body> {
        let Refused { call, refusal } = refused;
        call.refused(*refusal);
        let status = refusal.status();
        if self.access.may_tell_of(*refusal) {
            call.answered(status.code(), true);
        }
        metrics::API_CALLS.add(1, [("method", call.method), ("outcome", slug(status.code()))]);
        with_id(status.into_http(), &call.request_id)
    }
}

/// What is known of a call before its caller is.
struct Facts {
    method: &'static str,
    request_id: String,
    peer: Option<Peer>,
}

impl Facts {
    fn of<B>(method: &'static str, request: &Request<B>) -> Self {
        let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let plain =
            |id: &&str| !id.is_empty() && id.len() <= LONGEST_REQUEST_ID && id.bytes().all(|b| b.is_ascii_graphic());
        let request_id = given.filter(plain).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        Self { method, request_id, peer: request.extensions().get::<Peer>().cloned() }
    }

    fn of_call(self, who: Option<Arc<Principal>>) -> Call {
        Call::new(self.method, self.request_id, self.peer.map(|peer| peer.address), who)
    }

    fn of_refused(self, who: Option<Arc<Principal>>, refusal: Refusal<'static>) -> Refused {
        Refused { call: self.of_call(who), refusal }
    }
}

/// A call that was refused before it reached a service.
struct Refused {
    call: Call,
    refusal: Refusal<'static>,
}

impl<S> Service<Request<Body>> for Guard<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // The one that was asked whether it is ready.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let layer = self.layer.clone();
        Box::pin(async move {
            let method = layer.methods.get(request.uri().path()).copied();
            let facts = Facts::of(method.map_or(UNKNOWN, |method| method.path.trim_start_matches('/')), &request);
            let admitted = match layer.admit(method, facts, request.headers()).await {
                Ok(admitted) => admitted,
                Err(refused) => return Ok(layer.answer(&refused)),
            };
            let Admitted { caller, room } = admitted;
            request.extensions_mut().insert(caller.clone());
            let response = inner.call(request).await?;
            let code = code(&response);
            let call = caller.call();
            call.answered(code, method.is_some_and(|method| method.is_audited()));
            metrics::API_CALLS.add(1, [("method", call.method), ("outcome", slug(code))]);
            let response = with_id(response, &call.request_id);
            Ok(match room {
                Some(room) => {
                    let until = caller.principal().until;
                    let left = until.map(|until| until.duration_since(clock::now()).unwrap_or_default());
                    response.map(|answer| Body::new(Held::new(answer, room, left)))
                }
                None => response,
            })
        })
    }
}

/// How a call was answered: a service that refuses says so in the head; one that does not has done its work by then,
/// or begun to stream.
fn code(response: &Response<Body>) -> Code {
    let status = response.headers().get("grpc-status");
    status.map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()))
}

fn with_id(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
