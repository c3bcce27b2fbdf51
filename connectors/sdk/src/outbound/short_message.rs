//! Short messages as connectors describe them for a message centre.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use crate::smsc::Smsc;

/// A `submit_sm` for the dispatcher to hand to a message centre. Its answer is a [`super::Reply`] whose body is the PDU that
/// answered, header included: the `submit_sm_resp`, a `generic_nack`, or the answer to a bind that was refused before anything
/// could be sent. Its status is that of the PDU where it fits. Without an answer: [`super::Answer::NotSent`] as long as no byte
/// of it was given to the connection, afterwards [`super::Answer::NoReply`].
#[derive(Clone)]
pub struct ShortMessage {
    /// Who takes it.
    pub smsc: Arc<Smsc>,
    /// The whole PDU. Its sequence number is set when it is sent.
    pub pdu: Bytes,
}

// By hand: numbers and words.
impl fmt::Debug for ShortMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShortMessage({} bytes)", self.pdu.len())
    }
}
