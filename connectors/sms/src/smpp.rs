//! SMPP 3.4 and 5.0: a message centre in the place of a web interface. What its PDUs mean; the gateway has the session.
//!
//! What comes is made into the same fields as calls of web providers, and read by the same rules (`providers/smpp.rs`).

mod answer;
mod coding;
mod inbound;
mod outbound;
mod pdu;
mod receipt;
mod udh;

use std::{sync::Arc, time::Duration};

use connector_sdk::{
    Section,
    outbound::Accounts,
    smsc::{Bind, Smsc},
};

pub(crate) use self::{
    answer::ended,
    coding::{Alphabet, ByteOrder},
    inbound::{items, part},
    outbound::{cut, step},
};

/// How one message centre does what the specification leaves open.
#[derive(Debug)]
pub(crate) struct Smpp {
    pub(crate) smsc: Arc<Smsc>,
    pub(crate) dialect: Dialect,
}

/// What message centres do each in their own way. The default is what most do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// What `data_coding` 0 is there.
    pub(crate) default_alphabet: Alphabet,
    /// What `data_coding` 1 is there.
    pub(crate) ia5_alphabet: Alphabet,
    /// In which order the octets of UCS-2 come.
    pub(crate) byte_order: ByteOrder,
    /// How a long message is sent.
    pub(crate) segments: Segments,
    /// How receipts write the ids that answers wrote.
    pub(crate) receipt_ids: ReceiptIds,
    /// Receipts come without the mark that they are some: what looks like one is taken for it.
    pub(crate) unmarked_receipts: bool,
    /// How long the message centre tries; `None`: as long as it does by itself.
    pub(crate) validity: Option<Duration>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            default_alphabet: Alphabet::Gsm7,
            ia5_alphabet: Alphabet::Ascii,
            byte_order: ByteOrder::Big,
            segments: Segments::Udh,
            receipt_ids: ReceiptIds::Same,
            unmarked_receipts: false,
            validity: None,
        }
    }
}

/// How a long message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segments {
    /// In parts, each with a header of 8-bit reference.
    Udh,
    /// The same with a reference of 16 bits, which costs a character a part.
    Udh16,
    /// In parts that are numbered beside the text, for the message centre to make headers of.
    Sar,
    /// Whole, for the message centre to cut.
    Payload,
}

/// How receipts write the ids that answers wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiptIds {
    /// As the answer did.
    Same,
    /// In decimal, where the answer wrote hexadecimal.
    Decimal,
    /// In hexadecimal, where the answer wrote decimal.
    Hex,
}

impl Smpp {
    /// Reads `smpp`. What it needs of the endpoint's other settings is given.
    pub(crate) fn read(smpp: &mut Section<'_>, system_id: &str, repeat_window: Duration, accounts: &Accounts) -> Self {
        let mut smsc = Smsc::read(smpp, system_id, repeat_window);
        if accounts.is_empty() {
            smsc.bind = Bind::Receiver;
        }
        let alphabets = [("gsm7", Alphabet::Gsm7), ("latin1", Alphabet::Latin1), ("ascii", Alphabet::Ascii)];
        let orders = [("big_endian", ByteOrder::Big), ("little_endian", ByteOrder::Little)];
        let segments = [
            ("udh", Segments::Udh),
            ("udh16", Segments::Udh16),
            ("sar", Segments::Sar),
            ("payload", Segments::Payload),
        ];
        let ids = [("same", ReceiptIds::Same), ("decimal", ReceiptIds::Decimal), ("hex", ReceiptIds::Hex)];
        let validity = smpp.duration("validity", Duration::ZERO);
        if validity > LONGEST_VALIDITY {
            smpp.fault("validity", "expected at most 28d; 0 leaves it to the message centre");
        }
        let usual = Dialect::default();
        let dialect = Dialect {
            default_alphabet: smpp.choice("default_alphabet", &alphabets, usual.default_alphabet),
            ia5_alphabet: smpp.choice("ia5_alphabet", &alphabets, usual.ia5_alphabet),
            byte_order: smpp.choice("byte_order", &orders, usual.byte_order),
            segments: smpp.choice("segments", &segments, usual.segments),
            receipt_ids: smpp.choice("receipt_ids", &ids, usual.receipt_ids),
            unmarked_receipts: smpp.boolean("unmarked_receipts", usual.unmarked_receipts),
            validity: (validity > Duration::ZERO).then_some(validity.min(LONGEST_VALIDITY)),
        };
        Self { smsc: Arc::new(smsc), dialect }
    }
}

/// A relative time has two digits for days, and no message centre tries longer.
const LONGEST_VALIDITY: Duration = Duration::from_secs(28 * 86_400);

/// An id as answers and receipts write it both, by what is said of them. What is no number stays as it is.
pub(crate) fn id_of_answer(ids: ReceiptIds, id: &str) -> String {
    match ids {
        ReceiptIds::Same | ReceiptIds::Hex => decimal_or_same(ids == ReceiptIds::Hex, id, 10),
        ReceiptIds::Decimal => decimal_or_same(true, id, 16),
    }
}

/// The same for an id in the text of a receipt.
pub(crate) fn id_of_receipt(ids: ReceiptIds, id: &str) -> String {
    match ids {
        ReceiptIds::Same | ReceiptIds::Decimal => decimal_or_same(ids == ReceiptIds::Decimal, id, 10),
        ReceiptIds::Hex => decimal_or_same(true, id, 16),
    }
}

fn decimal_or_same(convert: bool, id: &str, radix: u32) -> String {
    let number = u128::from_str_radix(id, radix).ok().filter(|_| convert && !id.starts_with('+'));
    number.map_or_else(|| id.to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_however_they_are_written() {
        let pair = |ids, answer: &str, receipt: &str| (id_of_answer(ids, answer), id_of_receipt(ids, receipt));
        let same = |(answer, receipt): (String, String)| answer == receipt;
        assert!(same(pair(ReceiptIds::Decimal, "0A1B", "2587")));
        assert!(same(pair(ReceiptIds::Decimal, "a1b", "0000002587")));
        assert!(same(pair(ReceiptIds::Hex, "2587", "00000A1B")));
        assert!(same(pair(ReceiptIds::Same, "0A1B", "0A1B")));
        assert!(!same(pair(ReceiptIds::Same, "0A1B", "2587")), "only where that is said");
        assert!(same(pair(ReceiptIds::Decimal, "b7c2-44", "b7c2-44")));
        assert!(same(pair(ReceiptIds::Same, "007", "007")));
    }
}
