//! Mail that other servers hand to the gateway itself, over SMTP or LMTP: a listener of the ingress takes it (`mail` in the configuration).

use std::collections::HashMap;

use connector_sdk::{
    Delivery, Rejected,
    reception::{Envelope, HEADER},
};

use crate::{
    inbound::Arrival,
    provider::{Provider, Secrets, Setting},
};

/// Nobody calls it over HTTP: such a call proves nothing.
pub(crate) const DIRECT: Provider = Provider {
    name: "direct",
    verify: |_, _| Err(Rejected::NoSecret),
    sign: |_, _, _| Vec::new(),
    // Without it a parked mail could not be read again as it came.
    headers: &[HEADER],
    open: |body| Ok(Arrival::of(body).into()),
    secrets: Secrets::None,
    settings: &[Setting::Reception],
    example: include_str!("../../examples/direct.yaml"),
    samples: &[],
};

/// Puts down what the envelope says: it beats what stands in the mail, which anybody can write.
pub(crate) fn address(mail: &mut Arrival<'_>, delivery: Delivery<'_>) {
    let Some(Envelope { from, to, results, .. }) = Envelope::of(delivery) else { return };
    // As a bounce's sender is written everywhere else.
    mail.envelope_from = Some(if from.is_empty() { "<>".into() } else { from });
    mail.envelope_to = to;
    if let Some(results) = results {
        mail.authentication = results.into_iter().collect::<HashMap<_, _>>();
    }
}
