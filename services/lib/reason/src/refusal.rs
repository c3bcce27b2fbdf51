//! A call that is not carried out, as its caller reads it.

use std::{collections::HashMap, time::Duration};

use kenh_proto::v1::ErrorReason;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::Reason;

/// Domain of every `ErrorInfo`.
pub const DOMAIN: &str = "kenh";

/// An error in the making.
#[derive(Debug)]
pub struct Refusal {
    reason: Reason,
    message: String,
    metadata: HashMap<String, String>,
    retry: Option<Duration>,
    field: Option<String>,
}

impl Refusal {
    /// For a reason; `message` says to people what was wrong and what to do. No secret and no word of a customer's.
    pub fn new(reason: impl Into<Reason>, message: impl Into<String>) -> Self {
        let (reason, message) = (reason.into(), message.into());
        Self { reason, message, metadata: HashMap::new(), retry: None, field: None }
    }

    /// With a fact for programs, under one of the keys that the reason's [`Facts`](crate::Facts) list.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        let reason = self.reason;
        debug_assert!(reason.facts().metadata.contains(&key), "{key} is not in the catalogue for {reason:?}");
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// With a `RetryInfo`: how long to wait.
    #[must_use]
    pub fn retry_in(mut self, wait: Duration) -> Self {
        self.retry = Some(wait);
        self
    }

    /// As it is sent.
    pub fn status(self) -> Status {
        let mut details = ErrorDetails::with_error_info(self.reason.name(), DOMAIN, self.metadata);
        if let Some(wait) = self.retry {
            details.set_retry_info(Some(wait));
        }
        let message = match self.field {
            Some(field) => {
                details.add_bad_request_violation(&field, &self.message);
                format!("{field}: {}", self.message)
            }
            None => self.message,
        };
        Status::with_error_details(self.reason.facts().code, message, details)
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.status()
    }
}

/// A field of the request is wrong.
pub fn invalid(field: &str, message: impl Into<String>) -> Status {
    let refusal = Refusal::new(ErrorReason::InvalidField, message).with("field", field);
    Refusal { field: Some(field.into()), ..refusal }.status()
}
