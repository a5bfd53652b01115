//! The last days in pictures, below Now: from the figures that the service keeps a day.

use issuecommand_wire::ApiError;
use issuecommand_wire::call::GetStatistics;
use issuecommand_wire::record::{DayRecord, SpreadRecord};

use super::CallRunner;
use crate::view::{Chart, Day, Html, duration};

/// How many days are shown.
const DAYS: &str = "30";

#[expect(clippy::cast_precision_loss, reason = "pictures need no more")]
fn number(count: u64) -> f64 {
    count as f64
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

fn tenths(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a figure")]
fn time(seconds: f64) -> String {
    duration(seconds as i64)
}

/// The figures; empty while there is nothing to show.
pub(super) async fn render(asker: &CallRunner<'_>, repo: Option<&str>) -> Result<String, ApiError> {
    let answer = asker
        .ask::<GetStatistics>(&[("days", Some(DAYS)), ("repo", repo)])
        .await?;
    let days = answer.statistics.days;
    if days
        .iter()
        .all(|day| day.claims == 0 && day.merges == 0 && day.queue.is_none())
    {
        return Ok(String::new());
    }
    let chart = |title,
                 names,
                 shown: fn(f64) -> String,
                 values: fn(&DayRecord) -> (Option<f64>, Option<f64>)| {
        let days = days.iter().map(|day| {
            let (bar, line) = values(day);
            Day {
                day: &day.day,
                bar,
                line,
            }
        });
        Chart {
            title,
            names,
            days: days.collect(),
            shown,
        }
        .figure()
    };
    let figures = [
        chart(
            "Claims and merges",
            ("claims", Some("merges")),
            whole,
            |day| (Some(number(day.claims)), Some(number(day.merges))),
        ),
        chart(
            "From claim to merge",
            ("median", Some("90 %")),
            time,
            |day| both(day.claim_to_merge.as_ref()),
        ),
        chart(
            "From review to answer",
            ("median", Some("90 %")),
            time,
            |day| both(day.review_to_answer.as_ref()),
        ),
        chart(
            "Ready to take",
            ("on average", Some("at most")),
            tenths,
            |day| {
                let level = day.queue.as_ref();
                (
                    level.map(|level| level.average),
                    level.map(|level| number(level.most)),
                )
            },
        ),
        chart(
            "Agents at work",
            ("on average", Some("at most")),
            tenths,
            |day| {
                let level = day.agents.as_ref();
                (
                    level.map(|level| level.average),
                    level.map(|level| number(level.most)),
                )
            },
        ),
    ];
    let figures: String = figures.iter().map(Html::to_string).collect();
    Ok(format!(
        "<h2>The last {DAYS} days</h2><div class=\"charts\">{figures}</div>"
    ))
}

fn both(spread: Option<&SpreadRecord>) -> (Option<f64>, Option<f64>) {
    (
        spread.map(|spread| number(spread.median_seconds)),
        spread.map(|spread| number(spread.p90_seconds)),
    )
}
