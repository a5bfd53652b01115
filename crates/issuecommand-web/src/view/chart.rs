//! Small charts as SVG, each with the table that it shows.

use std::fmt::Write;

use super::Html;

/// The size of the drawing.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 90.0;
/// The room for labels above and below the bars.
const TOP: f64 = 12.0;
const BOTTOM: f64 = 14.0;

/// One value a day, and perhaps a second one, which is drawn as a line.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// What the first value is, and the second one.
    pub(crate) names: (&'a str, Option<&'a str>),
    pub(crate) days: Vec<Day<'a>>,
    /// Writes a value.
    pub(crate) shown: fn(f64) -> String,
}

/// The values of a day; `None` where nothing was measured.
pub(crate) struct Day<'a> {
    pub(crate) day: &'a str,
    pub(crate) bar: Option<f64>,
    pub(crate) line: Option<f64>,
}

impl Chart<'_> {
    /// The whole figure.
    pub(crate) fn figure(&self) -> Html {
        let (bar, line) = self.names;
        let names = line.map_or(bar.to_owned(), |line| format!("{bar}, line: {line}"));
        Html::default()
            .tag("<figure><figcaption>")
            .text(self.title)
            .tag(" <span class=\"why\">")
            .text(&names)
            .tag("</span></figcaption>")
            .tag(&self.drawing())
            .tag(&self.table())
            .tag("</figure>")
    }

    /// The highest value, above 0.
    fn most(&self) -> f64 {
        let values = self
            .days
            .iter()
            .flat_map(|day| [day.bar, day.line])
            .flatten();
        values.fold(0.0, f64::max)
    }

    #[expect(clippy::cast_precision_loss, reason = "there are few days")]
    fn drawing(&self) -> String {
        let most = self.most();
        let step = WIDTH / self.days.len().max(1) as f64;
        let room = HEIGHT - TOP - BOTTOM;
        let height = |value: f64| if most > 0.0 { value / most * room } else { 0.0 };
        let summary = format!("{}: at most {}", self.title, (self.shown)(most));
        let summary = Html::default().text(&summary);
        let mut svg =
            format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{summary}\">");
        let base = HEIGHT - BOTTOM;
        let mut points = String::new();
        for (n, day) in self.days.iter().enumerate() {
            let x = n as f64 * step;
            if let Some(value) = day.bar {
                let (tall, wide) = (height(value), (step - 1.0).max(0.5));
                let y = base - tall;
                // Writing to a string cannot fail.
                let _ = write!(
                    svg,
                    "<rect class=\"b\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\"/>"
                );
            }
            if let Some(value) = day.line {
                let _ = write!(points, "{:.1},{:.1} ", x + step / 2.0, base - height(value));
            }
        }
        if !points.is_empty() {
            let _ = write!(
                svg,
                "<polyline class=\"c\" points=\"{}\"/>",
                points.trim_end()
            );
        }
        let _ = write!(
            svg,
            "<line class=\"ax\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{base}\" y2=\"{base}\"/>"
        );
        let label = |x: f64, y: f64, anchor: &str, text: &str| {
            format!(
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
                Html::default().text(text)
            )
        };
        svg.push_str(&label(0.0, 9.0, "start", &(self.shown)(most)));
        if let [first, .., last] = &self.days[..] {
            svg.push_str(&label(0.0, HEIGHT - 3.0, "start", first.day));
            svg.push_str(&label(WIDTH, HEIGHT - 3.0, "end", last.day));
        }
        svg.push_str("</svg>");
        svg
    }

    fn table(&self) -> String {
        let (bar, line) = self.names;
        let mut html = Html::default().tag("<details><summary>As a table</summary><table><thead><tr><th scope=\"col\">Day</th><th scope=\"col\">").text(bar).tag("</th>");
        if let Some(line) = line {
            html = html.tag("<th scope=\"col\">").text(line).tag("</th>");
        }
        html = html.tag("</tr></thead><tbody>");
        let shown = |value: Option<f64>| value.map_or("–".to_owned(), self.shown);
        for day in self.days.iter().rev() {
            html = html
                .tag("<tr><td>")
                .text(day.day)
                .tag("</td><td class=\"n\">")
                .text(&shown(day.bar))
                .tag("</td>");
            if line.is_some() {
                html = html
                    .tag("<td class=\"n\">")
                    .text(&shown(day.line))
                    .tag("</td>");
            }
            html = html.tag("</tr>");
        }
        html.tag("</tbody></table></details>").0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_shows_what_its_table_says() {
        let chart = Chart {
            title: "Claims <b>",
            names: ("claims", Some("merges")),
            days: vec![
                Day {
                    day: "2026-11-29",
                    bar: Some(4.0),
                    line: None,
                },
                Day {
                    day: "2026-11-30",
                    bar: Some(2.0),
                    line: Some(1.0),
                },
            ],
            shown: |value| format!("{value}"),
        };
        let html = chart.figure().0;
        assert!(html.contains("Claims &lt;b&gt;") && !html.contains("<b>"));
        assert!(
            html.contains("height=\"64.0\"") && html.contains("height=\"32.0\""),
            "{html}"
        );
        assert!(html.contains("points=\"225.0,60.0\""), "{html}");
        assert!(html.contains("<td>2026-11-30</td><td class=\"n\">2</td><td class=\"n\">1</td>"));
        assert!(html.contains("<td>2026-11-29</td><td class=\"n\">4</td><td class=\"n\">–</td>"));
    }
}
