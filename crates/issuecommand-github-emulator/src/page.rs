//! Pages of a list and their `Link` header, in GitHub's order of relations and with the repository's id instead of its name.

use std::fmt::Write as _;

/// The requested rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) number: usize,
    pub(crate) size: usize,
}

impl Page {
    /// GitHub's default is 30 rows, and the maximum 100.
    pub(crate) fn asked(per_page: Option<&str>, page: Option<&str>) -> Self {
        let number = |text: Option<&str>| {
            text.and_then(|text| text.parse().ok())
                .filter(|number| *number > 0)
        };
        Self {
            number: number(page).unwrap_or(1),
            size: number(per_page).unwrap_or(30).min(100),
        }
    }

    /// The rows of this page.
    pub(crate) fn of<T>(self, rows: &[T]) -> &[T] {
        let start = (self.number - 1).saturating_mul(self.size).min(rows.len());
        let end = start.saturating_add(self.size).min(rows.len());
        &rows[start..end]
    }

    /// The `Link` header for a list of `total` rows; `None` if there is only one page.
    pub(crate) fn links(
        self,
        total: usize,
        address: &str,
        query: &[(String, String)],
    ) -> Option<String> {
        let last = total.div_ceil(self.size).max(1);
        let mut targets = Vec::new();
        if self.number > 1 {
            targets.push(("prev", (self.number - 1).min(last)));
        }
        if self.number < last {
            targets.push(("next", self.number + 1));
            targets.push(("last", last));
        }
        if self.number > 1 {
            targets.push(("first", 1));
        }
        let links: Vec<String> = targets
            .into_iter()
            .map(|(relation, page)| {
                format!(
                    "<{address}?{}>; rel=\"{relation}\"",
                    with(query, &[("page", &page.to_string())])
                )
            })
            .collect();
        (!links.is_empty()).then(|| links.join(", "))
    }
}

/// The query with some parameters replaced in place or appended.
pub(crate) fn with(query: &[(String, String)], set: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut set = set.to_vec();
    for (name, value) in query {
        let new = set
            .iter()
            .position(|(set, _)| set == name)
            .map(|place| set.remove(place).1);
        push(&mut text, name, new.unwrap_or(value));
    }
    for (name, value) in set {
        push(&mut text, name, value);
    }
    text
}

fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                query.push(char::from(byte));
            }
            other => {
                // Writing into a string cannot fail.
                let _ = write!(query, "%{other:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn rows_are_cut_at_both_ends() {
        let rows: Vec<u32> = (0..7).collect();
        assert_eq!(Page { number: 2, size: 3 }.of(&rows), [3, 4, 5]);
        assert_eq!(Page { number: 3, size: 3 }.of(&rows), [6]);
        assert!(Page { number: 9, size: 3 }.of(&rows).is_empty());
    }

    #[test]
    fn links_are_written_as_github_writes_them() {
        let query = query(&[
            ("state", "all"),
            ("page", "2"),
            ("since", "2026-01-01T00:00:00Z"),
        ]);
        let links = Page {
            number: 2,
            size: 10,
        }
        .links(31, "http://h/repositories/1/issues", &query);
        let page = |n| {
            format!(
                "<http://h/repositories/1/issues?state=all&page={n}&since=2026-01-01T00%3A00%3A00Z>"
            )
        };
        assert_eq!(
            links,
            Some(format!(
                "{}; rel=\"prev\", {}; rel=\"next\", {}; rel=\"last\", {}; rel=\"first\"",
                page(1),
                page(3),
                page(4),
                page(1)
            ))
        );
    }

    #[test]
    fn one_page_has_no_links_and_the_last_has_no_next() {
        assert_eq!(
            Page {
                number: 1,
                size: 30
            }
            .links(30, "http://h/x", &[]),
            None
        );
        let last = Page {
            number: 2,
            size: 30,
        }
        .links(31, "http://h/x", &[])
        .unwrap_or_default();
        assert!(
            last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""),
            "{last}"
        );
    }

    #[test]
    fn sizes_are_github_s() {
        assert_eq!(
            Page::asked(Some("500"), None),
            Page {
                number: 1,
                size: 100
            }
        );
        assert_eq!(
            Page::asked(Some("0"), Some("x")),
            Page {
                number: 1,
                size: 30
            }
        );
    }
}
