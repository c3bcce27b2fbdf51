//! Messages out: `submit_sm`, one for each segment.

use std::time::Duration;

use connector_sdk::{
    outbound::{Failure, Planned, Refusal, Sending, ShortMessage, Step},
    phone::{Address, international},
};
use kenh_proto::v1::{Message, SendReason, Text, outbound_action::What};
use rusmpp::{
    Command, CommandStatus,
    encode::{Encode as _, Length as _},
    pdus::SubmitSm,
    tlvs::MessageSubmissionRequestTlvValue as Beside,
    types::{AnyOctetString, COctetString, EmptyOrFullCOctetString, OctetString},
    values::{DataCoding, EsmClass, MessagePayload, Npi, RegisteredDelivery, Ton},
};
use sha2::{Digest as _, Sha256};

use super::{
    Dialect, Segments, Smpp,
    coding::{DEFAULT, UCS2, encode, encode_ucs2},
    udh,
};
use crate::text::{Encoding, segmentation_in, segments_in};

/// A final receipt, whatever it says: nothing of phones, and nothing in between.
const RECEIPT: u8 = 1;
/// `esm_class` of a message that begins with a header.
const WITH_HEADER: u8 = 0x40;

/// Cuts what is planned into the pieces a message centre takes. All of a message is one text here: what came of its parts
/// stands in lines of its own. Each piece is the whole text, of which [`step`] takes one segment: how a segment is coded
/// depends on the others.
pub(crate) fn cut(smpp: &Smpp, planned: &mut Planned) -> Result<(), Refusal> {
    let texts = planned.pieces.iter().filter_map(|piece| crate::outbound::message(piece)?.text.as_ref());
    let bodies = texts.map(|text| text.body.as_str());
    let body = bodies.collect::<Vec<_>>().join("\n");
    if body.is_empty() {
        return Ok(());
    }
    let encoding = encoding(&body, smpp.dialect);
    let segments = segments(&body, smpp.dialect);
    if segments.len() > MOST_SEGMENTS {
        let advice = format!("it would be more than {MOST_SEGMENTS} segments");
        return Err(Refusal::new(SendReason::ContentTooLarge, advice));
    }
    let text = Text { body: body.clone(), ..Text::default() };
    let piece = What::Message(Message { text: Some(text), ..Message::default() });
    planned.pieces = vec![piece; segments.len()];
    planned.segmentation = vec![segmentation_in(encoding, &body, spare(smpp.dialect))];
    Ok(())
}

/// More is a letter.
const MOST_SEGMENTS: usize = 50;

/// The `submit_sm` of a piece. `to` is a number as E.164 has it.
pub(crate) fn step(smpp: &Smpp, sending: &Sending<'_>, message: &Message, to: &str) -> Step {
    let body = message.text.as_ref().map(|text| text.body.as_str()).unwrap_or_default();
    match submit(smpp.dialect, sending, body, to) {
        Some(pdu) => Step::ShortMessage(ShortMessage { smsc: smpp.smsc.clone(), pdu: pdu.into() }),
        None => Step::Done(Failure::permanent(SendReason::ContentInvalid, None)),
    }
}

/// GSM-7 only where the message centre's own alphabet has all of it.
fn encoding(body: &str, dialect: Dialect) -> Encoding {
    let simple = Encoding::of(body) == Encoding::Gsm7 && encode(body, dialect.default_alphabet).is_some();
    if simple { Encoding::Gsm7 } else { Encoding::Ucs2 }
}

fn segments(body: &str, dialect: Dialect) -> Vec<&str> {
    match dialect.segments {
        Segments::Payload => vec![body],
        Segments::Udh | Segments::Udh16 | Segments::Sar => segments_in(encoding(body, dialect), body, spare(dialect)),
    }
}

/// Units of each segment that a longer header takes.
fn spare(dialect: Dialect) -> usize {
    usize::from(dialect.segments == Segments::Udh16)
}

fn submit(dialect: Dialect, sending: &Sending<'_>, body: &str, to: &str) -> Option<Vec<u8>> {
    let encoding = encoding(body, dialect);
    let segments = segments(body, dialect);
    let (index, pieces) = sending.piece;
    let (number, total) = (u8::try_from(index + 1).ok()?, u8::try_from(segments.len()).ok()?);
    // Planned by another version, which cut otherwise: parts of two cuts make no message.
    if u32::from(total) != pieces {
        return None;
    }
    let segment = segments.get(usize::from(number) - 1)?;
    let (data_coding, octets) = match encoding {
        Encoding::Gsm7 => (DEFAULT, encode(segment, dialect.default_alphabet)?),
        Encoding::Ucs2 => (UCS2, encode_ucs2(segment, dialect.byte_order)),
    };
    let mut pdu = addressed(sending.account, to)?;
    pdu.registered_delivery = RegisteredDelivery::from(RECEIPT);
    pdu.data_coding = DataCoding::from(data_coding);
    if let Some(validity) = dialect.validity {
        pdu.validity_period = relative(validity)?;
    }
    let reference = reference(sending.reference);
    let in_parts = total > 1;
    match dialect.segments {
        Segments::Payload => {
            pdu.push_tlv(Beside::MessagePayload(MessagePayload::new(AnyOctetString::from_vec(octets))));
        }
        Segments::Udh | Segments::Udh16 if in_parts => {
            let mut whole = udh::header(dialect.segments == Segments::Udh16, reference, total, number);
            whole.extend(octets);
            pdu.esm_class = EsmClass::from(WITH_HEADER);
            pdu.set_short_message(OctetString::from_vec(whole).ok()?);
        }
        Segments::Sar if in_parts => {
            pdu.set_short_message(OctetString::from_vec(octets).ok()?);
            pdu.push_tlv(Beside::SarMsgRefNum(reference));
            pdu.push_tlv(Beside::SarTotalSegments(total));
            pdu.push_tlv(Beside::SarSegmentSeqnum(number));
        }
        Segments::Udh | Segments::Udh16 | Segments::Sar => pdu.set_short_message(OctetString::from_vec(octets).ok()?),
    }
    let command = Command::new(CommandStatus::EsmeRok, 0, pdu);
    let length = 4 + command.length();
    let mut bytes = vec![0; length];
    let (head, rest) = bytes.split_at_mut(4);
    head.copy_from_slice(&u32::try_from(length).ok()?.to_be_bytes());
    command.encode(rest);
    Some(bytes)
}

fn addressed(account: &str, to: &str) -> Option<SubmitSm> {
    let c_string = |text: &str| COctetString::from_string(text.to_owned()).ok();
    let (ton, npi) = match international(account) {
        Address::Phone(_) => (Ton::International, Npi::Isdn),
        Address::ShortCode(_) | Address::Service(_) => (Ton::NetworkSpecific, Npi::Unknown),
        Address::Name(_) | Address::Other(_) => (Ton::Alphanumeric, Npi::Unknown),
    };
    let mut pdu = SubmitSm::default();
    // The library's default is that of a phone's acknowledgement.
    pdu.esm_class = EsmClass::from(0);
    pdu.source_addr_ton = ton;
    pdu.source_addr_npi = npi;
    pdu.source_addr = c_string(account.trim_start_matches('+'))?;
    pdu.dest_addr_ton = Ton::International;
    pdu.dest_addr_npi = Npi::Isdn;
    pdu.destination_addr = c_string(to.trim_start_matches('+'))?;
    Some(pdu)
}

/// A time from now on, as the protocol writes it (SMPP 3.4 section 7.1.1.2).
fn relative(time: Duration) -> Option<EmptyOrFullCOctetString<17>> {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let text = format!("0000{days:02}{hours:02}{:02}{:02}000R", seconds / 60 % 60, seconds % 60);
    EmptyOrFullCOctetString::from_string(text).ok()
}

/// What the parts of a message have in common: the same for all of them, also after a restart, and hardly for two messages
/// that a phone puts together at one time.
fn reference(of_piece: &str) -> u16 {
    let message = of_piece.split_once('.').map_or(of_piece, |(message, _)| message);
    let [high, low, ..] = <[u8; 32]>::from(Sha256::digest(message));
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::{super::coding::Alphabet, *};

    #[test]
    fn times_and_references_are_written_as_the_protocol_wants() {
        let written = |seconds| relative(Duration::from_secs(seconds)).unwrap();
        assert_eq!(written(90).as_str(), "000000000130000R");
        assert_eq!(written(3 * 86_400 + 3600).as_str(), "000003010000000R");
        assert_eq!(reference("a.0"), reference("a.7"));
        assert_ne!(reference("a.0"), reference("b.0"));
    }

    #[test]
    fn an_alphabet_of_its_own_costs_what_it_does_not_have() {
        let ascii = Dialect { default_alphabet: Alphabet::Ascii, ..Dialect::default() };
        assert_eq!(encoding("gia re", ascii), Encoding::Gsm7);
        assert_eq!(
            (encoding("gi\u{e0}", ascii), encoding("gi\u{e0}", Dialect::default())),
            (Encoding::Ucs2, Encoding::Gsm7)
        );
    }
}
