//! PDUs as they go over a connection: their length, their header, what the gateway says of its own.

use bytes::{Bytes, BytesMut};
use connector_sdk::{
    ExposeSecret as _,
    smsc::{Smsc, Version},
};
use rusmpp::{
    Command, CommandStatus, Pdu,
    encode::{Encode as _, Length as _},
    pdus::{BindReceiver, BindTransceiver, BindTransmitter},
    types::COctetString,
    values::InterfaceVersion,
};
use tokio_util::codec::LengthDelimitedCodec;

use crate::Mode;

/// Bytes of a PDU at most: the longest payload, and room for what stands beside it.
const LONGEST: usize = (64 << 10) + 1024;
/// Bytes of a header: length, operation, status, sequence number.
pub(crate) const HEADER: usize = 16;

/// A response's operation is its request's with this.
const RESPONSE: u32 = 0x8000_0000;

/// Operations the session knows by themselves.
pub(crate) mod operation {
    pub(crate) const GENERIC_NACK: u32 = 0x8000_0000;
    pub(crate) const SUBMIT_SM: u32 = 0x04;
    pub(crate) const DELIVER_SM: u32 = 0x05;
    pub(crate) const UNBIND: u32 = 0x06;
    pub(crate) const UNBIND_RESP: u32 = 0x8000_0006;
    pub(crate) const ENQUIRE_LINK: u32 = 0x15;
    pub(crate) const ALERT_NOTIFICATION: u32 = 0x0102;
    pub(crate) const DATA_SM: u32 = 0x0103;
}

/// Cuts a stream into PDUs. The length counts itself.
pub(crate) fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .length_field_offset(0)
        .length_field_length(4)
        .length_adjustment(0)
        .num_skip(0)
        .max_frame_length(LONGEST)
        .new_codec()
}

/// The header of a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) operation: u32,
    pub(crate) status: u32,
    pub(crate) sequence: u32,
}

impl Header {
    /// Of a whole PDU; `None` for one that is too short.
    pub(crate) fn of(pdu: &[u8]) -> Option<Self> {
        let number = |at: usize| pdu.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
        Some(Self { operation: number(4)?, status: number(8)?, sequence: number(12)? })
    }

    pub(crate) const fn is_response(self) -> bool {
        self.operation & RESPONSE != 0
    }

    /// A response to it. `named`: with the empty message id that some of them have.
    pub(crate) fn response(self, status: u32, named: bool) -> Bytes {
        bare(Self { operation: self.operation | RESPONSE, status, ..self }, named)
    }
}

/// A PDU that is a header, and an empty message id at most.
pub(crate) fn bare(header: Header, named: bool) -> Bytes {
    let length = u32::from(named) + 16;
    let numbers = [length, header.operation, header.status, header.sequence];
    let mut pdu: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    pdu.extend(named.then_some(0));
    pdu.into()
}

/// A PDU without a sequence number: what is sent again differs in nothing else.
pub fn unnumbered(pdu: &[u8]) -> Bytes {
    numbered(pdu, 0)
}

/// A PDU with another sequence number.
pub(crate) fn numbered(pdu: &[u8], sequence: u32) -> Bytes {
    let mut pdu = BytesMut::from(pdu);
    if let Some(place) = pdu.get_mut(12..HEADER) {
        place.copy_from_slice(&sequence.to_be_bytes());
    }
    pdu.freeze()
}

/// The request to bind; `None` where something is longer than the protocol has room for.
pub(crate) fn bind(smsc: &Smsc, mode: Mode, sequence: u32) -> Option<Bytes> {
    let interface_version = match smsc.version {
        Version::V3_4 => InterfaceVersion::Smpp3_4,
        Version::V5_0 => InterfaceVersion::Smpp5_0,
    };
    let system_id = COctetString::from_string(smsc.system_id.clone()).ok()?;
    let password = COctetString::from_string(smsc.password.expose_secret().to_owned()).ok()?;
    let system_type = COctetString::from_string(smsc.system_type.clone()).ok()?;
    let address_range = COctetString::from_string(smsc.address_range.clone()).ok()?;
    macro_rules! request {
        ($bind:ident) => {
            Pdu::from($bind { system_id, password, system_type, interface_version, address_range, ..$bind::default() })
        };
    }
    let pdu = match mode {
        Mode::Transceiver => request!(BindTransceiver),
        Mode::Receiver => request!(BindReceiver),
        Mode::Transmitter => request!(BindTransmitter),
    };
    let command = Command::new(CommandStatus::EsmeRok, sequence, pdu);
    let length = 4 + command.length();
    let mut bytes = vec![0; length];
    let (head, rest) = bytes.split_at_mut(4);
    head.copy_from_slice(&u32::try_from(length).ok()?.to_be_bytes());
    command.encode(rest);
    Some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_and_written() {
        let header = Header { operation: operation::DELIVER_SM, status: 0, sequence: 7 };
        let response = header.response(0x64, true);
        assert_eq!(&response[..], b"\0\0\0\x11\x80\0\0\x05\0\0\0\x64\0\0\0\x07\0");
        assert_eq!(Header::of(&response), Some(Header { operation: 0x8000_0005, status: 0x64, sequence: 7 }));
        assert_eq!(Header::of(&numbered(&response, 9)).unwrap().sequence, 9);
        assert_eq!(Header::of(b"\0\0\0\x10\0\0\0\x15"), None);
        assert_eq!(numbered(b"short", 1), "short");
    }
}
