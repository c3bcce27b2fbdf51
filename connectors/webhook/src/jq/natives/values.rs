//! Filters that take values apart and put them together.

use jaq_core::{Exn, ValT as _, ValX};
use jaq_json::Val;

use super::{Given, said, text, words};
use crate::jq::meter::{self, Bound, Meter};

pub(super) fn kind_of(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "boolean",
        Val::Num(_) => "number",
        Val::BStr(_) | Val::TStr(_) => "string",
        Val::Arr(_) => "array",
        Val::Obj(_) => "object",
    }
}

pub(super) fn key<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    given.meter.weigh(&given.input)?;
    // jq searches the array for it, for which each would be compared with each.
    if matches!(given.input, Val::Arr(_)) {
        return Err(said("an array is no index").into());
    }
    Ok(given.input.clone())
}

pub(super) fn multiplied<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let (left, right) = (given.argument(0), given.argument(1));
    if let (text @ (Val::TStr(_) | Val::BStr(_)), Val::Num(times))
    | (Val::Num(times), text @ (Val::TStr(_) | Val::BStr(_))) = (&left, &right)
    {
        let length = words(text)?.len();
        let most = usize::try_from(meter::MOST_BYTES).unwrap_or(usize::MAX) / length.max(1);
        let fits = times.as_isize().is_none_or(|times| usize::try_from(times).unwrap_or(0) <= most);
        // A number that is no machine's is as many as can be.
        if !fits || (times.as_isize().is_none() && matches!(times, jaq_json::Num::BigInt(_))) {
            return Err(given.meter.halt(Bound::Size));
        }
    }
    Ok((left * right)?)
}

pub(super) fn divided<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let (left, right) = (given.argument(0), given.argument(1));
    if let (Val::TStr(_) | Val::BStr(_), Val::TStr(_) | Val::BStr(_)) = (&left, &right) {
        let (left, right) = (words(&left)?, words(&right)?);
        let pieces = if right.is_empty() { left.len() } else { left.matches(right).count() };
        if u64::try_from(pieces).is_ok_and(|pieces| pieces > meter::MOST_PARTS) {
            return Err(given.meter.halt(Bound::Size));
        }
        given.meter.take(u64::try_from(pieces).unwrap_or(u64::MAX) / 2)?;
    }
    Ok((left / right)?)
}

pub(super) fn has<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let found = match (&given.input, &given.argument(0)) {
        (Val::Obj(members), key @ (Val::TStr(_) | Val::BStr(_))) => members.contains_key(key),
        (Val::Arr(items), Val::Num(index)) => {
            index.as_isize().and_then(|index| usize::try_from(index).ok()).is_some_and(|index| index < items.len())
        }
        _ => return Err(said("has takes an object and a name, or an array and an index").into()),
    };
    Ok(found.into())
}

/// A step for each two that are compared.
pub(super) fn contains<'a>(meter: &Meter, outer: &Val, inner: &Val) -> Result<bool, Exn<'a, Val>> {
    meter.take(1)?;
    Ok(match (outer, inner) {
        (Val::TStr(_) | Val::BStr(_), Val::TStr(_) | Val::BStr(_)) => {
            let (outer, inner) = (words(outer)?, words(inner)?);
            meter.take(u64::try_from(outer.len()).unwrap_or(u64::MAX) / 64)?;
            outer.contains(inner)
        }
        (Val::Arr(outer), Val::Arr(inner)) => {
            for wanted in inner.iter() {
                let mut found = false;
                for item in outer.iter() {
                    if contains(meter, item, wanted)? {
                        found = true;
                        break;
                    }
                }
                if !found {
                    return Ok(false);
                }
            }
            true
        }
        (Val::Obj(outer), Val::Obj(inner)) => {
            for (name, wanted) in inner.iter() {
                match outer.get(name) {
                    Some(member) if contains(meter, member, wanted)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (outer, inner) => outer == inner,
    })
}

pub(super) fn getpath<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let Val::Arr(path) = given.argument(0) else { return Err(said("a path is an array").into()) };
    let mut value = given.input.clone();
    for key in path.iter() {
        if matches!(key, Val::Arr(_)) {
            return Err(said("an array is no index").into());
        }
        value = value.index(key)?;
    }
    Ok(value)
}

pub(super) fn add<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let values: Vec<Val> = match &given.input {
        Val::Arr(items) => items.iter().cloned().collect(),
        Val::Obj(members) => members.values().cloned().collect(),
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::BStr(_) | Val::TStr(_) => {
            return Err(said("add takes an array or an object").into());
        }
    };
    // Texts are put together at once: one by one each would be copied as often as others follow.
    if !values.is_empty() && values.iter().all(|value| matches!(value, Val::TStr(_))) {
        let texts = values.iter().map(words).collect::<Result<Vec<_>, _>>()?;
        return Ok(text(texts.concat()));
    }
    let mut sum = Val::Null;
    for value in values {
        given.meter.weigh(&sum)?;
        sum = if matches!(sum, Val::Null) { value } else { (sum + value)? };
    }
    Ok(sum)
}

pub(super) fn flatten<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    fn into(flat: &mut Vec<Val>, items: &[Val]) {
        for item in items {
            if let Val::Arr(inner) = item {
                into(flat, inner);
            } else {
                flat.push(item.clone());
            }
        }
    }
    let Val::Arr(items) = &given.input else { return Err(said("flatten takes an array").into()) };
    let mut flat = Vec::new();
    into(&mut flat, items);
    Ok(flat.into_iter().collect())
}
