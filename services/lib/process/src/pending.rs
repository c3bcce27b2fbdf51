//! What is on its way to a process.

use std::sync::{Arc, Mutex, PoisonError};

use kenh_proto::v1::{AttachResponse, attach_response::Response};

/// Something to say to a process, until somebody takes it: the transport, to send it, or whoever asked and does not wait any more.
/// So what a process does not read costs no more memory than the calls that are being worked on.
#[derive(Clone)]
pub struct Pending(Arc<Mutex<Option<Response>>>);

// By hand: it holds what people wrote, and secrets of the configuration.
impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending")
    }
}

impl Pending {
    pub(crate) fn of(response: Response) -> Self {
        Self(Arc::new(Mutex::new(Some(response))))
    }

    /// Takes it; `None` where nobody waits for it any more.
    pub fn take(&self) -> Option<AttachResponse> {
        let response = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(AttachResponse { response: Some(response) })
    }
}
