//! Sessions with message centres (SMPP 3.4 and 5.0): who is bound, what is under way, and when a pause is due.
//!
//! What PDUs say is the connector's business. Here is what keeps a session: binding, answers that belong to requests, a window of
//! requests without an answer, asking whether the other side is there. The codec is `rusmpp`'s; its client (`rusmppc`) has
//! neither window nor bounds, and resolves names by itself.

mod binds;
mod frame;
mod session;
mod window;

pub use binds::{Binds, Slot};
pub use frame::unnumbered;
pub use session::{Gone, Mode, OpenError, Session};

/// Statuses the gateway itself answers with (SMPP 5.0 section 4.7.6).
pub mod status {
    /// Taken.
    pub const OK: u32 = 0x00;
    /// Too much at once; to be sent again later.
    pub const QUEUE_FULL: u32 = 0x14;
    /// To be sent more slowly.
    pub const THROTTLED: u32 = 0x58;
    /// Not now; to be sent again later.
    pub const TEMPORARY: u32 = 0x64;

    /// What a bind is refused with for who asks, and will be again; by its name.
    pub const fn login_refused(status: u32) -> Option<&'static str> {
        match status {
            0x0d => Some("ESME_RBINDFAIL"),
            0x0e => Some("ESME_RINVPASWD"),
            0x0f => Some("ESME_RINVSYSID"),
            0x53 => Some("ESME_RINVSYSTYP"),
            _ => None,
        }
    }
}
