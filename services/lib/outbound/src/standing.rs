//! How an account fares, all in all.

use kenh_proto::v1::AccountState;
use kenh_store::Fare;

/// How an account fares, by what was said of sending, of renewing its token, and by operators.
pub fn standing(fare: &Fare, paused: bool) -> AccountState {
    if paused {
        return AccountState::Paused;
    }
    if fare.renewal.refused_at.is_some() {
        return AccountState::AuthBroken;
    }
    match AccountState::try_from(fare.sending.state) {
        // The token that was not taken is not the one there is now.
        Ok(AccountState::AuthBroken) if fare.renewal.renewed_at > fare.sending.last_error_at => AccountState::Healthy,
        Ok(AccountState::Unspecified) | Err(_) => AccountState::Healthy,
        Ok(state) => state,
    }
}

#[cfg(test)]
mod tests {
    use kenh_store::{RenewalFare, SendingFare};

    use super::*;

    #[test]
    fn who_has_to_act_comes_before_what_passes() {
        let fare = |state: AccountState, renewed_at, refused_at| Fare {
            sending: SendingFare { state: state.into(), last_error_at: Some(10), ..SendingFare::default() },
            renewal: RenewalFare { renewed_at, refused_at, ..RenewalFare::default() },
            ..Fare::default()
        };
        assert_eq!(standing(&Fare::default(), false), AccountState::Healthy);
        assert_eq!(standing(&fare(AccountState::Failing, None, None), false), AccountState::Failing);
        assert_eq!(standing(&fare(AccountState::Healthy, None, Some(5)), false), AccountState::AuthBroken);
        assert_eq!(standing(&fare(AccountState::Healthy, None, Some(5)), true), AccountState::Paused);
        // A token renewed after it was refused.
        assert_eq!(standing(&fare(AccountState::AuthBroken, Some(9), None), false), AccountState::AuthBroken);
        assert_eq!(standing(&fare(AccountState::AuthBroken, Some(11), None), false), AccountState::Healthy);
    }
}
