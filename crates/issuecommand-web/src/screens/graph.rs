//! What an issue waits for, and what waits for it: a drawing of two steps in each direction, with the list that it shows.

use std::collections::BTreeMap;
use std::fmt::Write;

use issuecommand_core::domain::issue::IssuePlace;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::ServiceError;
use issuecommand_wire::ApiError;

use super::CallRunner;
use crate::view::{Html, encoded};

/// How far the drawing goes.
const STEPS: i32 = 2;
/// How many issues are drawn; the list has all of that distance.
const DRAWN: usize = 40;

const COLUMN: i32 = 210;
const ROW: i32 = 40;
const BOX: (i32, i32) = (170, 28);

/// The drawing and the list; empty for an issue that waits for nothing and that nothing waits for.
pub(super) async fn render(
    asker: &CallRunner<'_>,
    repo: &str,
    number: &str,
) -> Result<String, ApiError> {
    let Ok(repo) = RepoName::parse(repo) else {
        return Ok(String::new());
    };
    let service = asker.web.service();
    let edges = service.store().open_dependencies().await;
    let edges = edges.map_err(|error| ApiError::from(&ServiceError::from(error)))?;
    let sight = service.sight(asker.caller);
    let seen = |place: &IssuePlace| sight.has(&place.repo);
    let edges: Vec<_> = edges
        .into_iter()
        .filter(|(of, by)| seen(of) && seen(by))
        .collect();
    let is_it =
        |place: &&IssuePlace| place.repo.key() == repo.key() && place.number.to_string() == number;
    let ends = edges.iter().flat_map(|(of, by)| [of, by]);
    let Some(center) = ends.clone().find(is_it).cloned() else {
        return Ok(String::new());
    };
    let places = around(&center, &edges);
    let near: Vec<_> = edges
        .iter()
        .filter(|(of, by)| places.contains_key(of) && places.contains_key(by))
        .collect();
    let list = near.iter().fold(String::new(), |mut list, (of, by)| {
        let _ = write!(list, "<li>{} waits for {}</li>", link(of), link(by));
        list
    });
    let drawn = places.len().min(DRAWN);
    let bound = if drawn < places.len() {
        format!(" · {drawn} of {} issues drawn", places.len())
    } else {
        String::new()
    };
    Ok(format!(
        "<h2>Dependencies <span>left: what it waits for; right: what waits for it{bound}</span></h2>{}<details><summary>As a list</summary><ul>{list}</ul></details>",
        drawing(&center, &places, &near)
    ))
}

/// The issues around one, each with its distance: below 0 what is waited for, above 0 what waits.
fn around(center: &IssuePlace, edges: &[(IssuePlace, IssuePlace)]) -> BTreeMap<IssuePlace, i32> {
    let mut places = BTreeMap::from([(center.clone(), 0)]);
    for step in 0..STEPS {
        let mut found = Vec::new();
        for (of, by) in edges {
            if places.get(of).is_some_and(|at| *at == -step) {
                found.push((by.clone(), -step - 1));
            }
            if places.get(by).is_some_and(|at| *at == step) {
                found.push((of.clone(), step + 1));
            }
        }
        for (place, at) in found {
            places.entry(place).or_insert(at);
        }
    }
    places
}

fn drawing(
    center: &IssuePlace,
    places: &BTreeMap<IssuePlace, i32>,
    edges: &[&(IssuePlace, IssuePlace)],
) -> String {
    let least = places.values().min().copied().unwrap_or(0);
    let most = places.values().max().copied().unwrap_or(0);
    let mut rows: BTreeMap<i32, i32> = BTreeMap::new();
    let mut at: BTreeMap<&IssuePlace, (i32, i32)> = BTreeMap::new();
    // The nearest ones first.
    let mut nearest: Vec<_> = places.iter().collect();
    nearest.sort_by_key(|(place, step)| (step.abs(), (*place).clone()));
    for (place, step) in nearest.into_iter().take(DRAWN) {
        let row = rows.entry(*step).or_default();
        at.insert(place, ((step - least) * COLUMN, *row * ROW));
        *row += 1;
    }
    let width = (most - least) * COLUMN + BOX.0 + 2;
    let height = rows.values().max().copied().unwrap_or(1) * ROW;
    let mut svg = format!(
        "<svg class=\"graph\" viewBox=\"-1 -1 {width} {height}\" role=\"group\" aria-label=\"Dependencies as a drawing\">"
    );
    for (of, by) in edges {
        if let (Some(of), Some(by)) = (at.get(of), at.get(by)) {
            let (x1, y1) = (by.0 + BOX.0, by.1 + BOX.1 / 2);
            let (x2, y2) = (of.0, of.1 + BOX.1 / 2);
            let middle = i32::midpoint(x1, x2);
            // Writing to a string cannot fail.
            let _ = write!(
                svg,
                "<path class=\"edge\" d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>"
            );
        }
    }
    for (place, (x, y)) in &at {
        let class = if *place == center { "node me" } else { "node" };
        let (wide, tall) = BOX;
        let _ = write!(
            svg,
            "<a href=\"{}\"><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{tall}\" rx=\"5\"/><text class=\"t\" x=\"{}\" y=\"{}\">{}</text></a>",
            path(place),
            x + 8,
            y + 18,
            label(place),
        );
    }
    svg.push_str("</svg>");
    svg
}

fn path(place: &IssuePlace) -> String {
    let (owner, name) = place.repo.as_str().split_once('/').unwrap_or_default();
    format!(
        "/ui/i/{}/{}/{}",
        encoded(owner),
        encoded(name),
        place.number
    )
}

/// The name of an issue, by its end if it is long.
fn label(place: &IssuePlace) -> String {
    let text = place.to_string();
    let length = text.chars().count();
    let text = match text.char_indices().nth(length.saturating_sub(24)) {
        Some((from, _)) if length > 26 => format!("…{}", &text[from..]),
        _ => text,
    };
    Html::default().text(&text).to_string()
}

fn link(place: &IssuePlace) -> String {
    let text = Html::default().text(&place.to_string());
    format!("<a href=\"{}\">{text}</a>", path(place))
}

#[cfg(test)]
mod tests {
    use issuecommand_core::domain::id::IssueNumber;

    use super::*;

    fn place(n: i64) -> IssuePlace {
        IssuePlace {
            repo: RepoName::parse("acme/web").unwrap(),
            number: IssueNumber::new(n).unwrap(),
        }
    }

    #[test]
    fn two_steps_in_each_direction_are_around_an_issue() {
        let waits = |of, by| (place(of), place(by));
        // 1 waits for 2, which waits for 3, which waits for 4; 5 waits for 1, 6 for 5, 7 for 6; 8 waits for 2 beside 1.
        let edges = [
            waits(1, 2),
            waits(2, 3),
            waits(3, 4),
            waits(5, 1),
            waits(6, 5),
            waits(7, 6),
            waits(8, 2),
        ];
        let found = around(&place(1), &edges);
        let expected = [(1, 0), (2, -1), (3, -2), (5, 1), (6, 2)];
        let expected: BTreeMap<_, _> = expected.into_iter().map(|(n, at)| (place(n), at)).collect();
        assert_eq!(found, expected);
        // A circle comes to an end.
        let circle = [waits(1, 2), waits(2, 1)];
        assert_eq!(around(&place(1), &circle).len(), 2);
    }
}
