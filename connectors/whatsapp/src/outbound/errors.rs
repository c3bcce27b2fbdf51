//! What WhatsApp's errors mean, in answers to calls and, often later, in statuses.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>.

use connector_meta::graph::{
    Fact,
    Meaning::{Fails, Passes, PassesAfter, TokenDead},
};
use kenh_proto::v1::SendReason::{
    ChannelUnavailable, ContentForbidden, ContentInvalid, ContentUnsupported, MediaUnavailable, NotPermitted, OptedOut,
    QuotaExhausted, RecipientUnknown, Refused, TemplateInvalid, Throttled, WindowClosed,
};

/// Every subcode, and none: they are gone since v16.
const ANY: i64 = 0;

/// Seconds in which one more message may be sent to the same person.
const PAIR: u64 = 6;

/// Seconds until an allowance that comes back over a rolling day is worth another look.
const LIMIT: u64 = 3600;

/// The table. 201 to 299 are missing permissions, as everywhere in the Graph API.
#[rustfmt::skip]
#[allow(clippy::unreadable_literal, reason = "codes are looked up as Meta writes them")]
pub(super) const WHATSAPP: &[Fact] = &[
    (0,      ANY, TokenDead),                      // the app user cannot be authenticated
    (1,      ANY, Passes(ChannelUnavailable)),     // unknown error
    (2,      ANY, Passes(ChannelUnavailable)),     // temporarily down
    (3,      ANY, Fails(NotPermitted)),            // capability or permission missing
    (4,      ANY, Passes(Throttled)),              // calls of the app
    (10,     ANY, Fails(NotPermitted)),            // permission missing
    (100,    ANY, Fails(ContentInvalid)),          // bad parameter
    (190,    ANY, TokenDead),                      // expired
    (200,    ANY, Fails(NotPermitted)),
    (368,    ANY, Fails(NotPermitted)),            // blocked for a violation of the policy
    (80007,  ANY, Passes(Throttled)),              // calls of the business account
    (130429, ANY, Passes(Throttled)),              // messages a second of the number
    (130472, ANY, Fails(Refused)),                 // the person is part of an experiment of Meta's
    (130497, ANY, Fails(NotPermitted)),            // the account may not write to people of this country
    (131000, ANY, Passes(ChannelUnavailable)),     // something went wrong
    (131005, ANY, Fails(NotPermitted)),            // access denied
    (131008, ANY, Fails(ContentInvalid)),          // parameter missing
    (131009, ANY, Fails(ContentInvalid)),          // parameter not valid
    (131016, ANY, Passes(ChannelUnavailable)),     // service unavailable
    (131021, ANY, Fails(RecipientUnknown)),        // the number itself
    (131026, ANY, Fails(RecipientUnknown)),        // undeliverable: no WhatsApp, too old a version, terms not accepted
    (131030, ANY, Fails(RecipientUnknown)),        // not in the list of a test number
    (131031, ANY, Fails(NotPermitted)),            // account locked
    (131037, ANY, Fails(NotPermitted)),            // display name not approved
    (131042, ANY, Fails(NotPermitted)),            // payment
    (131045, ANY, Fails(NotPermitted)),            // the number's certificate
    (131047, ANY, Fails(WindowClosed)),            // more than 24 hours
    (131048, ANY, Passes(Throttled)),              // too many messages of the number were blocked or called spam
    (131049, ANY, Fails(Throttled)),               // as much marketing as Meta lets the person have
    (131050, ANY, Fails(OptedOut)),                // the person stopped marketing
    (131051, ANY, Fails(ContentUnsupported)),      // type of message
    (131052, ANY, Fails(MediaUnavailable)),        // a person's file cannot be downloaded
    (131053, ANY, Passes(MediaUnavailable)),       // the file cannot be fetched or is of a wrong type
    (131056, ANY, PassesAfter(Throttled, PAIR)),   // messages to one person
    (131057, ANY, Passes(ChannelUnavailable)),     // account in maintenance: its throughput is being raised
    (131062, ANY, Fails(RecipientUnknown)),        // an id of a person where only a number will do
    (131063, ANY, Fails(NotPermitted)),            // marketing disabled
    (131064, ANY, PassesAfter(QuotaExhausted, LIMIT)), // people written to first within 24 hours
    (132000, ANY, Fails(TemplateInvalid)),         // number of values
    (132001, ANY, Fails(TemplateInvalid)),         // no such template in this language, or not approved
    (132005, ANY, Fails(TemplateInvalid)),         // too long with its values
    (132007, ANY, Fails(ContentForbidden)),        // policy
    (132008, ANY, Fails(TemplateInvalid)),         // a value
    (132012, ANY, Fails(TemplateInvalid)),         // format of a value
    (132015, ANY, Fails(TemplateInvalid)),         // paused for low quality
    (132016, ANY, Fails(TemplateInvalid)),         // disabled for low quality
    (132068, ANY, Fails(NotPermitted)),            // flow blocked
    (132069, ANY, Passes(Throttled)),              // flow throttled
    (133010, ANY, Fails(NotPermitted)),            // number not registered
    (133016, ANY, Passes(Throttled)),              // registrations
    (135000, ANY, Passes(ChannelUnavailable)),     // generic
    (137000, ANY, Fails(RecipientUnknown)),        // the person's identity has changed
];
