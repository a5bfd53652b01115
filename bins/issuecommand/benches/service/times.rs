//! How long requests took, for a person.

use std::time::Duration;

/// Prints the median and how long 95 of 100 took, and how many times the median is that of `small`. Returns the median.
pub(crate) fn report(
    what: &str,
    mut times: Vec<Duration>,
    of: &str,
    small: Option<&Duration>,
) -> Duration {
    times.sort();
    let (median, late) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    let ratio = small.map(|small| median.as_secs_f64() / small.as_secs_f64());
    let ratio = ratio.map(|ratio| format!(": {ratio:.2} times"));
    println!(
        "{what}: {median:.2?} (95 of 100 within {late:.2?}) of {of}{}",
        ratio.unwrap_or_default()
    );
    median
}
