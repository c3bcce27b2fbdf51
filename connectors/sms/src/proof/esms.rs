//! eSMS: nothing proves a report but the token in the address. A message is signed besides, by an MD5 of some of its fields
//! with nothing between them: too weak to stand alone, since what ends one field can begin the next.

use connector_sdk::{
    ExposeSecret as _, RawRequest, Rejected, Secret, Verified,
    fields::{self, Item, Items},
    signature,
};
use md5::{Digest as _, Md5};

use super::{Scheme, Setting, TOKEN, TOLERANCE};
use crate::{clock::Clock, settings::Settings};

/// The scheme.
pub(crate) const ESMS: Scheme = Scheme { verify, settings: &[Setting::MessageKeys], ..TOKEN };

fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    let verified = signature::token_or_password(request, &settings.secrets)?;
    let keys = &settings.message_keys;
    let item = fields::read(request.body, Items::One).ok().and_then(|mut items| items.pop());
    let Some(item) = item.filter(|item| !keys.is_empty() && item.has("content")) else { return Ok(verified) };
    let presented = item.get_at("sign").ok_or(Rejected::SignatureMissing)?.to_ascii_lowercase();
    // Each is tried, so that the time does not tell which one matched.
    let right = keys.iter().fold(false, |found, key| signature::same_secret(&presented, &sign(&item, key)) | found);
    if !right {
        return Err(Rejected::SignatureMismatch);
    }
    let sent = item.get_at("receiverTime").and_then(|time| Clock::VietnamDigits.read(&time));
    let sent = sent.and_then(|at| u64::try_from(at.seconds).ok()).ok_or(Rejected::TimestampMissing)?;
    let now = request.received_at.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    // eSMS tries again for a while, with the time of the first try.
    if now.abs_diff(sent) > 12 * TOLERANCE.as_secs() {
        return Err(Rejected::Stale);
    }
    Ok(verified)
}

/// `md5(cpid + smsid + content + receiverTime + key)`, in hexadecimal.
fn sign(item: &Item, key: &Secret) -> Secret {
    let mut digest = Md5::new();
    for name in ["cpid", "smsid", "content", "receiverTime"] {
        digest.update(item.get_at(name).unwrap_or_default());
    }
    digest.update(key.expose_secret());
    hex::encode(digest.finalize()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_esms_does() {
        let body = b"cpid=cp01&smsid=900001&content=TEST+hello&receiverTime=20260101120000";
        let item = fields::read(body, Items::One).unwrap().remove(0);
        let digest = sign(&item, &Secret::from("privkeyForTests01"));
        assert_eq!(digest.expose_secret(), "3fb81d5c9e080118f61cbc435542b838");
    }
}
