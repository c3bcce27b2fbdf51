//! Programs: what they may say, and that none of them runs for ever.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use common::{endpoint, faults, kinds};

const BODY: &str = r#"{"items": [1, 2, 3], "text": "hello", "deep": {"a": {"b": [true, null]}}}"#;

/// What a program's events are on the body.
fn become_of(program: &str) -> Vec<String> {
    kinds(&endpoint(program, "").normalized(BODY))
}

/// The text that an expression gives.
fn text(expression: &str) -> String {
    let program = format!("{{kind: \"message\", contact: {{id: \"1\"}}, text: ({expression} | tostring)}}");
    let batch = endpoint(&program, "").normalized(BODY);
    let kenh_proto::v1::envelope::Payload::Message(message) = batch.events[0].envelope.payload.clone().unwrap() else {
        panic!("{expression}: {:?}", kinds(&batch))
    };
    message.text.unwrap().body
}

#[test]
fn programs_that_would_not_end_are_halted() {
    let mut wrong = Vec::new();
    let ten = "(1,2,3,4,5,6,7,8,9,10)";
    let nested = (0..40).map(|n| format!("{ten} as $v{n} | ")).collect::<Vec<_>>().concat();
    let doubled = vec!["(., .)"; 40].join(" | ");
    for hostile in [
        "range(1e15) | empty",
        "[range(1e15)]",
        "last(range(1e15))",
        "first(range(1e15) | select(. < 0))",
        "[limit(1e15; range(1e15))] | length",
        "skip(1e15; range(1e16))",
        "reduce range(1e15) as $x (0; . + $x)",
        "foreach range(1e15) as $x (0; 1; empty)",
        "any(range(1e15); false)",
        "[range(1e6) | try error(\"x\") catch .]",
        "[range(1e9) | (1 / \"x\")?] | length",
        "range(1e15) as $x | try (range(1e15) | error(\"x\")) catch empty",
        "label $out | range(1e15) | if . < 0 then break $out else empty end",
        "isempty(range(1e15) | empty)",
        "(range(1e15) | empty) // 1",
        "[range(1000)] | sort_by(range(1e9))",
        "[range(1000)] | group_by([range(1000)] | add)",
        &format!("{nested} empty"),
        &format!("{doubled} | empty"),
        &format!("last({doubled})"),
        &format!("def a: {doubled}; def b: a | a; b | b | empty"),
        "def twice(f): f | f; def four(f): twice(twice(f)); four(four(four(four(four(four((., .))))))) | empty",
        &format!("[{}] | length", ["range(100)"; 8].join(" + ")),
        &format!("{{{}}} | empty", ('a'..='z').map(|c| format!("{c}: (1,2,3)")).collect::<Vec<_>>().join(", ")),
        &format!("({}) | empty", ["((1,2) == (1,2))"; 12].join(" == ")),
        &format!("\"{}\" | empty", "\\((1,2))".repeat(40)),
        "([range(300)] | map([range(300)])) | walk(walk(walk(.)))",
        "[range(100000)] as $big | [range(100000)] | map($big == [])",
        "[range(100000)] as $big | range(1e9) | $big | first(.[]) | empty",
        "[range(3000)] as $a | $a | contains($a | reverse)",
        "([range(20000)] | map(\"a\") | join(\"\")) as $t | [range(1e6) | $t | test(\"(a|b)*c\")]",
        "([range(50000)] | map(\"a\") | join(\"\")) | gsub(\".*[^a]|a\"; \"b\")",
    ] {
        let events = become_of(hostile);
        if events != ["unsupported mapping_bound"] {
            wrong.push((hostile.to_owned(), events));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn values_that_would_fill_the_memory_are_not_made() {
    let mut wrong = Vec::new();
    for hostile in [
        "\"xxxxxxxx\" * 1000000000",
        "1000000000 * \"xxxxxxxx\"",
        "\"x\" * 99999999999999999999999999",
        "reduce range(100) as $i (\"x\"; . + .)",
        "reduce range(100) as $i ([1]; . + .)",
        "reduce range(100) as $i (1; [., .])",
        "reduce range(100) as $i (1; {a: ., b: .})",
        "reduce range(1000) as $i (1; [.])",
        "reduce range(1000) as $i (1; {a: .})",
        "reduce range(1000) as $i (10; . * .)",
        "[range(1000) | \"x\" * 1000000] | length",
        "(\"x\" * 5000000) as $x | [range(100) | $x + $x]",
        "(\"x\" * 5000000) as $x | [range(100) | tostring] | .[] += $x",
        "(\"x\" * 4000000) as $x | \"\\($x)\\($x)\\($x)\\($x)\\($x)\\($x)\\($x)\\($x)\"",
        "(\"x\" * 1000000) / \"\" | length",
        "(\"x\" * 4000000) | explode | length",
        "[range(400000)] | tojson | explode",
        "(\"[\" * 1000000) | [range(100) as $x | try fromjson catch .]",
        "[range(100000) | tostring] | join(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\")",
    ] {
        let events = become_of(hostile);
        if events != ["unsupported mapping_bound"] {
            wrong.push((hostile.to_owned(), events));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_not_bounded_by_its_form_is_refused_when_it_is_read() {
    for refused in [
        "def f: f; f",
        "def f: def g: f; g; f",
        "def f(x): x | f(x); f(.)",
        "recurse",
        "recurse(.a)",
        "repeat(.)",
        "while(true; .)",
        "until(false; .)",
        "env",
        "$ENV",
        "$__loc__",
        "input",
        "inputs",
        "debug",
        "stderr",
        "halt",
        "halt_error",
        "now",
        "input_filename",
        "splits(1; 2; 3)",
        "kenh_weigh",
        "kenh_main",
        "regex_matches(\"a\"; \"\")",
        "error_empty",
        "import \"a\" as a; .",
        "include \"a\"; .",
        "def map(f): .; map(.)",
        "setpath([\"a\"]; 1)",
        "getpath([\"a\"]) = 1",
        "(reduce range(9) as $x (.; .a)) |= 1",
        "def p: .a; p |= 1",
        "del(getpath([\"a\"]))",
        ".[(1,2)][(1,2)]",
        "limit(1)",
        "1 +",
        "\"\\(1\"",
        ".a |",
        "[1",
        "{a:}",
        "if . then 1",
    ] {
        assert!(
            faults(refused, "").iter().any(|fault| fault.contains("webhook.events")),
            "{refused}: {:?}",
            faults(refused, "")
        );
    }
}

#[test]
fn a_program_that_is_nested_too_deeply_is_refused() {
    let plus = vec!["1"; 400].join(" + ");
    let pipes = vec!["."; 400].join(" | ");
    let calls = (1..100).map(|n| format!("def f{n}: f{} | . | .;", n - 1)).collect::<Vec<_>>().concat();
    let long = format!("[{}]", vec!["1"; 30_000].join(","));
    for refused in [
        "(".repeat(2000),
        "[".repeat(100_000),
        format!("{}1{}", "(".repeat(65), ")".repeat(65)),
        plus,
        pipes,
        format!("def f0: .; {calls} f99"),
        long,
        "if . then ".repeat(3000),
        "- ".repeat(16_000),
        "def f: ".repeat(4000),
        format!("{}.", ".a|".repeat(10_000)),
    ] {
        assert!(!faults(&refused, "").is_empty(), "{}", refused.get(..40).unwrap_or(&refused));
    }
}

#[test]
fn the_deepest_program_that_is_taken_fits_the_stack() {
    // The stack of a worker thread.
    let deepest = |wrap: fn(&str) -> String| {
        let mut program = String::from("1");
        loop {
            let next = wrap(&program);
            if !faults(&next, "").is_empty() {
                return program;
            }
            program = next;
        }
    };
    let wraps: [fn(&str) -> String; 10] = [
        |inner| format!("{inner} + 1"),
        |inner| format!(". | {inner}"),
        |inner| format!("[{inner}]"),
        |inner| format!("{{a: {inner}}}"),
        |inner| format!("1, {inner}"),
        |inner| format!("{inner} // 1"),
        |inner| format!("first({inner})"),
        |inner| format!("map({inner})"),
        |inner| format!("reduce ({inner}) as $x (0; {inner})"),
        |inner| format!("try ({inner}) catch 1"),
    ];
    for wrap in wraps {
        let program = if wrap("1").contains("reduce") { wrap(&wrap(&wrap("1"))) } else { deepest(wrap) };
        let run = move || become_of(&program);
        let run = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join();
        assert!(run.is_ok_and(|events| !events.is_empty()), "{}", wrap("1"));
    }
}

#[test]
fn the_deepest_values_fit_the_stack() {
    // A body as deep as may be, and programs that walk through it or go on to nest it.
    let body = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    for program in [
        "[..] | length",
        "walk(.) | tojson",
        "[. == ., . < .] | flatten",
        "tojson | fromjson | contains(.)",
        "reduce range(27) as $i (.; [.]) | tojson",
        "reduce range(200) as $i (.; {a: .})",
    ] {
        let (program, body) = (format!("try ({program} | {{kind: \"unsupported\"}}) catch null"), body.clone());
        let run = move || kinds(&endpoint(&program, "").normalized(&body));
        let run = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join();
        assert!(run.is_ok());
    }
}

#[test]
fn a_wrong_program_is_told_with_its_place() {
    for (wrong, told) in [
        (".a\n  | foo(1)", "line 2, column 5 of the program: there is no filter foo/1 here"),
        ("{kind: $x}", "line 1, column 8 of the program: there is no variable $x here"),
        ("[1, 2", "line 1, column 6 of the program: expected closing bracket, found the end"),
        ("def f: 1 + f; f", "line 1, column 12 of the program: f calls itself"),
        ("if 1 then 2\n, 3", "expected else or end"),
    ] {
        let faults = faults(wrong, "");
        assert!(faults.iter().any(|fault| fault.contains(told)), "{wrong}: {faults:?}");
    }
}

#[test]
fn the_language_is_jq() {
    let mut wrong = Vec::new();
    for (expression, expected) in [
        ("[.items[] * 2]", "[2,4,6]"),
        (".text | ascii_upcase", "HELLO"),
        (".items | map(. + 1) | add", "9"),
        (".deep.a.b | length", "2"),
        ("[..] | length", "11"),
        ("{a: 1} + {b: 2} | tojson", r#"{"a":1,"b":2}"#),
        ("{a: {b: 1}} * {a: {c: 2}} | tojson", r#"{"a":{"b":1,"c":2}}"#),
        (".items |= map(. * 10) | .items", "[10,20,30]"),
        (".items[] += 1 | .items", "[2,3,4]"),
        (".items[0] *= 5 | .items", "[5,2,3]"),
        (".text //= 1 | .new //= 2 | [.text, .new]", r#"["hello",2]"#),
        ("del(.items[1], .text) | [.items, .text]", "[[1,3],null]"),
        ("to_entries | map(.key) | join(\"+\")", "items+text+deep"),
        ("with_entries(select(.key == \"text\")) | tojson", r#"{"text":"hello"}"#),
        ("[.items[] | select(. > 1)]", "[2,3]"),
        ("reduce .items[] as $x (0; . + $x)", "6"),
        ("[foreach .items[] as $x (0; . + $x; [$x, .])]", "[[1,1],[2,3],[3,6]]"),
        ("try error(\"oh\") catch .", "oh"),
        (".items as [$a, $b] | $a - $b", "-1"),
        (". as {text: $t} | $t", "hello"),
        ("\"a-b-c\" | split(\"-\")", r#"["a","b","c"]"#),
        ("\"<p>Hi</p>\" | gsub(\"<[^>]+>\"; \"\")", "Hi"),
        ("\"order 42\" | capture(\"(?<n>[0-9]+)\") | .n", "42"),
        ("[\"a1b2\" | match(\"[0-9]\"; \"g\") | .offset]", "[1,3]"),
        ("\"x1\" | test(\"^X\"; \"i\")", "true"),
        ("[\"a,b;c\" | splits(\"[,;]\")]", r#"["a","b","c"]"#),
        ("\"{\\\"a\\\": [1]}\" | fromjson | .a[0]", "1"),
        ("@uri \"q=\\(\"a b&c\")\"", "q=a%20b%26c"),
        ("\"aGk=\" | @base64d", "hi"),
        ("\"1 < 2\" | @html", "1 &lt; 2"),
        ("\"2026-01-01T00:00:00Z\" | fromdate", "1767225600"),
        ("1767225600 | todate", "2026-01-01T00:00:00Z"),
        ("\"01/02/2026 03:04\" | strptime(\"%d/%m/%Y %H:%M\") | mktime", "1769915040"),
        ("[1, [2, [3]]] | flatten", "[1,2,3]"),
        ("[3, 1, 2] | sort | first", "1"),
        ("[{a: 1, b: 2}, {a: 1, b: 3}] | group_by(.a) | map(length)", "[2]"),
        ("[{a: 2}, {a: 1}] | min_by(.a) | .a", "1"),
        ("[1, 2, 1] | unique", "[1,2]"),
        ("getpath([\"deep\", \"a\"]) | keys", r#"["b"]"#),
        ("has(\"text\") and (.items | has(5) | not)", "true"),
        ("{a: [1, {b: 2}]} | contains({a: [{b: 2}]})", "true"),
        ("def double: . * 2; def apply(f; $n): f + $n; 3 | apply(double; 1)", "7"),
        ("first(.items[]), nth(1; .items[])", "1"),
        ("[limit(2; .items[])]", "[1,2]"),
        ("label $out | 1, break $out, 2", "1"),
        ("12345678901234567890123 | tostring", "12345678901234567890123"),
        ("\"5\" | tonumber + 1", "6"),
        ("null | type", "null"),
    ] {
        let given = std::panic::catch_unwind(|| text(expression)).unwrap_or_else(|_| "failed".into());
        if given != expected {
            wrong.push((expression, given, expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_array_is_not_searched_for_another() {
    // Each with each: jq's `.[[…]]`.
    let program = "[range(100000)] as $all | [range(50000, 50001)] as $some | $all | .[$some]";
    assert_eq!(become_of(program), ["unsupported mapping_failed"]);
}

#[test]
fn a_program_that_fails_loses_nothing_and_says_nothing() {
    let batch = endpoint("error(\"their words: \" + .text)", "").normalized(BODY);
    assert_eq!(kinds(&batch), ["unsupported mapping_failed"]);
    assert_eq!(batch.events[0].raw, BODY.as_bytes());
    assert!(!format!("{:?}", batch.events[0].envelope.payload).contains("hello"));
    // What came before it stays.
    let partly = "{kind: \"message\", contact: {id: \"1\"}, text}, error(\"x\")";
    assert_eq!(become_of(partly), ["message", "unsupported mapping_failed"]);
    assert_eq!(become_of("-9223372036854775808 | length"), ["unsupported mapping_shape"]);
}
