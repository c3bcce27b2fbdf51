//! Ways into a mailbox.

use kenh_tests::mailtokens::{MailTokens, REFRESH};

use super::*;

fn consent(tokens: &MailTokens, refresh: &str) -> String {
    format!(
        "oauth:\n  token_url: {}\n  client_id: kenh\n  refresh_token: {refresh}\nbegin: all\npoll_every: 300ms",
        tokens.token_url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_consent_a_token_is_got_for_each_connection() {
    let tokens = MailTokens::start().await;
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(&tokens.introspection()).await);
    server.deliver(&mail(1), "INBOX").await;
    let gateway = setup(&folder, &channel(&server, &consent(&tokens, REFRESH))).start().await;
    until_numbers(&gateway, &[1]).await;
    let before = tokens.given();
    tokens.end_all();
    server.stop().await;
    server.restart().await;
    server.deliver(&mail(2), "INBOX").await;
    until_numbers(&gateway, &[1, 2]).await;
    assert!(tokens.given() > before, "the old token is not used again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_let_in_is_said_and_not_tried_all_the_time() {
    let tokens = MailTokens::start().await;
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(&tokens.introspection()).await);
    let both = channel(&server, "password: not-the-password").replace("support:", "wrong:").replace("  email:\n", "")
        + &channel(&server, &consent(&tokens, "not-the-refresh-token")).replace("  email:\n", "");
    let setup = Setup::embedded(folder.path()).channels(&format!("  email:\n{both}"));
    let gateway = setup.start().await;
    until("the password is said to be wrong", || async { gateway.log().contains("refuses the login") }).await;
    until("the consent is said to be wrong", || async { gateway.log().contains("no access token is given out") }).await;
    let refused = || async { gateway.metric("kenh_mailbox_failures_total", "refused").await };
    let tries = refused().await;
    until("the token is asked for again", || async {
        gateway.metric("kenh_mailbox_failures_total", "reason=\"token\"").await > 1.5
    })
    .await;
    assert!((refused().await - tries).abs() < 0.5, "a wrong password locks the account");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_may_begin_later_and_a_stranger_is_not_believed() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Dovecot::start(NOWHERE).await);
    server.deliver(&mail(1), "INBOX").await;
    let channel = with_password(&server, "begin: all\nsecurity: starttls");
    let channel = channel.replace(&format!("port: {}", server.tls_port()), &format!("port: {}", server.port()));
    let gateway = setup(&folder, &channel).start().await;
    until_numbers(&gateway, &[1]).await;
    // Another server's certificate.
    let (other, folder) = (Dovecot::start(NOWHERE).await, tempfile::tempdir().unwrap());
    let believed = server.certificate().display().to_string();
    let channel = with_password(&other, "").replace(&other.certificate().display().to_string(), &believed);
    let gateway = setup(&folder, &channel).start().await;
    until("it is refused", || async { gateway.log().contains("invalid peer certificate") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_settings_is_said_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let channel = "  email:\n    support:\n      provider: imap\n      imap:\n        host: mail.example.test\n        \
                   security: none\n        poll_every: 2h\n        afterwards: move\n        folder: INBOX\n";
    let config = Setup::embedded(folder.path()).channels(channel).config();
    let output = kenh_tests::gateway::kenh(&["config", "check", "--config", config.to_str().unwrap()], b"").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for wanted in [
        "email.support.imap.security: without TLS the password crosses the network readable",
        "email.support.imap.user",
        "email.support.imap.password: expected a password, or oauth",
        "email.support.imap.poll_every: expected 100ms to 28m",
        "email.support.imap.move_to: expected a folder",
        "folder",
        "folders",
    ] {
        assert!(said.contains(wanted), "{wanted} is not said: {said}");
    }
}
