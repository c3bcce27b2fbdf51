//! Times, as far as jq knows them: seconds since 1970, RFC 3339, and `strptime` in UTC.

use std::str::FromStr as _;

use jaq_json::{Num, Val};
use jiff::{Timestamp, civil::DateTime, fmt::strtime, tz::TimeZone};

/// Seconds since 1970 of a time in RFC 3339, with a fraction where it has one.
pub(super) fn from_iso(text: &str) -> Option<Val> {
    let time = Timestamp::from_str(text).ok()?;
    Some(seconds(time))
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds of the years jiff knows fit a float")]
fn seconds(time: Timestamp) -> Val {
    let millis = time.as_millisecond();
    match isize::try_from(time.as_second()) {
        Ok(seconds) if millis % 1000 == 0 => Val::from(seconds),
        _ => Val::from(millis as f64 / 1000.0),
    }
}

/// RFC 3339 of seconds since 1970.
pub(super) fn to_iso(value: &Val) -> Option<Val> {
    let Val::Num(number) = value else { return None };
    let time = match number {
        Num::Int(seconds) => Timestamp::from_second(i64::try_from(*seconds).ok()?).ok()?,
        Num::Float(_) | Num::Dec(_) | Num::BigInt(_) => {
            let seconds: f64 = number.to_string().parse().ok()?;
            if !(-3e11..3e11).contains(&seconds) {
                return None;
            }
            #[allow(clippy::cast_possible_truncation, reason = "bounded above")]
            let millis = (seconds * 1000.0).round() as i64;
            Timestamp::from_millisecond(millis).ok()?
        }
    };
    Some(super::natives::text(time.to_string()))
}

/// A time in a form of `strptime`, as jq breaks it down: year, month from 0, day, hour, minute, second.
pub(super) fn parse(text: &str, form: &str) -> Option<Val> {
    let time = strtime::parse(form, text).ok()?;
    let date = match time.to_timestamp() {
        Ok(moment) => moment.to_zoned(TimeZone::UTC).datetime(),
        Err(_) => time.to_datetime().or_else(|_| time.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?,
    };
    let fields = [
        isize::from(date.year()),
        isize::from(date.month()) - 1,
        isize::from(date.day()),
        isize::from(date.hour()),
        isize::from(date.minute()),
        isize::from(date.second()),
    ];
    Some(fields.into_iter().map(Val::from).collect())
}

/// Seconds since 1970 of a time that was broken down.
pub(super) fn make(value: &Val) -> Option<Val> {
    let Val::Arr(fields) = value else { return None };
    let field = |index: usize| match fields.get(index) {
        Some(Val::Num(number)) => number.as_isize(),
        _ => None,
    };
    let small = |index: usize| i8::try_from(field(index)?).ok();
    let date = DateTime::new(
        i16::try_from(field(0)?).ok()?,
        small(1)?.checked_add(1)?,
        small(2)?,
        small(3)?,
        small(4)?,
        small(5)?,
        0,
    );
    Some(seconds(date.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}
