//! Every provider, in alphabetical order.

mod esms;
mod fpt;
mod infobip;
mod plivo;
mod smpp;
mod speedsms;
mod stringee;
mod telnyx;
mod twilio;
mod vietguys;
mod vonage;

pub(crate) use twilio::TWILIO;

use crate::provider::Provider;

/// The one list.
pub(crate) const PROVIDERS: &[&Provider] = &[
    &esms::ESMS,
    &fpt::FPT,
    &infobip::INFOBIP,
    &plivo::PLIVO,
    &smpp::SMPP,
    &speedsms::SPEEDSMS,
    &stringee::STRINGEE,
    &telnyx::TELNYX,
    &twilio::TWILIO,
    &vietguys::VIETGUYS,
    &vonage::VONAGE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_no_code_has_two_meanings() {
        assert!(PROVIDERS.is_sorted_by(|a, b| a.name < b.name));
        for provider in PROVIDERS {
            let mut codes: Vec<_> = provider.sends.errors.iter().flat_map(|(codes, ..)| *codes).collect();
            let all = codes.len();
            codes.sort();
            codes.dedup();
            assert_eq!(codes.len(), all, "{}", provider.name);
        }
    }
}
