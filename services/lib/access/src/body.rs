//! The answer of a stream: it holds the client's room, and ends when what proved the client runs out.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use kenh_runtime::metrics;
use tokio::time::Sleep;
use tonic::{Status, body::Body};

use crate::{quota::OpenStream, refusal::Refusal};

/// The answer of a stream.
pub(crate) struct Held {
    answer: Option<Body>,
    end: Option<Pin<Box<Sleep>>>,
    _room: OpenStream,
}

impl Held {
    /// `left`: for how long the caller's proof is good.
    pub(crate) fn new(answer: Body, room: OpenStream, left: Option<Duration>) -> Self {
        Self { answer: Some(answer), end: left.map(|left| Box::pin(tokio::time::sleep(left))), _room: room }
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let is_over = self.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready());
        let Some(answer) = &mut self.answer else { return Poll::Ready(None) };
        if !is_over {
            return Pin::new(answer).poll_frame(cx);
        }
        // Dropping the answer tells the service that nobody listens any more.
        (self.answer, self.end) = (None, None);
        metrics::API_REFUSED.add(1, [("reason", Refusal::TokenExpired.word())]);
        let mut trailers = http::HeaderMap::new();
        Poll::Ready(Some(Refusal::TokenExpired.status().add_header(&mut trailers).map(|()| Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.answer.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.answer.as_ref().map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}
