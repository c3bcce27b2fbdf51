use bytes::Bytes;
use connector_sdk::{Section, settings::Faults};

use super::{KEY, NAME, OTHER_KEY, Process, channel::Channel, keys, store};
use crate::vault::{Keys, Unopened, check, keys::SealedWith};

#[test]
fn what_is_sealed_opens_with_its_key_for_its_account_unchanged() {
    let one = keys(&[KEY]);
    let sealed = one.seal(NAME, b"rt-0".to_vec()).unwrap();
    assert_eq!(one.open(NAME, &sealed).unwrap(), b"rt-0");
    assert_ne!(sealed, one.seal(NAME, b"rt-0".to_vec()).unwrap(), "never the same nonce");
    assert!(!sealed.windows(4).any(|bytes| bytes == b"rt-0"));
    assert!(matches!(one.open("test/main/oa-2", &sealed), Err(Unopened::Damaged { .. })));
    for index in 0..sealed.len() {
        let mut changed = sealed.to_vec();
        changed[index] ^= 1;
        assert!(one.open(NAME, &changed).is_err(), "byte {index}");
        assert!(one.open(NAME, &sealed[..index]).is_err(), "the first {index}");
    }
    let Err(Unopened::Key { key, .. }) = keys(&[OTHER_KEY]).open(NAME, &sealed) else { panic!("another key opens it") };
    assert_eq!(format!("{one:?}"), format!("[{key:?}]"), "the error names the key by its id");
}

#[test]
fn keys_are_replaced_one_after_the_other() {
    let (old, new) = (keys(&[KEY]), keys(&[OTHER_KEY]));
    let sealed = old.seal(NAME, b"x".to_vec()).unwrap();
    let both = keys(&[OTHER_KEY, KEY]);
    assert_eq!(both.open(NAME, &sealed).unwrap(), b"x");
    let states = [&old, &both, &new].map(|keys| keys.sealed_with(&sealed));
    assert_eq!(states, [SealedWith::Current, SealedWith::Older, SealedWith::Unknown]);
    let resealed = both.seal(NAME, b"x".to_vec()).unwrap();
    assert_eq!(new.open(NAME, &resealed).unwrap(), b"x");
    assert!(old.open(NAME, &resealed).is_err());
}

#[test]
fn keys_that_are_none_are_refused_and_a_new_one_is_one() {
    let said = |yaml: &str, renewing| {
        let mut faults = Faults::default();
        let node = connector_sdk::settings::parse(yaml, &mut faults);
        let keys = Keys::read(&mut Section::new(&node, "credentials", &mut faults), renewing);
        drop(keys);
        faults.sorted().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(said("{keys: my-password}", None).contains("expected 32 bytes in base64"));
    assert!(said("{keys: AAEC}", None).contains("expected 32 bytes in base64"));
    assert!(!said("{keys: my-password}", None).contains("my-password"));
    let missing = said("{}", Some(NAME));
    assert!(missing.contains(NAME) && missing.contains("kenh credentials new-key"), "{missing}");
    assert_eq!(said("{}", None), "");
    assert_eq!(said(&format!("{{keys: '{}'}}", Keys::generate().unwrap()), Some(NAME)), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_sealed_anew_and_the_old_key_can_go() {
    let folder = tempfile::tempdir().unwrap();
    let (store, channel) = (store(folder.path()).await, Channel::new());
    let account = "token: at-0, refresh_token: rt-0";
    let old = Process::with(&store, &channel, account, &[KEY]);
    assert_eq!(old.renewed("at-0").await, Ok("at-1".into()));
    // Of an account that is not configured any more too.
    let gone = keys(&[KEY]).seal("test/main/gone", b"{}".to_vec()).unwrap();
    store.put_credential("test/main/gone", 0, &gone).await.unwrap();

    assert!(check(&*store, &keys(&[OTHER_KEY])).await.unwrap().is_err(), "too early");
    let both = Process::with(&store, &channel, account, &[OTHER_KEY, KEY]);
    let stop = both.vault.0.stop.clone();
    let running = tokio::spawn(both.vault.clone().run());
    let begun = std::time::Instant::now();
    while check(&*store, &keys(&[OTHER_KEY])).await.unwrap().is_err() {
        assert!(begun.elapsed().as_secs() < 60);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.unwrap();

    let new = Process::with(&store, &channel, account, &[OTHER_KEY]);
    assert_eq!(new.token().await, Ok("at-1".into()));
    assert_eq!(channel.calls(), ["rt-0"], "no token was spent for it");
    // A process that was not told of the new key says so, and breaks nothing.
    let behind = Process::with(&store, &channel, account, &[KEY]);
    assert_eq!(behind.token().await, Err(crate::tokens::TokenError::Passing));
    let said = check(&*store, &keys(&[KEY])).await.unwrap().unwrap_err().to_string();
    assert!(said.contains("not among `credentials.keys`") && said.lines().count() == 1, "{said}");
    store.put_credential(NAME, 99, &Bytes::new()).await.unwrap();
}
