//! Settings of sending.

use connector_slack::CONNECTOR;
use connector_testkit::Endpoint;
use serde_json::json;

const APP: &str = "signing_secrets: s\n";
const ACCOUNT: &str = "accounts:\n  T00000001:\n    token: xoxb-1\n";

#[test]
fn without_a_workspace_it_only_receives() {
    assert!(!Endpoint::of(&CONNECTOR, APP).sends());
    assert!(Endpoint::of(&CONNECTOR, &format!("{APP}{ACCOUNT}")).sends());
}

#[test]
fn the_api_may_be_elsewhere_and_files_go_where_it_is() {
    let endpoint = Endpoint::of(&CONNECTOR, &format!("{APP}{ACCOUNT}api_url: http://127.0.0.1:8081/api/\n"));
    let given = json!({"ok": true, "upload_url": "http://127.0.0.1:8081/upload/1", "file_id": "F1"});
    let fixture = json!({
        "action": {"message": {"parts": [{"media": {"kind": "MEDIA_KIND_FILE", "content": "AAAA", "name": "a.bin"}}]}},
        "to": {"group": "C00000001"}, "account": "T00000001",
        "answers": [{"status": 200, "body": given}, {"status": 200, "body": "OK"}, {"status": 200, "body": {"ok": true}}],
    });
    let sent = endpoint.sent(&fixture);
    let calls: Vec<_> = sent["pieces"][0].as_array().unwrap().iter().filter_map(|step| step["call"].as_str()).collect();
    let expected = ["api/files.getUploadURLExternal", "upload/1", "api/files.completeUploadExternal"];
    assert_eq!(calls, expected.map(|path| format!("POST http://127.0.0.1:8081/{path}")));
    assert_eq!(sent["pieces"][0][1]["headers"], json!([]), "the token stays with the API");
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    for (wrong, named) in [
        ("accounts:\n  shop:\n    token: t\n", "slack.accounts"),
        ("accounts:\n  T00000001:\n    name: Shop\n", "slack.accounts.T00000001.token"),
        ("accounts:\n  T00000001:\n    token: t\napi_url: http://slack.example.test/api\n", "slack.api_url"),
    ] {
        assert_eq!(Endpoint::faults(&CONNECTOR, &format!("{APP}{wrong}")), [named], "{wrong}");
    }
}
