//! A message centre: what its PDUs become, and what is sent to it.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use std::{collections::BTreeMap, time::Duration};

use common::{configured, endpoint};
use connector_sdk::{
    ARRIVAL_HEADER, Connector, Delivery, Secret,
    outbound::{Answer, Failure, Order, Outcome, Reply, Retry, Sending, Step, To, Window},
    smsc::Bind,
};
use http::{HeaderMap, HeaderName};
use kenh_proto::v1::{
    Envelope, Message, Receipt, ReceiptStatus, SendPurpose, SendReason, SenderRole, Text, envelope::Payload,
    outbound_action::What,
};
use proptest::prelude::*;

const SETTINGS: &str = "provider: smpp\nuser: gw\naccounts: { \"+84280000001\": {}, MYSHOP: {}, \"8099\": {} }\n\
                        smpp:\n  host: smsc.example.test\n  password: pw\n";

/// With further settings below `smpp`.
fn with(more: &str) -> Box<dyn Connector> {
    endpoint(&format!("{SETTINGS}  {}\n", more.replace('\n', "\n  ")))
}

/// What npm's `smpp` wrote: a part with a header, in UCS-2; a receipt with its parameters beside the text.
const PART: &str = "000000480000000500000000000000090001013834393030303030303031000000383039390040000000000000080018050003a7020100\
                    5000681ea7006e0020006d1ed900740020";
const RECEIPT: &str = "000000a400000005000000000000000a000000383439303030303030303100000038303939000400000000000000006669643a323538372073\
    75623a30303120646c7672643a303031207375626d697420646174653a3236313132313132303020646f6e6520646174653a323631313231\
    3132303120737461743a44454c49565244206572723a30303020746578743a476961203230001e000530413142000427000102";

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex.replace([' ', '\n'], "")).unwrap()
}

/// A `deliver_sm` from `+84900000001` to `8099`.
fn deliver(esm_class: u8, data_coding: u8, octets: &[u8], beside: &[u8]) -> Vec<u8> {
    let mut body = b"\0\x01\x0184900000001\0\0\x008099\0".to_vec();
    body.extend([esm_class, 0, 0, 0, 0, 0, 0, data_coding, 0, u8::try_from(octets.len()).unwrap()]);
    body.extend_from_slice(octets);
    body.extend_from_slice(beside);
    let mut pdu = u32::try_from(body.len() + 16).unwrap().to_be_bytes().to_vec();
    pdu.extend([0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1]);
    pdu.extend(body);
    pdu
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn events(connector: &dyn Connector, body: &[u8]) -> Vec<Envelope> {
    let headers = [(HeaderName::from_static(ARRIVAL_HEADER), 1_795_291_200_u64.into())];
    let headers: HeaderMap = headers.into_iter().collect();
    let batch = connector.normalize(Delivery { headers: &headers, body }).unwrap();
    batch.events.into_iter().map(|event| event.envelope).collect()
}

fn text(event: &Envelope) -> &str {
    let Some(Payload::Message(message)) = &event.payload else { panic!("{:?}", event.payload) };
    &message.text.as_ref().unwrap().body
}

fn receipt(connector: &dyn Connector, pdu: &[u8]) -> (Envelope, Receipt) {
    let event = events(connector, pdu).remove(0);
    let Some(Payload::Receipt(receipt)) = event.payload.clone() else { panic!("{:?}", event.payload) };
    (event, receipt)
}

fn degraded(event: &Envelope) -> Vec<String> {
    event.quality.as_ref().map(|quality| quality.degraded.clone()).unwrap_or_default()
}

#[test]
fn a_message_is_from_a_person_to_one_of_our_numbers() {
    let connector = with("");
    let event = events(&*connector, &deliver(0, 0, b"Gia 20\x1be", b"")).remove(0);
    assert_eq!(text(&event), "Gia 20€");
    assert_eq!(event.account.as_ref().unwrap().external_id.as_deref(), Some("8099"));
    let identity = &event.contact.as_ref().unwrap().identities[0];
    assert_eq!((identity.scheme.as_str(), identity.value.as_str()), ("phone", "+84900000001"));
    // With a payload beside it, and a parameter nobody knows.
    let payload = [&[0x04, 0x24, 0, 2][..], b"hi", &[0x14, 0x01, 0, 1, 9]].concat();
    assert_eq!(text(&events(&*connector, &deliver(0, 0, b"", &payload)).remove(0)), "hi");
    let binary = events(&*connector, &deliver(0, 4, b"\x01\x02", b"")).remove(0);
    assert!(matches!(binary.payload, Some(Payload::Unsupported(_))), "it is kept");
    assert_eq!(events(&*connector, &deliver(0x08, 0, b"seen", b"")).len(), 1, "so is what a phone acknowledges");
}

#[test]
fn octets_of_parts_are_joined_before_they_are_read() {
    let connector = with("");
    let whole = utf16("Phần một 😀 hết");
    // Cut through the pair.
    let (first, second) = whole.split_at(20);
    assert_eq!(first[18..], [0xd8, 0x3d]);
    let part = |number: u8, octets: &[u8]| deliver(0x40, 8, &[&[5, 0, 3, 7, 2, number], octets].concat(), b"");
    let event = events(&*connector, &[part(1, first), part(2, second)].concat()).remove(0);
    assert_eq!((text(&event), degraded(&event)), ("Phần một 😀 hết", Vec::new()));
    // An escape at the end of a part, in a header of 16 bits, and beside the text.
    let wide = |number: u8, octets: &[u8]| deliver(0x40, 0, &[&[6, 8, 4, 1, 7, 2, number], octets].concat(), b"");
    assert_eq!(text(&events(&*connector, &[wide(1, b"20\x1b"), wide(2, b"e")].concat()).remove(0)), "20€");
    let sar = |number: u8, octets: &[u8]| {
        let beside = [&[2, 0x0c, 0, 2, 0, 7, 2, 0x0e, 0, 1, 2, 2, 0x0f, 0, 1][..], &[number]].concat();
        deliver(0, 0, octets, &beside)
    };
    assert_eq!(text(&events(&*connector, &[sar(1, b"a"), sar(2, b"b")].concat()).remove(0)), "ab");
    let parts = [sar(1, b"a"), sar(2, b"b")].map(|pdu| connector.part(&pdu).unwrap());
    assert_eq!((parts[0].number, parts[1].number, parts[0].total), (1, 2, 2));
    assert_eq!(parts[0].message, parts[1].message);
    let other = connector.part(&part(1, b"")).unwrap();
    assert_ne!(parts[0].message, other.message, "another way to count is another message");
}

#[test]
fn what_is_missing_is_seen() {
    let connector = with("");
    let part = |number: u8, text: &str| deliver(0x40, 8, &[&[5, 0, 3, 7, 4, number][..], &utf16(text)].concat(), b"");
    let of = |parts: &[Vec<u8>]| {
        let event = events(&*connector, &parts.concat()).remove(0);
        (text(&event).to_owned(), degraded(&event))
    };
    let incomplete = vec!["incomplete".to_owned()];
    assert_eq!(of(&[part(1, "một"), part(3, "ba")]), ("một […] ba […]".into(), incomplete.clone()));
    assert_eq!(of(&[part(2, "hai"), part(3, "ba"), part(4, "bốn")]), ("[…] haibabốn".into(), incomplete));
    assert_eq!(of(&[part(1, "a"), part(2, "b"), part(3, "c"), part(4, "d")]), ("abcd".into(), Vec::new()));
}

#[test]
fn real_pdus_are_read() {
    let connector = with("");
    let part = connector.part(&bytes(PART)).unwrap();
    assert_eq!((part.number, part.total), (1, 2));
    assert_eq!(text(&events(&*connector, &bytes(PART)).remove(0)), "Phần một  […]");
    let pdu = bytes(RECEIPT);
    assert_eq!(connector.part(&pdu), None, "a receipt is no part of a message");
    let (event, found) = receipt(&*connector, &pdu);
    assert_eq!((found.provider_message_ids, found.status), (vec!["0A1B".to_owned()], ReceiptStatus::Delivered.into()));
    assert_eq!(event.account.unwrap().external_id.as_deref(), Some("8099"));
    assert_eq!(event.contact.unwrap().identities[0].value, "+84900000001");
}

#[test]
fn receipts_of_all_shapes_name_what_the_answer_named() {
    let said = b"id:2587 sub:001 dlvrd:000 submit date:2611211200 done date:2611211201 stat:UNDELIV err:044 text:Gia";
    let of = |more: &str, pdu: &[u8]| {
        let (_, receipt) = receipt(&*with(more), pdu);
        (receipt.provider_message_ids[0].clone(), receipt.status(), receipt.error_code)
    };
    let failed = |id: &str| (id.to_owned(), ReceiptStatus::Failed, Some("044".to_owned()));
    assert_eq!(of("", &deliver(4, 0, said, b"")), failed("2587"));
    assert_eq!(of("receipt_ids: decimal", &deliver(4, 0, said, b"")), failed("2587"));
    assert_eq!(of("receipt_ids: hex", &deliver(4, 0, said, b"")), failed("9607"));
    // Its own parameters come before the text: as the answer wrote the id, and with a state of their own.
    let beside = [&[0, 0x1e, 0, 5][..], b"0A1B\0", &[4, 0x27, 0, 1, 2]].concat();
    let (id, status, _) = of("receipt_ids: decimal", &deliver(4, 0, said, &beside));
    assert_eq!((id.as_str(), status), ("2587", ReceiptStatus::Delivered));
    // With neither text nor mark, but the id beside it; with a mark on the way; with none of both where that is said.
    assert_eq!(of("", &deliver(0, 0, b"", &beside)).1, ReceiptStatus::Delivered);
    assert_eq!(of("", &deliver(0x20, 0, b"id:1 stat:ENROUTE", b"")).1, ReceiptStatus::Sent);
    assert_eq!(of("unmarked_receipts: true", &deliver(0, 0, said, b"")), failed("2587"));
    assert_eq!(events(&*with(""), &deliver(0, 0, said, b"")).len(), 1);
    assert!(matches!(events(&*with(""), &deliver(0, 0, said, b""))[0].payload, Some(Payload::Message(_))));
    let (_, unheard_of) = receipt(&*with(""), &deliver(4, 0, b"id:1 stat:HALFWAY", b""));
    assert_eq!((unheard_of.status(), unheard_of.values["status"].as_str()), (ReceiptStatus::Unspecified, "HALFWAY"));
}

#[test]
fn what_is_told_again_has_the_same_key_and_what_comes_later_another() {
    let connector = with("");
    let key = |at: u64, sequence: u8| {
        let mut pdu = deliver(0, 0, b"OK", b"");
        pdu[15] = sequence;
        let headers: HeaderMap = [(HeaderName::from_static(ARRIVAL_HEADER), at.into())].into_iter().collect();
        let batch = connector.normalize(Delivery { headers: &headers, body: &pdu }).unwrap();
        batch.events[0].envelope.dedupe_key.clone()
    };
    assert_eq!(key(7, 1), key(7, 2));
    assert_ne!(key(7, 1), key(8, 1));
    let name = |sequence: u8| {
        let mut pdu = deliver(0, 0, b"OK", b"");
        pdu[15] = sequence;
        connector.part(&pdu).unwrap().message
    };
    assert_eq!(name(1), name(2));
}

fn order<'a>(what: &'a What, to: &'a To, options: &'a BTreeMap<String, String>) -> Order<'a> {
    Order {
        what,
        to,
        role: SenderRole::Human,
        purpose: SendPurpose::Unspecified,
        window: Window::Unknown,
        strict: false,
        options,
        conversation: None,
        answered: None,
        now: std::time::UNIX_EPOCH + Duration::from_secs(common::NOW),
    }
}

fn say(body: &str) -> What {
    What::Message(Message { text: Some(Text { body: body.into(), ..Text::default() }), ..Message::default() })
}

/// The PDUs of a message.
fn submitted(connector: &dyn Connector, account: &str, body: &str) -> Vec<Vec<u8>> {
    let outbound = connector.outbound().unwrap();
    let (what, options) = (say(body), BTreeMap::new());
    let to = To::Contact { scheme: "phone".into(), value: "0900000001".into() };
    let order = order(&what, &to, &options);
    let planned = outbound.plan(&order).unwrap();
    let pieces = u32::try_from(planned.pieces.len()).unwrap();
    let token = Secret::default();
    let pdu = |(index, what): (u32, &What)| {
        let reference = format!("0190c0de-0000-7000-8000-000000000001.{index}");
        let sending = sending(what, &to, account, &reference, (index, pieces), &options, &token);
        let step = outbound.step(&sending, &[]);
        let Step::ShortMessage(message) = step else { panic!("{step:?}") };
        message.pdu.to_vec()
    };
    (0..).zip(&planned.pieces).map(pdu).collect()
}

fn sending<'a>(
    what: &'a What,
    to: &'a To,
    account: &'a str,
    reference: &'a str,
    piece: (u32, u32),
    options: &'a BTreeMap<String, String>,
    token: &'a Secret,
) -> Sending<'a> {
    Sending {
        what,
        to,
        account,
        role: SenderRole::Human,
        purpose: SendPurpose::Unspecified,
        window: Window::Unknown,
        options,
        conversation: None,
        answered: None,
        reference,
        piece,
        reply_token: None,
        reply_address: None,
        token,
        now: std::time::UNIX_EPOCH + Duration::from_secs(common::NOW),
    }
}

#[test]
fn a_short_text_is_one_pdu_of_the_protocol() {
    let pdu = submitted(&*with("validity: 90s"), "MYSHOP", "Gia 20€ [ok]").remove(0);
    let mut expected = b"\0\0\0\x57\0\0\0\x04\0\0\0\0\0\0\0\0\0\x05\0MYSHOP\0\x01\x0184900000001\0".to_vec();
    expected.extend(b"\0\0\0\x00000000000130000R\0\x01\0\0\0\x0fGia 20\x1be \x1b<ok\x1b>");
    expected[3] = u8::try_from(expected.len()).unwrap();
    assert_eq!(pdu, expected);
    let from = |account: &str| submitted(&*with(""), account, "x").remove(0)[17..19].to_vec();
    assert_eq!((from("+84280000001"), from("8099"), from("MYSHOP")), (vec![1, 1], vec![3, 0], vec![5, 0]));
}

#[test]
fn a_plan_counts_the_segments_that_are_sent() {
    let (what, options) = (say(&"a".repeat(306)), BTreeMap::new());
    let to = To::Contact { scheme: "phone".into(), value: "0900000001".into() };
    for (more, expected) in [("segments: udh", 2), ("segments: udh16", 3), ("segments: sar", 2)] {
        let planned = with(more).outbound().unwrap().plan(&order(&what, &to, &options)).unwrap();
        let told = planned.segmentation[0].segments;
        assert_eq!((u32::try_from(planned.pieces.len()).unwrap(), told), (expected, expected), "{more}");
    }
}

#[test]
fn a_long_text_is_cut_as_the_message_centre_wants_it() {
    let body = "Đơn hàng của bạn đã được giao thành công, cảm ơn bạn đã mua hàng 😀. ".repeat(3);
    // What we send, read as if it had come: the two directions have the same shape.
    let back = |connector: &dyn Connector| {
        let turned = |mut pdu: Vec<u8>| {
            pdu[7] = 5;
            pdu
        };
        let pdus: Vec<_> = submitted(connector, "+84280000001", &body).into_iter().map(turned).collect();
        let parts: Vec<_> = pdus.iter().map(|pdu| connector.part(pdu).unwrap()).collect();
        assert!(parts.iter().all(|part| part.message == parts[0].message || part.total == 1));
        (pdus.len(), text(&events(connector, &pdus.concat()).remove(0)).to_owned())
    };
    let whole = body.trim_end().to_owned();
    for (more, pieces) in [
        ("", 4),
        ("segments: udh16", 4),
        ("segments: sar", 4),
        ("segments: payload", 1),
        ("byte_order: little_endian", 4),
    ] {
        assert_eq!(back(&*with(more)), (pieces, whole.clone()), "{more}");
    }
}

fn ended(body: &str, status: u16, more: &str) -> Outcome {
    let (connector, what, options, token) = (with(more), say("x"), BTreeMap::new(), Secret::default());
    let to = To::Contact { scheme: "phone".into(), value: "0900000001".into() };
    let sending = sending(&what, &to, "MYSHOP", "r.0", (0, 1), &options, &token);
    let reply = Reply { status, retry_after: Some(Duration::from_secs(3)), body: bytes(body).into() };
    let step = connector.outbound().unwrap().step(&sending, &[Answer::Reply(reply)]);
    let Step::Done(outcome) = step else { panic!("{step:?}") };
    outcome
}

#[test]
fn answers_mean_what_their_status_says() {
    let failed = |body: &str| match ended(body, 0, "") {
        Outcome::Failed(Failure { reason, code, retry }) => (reason, code.unwrap_or_default(), retry),
        other @ (Outcome::Accepted(_) | Outcome::Unknown) => panic!("{other:?}"),
    };
    let after = Retry::After(Duration::from_secs(3));
    let ids = |more| match ended("00000015 80000004 00000000 00000002 30413142 00", 0, more) {
        Outcome::Accepted(accepted) => accepted.ids,
        other @ (Outcome::Failed(_) | Outcome::Unknown) => panic!("{other:?}"),
    };
    assert_eq!((ids(""), ids("receipt_ids: decimal")), (vec!["0A1B".to_owned()], vec!["2587".to_owned()]));
    assert_eq!(failed("00000010 80000004 00000058 00000002"), (SendReason::Throttled, "ESME_RTHROTTLED".into(), after));
    assert_eq!(failed("00000010 80000004 0000000b 00000002").0, SendReason::RecipientUnknown);
    assert_eq!(failed("00000010 80000004 00000401 00000002"), (SendReason::Refused, "0x00000401".into(), Retry::Never));
    assert_eq!(failed("00000010 80000000 00000003 00000002").0, SendReason::Refused);
    // A bind that was refused: for who we are, for somebody else being there, for now.
    assert_eq!(failed("00000010 80000009 0000000e 00000001").0, SendReason::AuthBroken);
    let (reason, code, _) = failed("00000010 80000002 00000005 00000001");
    assert_eq!((reason, code.as_str()), (SendReason::ChannelUnavailable, "ESME_RALYBND"));
    assert_eq!(ended("00", 0, ""), Outcome::Unknown, "no PDU at all");
}

#[test]
fn settings_that_cannot_work_are_refused_with_their_place() {
    let faults = |yaml: &str| configured(yaml).err().unwrap_or_default().join("\n");
    let all = faults("provider: smpp\nuser: a-name-that-is-too-long\nsecrets: x\nsmpp: { password: a-long-password }");
    for fault in [
        "sms.user: expected a system_id",
        "sms.secrets: unknown",
        "sms.smpp.host: is required",
        "sms.smpp.password: expected at most 8",
    ] {
        assert!(all.contains(fault), "{fault} in {all}");
    }
    let most = faults(&format!("{SETTINGS}  window: 0\n  security: none\n  validity: 60d\n  enquire_every: 1ms\n"));
    for key in ["window", "security", "validity", "enquire_every"] {
        assert!(most.contains(&format!("sms.smpp.{key}: ")), "{key} in {most}");
    }
    let receiving = endpoint("provider: smpp\nuser: gw\nsmpp: { host: smsc.example.test, password: pw }\n");
    assert_eq!(receiving.smsc().unwrap().bind, Bind::Receiver);
    assert!(receiving.outbound().is_none());
    assert_eq!(with("").smsc().unwrap().bind, Bind::Transceiver);
    assert!(!format!("{:?}", with("").smsc()).contains("pw"), "the password is in Debug");
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(cut in 0_usize..200, at in 0_usize..164, value in any::<u8>()) {
        let connector = with("");
        for pdu in [bytes(PART), bytes(RECEIPT)] {
            let _part = connector.part(&pdu[..cut.min(pdu.len())]);
            let mut changed = pdu.clone();
            let place = at % changed.len();
            changed[place] = value;
            let _part = connector.part(&changed);
            let headers = HeaderMap::new();
            drop(connector.normalize(Delivery { headers: &headers, body: &changed }));
            drop(connector.normalize(Delivery { headers: &headers, body: &pdu[..cut.min(pdu.len())] }));
        }
    }

    #[test]
    fn what_is_sent_says_what_was_written(text in "[a-z€\\[đếà😀 ]{1,300}") {
        let connector = with("");
        let pdus: Vec<_> = submitted(&*connector, "+84280000001", &text);
        let turned = pdus.into_iter().map(|mut pdu| { pdu[7] = 5; pdu }).collect::<Vec<_>>().concat();
        let found = events(&*connector, &turned);
        if let Some(Payload::Message(message)) = &found[0].payload {
            let body = message.text.as_ref().map(|text| text.body.as_str()).unwrap_or_default();
            prop_assert_eq!(body.trim(), text.trim());
        }
    }
}
