//! A session, with the other side played by the test, octet by octet.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use connector_sdk::{
    Secret,
    outbound::{Answer, ShortMessage},
    smsc::{Bind, Security, Smsc, Version},
};
use kenh_smpp::{Binds, Gone, Mode, OpenError, Session};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

const PATIENCE: Duration = Duration::from_secs(30);
const SUBMIT: [u8; 16] = [0, 0, 0, 16, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0];

fn smsc(port: u16) -> Smsc {
    Smsc {
        host: "127.0.0.1".into(),
        port,
        security: Security::Tunnel,
        system_id: "gw".into(),
        password: Secret::from("pw"),
        system_type: String::new(),
        version: Version::V5_0,
        bind: Bind::Transceiver,
        binds: 1,
        address_range: String::new(),
        enquire_every: PATIENCE,
        response_timeout: PATIENCE,
        window: 4,
        assembly_timeout: PATIENCE,
        repeat_window: PATIENCE,
    }
}

/// The other side.
struct Centre(TcpListener);

impl Centre {
    async fn start() -> (Self, Smsc) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (Self(listener), smsc(port))
    }

    /// Takes a connection and answers its bind.
    async fn bind(&self, status: u8) -> (Peer, Vec<u8>) {
        let mut peer = Peer(self.0.accept().await.unwrap().0);
        let bind = peer.hear().await;
        peer.respond(&bind, status, b"SMSC\0").await;
        (peer, bind)
    }
}

struct Peer<S = TcpStream>(S);

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    async fn hear(&mut self) -> Vec<u8> {
        let mut pdu = vec![0; 4];
        self.0.read_exact(&mut pdu).await.unwrap();
        let length = u32::from_be_bytes(pdu[..4].try_into().unwrap());
        pdu.resize(length.try_into().unwrap(), 0);
        self.0.read_exact(&mut pdu[4..]).await.unwrap();
        pdu
    }

    async fn say(&mut self, operation: u32, status: u8, sequence: &[u8], body: &[u8]) {
        let length = u32::try_from(16 + body.len()).unwrap().to_be_bytes();
        let pdu = [&length[..], &operation.to_be_bytes(), &[0, 0, 0, status], sequence, body].concat();
        self.0.write_all(&pdu).await.unwrap();
    }

    async fn respond(&mut self, request: &[u8], status: u8, body: &[u8]) {
        let operation = u32::from_be_bytes(request[4..8].try_into().unwrap()) | 0x8000_0000;
        self.say(operation, status, &request[12..16], body).await;
    }
}

async fn open(centre: &Centre, smsc: &Smsc) -> (Session, tokio::sync::mpsc::Receiver<Bytes>, Peer) {
    let (opened, (peer, _)) = tokio::join!(Session::open(smsc, Mode::Transceiver), centre.bind(0));
    let (session, delivered) = opened.unwrap();
    (session, delivered, peer)
}

fn status(answer: &Answer) -> u16 {
    let Answer::Reply(reply) = answer else { panic!("{answer:?}") };
    reply.status
}

#[tokio::test]
async fn a_bind_says_who_we_are_and_a_refusal_what_to_do() {
    let (centre, smsc) = Centre::start().await;
    for (mode, operation) in [(Mode::Receiver, 1), (Mode::Transmitter, 2), (Mode::Transceiver, 9)] {
        let (opened, (_peer, bind)) = tokio::join!(Session::open(&smsc, mode), centre.bind(0));
        assert!(opened.is_ok());
        assert_eq!(bind[4..8], [0, 0, 0, operation]);
        assert_eq!(&bind[16..], b"gw\0pw\0\0\x50\0\0\0", "version 5.0");
    }
    let (opened, _) = tokio::join!(Session::open(&smsc, Mode::Receiver), centre.bind(5));
    let Err(error @ OpenError::Refused { status: 5, .. }) = opened else { panic!("{opened:?}") };
    assert!(error.to_string().contains("bound there already"), "{error}");
    drop(centre);
    assert!(matches!(Session::open(&smsc, Mode::Receiver).await, Err(OpenError::Unreachable(_))));
}

#[tokio::test]
async fn who_shows_no_certificate_that_is_trusted_is_told_nothing() {
    let (centre, mut smsc) = Centre::start().await;
    let certified = || rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (theirs, others) = (certified(), certified());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let chain = vec![CertificateDer::from(theirs.cert.der().to_vec())];
    let key = PrivateKeyDer::try_from(theirs.signing_key.serialize_der()).unwrap();
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    for (name, pem, trusted) in [("theirs", theirs.cert.pem(), true), ("others", others.cert.pem(), false)] {
        let file = folder.path().join(name);
        std::fs::write(&file, pem).unwrap();
        smsc.security = Security::Tls { ca_file: Some(file.to_str().unwrap().to_owned()) };
        let other_side = async {
            let stream = centre.0.accept().await.unwrap().0;
            let mut peer = Peer(acceptor.accept(stream).await.ok()?);
            let bind = peer.hear().await;
            peer.respond(&bind, 0, b"SMSC\0").await;
            Some(peer)
        };
        let (opened, peer) = tokio::join!(Session::open(&smsc, Mode::Transceiver), other_side);
        assert_eq!((opened.is_ok(), peer.is_some()), (trusted, trusted), "{name}");
        assert!(trusted || matches!(opened, Err(OpenError::Unreachable(_))));
    }
}

#[tokio::test]
async fn answers_belong_to_their_requests_in_whichever_order() {
    let (centre, smsc) = Centre::start().await;
    let (session, _delivered, mut peer) = open(&centre, &smsc).await;
    let other = async {
        let (first, second) = (peer.hear().await, peer.hear().await);
        assert_ne!(first[12..16], second[12..16]);
        peer.respond(&second, 0, b"two\0").await;
        // A nack has the sequence number alone.
        peer.say(0x8000_0000, 3, &first[12..16], b"").await;
        peer
    };
    let (one, two, peer) = tokio::join!(session.submit(&SUBMIT, PATIENCE), session.submit(&SUBMIT, PATIENCE), other);
    let mut statuses = [status(&one), status(&two)];
    statuses.sort_unstable();
    assert_eq!(statuses, [0, 3]);
    drop(peer);
    assert_eq!(session.over().await, Gone::Cut);
    assert!(matches!(session.submit(&SUBMIT, PATIENCE).await, Answer::NotSent), "no byte of it was given away");
}

#[tokio::test]
async fn what_was_under_way_when_it_broke_is_not_known() {
    let (centre, smsc) = Centre::start().await;
    let (session, _delivered, mut peer) = open(&centre, &smsc).await;
    let cut = async {
        peer.hear().await;
        drop(peer);
    };
    let (answer, ()) = tokio::join!(session.submit(&SUBMIT, PATIENCE), cut);
    assert!(matches!(answer, Answer::NoReply), "{answer:?}");
}

#[tokio::test]
async fn told_off_it_waits_and_says_for_how_long() {
    let (centre, smsc) = Centre::start().await;
    let (session, _delivered, mut peer) = open(&centre, &smsc).await;
    let throttle = async {
        let request = peer.hear().await;
        peer.respond(&request, 0x58, b"").await;
        peer
    };
    let (answer, _peer) = tokio::join!(session.submit(&SUBMIT, PATIENCE), throttle);
    let Answer::Reply(reply) = &answer else { panic!("{answer:?}") };
    assert_eq!((reply.status, reply.retry_after.is_some_and(|pause| !pause.is_zero())), (0x58, true));
    // Nothing is sent in the pause; who does not want to wait for its end is told the same.
    let answer = session.submit(&SUBMIT, Duration::from_millis(1)).await;
    assert_eq!(status(&answer), 0x58);
}

#[tokio::test]
async fn what_comes_is_given_out_in_order_and_answered_as_is_said() {
    let (centre, smsc) = Centre::start().await;
    let (session, mut delivered, mut peer) = open(&centre, &smsc).await;
    peer.say(5, 0, &[0, 0, 0, 7], b"one").await;
    peer.say(0x0103, 0, &[0, 0, 0, 8], b"two").await;
    peer.say(0x15, 0, &[0, 0, 0, 9], b"").await;
    peer.say(0x21, 0, &[0, 0, 0, 10], b"").await;
    assert_eq!(
        &peer.hear().await[4..16],
        [0x80, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 9],
        "it is asked whether we are there"
    );
    assert_eq!(&peer.hear().await[4..16], [0x80, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 10], "what nobody knows");
    for (body, expected) in [
        (&b"one"[..], [0x80, 0, 0, 5, 0, 0, 0, 0x64, 0, 0, 0, 7]),
        (b"two", [0x80, 0, 1, 3, 0, 0, 0, 0x64, 0, 0, 0, 8]),
    ] {
        let pdu = delivered.recv().await.unwrap();
        assert_eq!(&pdu[16..], body);
        session.answer(&pdu, 0x64);
        assert_eq!(&peer.hear().await[4..16], expected);
    }
    // More than anybody takes.
    for _ in 0..65 {
        peer.say(5, 0, &[0, 0, 0, 1], b"").await;
    }
    assert_eq!(peer.hear().await[11], 0x14);
    peer.say(6, 0, &[0, 0, 0, 11], b"").await;
    assert_eq!(&peer.hear().await[4..8], [0x80, 0, 0, 6]);
    assert_eq!(session.over().await, Gone::Unbound);
}

#[tokio::test]
async fn a_silent_one_is_asked_and_then_left() {
    let (centre, mut smsc) = Centre::start().await;
    (smsc.enquire_every, smsc.response_timeout) = (Duration::from_millis(20), Duration::from_millis(500));
    let (session, _delivered, mut peer) = open(&centre, &smsc).await;
    let asked = peer.hear().await;
    assert_eq!(asked[4..8], [0, 0, 0, 0x15]);
    peer.respond(&asked, 0, b"").await;
    assert_eq!(peer.hear().await[4..8], [0, 0, 0, 0x15], "answered it is asked again later");
    assert_eq!(session.over().await, Gone::Silent);
}

#[tokio::test]
async fn what_is_no_pdu_ends_the_session() {
    for octets in [&b"\xff\xff\xff\xff"[..], b"\0\0\0\x05\0", b"\0\0\0\x00"] {
        let (centre, smsc) = Centre::start().await;
        let (session, _delivered, mut peer) = open(&centre, &smsc).await;
        peer.0.write_all(octets).await.unwrap();
        assert_eq!(session.over().await, Gone::Broken, "{octets:?}");
    }
}

#[tokio::test]
async fn who_sends_finds_the_bind_that_receives_and_else_has_its_own() {
    let (centre, smsc) = Centre::start().await;
    let (session, _delivered, mut peer) = open(&centre, &smsc).await;
    let binds = Binds::default();
    let message = ShortMessage { smsc: Arc::new(smsc), pdu: Bytes::from_static(&SUBMIT) };
    let slot = binds.slot("sms/main", 0);
    let answered = async {
        let request = peer.hear().await;
        peer.respond(&request, 0, b"id\0").await;
    };
    let opened = async { slot.open(session.clone()) };
    let (answer, (), ()) = tokio::join!(binds.submit("sms/main", &message, PATIENCE), opened, answered);
    assert_eq!(status(&answer), 0, "it waited for the bind and went over it");
    slot.refused(Bytes::from_static(&[0, 0, 0, 16, 0x80, 0, 0, 9, 0, 0, 0, 14, 0, 0, 0, 1]));
    assert_eq!(status(&binds.submit("sms/main", &message, PATIENCE).await), 14);
    drop(slot);
    let own = async {
        let (mut peer, bind) = centre.bind(0).await;
        assert_eq!(bind[7], 2, "a transmitter");
        let request = peer.hear().await;
        peer.respond(&request, 0, b"id\0").await;
        peer
    };
    let (answer, mut peer) = tokio::join!(binds.submit("sms/main", &message, PATIENCE), own);
    assert_eq!(status(&answer), 0);
    let (unbind, ()) = tokio::join!(peer.hear(), binds.close());
    assert_eq!(unbind[7], 6);
}
