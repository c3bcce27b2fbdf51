//! What errors of the Graph API mean.

use kenh_proto::v1::SendReason::{
    self, ChannelUnavailable, ContentInvalid, ContentTooLarge, NotPermitted, OptedOut, RecipientUnknown, TargetInvalid,
    Throttled, WindowClosed,
};

use self::Meaning::{Fails, Passes, TokenDead, Unknown};

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It would fail again.
    Fails(SendReason),
    /// It may work later.
    Passes(SendReason),
    /// It may work after so many seconds, not before.
    PassesAfter(SendReason, u64),
    /// The token does not work any more.
    TokenDead,
    /// An error, although it may have been done.
    Unknown,
}

/// Code; subcode, or 0 for every other one and for none; meaning.
pub type Fact = (i64, i64, Meaning);

/// What an error with a code and a subcode means. The first list that knows it decides.
pub(super) fn find(facts: &[&[Fact]], code: i64, subcode: i64) -> Option<Meaning> {
    facts.iter().flat_map(|list| *list).find(|fact| fact.0 == code && fact.1 == subcode).map(|fact| fact.2)
}

/// Every subcode that has no line of its own, and none.
pub(super) const ANY: i64 = 0;

/// Errors of private messages and comments on Messenger and Instagram.
/// See <https://developers.facebook.com/docs/messenger-platform/error-codes>.
#[rustfmt::skip]
#[allow(clippy::unreadable_literal, reason = "codes are looked up as Meta writes them")]
pub const MESSAGING: &[Fact] = &[
    (1,       ANY,     Passes(ChannelUnavailable)), // unknown error
    (1,       99,      Passes(NotPermitted)),       // unknown error, most often a missing permission
    (1,       1357046, Unknown),                    // "received invalid JSON reply", although messages were sent
    (2,       ANY,     Passes(ChannelUnavailable)), // temporarily down
    (2,       2018344, Fails(NotPermitted)),        // terms of the inbox labels not accepted
    (4,       ANY,     Passes(Throttled)),          // calls of the app
    (4,       2018022, Passes(Throttled)),          // messages to phone numbers
    (4,       2018354, Passes(Throttled)),          // marketing messages
    (9,       2018352, Passes(Throttled)),          // marketing messages
    (10,      ANY,     Fails(NotPermitted)),        // permission missing
    (10,      2018065, Fails(WindowClosed)),
    (10,      2018278, Fails(WindowClosed)),
    (10,      2534022, Fails(WindowClosed)),        // as Instagram has it
    (17,      ANY,     Passes(Throttled)),          // calls of the user
    (32,      ANY,     Passes(Throttled)),          // calls of the Page
    (100,     ANY,     Fails(ContentInvalid)),      // bad parameter; a tag that was retired
    (100,     33,      Fails(NotPermitted)),        // the token does not see the object
    (100,     2018001, Fails(RecipientUnknown)),    // no matching user
    (100,     2018034, Fails(ContentInvalid)),      // empty message
    (100,     2018109, Fails(ContentTooLarge)),     // attachment too large
    (190,     ANY,     TokenDead),                  // invalid
    (190,     460,     TokenDead),                  // password changed
    (190,     463,     TokenDead),                  // expired
    (200,     ANY,     Fails(NotPermitted)),
    (200,     1545041, Fails(OptedOut)),            // person not available: blocked, deactivated, left
    (200,     2018028, Fails(NotPermitted)),        // pages_messaging not granted
    (230,     ANY,     Fails(NotPermitted)),        // the person is no tester of an app in development
    (368,     ANY,     Fails(NotPermitted)),        // account blocked for a while by policy: trying makes it longer
    (551,     ANY,     Fails(OptedOut)),            // person not available
    (613,     ANY,     Passes(Throttled)),          // calls
    (1200,    ANY,     Passes(ChannelUnavailable)), // temporary failure
    (10900,   ANY,     Fails(TargetInvalid)),       // the comment has had its one private reply
    (80001,   ANY,     Passes(Throttled)),          // calls about a Page
    (80002,   ANY,     Passes(Throttled)),          // calls of Instagram
    (80006,   ANY,     Passes(Throttled)),          // calls of Messenger
    (1545012, ANY,     Passes(ChannelUnavailable)), // temporary, an issue of the conversation
];
