//! Where the values of a JSON text stand. No parser: what is no JSON gives some answer too.

use std::ops::Range;

/// An array or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// From its bracket to its bracket.
    pub span: Range<usize>,
    /// Whether it is an array.
    pub is_array: bool,
    /// Its items, or its members with their names.
    pub items: Vec<Range<usize>>,
}

/// Every array and object that ends, the inner ones first.
pub fn containers(text: &[u8]) -> Vec<Container> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in text.iter().enumerate() {
        if in_text {
            (in_text, escaped) = (escaped || *byte != b'"', !escaped && *byte == b'\\');
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => open.push((at, *byte == b'[', at + 1, Vec::new())),
            b',' => {
                if let Some((_, _, from, items)) = open.last_mut() {
                    items.push(trimmed(text, *from..at));
                    *from = at + 1;
                }
            }
            b']' | b'}' => {
                if let Some((start, is_array, from, mut items)) = open.pop() {
                    items.push(trimmed(text, from..at));
                    items.retain(|item| !item.is_empty());
                    found.push(Container { span: start..at + 1, is_array, items });
                }
            }
            _ => {}
        }
    }
    found
}

/// Every value.
pub(crate) fn values(text: &[u8]) -> Vec<Range<usize>> {
    let inner = containers(text);
    let items = inner.iter().flat_map(|container| {
        container.items.iter().map(|item| if container.is_array { item.clone() } else { value_of(text, item) })
    });
    items.collect()
}

/// Every member of an object, with its name.
pub(crate) fn members(text: &[u8]) -> Vec<Range<usize>> {
    containers(text).into_iter().filter(|container| !container.is_array).flat_map(|object| object.items).collect()
}

fn value_of(text: &[u8], member: &Range<usize>) -> Range<usize> {
    let bytes = text.get(member.clone()).unwrap_or_default();
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if in_text {
            (in_text, escaped) = (escaped || *byte != b'"', !escaped && *byte == b'\\');
        } else if *byte == b'"' {
            in_text = true;
        } else if *byte == b':' {
            return trimmed(text, member.start + at + 1..member.end);
        }
    }
    member.clone()
}

fn trimmed(text: &[u8], span: Range<usize>) -> Range<usize> {
    let bytes = text.get(span.clone()).unwrap_or_default();
    let before = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let behind = bytes.iter().skip(before).rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    span.start + before..span.end - behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_members_are_found_with_commas_and_brackets_in_texts() {
        let text = br#"{"a": [1, "x],\"", {}] , "b:c":null}"#;
        let shown = |spans: Vec<Range<usize>>| {
            spans.into_iter().map(|span| String::from_utf8_lossy(&text[span]).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(shown(values(text)), ["1", r#""x],\"""#, "{}", r#"[1, "x],\"", {}]"#, "null"]);
        assert_eq!(shown(members(text)), [r#""a": [1, "x],\"", {}]"#, r#""b:c":null"#]);
        assert_eq!(containers(b"]}{[\"").len(), 0);
    }
}
