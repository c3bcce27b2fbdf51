//! What a process answers, by the number of the question.

use kenh_proto::v1::{attach_request::Request, delivery_answer, send_answer};

/// An answer. The one that says nothing cannot be used.
pub(crate) enum Answer {
    Delivery(Option<delivery_answer::Answer>),
    Send(Option<send_answer::Answer>),
}

// By hand: it holds what people wrote.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

impl Answer {
    /// The answer in a request and the number of its question. `None` where the request is none.
    pub(crate) fn of(request: Request) -> Option<(u64, Self)> {
        match request {
            Request::Register(_) => None,
            Request::Delivery(answer) => Some((answer.id, Self::Delivery(answer.answer))),
            Request::Send(answer) => Some((answer.id, Self::Send(answer.answer))),
        }
    }
}
