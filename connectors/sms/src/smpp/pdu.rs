//! PDUs that bring messages and receipts: `deliver_sm` and `data_sm`.

use bytes::BytesMut;
use connector_sdk::Malformed;
use rusmpp::{
    Command, Pdu,
    decode::DecodeWithLength as _,
    tlvs::{Tlv, TlvValue},
    values::{EsmClass, Ton},
};

use super::udh::{self, Place};

/// The length, the operation, the status and the sequence number, four octets each.
const HEADER: usize = 16;

/// A short message as it came.
pub(super) struct Short {
    pub(super) source: Party,
    pub(super) destination: Party,
    pub(super) kind: Kind,
    /// Where it belongs, if it is a part.
    pub(super) place: Option<Place>,
    pub(super) data_coding: u8,
    /// Its octets, without a header.
    pub(super) octets: Vec<u8>,
    pub(super) receipted_id: Option<String>,
    pub(super) state: Option<u8>,
    pub(super) network_error: Option<u16>,
}

/// Whom it is from or for.
pub(super) struct Party {
    pub(super) ton: Ton,
    pub(super) address: String,
}

/// What it is, by `esm_class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Message,
    /// A delivery receipt, or a notice on the way to one.
    Receipt,
    /// What a phone or its owner acknowledged.
    Acknowledgement,
}

/// The PDUs of a delivery.
pub(super) fn each(mut body: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut pdus = Vec::new();
    while let Some(length) = body.first_chunk::<4>().map(|length| u32::from_be_bytes(*length)) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((pdu, rest)) = body.split_at_checked(length).filter(|(pdu, _)| pdu.len() >= HEADER) else { break };
        pdus.push(pdu);
        body = rest;
    }
    if body.is_empty() && !pdus.is_empty() { Ok(pdus) } else { Err(odd("it is not made of whole PDUs")) }
}

/// What a PDU holds.
pub(super) fn read(pdu: &[u8]) -> Result<Short, Malformed> {
    let body = pdu.get(4..).unwrap_or_default();
    let (command, _) =
        Command::decode(&mut BytesMut::from(body), body.len()).map_err(|_| odd("a PDU cannot be read"))?;
    match command.pdu() {
        Some(Pdu::DeliverSm(deliver)) => {
            let parties = (
                party(deliver.source_addr_ton, &deliver.source_addr),
                party(deliver.dest_addr_ton, &deliver.destination_addr),
            );
            short(parties, deliver.esm_class, deliver.data_coding.into(), deliver.short_message(), deliver.tlvs())
        }
        Some(Pdu::DataSm(data)) => {
            let parties =
                (party(data.source_addr_ton, &data.source_addr), party(data.dest_addr_ton, &data.destination_addr));
            short(parties, data.esm_class, data.data_coding.into(), &[], data.tlvs())
        }
        _ => Err(odd("a PDU is neither deliver_sm nor data_sm")),
    }
}

fn odd(detail: &str) -> Malformed {
    Malformed { reason: "unexpected_shape", detail: detail.into() }
}

fn party<const LEAST: usize, const MOST: usize>(ton: Ton, address: &rusmpp::types::COctetString<LEAST, MOST>) -> Party {
    Party { ton, address: address.as_str().to_owned() }
}

fn short(
    (source, destination): (Party, Party),
    esm_class: EsmClass,
    data_coding: u8,
    octets: &[u8],
    tlvs: &[Tlv],
) -> Result<Short, Malformed> {
    let (mut reference, mut total, mut number) = (None, None, None);
    let (mut receipted_id, mut state, mut network_error) = (None, None, None);
    let mut octets = octets.to_vec();
    for value in tlvs.iter().filter_map(Tlv::value) {
        // What is not known is nothing to us.
        #[allow(clippy::wildcard_enum_match_arm, reason = "there are some seventy others")]
        match value {
            // It supersedes what stands in the field.
            TlvValue::MessagePayload(payload) => octets = payload.value.as_ref().to_vec(),
            TlvValue::SarMsgRefNum(value) => reference = Some(*value),
            TlvValue::SarTotalSegments(value) => total = Some(*value),
            TlvValue::SarSegmentSeqnum(value) => number = Some(*value),
            TlvValue::ReceiptedMessageId(id) => {
                receipted_id = Some(id.as_str().to_owned()).filter(|id| !id.is_empty());
            }
            TlvValue::MessageState(value) => state = Some(u8::from(*value)),
            TlvValue::NetworkErrorCode(code) => network_error = Some(code.error_code),
            _ => {}
        }
    }
    let class = u8::from(esm_class);
    let mut place = None;
    if class & 0x40 != 0 {
        let (found, text) = udh::split(&octets).ok_or_else(|| odd("a header is longer than its message"))?;
        (place, octets) = (found, text.to_vec());
    }
    if let (Some(reference), Some(total), Some(number), None) = (reference, total, number, place) {
        place = Some(Place { kind: "sar", reference, total, number });
    }
    let kind = match class & 0x3c {
        0x04 | 0x20 => Kind::Receipt,
        _ if receipted_id.is_some() => Kind::Receipt,
        0x08 | 0x10 => Kind::Acknowledgement,
        _ => Kind::Message,
    };
    let place = place.and_then(Place::possible);
    Ok(Short { source, destination, kind, place, data_coding, octets, receipted_id, state, network_error })
}
