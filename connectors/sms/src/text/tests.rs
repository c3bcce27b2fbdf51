use proptest::prelude::*;

use super::*;

fn segments(text: &str) -> Vec<&str> {
    segments_in(Encoding::of(text), text, 0)
}

fn shape(text: &str) -> (String, u32, u32) {
    let cut = segmentation(text);
    (cut.encoding, cut.units, cut.segments)
}

#[test]
fn texts_are_cut_where_the_standard_says() {
    let cases = [
        ("a".repeat(160), "gsm7", 160, 1),
        ("a".repeat(161), "gsm7", 161, 2),
        ("a".repeat(306), "gsm7", 306, 2),
        ("a".repeat(307), "gsm7", 307, 3),
        ("à".repeat(160), "gsm7", 160, 1),
        ("à".repeat(161), "gsm7", 161, 2),
        ("€".repeat(80), "gsm7", 160, 1),
        ("€".repeat(81), "gsm7", 162, 2),
        ("ế".repeat(70), "ucs2", 70, 1),
        ("ế".repeat(71), "ucs2", 71, 2),
        ("ả".repeat(134), "ucs2", 134, 2),
        ("ả".repeat(135), "ucs2", 135, 3),
        ("😀".repeat(35), "ucs2", 70, 1),
        ("😀".repeat(36), "ucs2", 72, 2),
        ("Don hang da giao".into(), "gsm7", 16, 1),
        ("Đơn hàng đã giao".into(), "ucs2", 16, 1),
        (String::new(), "gsm7", 0, 1),
    ];
    for (text, encoding, units, segments) in cases {
        assert_eq!(shape(&text), (encoding.into(), units, segments), "{text}");
    }
}

#[test]
fn neither_an_escape_nor_a_pair_is_cut() {
    // 76 pairs fill 152 of 153 septets: the next one moves whole.
    let lengths = |text: &str| segments(text).iter().map(|part| part.chars().count()).collect::<Vec<_>>();
    assert_eq!(lengths(&"€".repeat(154)), [76, 76, 2]);
    assert_eq!(lengths(&"😀".repeat(67)), [33, 33, 1]);
}

#[test]
fn a_decomposed_text_is_counted_composed() {
    let decomposed = "Đơn hàng đã giao".nfd().collect::<String>();
    assert_eq!(decomposed.chars().count(), 19);
    assert_eq!(shape(&composed(&decomposed)), ("ucs2".into(), 16, 1));
}

#[test]
fn the_plan_says_what_the_price_comes_from() {
    assert!(segmentation("Xin chao").notes.is_empty());
    assert_eq!(segmentation("Xin chào").notes, Vec::<String>::new(), "à is in the alphabet");
    assert_eq!(segmentation("Cảm ơn").notes, ["unicode", "foldable"]);
    assert_eq!(segmentation("Cảm ơn 😀").notes, ["unicode"]);
    assert_eq!(segmentation("[x]").notes, ["extended"]);
    assert_eq!(segmentation(&"a".repeat(161)).notes, ["several_segments"]);
}

proptest! {
    #[test]
    fn segments_are_whole_and_each_has_room(text in "[a-z€\\[đếà😀 ]{0,400}") {
        let encoding = Encoding::of(&text);
        let parts = segments(&text);
        prop_assert_eq!(parts.concat(), text.as_str());
        let (alone, each) = encoding.room();
        let units = |part: &str| part.chars().map(|character| encoding.units(character)).sum::<usize>();
        let room = if parts.len() == 1 { alone } else { each };
        prop_assert!(parts.iter().all(|part| units(part) <= room));
        // No segment could have taken the first character of the next one.
        for pair in parts.windows(2) {
            let next = pair[1].chars().next().map_or(0, |character| encoding.units(character));
            prop_assert!(units(pair[0]) + next > each);
        }
    }

    #[test]
    fn folding_ends_in_gsm7_and_once_is_enough(text in "\\PC{0,60}") {
        if let Some(once) = folded(&text) {
            prop_assert_eq!(Encoding::of(&once), Encoding::Gsm7);
            prop_assert_eq!(folded(&once), None);
        }
    }
}
