//! The expiry of a key: after a duration, or at a time.

use issuecommand_core::domain::time::{Millis, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    After(Millis),
    At(Timestamp),
}

impl Expiry {
    /// The time of the expiry, relative to `now`.
    pub(super) fn after(self, now: Timestamp) -> Timestamp {
        match self {
            Self::After(length) => now.plus(length),
            Self::At(moment) => moment,
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Expiry, String> {
    let text = text.trim();
    let date = || Timestamp::parse(&format!("{text}T00:00:00Z"));
    length(text)
        .map(Expiry::After)
        .or_else(|| Timestamp::parse(text).or_else(date).map(Expiry::At))
        .ok_or_else(|| {
            "allowed are a time from now such as 30m, 12h, 30d or 8w, a date such as 2026-12-31, or a moment such as \
             2026-12-31T18:00:00Z"
                .to_owned()
        })
}

fn length(text: &str) -> Option<Millis> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return None,
    };
    let digits = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(digits)?;
    let count: i64 = digits.parse().ok().filter(|count| *count > 0)?;
    // More than a thousand years is taken for a typing error.
    let minutes = count
        .checked_mul(minutes)
        .filter(|n| *n <= 1000 * 366 * 24 * 60)?;
    Some(Millis::minutes(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_moments() {
        let moment = |text| Expiry::At(Timestamp::parse(text).unwrap());
        for (text, when) in [
            ("30m", Expiry::After(Millis::minutes(30))),
            (" 12h", Expiry::After(Millis::minutes(720))),
            ("30d", Expiry::After(Millis::minutes(43_200))),
            ("8w", Expiry::After(Millis::minutes(80_640))),
            ("2026-12-31", moment("2026-12-31T00:00:00Z")),
            ("2026-12-31T18:00:00+02:00", moment("2026-12-31T16:00:00Z")),
        ] {
            assert_eq!(parse(text), Ok(when), "{text}");
        }
        for bad in [
            "",
            "d",
            "0d",
            "-1d",
            "+1d",
            "1.5h",
            "30",
            "30s",
            "1y",
            "soon",
            "2026-13-01",
            "99999999d",
            "9223372036854775807w",
            "2026-12-31T18:00:00",
            "3ä",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let now = Timestamp(1_000);
        assert_eq!(parse("1m").unwrap().after(now), Timestamp(61_000));
    }
}
