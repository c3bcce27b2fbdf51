//! Every error code Zalo is known to answer with, and what to do about it.

use std::time::{Duration, SystemTime};

use connector_sdk::outbound::{Failure, Outcome, Retry};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ChannelUnavailable, ContentForbidden, ContentInvalid, ContentTooLarge, ContentUnsupported,
    MediaUnavailable, NotPermitted, OptedOut, QuietHours, QuotaExhausted, RecipientUnknown, Refused, TemplateInvalid,
    Throttled, WindowClosed,
};

use super::clock;

/// Which API answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// openapi.zalo.me: messages, uploads, templates to a user id.
    Oa,
    /// business.openapi.zalo.me: templates to a phone number.
    Zns,
}

use Api::{Oa, Zns};

/// When it is worth another try.
#[derive(Clone, Copy)]
enum Then {
    /// Never: it would fail again, or a person has to act first.
    Never,
    Soon,
    NextMinute,
    /// At 06:00 in Viet Nam.
    Morning,
    /// At midnight in Viet Nam.
    NextDay,
    NewToken,
    /// Soon, when the file was uploaded for this message; never, when the caller named an upload of theirs.
    NewUpload,
}

use Then::{Morning, Never, NewToken, NewUpload, NextDay, NextMinute, Soon};

/// The API alone at which it means that, where another knows the code too; codes; what they mean; when to try again.
type Row = (Option<Api>, &'static [i64], SendReason, Then);

/// The table. A code that is not here is REFUSED, for good.
const TABLE: &[Row] = &[
    // The token is invalid, expired or removed.
    (None, &[-216, -220, -124], AuthBroken, NewToken),
    // The proof of possession is wrong: `app_secret` is not the app's. A new token would not help.
    (None, &[-242, -1241], AuthBroken, Never),
    // Too many requests, of the app or of the account: the code is the same.
    (None, &[-32], Throttled, NextMinute),
    // Their own failures. -100 is one here and an expired upload there.
    (None, &[-200], ChannelUnavailable, Soon),
    (Some(Zns), &[-100], ChannelUnavailable, Soon),
    (Some(Oa), &[-100], MediaUnavailable, NewUpload),
    // The contact last interacted more than seven days ago, or never.
    (None, &[-230, -232], WindowClosed, Never),
    // Does not follow, has declined, or takes nothing of this sort.
    (None, &[-213, -217, -244, -139, -141], OptedOut, Never),
    // This recipient has received all they may.
    (None, &[-218], QuotaExhausted, Never),
    // Banned or away for 45 days; the account is not in the group.
    (None, &[-227, -403], RecipientUnknown, Never),
    // No such number, no Zalo account behind it, or none that this account may write to.
    (None, &[-108, -114, -118, -119, -140], RecipientUnknown, Never),
    // In development mode only administrators of the app and the account receive something.
    (None, &[-126, -127], RecipientUnknown, Never),
    (None, &[-201], ContentInvalid, Never),
    (None, &[-210], ContentTooLarge, Never),
    // -240: the endpoint is shut down.
    (None, &[-233, -240], ContentUnsupported, Never),
    (None, &[-248], ContentForbidden, Never),
    (None, &[-109, -111, -112, -1121, -1122, -1124, -131, -132], TemplateInvalid, Never),
    // Older than 2025-12-10, a one-time code, a journey or quick replies: not sendable to a user id.
    (None, &[-249], TemplateInvalid, Never),
    // Allowances that come back with the day, and money, which does not.
    (None, &[-144, -1441, -147, -1471, -1472], QuotaExhausted, NextDay),
    (None, &[-211, -320, -321, -115, -136, -137], QuotaExhausted, Never),
    // App, account, package or right. -223 has two meanings, and either takes a person. -237: the group is disabled.
    (None, &[-204, -205, -209, -212, -219, -221, -223, -224, -235, -237], NotPermitted, Never),
    (None, &[-101, -102, -103, -104, -105, -117, -120, -125, -135, -1351, -138], NotPermitted, Never),
    // Nothing promotional at night.
    (None, &[-234, -133], QuietHours, Morning),
];

/// What surrounds an answer.
#[derive(Clone, Copy)]
pub(super) struct Circumstances {
    pub(super) api: Api,
    pub(super) now: SystemTime,
    /// The pause the answer asks for.
    pub(super) retry_after: Option<Duration>,
    /// A file was uploaded for this message: it can be uploaded anew.
    pub(super) own_upload: bool,
}

/// What a code other than 0 means.
pub(super) fn failure(code: i64, given: Circumstances) -> Outcome {
    let applies = |(api, codes, ..): &&Row| api.is_none_or(|api| api == given.api) && codes.contains(&code);
    let row = TABLE.iter().find(applies);
    let (reason, then) = row.map_or((Refused, Never), |(_, _, reason, then)| (*reason, *then));
    let retry = match then {
        NewUpload if given.own_upload => Retry::Soon,
        Never | NewUpload => Retry::Never,
        Soon => given.retry_after.map_or(Retry::Soon, Retry::After),
        NextMinute => Retry::After(given.retry_after.unwrap_or_else(|| clock::to_next_minute(given.now))),
        Morning => Retry::After(clock::to_morning(given.now)),
        NextDay => Retry::After(clock::to_midnight(given.now)),
        NewToken => Retry::NewToken,
    };
    Failure::passing(reason, Some(code.to_string()), retry)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_code_has_two_meanings_at_one_api() {
        for asked in [Oa, Zns] {
            let rows = TABLE.iter().filter(|(api, ..)| api.is_none_or(|api| api == asked));
            let mut known = HashSet::new();
            for code in rows.flat_map(|(_, codes, ..)| *codes) {
                assert!(known.insert(code), "{code}");
            }
        }
    }

    #[test]
    fn overloaded_codes_depend_on_the_api_and_on_whose_upload_it_was() {
        let given = |api, own_upload| Circumstances { api, now: SystemTime::UNIX_EPOCH, retry_after: None, own_upload };
        let outcome = |reason, retry| Failure::passing(reason, Some("-100".to_owned()), retry);
        assert_eq!(failure(-100, given(Zns, false)), outcome(ChannelUnavailable, Retry::Soon));
        assert_eq!(failure(-100, given(Oa, true)), outcome(MediaUnavailable, Retry::Soon));
        assert_eq!(failure(-100, given(Oa, false)), outcome(MediaUnavailable, Retry::Never));
    }

    #[test]
    fn the_pause_an_answer_asks_for_counts() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(50);
        let retry_after = Some(Duration::from_secs(90));
        let given = Circumstances { api: Oa, now, retry_after, own_upload: false };
        let throttled = |retry| Failure::passing(Throttled, Some("-32".to_owned()), Retry::After(retry));
        assert_eq!(failure(-32, given), throttled(Duration::from_secs(90)));
        assert_eq!(failure(-32, Circumstances { retry_after: None, ..given }), throttled(Duration::from_secs(10)));
    }

    #[test]
    fn a_code_nobody_knows_is_a_refusal_that_names_it() {
        let given = Circumstances { api: Oa, now: SystemTime::UNIX_EPOCH, retry_after: None, own_upload: false };
        assert_eq!(failure(-99_999, given), Failure::permanent(Refused, Some("-99999".to_owned())));
    }
}
