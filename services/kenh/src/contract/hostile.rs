//! Bodies no channel makes. The same ones at every run.

use serde_json::Value;

/// Prefixes of a body that are tried.
const PREFIXES: usize = 64;
/// Bodies with bytes changed, taken out or doubled.
const MUTATIONS: usize = 200;
/// Bytes of a body that are changed one by one.
const POSITIONS: usize = 256;

/// Positions spread over a length, all of them where they are few.
fn spread(length: usize, most: usize) -> impl Iterator<Item = usize> {
    let step = length.div_ceil(most).max(1);
    (0..length).step_by(step)
}

/// Bodies that differ from this one in little: none of them is what was signed.
pub(crate) fn tampered(body: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = spread(body.len(), POSITIONS).map(|at| with(body, at, |byte| byte ^ 1)).collect();
    bodies.push(body.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default());
    bodies.push([body, b"\n"].concat());
    bodies
}

/// Bodies that may be anything.
pub(crate) fn broken(body: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> =
        spread(body.len(), PREFIXES).filter_map(|end| body.get(..end).map(<[u8]>::to_vec)).collect();
    let mut chance = fastrand::Rng::with_seed(1);
    for _ in 0..MUTATIONS {
        let mut changed = body.to_vec();
        for _ in 0..chance.usize(1..=4) {
            if changed.is_empty() {
                break;
            }
            let at = chance.usize(..changed.len());
            match chance.u8(..3) {
                0 => changed = with(&changed, at, |_| chance.u8(..)),
                1 => drop(changed.remove(at)),
                _ => {
                    let end = chance.usize(at..=changed.len());
                    let doubled = changed.get(at..end).unwrap_or_default().to_vec();
                    changed.splice(at..at, doubled);
                }
            }
        }
        bodies.push(changed);
    }
    bodies
}

/// The body with one more item, of a shape nobody knows, in the first list of objects that it has; `None` where it has none.
pub(crate) fn with_a_stranger(body: &[u8]) -> Option<Vec<u8>> {
    let mut json: Value = serde_json::from_slice(body).ok()?;
    let list = first_list(&mut json)?;
    list.push(serde_json::json!({"kenh": [null]}));
    serde_json::to_vec(&json).ok()
}

fn first_list(json: &mut Value) -> Option<&mut Vec<Value>> {
    match json {
        Value::Array(items) => {
            if items.first().is_some_and(Value::is_object) {
                Some(items)
            } else {
                items.iter_mut().find_map(first_list)
            }
        }
        Value::Object(members) => members.values_mut().find_map(first_list),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn with(body: &[u8], at: usize, change: impl FnOnce(u8) -> u8) -> Vec<u8> {
    let mut body = body.to_vec();
    if let Some(byte) = body.get_mut(at) {
        *byte = change(*byte);
    }
    body
}
