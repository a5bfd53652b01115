//! Moments and lengths of time, as people read them.

use issuecommand_core::domain::time::Timestamp;

use super::Html;

/// A length in at most two units. The script counts on in the same form.
pub(crate) fn duration(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60);
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3_600 => format!("{minutes} min"),
        3_600..86_400 => format!("{hours} h {} min", minutes % 60),
        86_400.. => format!("{days} d {} h", hours % 24),
    }
}

/// How long ago; the text itself if it is no moment.
pub(super) fn age(now: Timestamp, at: &str) -> Html {
    match Timestamp::parse(at) {
        Some(then) => Html::default()
            .tag("<time data-age datetime=\"")
            .text(at)
            .tag("\">")
            .text(&duration((now.0 - then.0) / 1000))
            .tag("</time>"),
        None => Html::default().text(at),
    }
}

/// `12:58:03`, with the whole moment behind it.
pub(super) fn clock(at: &str) -> Html {
    shown(at, at.get(11..19).unwrap_or(at))
}

/// `2026-11-30 12:58`.
pub(super) fn moment(at: &str) -> Html {
    shown(at, &at.get(..16).unwrap_or(at).replace('T', " "))
}

fn shown(at: &str, text: &str) -> Html {
    Html::default()
        .tag("<time datetime=\"")
        .text(at)
        .tag("\" title=\"")
        .text(at)
        .tag("\">")
        .text(text)
        .tag("</time>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units_at_most() {
        for (seconds, text) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (9_060, "2 h 31 min"),
            (86_400 * 3 + 3_600 * 4 + 59, "3 d 4 h"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
