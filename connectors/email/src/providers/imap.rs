//! A mailbox that the gateway reads itself. Nobody calls: what comes is the message as the mailbox has it.

use connector_sdk::Rejected;

use crate::{
    inbound::Arrival,
    provider::{Provider, Secrets, Setting},
};

/// The poller reads it.
pub(crate) const IMAP: Provider = Provider {
    name: "imap",
    verify: |_, _| Err(Rejected::NoSecret),
    sign: |_, _, _| Vec::new(),
    headers: &[],
    open: |body| Ok(Arrival::of(body).into()),
    secrets: Secrets::None,
    settings: &[Setting::Mailbox],
    example: include_str!("../../examples/imap.yaml"),
    samples: &[],
};
