//! Calls, and the consent to be called.

use connector_sdk::{json::Number, time::Epoch};
use serde::Deserialize;

use super::{Soft, Word};

/// `user_call_oa`, `oa_call_user`: sent when the call is over.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct CallBody {
    pub(crate) phone: Word,
    pub(crate) call_id: Word,
    pub(crate) call_type: Soft<Word>,
    pub(crate) init_time: Option<Epoch>,
    /// Milliseconds.
    pub(crate) call_duration: Soft<Option<Number>>,
    /// Seconds, unlike its neighbours.
    pub(crate) waiting_time: Soft<Option<Number>>,
    /// Milliseconds.
    pub(crate) talk_time: Soft<Option<Number>>,
    pub(crate) status_code: Soft<Word>,
}

/// `oa_send_consent`, `user_reply_consent`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ConsentBody {
    pub(crate) phone: Word,
    /// Of the request.
    pub(crate) request_type: Word,
    /// Of the answer.
    pub(crate) user_consent: Word,
    /// 0 is without end.
    pub(crate) expired_time: Option<Epoch>,
}
