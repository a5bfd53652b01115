//! The `Link` header of RFC 8288, as far as GitHub uses it.

use reqwest::header::{HeaderMap, LINK};

/// The target with `rel="next"`, as written in the header.
pub(super) fn next(headers: &HeaderMap) -> Option<String> {
    let links = headers
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok());
    links
        .flat_map(targets)
        .find(|(_, relations)| relations.split_ascii_whitespace().any(is_next))
        .map(|(to, _)| to.to_owned())
}

/// The number of the last page: the `page` parameter of `rel="last"`, if present.
pub(super) fn last(headers: &HeaderMap) -> Option<u64> {
    let links = headers
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let is_last = |relation: &str| relation.eq_ignore_ascii_case("last");
    let (target, _) = links
        .flat_map(targets)
        .find(|(_, relations)| relations.split_ascii_whitespace().any(is_last))?;
    let (_, query) = target.split_once('?')?;
    let page = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))?;
    page.parse().ok()
}

fn is_next(relation: &str) -> bool {
    relation.eq_ignore_ascii_case("next")
}

/// The targets of one header value with their relations. Targets and quoted parameters may contain commas and semicolons.
fn targets(value: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<')
        && let Some((target, after)) = after.split_once('>')
    {
        let (parameters, remaining) = split_unquoted(after, ',');
        found.push((target, relation(parameters).unwrap_or_default()));
        rest = remaining;
    }
    found
}

fn relation(parameters: &str) -> Option<&str> {
    let mut rest = parameters;
    while !rest.is_empty() {
        let (parameter, remaining) = split_unquoted(rest, ';');
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("rel")
        {
            return Some(value.trim().trim_matches('"'));
        }
        rest = remaining;
    }
    None
}

/// The text before and after the first such character outside of quotes.
fn split_unquoted(text: &str, at: char) -> (&str, &str) {
    let mut quoted = false;
    for (place, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            found if found == at && !quoted => {
                return (&text[..place], &text[place + at.len_utf8()..]);
            }
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(LINK, value.parse().unwrap());
        }
        next(&headers)
    }

    #[test]
    fn the_next_page_is_found_wherever_it_stands() {
        let github = r#"<https://api.github.com/repositories/1/issues?page=1>; rel="prev", <https://api.github.com/repositories/1/issues?per_page=100&page=3>; rel="next", <https://api.github.com/repositories/1/issues?page=9>; rel="last""#;
        assert_eq!(
            next_of(&[github]).as_deref(),
            Some("https://api.github.com/repositories/1/issues?per_page=100&page=3")
        );
        assert_eq!(
            next_of(&[
                "<a>; rel=last",
                "<b,c;d>;title=\"x, <y>; rel=next\";REL=\"Next\""
            ])
            .as_deref(),
            Some("b,c;d")
        );
        assert_eq!(next_of(&["<a>; rel=\"prev next\""]).as_deref(), Some("a"));
    }

    #[test]
    fn the_number_of_the_last_page_is_read() {
        let last_of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.append(LINK, value.parse().unwrap());
            last(&headers)
        };
        let link = r#"<https://h/user/repos?per_page=100&page=2>; rel="next", <https://h/user/repos?per_page=100&page=107>; rel="last""#;
        assert_eq!(last_of(link), Some(107));
        for none in [
            "<https://h/a?page=2>; rel=\"next\"",
            "<https://h/a>; rel=last",
            "<https://h/a?page=x>; rel=last",
        ] {
            assert_eq!(last_of(none), None, "{none}");
        }
    }

    #[test]
    fn the_last_page_has_no_next() {
        for none in [
            &[][..],
            &["<a>; rel=\"prev\""],
            &["<a>; rel=\"nextish\""],
            &["rel=\"next\""],
            &["<a"],
            &["<a>"],
        ] {
            assert_eq!(next_of(none), None, "{none:?}");
        }
    }
}
