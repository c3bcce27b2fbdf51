//! Events other than messages.

use std::collections::HashMap;

use connector_sdk::json::{Flag, Soft, Word};
use serde::Deserialize;

use super::Source;

/// `unsend`
#[derive(Deserialize)]
pub(crate) struct UnsendBody {
    pub(crate) unsend: Unsend,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Unsend {
    pub(crate) message_id: Word,
}

/// `follow`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct FollowBody {
    pub(crate) follow: Soft<Follow>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Follow {
    pub(crate) is_unblocked: Flag,
}

/// `memberJoined`, `memberLeft`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct MembersBody {
    pub(crate) joined: Members,
    pub(crate) left: Members,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Members {
    pub(crate) members: Vec<Source>,
}

/// `postback`
#[derive(Deserialize)]
pub(crate) struct PostbackBody {
    pub(crate) postback: Postback,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Postback {
    pub(crate) data: Word,
    /// What was picked: `date`, `time`, `datetime`, or a rich menu.
    pub(crate) params: Soft<HashMap<String, Word>>,
}

/// `videoPlayComplete`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VideoBody {
    pub(crate) video_play_complete: VideoPlay,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct VideoPlay {
    pub(crate) tracking_id: Word,
}

/// `beacon`
#[derive(Deserialize)]
pub(crate) struct BeaconBody {
    pub(crate) beacon: Beacon,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Beacon {
    pub(crate) hwid: Word,
    /// `enter`, `banner`, `stay`.
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) dm: Word,
}

/// `accountLink`
#[derive(Deserialize)]
pub(crate) struct LinkBody {
    pub(crate) link: Link,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Link {
    /// `ok`, `failed`.
    pub(crate) result: Word,
    pub(crate) nonce: Word,
}

/// `membership`
#[derive(Deserialize)]
pub(crate) struct MembershipBody {
    pub(crate) membership: Membership,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Membership {
    /// `joined`, `left`, `renewed`.
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) membership_id: Word,
}

/// `module`: the account was attached to the channel of a module, or detached from it.
#[derive(Deserialize)]
pub(crate) struct ModuleBody {
    pub(crate) module: Module,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Module {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) bot_id: Word,
    pub(crate) reason: Word,
}

/// `delivery`: a message sent to a phone number arrived.
#[derive(Deserialize)]
pub(crate) struct PnpBody {
    pub(crate) delivery: Pnp,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Pnp {
    /// The digest of the phone number, or the tag given when sending.
    pub(crate) data: Word,
}
