//! Texts for a terminal: what strangers wrote is shown, never obeyed; widths, lengths of time, moments.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Whether a character would act on the terminal or on the order of the text, or would not be seen: control characters, those that
/// change the direction of writing, those without width, and blanks that are no spaces.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text in one line, with hidden characters made visible: a tab and the end of a line as a space, others as `\u{202e}`.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\t' | '\n' => line.push(' '),
            '\r' => {}
            c => push_visible(&mut line, c),
        }
    }
    line
}

fn push_visible(text: &mut String, c: char) {
    if is_hidden(c) {
        text.extend(c.escape_unicode());
    } else {
        text.push(c);
    }
}

/// JSON with hidden characters as escapes: the same document, which a terminal shows as it is.
pub(crate) fn visible_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a text, at most so many columns wide.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut room = most.saturating_sub(1);
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        shown.push(c);
    }
    if most > 0 {
        shown.push('…');
    }
    shown
}

/// The end of a text, at most so many columns wide: of an issue it has the number.
pub(crate) fn cut_front(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut room = most.saturating_sub(1);
    let mut from = text.len();
    for (place, c) in text.char_indices().rev() {
        let wide = c.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        from = place;
    }
    let dots = if most > 0 { "…" } else { "" };
    format!("{dots}{}", &text[from..])
}

/// A length of time of so many milliseconds: `20 s`, `38 m`, `2 h`, `3 d`.
pub(crate) fn length(millis: i64) -> String {
    match millis.max(0) {
        ms if ms < 2 * MINUTE => format!("{} s", ms / SECOND),
        ms if ms < 2 * HOUR => format!("{} m", ms / MINUTE),
        ms if ms < 2 * DAY => format!("{} h", ms / HOUR),
        ms => format!("{} d", ms / DAY),
    }
}

/// The same with the next smaller unit, for sentences: `2 h 31 min`.
pub(crate) fn long_length(millis: i64) -> String {
    match millis.max(0) {
        ms if ms < 2 * MINUTE => format!("{} s", ms / SECOND),
        ms if ms < HOUR => format!("{} min", ms / MINUTE),
        ms if ms < DAY => format!("{} h {} min", ms / HOUR, ms % HOUR / MINUTE),
        ms => format!("{} d {} h", ms / DAY, ms % DAY / HOUR),
    }
}

/// A moment for people: the time of day in their time zone, with the date if it is not today.
pub(crate) fn moment(text: &str, now: i64, zone: &TimeZone) -> String {
    let Ok(then) = text.parse::<jiff::Timestamp>() else {
        return one_line(text);
    };
    let then = then.to_zoned(zone.clone());
    let today = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    let format = if then.date() == today.to_zoned(zone.clone()).date() {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M"
    };
    then.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_or_hide_is_shown() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("a\u{e0041}", "a\\u{e0041}"),
            ("a\tb\r\nc", "a b c"),
            ("é 漢 👩 עברית", "é 漢 👩 עברית"),
        ] {
            assert_eq!(one_line(text), shown);
        }
    }

    #[test]
    fn json_stays_the_same_document() {
        let value = serde_json::json!({ "title": "a\u{202e}b\u{e0041}\u{7f}\n漢" });
        let text = visible_json(&value.to_string());
        assert_eq!(text, r#"{"title":"a\u202eb\udb40\udc41\u007f\n漢"}"#);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn cut_texts_fit_and_keep_their_end_or_beginning() {
        for text in ["", "plain text", "漢字漢字漢字", "a👩b漢c"] {
            for most in 0..20 {
                for cut in [cut(text, most), cut_front(text, most)] {
                    assert!(width(&cut) <= most, "{text} {most} {cut}");
                    assert!(width(text) > most || cut == text);
                }
            }
        }
        assert_eq!(cut("plain text", 6), "plain…");
        assert_eq!(cut_front("acme/web#127", 6), "…b#127");
    }

    #[test]
    fn lengths_have_one_unit_or_two() {
        for (millis, short, long) in [
            (-5, "0 s", "0 s"),
            (20_999, "20 s", "20 s"),
            (38 * MINUTE, "38 m", "38 min"),
            (100 * MINUTE, "100 m", "1 h 40 min"),
            (151 * MINUTE, "2 h", "2 h 31 min"),
            (50 * HOUR, "2 d", "2 d 2 h"),
        ] {
            assert_eq!(
                (length(millis), long_length(millis)),
                (short.to_owned(), long.to_owned())
            );
        }
    }

    #[test]
    fn a_moment_of_today_is_its_time_of_day() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now = "2026-11-22T22:30:00Z"
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(moment("2026-11-22T22:10:11.000Z", now, &zone), "00:10:11");
        assert_eq!(
            moment("2026-11-22T10:10:11.000Z", now, &zone),
            "2026-11-22 12:10"
        );
    }
}
