use super::without_quotes as reply;

fn becomes(text: &str, expected: &str) {
    assert_eq!(reply(text), expected, "of:\n{text}");
}

#[test]
fn quotes_of_vietnamese_and_other_programs_are_left_out() {
    for introduction in [
        "Vào Th 2, 5 thg 1, 2026 vào lúc 10:00 Shop <shop@example.test> đã viết:",
        "Vào 10:00, T.2, 5 Th1, 2026 Shop Hoa\n<shop@example.test> đã viết:",
        "Lúc 10:00 Th 2, 5 thg 1, 2026, Shop viết:",
        "On Mon, Jan 5, 2026 at 10:00 AM Shop <shop@example.test> wrote:",
        "On Mon, Jan 5, 2026 at 10:00 AM Shop\n<shop@example.test>\nwrote:",
        "Am 05.01.2026 um 10:00 schrieb Shop <shop@example.test>:",
        "Le lun. 5 janv. 2026 à 10:00, Shop <shop@example.test> a écrit :",
        "2026-01-05 10:00 GMT+07:00 Shop <shop@example.test>:",
        "El lun, 5 ene 2026 a las 10:00, Shop (<shop@example.test>) escribió:",
        "2026年1月5日(月) 10:00 Shop <shop@example.test>:",
    ] {
        becomes(&format!("Vâng ạ\n\n{introduction}\n> Chào chị\n> Hàng đã về"), "Vâng ạ");
        becomes(&format!("Vâng ạ\n\n{introduction}\n\nChào chị\nHàng đã về"), "Vâng ạ");
    }
}

#[test]
fn header_blocks_and_separators_end_the_reply() {
    for block in [
        "-----Original Message-----\nFrom: Shop",
        "-------- Thư gốc --------\nTừ: Shop",
        "________________________________\nFrom: Shop <shop@example.test>\nSent: Monday, January 5, 2026\nTo: Lan\nSubject: Hàng",
        "From: Shop <shop@example.test>\nSent: Monday, January 5, 2026\nTo: Lan\nSubject: Hàng",
        "*From:* Shop\n*Date:* Monday\n*To:* Lan\n*Subject:* Hàng",
        "Từ: Shop <shop@example.test>\nĐã gửi: Thứ Hai, 5 tháng 1, 2026\nĐến: Lan\nChủ đề: Hàng",
        "Von: Shop\nGesendet: Montag\nAn: Lan\nBetreff: Hàng",
        "---------- Forwarded message ---------\nFrom: Shop",
    ] {
        becomes(&format!("Vâng ạ\n\n{block}\n\nChào chị\nHàng đã về"), "Vâng ạ");
    }
}

#[test]
fn signatures_are_left_out() {
    for signature in [
        "-- \nLan\n0900000001",
        "--\nLan",
        "Sent from my iPhone",
        "Gửi từ iPhone của tôi",
        "Được gửi từ iPhone của tôi",
        "Gửi từ Outlook cho iOS",
        "Get Outlook for Android<https://aka.ms/x>",
        "Sent from Yahoo Mail on Android",
        "________________\nLan\nPhòng mua hàng",
    ] {
        becomes(&format!("Còn hàng không ạ\n\n{signature}"), "Còn hàng không ạ");
    }
    becomes("A\n\n-- \nLan\n\nOn Monday Shop wrote:\n> x", "A");
}

#[test]
fn answers_below_and_between_quotes_stay() {
    becomes("On Monday Shop wrote:\n> Mấy cái?\n\nHai cái", "Hai cái");
    becomes("> Mấy cái?\nHai cái\n> Màu gì?\nĐỏ", "Hai cái\n> Màu gì?\nĐỏ");
}

#[test]
fn nothing_is_hidden_altogether() {
    becomes("> chỉ có trích dẫn", "> chỉ có trích dẫn");
    becomes("Sent from my iPhone", "Sent from my iPhone");
    becomes("-----Original Message-----\nFrom: a\nx", "-----Original Message-----\nFrom: a\nx");
    becomes("", "");
}

#[test]
fn words_that_look_alike_stay() {
    for text in [
        "On your host you can run:\n    telnet 127.0.0.1 52698\nThis should do",
        "Vào đây xem hàng:\nhttps://x.test",
        "From: Hà Nội\nđến Huế",
        "Giá -- 50.000đ -- còn không?",
        "Chị viết: em chưa rõ",
    ] {
        becomes(text, text);
    }
}

// With a look ahead without a bound this would not end.
#[test]
fn the_longest_texts_come_to_an_end() {
    for line in ["On ", "From: ", "> ", "-- ", "Vào lúc <a@b> ", "____\n", "*From:* a\n"] {
        let text = line.repeat(100_000);
        assert!(!reply(&text).is_empty() && !reply(&text.replace(' ', "\n")).is_empty(), "{line}");
    }
}
