//! Rate-limit headers, and whether an answer is a limit.

use issuecommand_core::domain::time::{Millis, Timestamp};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The headers that concern limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RateLimitHeaders {
    pub(super) limit: Option<i64>,
    pub(super) remaining: Option<i64>,
    /// The time from the answer until the budget is full again.
    pub(super) until_reset: Option<Millis>,
    pub(super) retry_after: Option<Millis>,
    /// GitHub's time of the answer, in whole seconds.
    pub(super) date: Option<Timestamp>,
    /// The organization requires single sign-on first.
    pub(super) wants_sign_on: bool,
}

impl RateLimitHeaders {
    /// Durations are computed with GitHub's clock if the answer has its time, so that an error of our clock does not matter.
    pub(super) fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::trim)
        };
        let number = |name: &str| text(name).and_then(|text| text.parse::<i64>().ok());
        let date = headers
            .get(DATE)
            .and_then(|value| http_date(value.to_str().ok()?));
        let theirs = date.unwrap_or(now);
        let until = |moment: Timestamp| Millis((moment.0.saturating_sub(theirs.0)).max(0));
        let retry_after = text(RETRY_AFTER.as_str()).and_then(|text| match text.parse::<u32>() {
            Ok(seconds) => Some(Millis::seconds(i64::from(seconds))),
            Err(_) => http_date(text).map(until),
        });
        let wants_sign_on = text("x-github-sso").is_some_and(|value| value.starts_with("required"));
        // Searches and other resources have separate budgets.
        if text("x-ratelimit-resource").is_some_and(|resource| resource != "core") {
            return Self {
                retry_after,
                date,
                wants_sign_on,
                ..Self::default()
            };
        }
        Self {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining"),
            until_reset: number("x-ratelimit-reset")
                .map(|second| until(Timestamp(second.saturating_mul(1000)))),
            retry_after,
            date,
            wants_sign_on,
        }
    }

    /// GitHub's clock minus ours. Differences up to two seconds count as none, because the header has whole seconds and the
    /// answer takes time.
    pub(super) fn skew(&self, now: Timestamp) -> Option<Millis> {
        let skew = self.date?.0.saturating_sub(now.0);
        Some(Millis(if skew.abs() <= 2_000 { 0 } else { skew }))
    }

    /// The wait after the hourly budget is used up, until the reset that GitHub names. `None` if the reset has passed.
    pub(super) fn used_up(&self) -> Option<Millis> {
        let until = self.until_reset.filter(|until| until.0 > 0);
        until.filter(|_| self.remaining == Some(0))
    }

    /// The wait in `Retry-After`; zero is no wait.
    fn named(&self) -> Option<Millis> {
        self.retry_after.filter(|after| after.0 > 0)
    }
}

pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    let moment = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp(moment.timestamp().as_millisecond()))
}

/// The wait that an answer demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// No wait.
    None,
    /// A wait of this length.
    For(Millis),
    /// A wait of unspecified length: at least a minute, and longer each time.
    Unsaid,
}

/// The wait that an answer demands. `message` is GitHub's message, if the answer is an error.
pub(super) fn wait(status: StatusCode, signs: &RateLimitHeaders, message: Option<&str>) -> Wait {
    let used_up = signs.used_up();
    let limited = is_limit(status, signs, message);
    match signs
        .named()
        .filter(|_| limited || status.is_server_error())
    {
        Some(after) => Wait::For(after.max(used_up.unwrap_or_default())),
        // A success that used up the budget demands the same wait as the refusal that would follow.
        None => match used_up {
            Some(length) => Wait::For(length),
            None if limited => Wait::Unsaid,
            None => Wait::None,
        },
    }
}

/// Whether the answer is a rate limit and not a permanent refusal. GitHub uses 403 and 429 for both kinds of limits. A 403
/// without a reason counts as a limit, because a permanent refusal has one.
pub(super) fn is_limit(
    status: StatusCode,
    signs: &RateLimitHeaders,
    message: Option<&str>,
) -> bool {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return true;
    }
    let speaks_of_it = |message: &str| {
        let message = message.to_lowercase();
        message.contains("rate limit") || message.contains("abuse detection")
    };
    status == StatusCode::FORBIDDEN
        && (signs.retry_after.is_some()
            || signs.remaining == Some(0)
            || is_unexplained(status, signs, message)
            || message.is_some_and(speaks_of_it))
}

/// Whether a 403 has no reason in its body and headers.
pub(super) fn is_unexplained(
    status: StatusCode,
    signs: &RateLimitHeaders,
    message: Option<&str>,
) -> bool {
    let silent = message.is_none_or(|message| message.trim().is_empty());
    status == StatusCode::FORBIDDEN && silent && !signs.wants_sign_on
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn signs(headers: &[(&str, &str)]) -> RateLimitHeaders {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        RateLimitHeaders::read(&map, NOW)
    }

    #[test]
    fn time_is_measured_by_githubs_clock() {
        let reset = ("x-ratelimit-reset", "1767229200");
        assert_eq!(
            signs(&[reset]).until_reset,
            Some(Millis::minutes(60)),
            "ours, where GitHub tells no time"
        );
        let late = ("date", "Thu, 01 Jan 2026 00:59:00 GMT");
        assert_eq!(signs(&[reset, late]).until_reset, Some(Millis::minutes(1)));
        let over = ("date", "Thu, 01 Jan 2026 01:30:00 GMT");
        assert_eq!(signs(&[reset, over]).until_reset, Some(Millis(0)));
        let until = ("retry-after", "Thu, 01 Jan 2026 00:59:30 GMT");
        assert_eq!(signs(&[until, late]).retry_after, Some(Millis::seconds(30)));
        assert_eq!(
            signs(&[("retry-after", "7")]).retry_after,
            Some(Millis::seconds(7))
        );
        assert_eq!(signs(&[("retry-after", "soon")]).retry_after, None);
    }

    #[test]
    fn the_clocks_differ_by_more_than_the_headers_precision() {
        let skew = |date: &str| signs(&[("date", date)]).skew(NOW).map(|skew| skew.0);
        assert_eq!(skew("Thu, 01 Jan 2026 00:00:00 GMT"), Some(0));
        assert_eq!(skew("Wed, 31 Dec 2025 23:59:58 GMT"), Some(0));
        assert_eq!(skew("Thu, 01 Jan 2026 01:00:00 GMT"), Some(3_600_000));
        assert_eq!(skew("Wed, 31 Dec 2025 23:00:00 GMT"), Some(-3_600_000));
        assert_eq!(signs(&[]).skew(NOW), None);
    }

    #[test]
    fn the_budget_of_another_resource_is_ignored() {
        let search = signs(&[
            ("x-ratelimit-resource", "search"),
            ("x-ratelimit-remaining", "0"),
            ("retry-after", "5"),
        ]);
        assert_eq!(
            search,
            RateLimitHeaders {
                retry_after: Some(Millis::seconds(5)),
                ..RateLimitHeaders::default()
            }
        );
    }

    #[test]
    fn every_kind_of_limit_is_known_from_a_plain_refusal() {
        let (forbidden, many, ok, down) = (
            StatusCode::FORBIDDEN,
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::OK,
            StatusCode::SERVICE_UNAVAILABLE,
        );
        let (none, after) = (&[][..], &[("retry-after", "7")][..]);
        let empty = &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1767225630"),
        ][..];
        let both = &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1767225630"),
            ("retry-after", "7"),
        ][..];
        let left = &[
            ("x-ratelimit-remaining", "9"),
            ("x-ratelimit-reset", "1767225630"),
        ][..];
        let past = &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1767225500"),
        ][..];
        let at_once = &[("retry-after", "0")][..];
        let sign_on = &[(
            "x-github-sso",
            "required; url=https://github.com/orgs/acme/sso",
        )][..];
        let secondary = Some("You have exceeded a secondary rate limit. Please wait.");
        let abuse = Some("You have triggered an abuse detection mechanism.");
        let plain = Some("Resource not accessible by personal access token");
        let seconds = |n| Wait::For(Millis::seconds(n));
        for (status, headers, message, limit, expected) in [
            (forbidden, none, plain, false, Wait::None),
            (forbidden, left, plain, false, Wait::None),
            (forbidden, none, None, true, Wait::Unsaid),
            (forbidden, left, Some(" "), true, Wait::Unsaid),
            (forbidden, sign_on, None, false, Wait::None),
            (forbidden, past, None, true, Wait::Unsaid),
            (forbidden, past, secondary, true, Wait::Unsaid),
            (many, past, None, true, Wait::Unsaid),
            (ok, past, None, false, Wait::None),
            (forbidden, at_once, plain, true, Wait::Unsaid),
            (many, at_once, None, true, Wait::Unsaid),
            (down, at_once, None, false, Wait::None),
            (forbidden, none, secondary, true, Wait::Unsaid),
            (forbidden, left, secondary, true, Wait::Unsaid),
            (forbidden, none, abuse, true, Wait::Unsaid),
            (forbidden, after, plain, true, seconds(7)),
            (forbidden, empty, plain, true, seconds(30)),
            (forbidden, both, secondary, true, seconds(30)),
            (
                forbidden,
                &[("x-ratelimit-remaining", "0")],
                plain,
                true,
                Wait::Unsaid,
            ),
            (many, none, None, true, Wait::Unsaid),
            (many, after, None, true, seconds(7)),
            (many, empty, None, true, seconds(30)),
            (ok, none, None, false, Wait::None),
            (ok, left, None, false, Wait::None),
            (ok, empty, None, false, seconds(30)),
            (ok, after, None, false, Wait::None),
            (down, after, None, false, seconds(7)),
            (down, none, None, false, Wait::None),
        ] {
            let signs = signs(headers);
            let case = format!("{status} {headers:?} {message:?}");
            assert_eq!(is_limit(status, &signs, message), limit, "{case}");
            assert_eq!(wait(status, &signs, message), expected, "{case}");
        }
    }
}
