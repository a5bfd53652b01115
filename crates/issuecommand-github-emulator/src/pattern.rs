//! Patterns of routes: `GET /repos/acme/*/issues`, `* /search/**`, `/user`.

/// A method (any if absent) and a path in which `*` matches one segment and a final `**` all the rest.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    method: Option<String>,
    segments: Vec<String>,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let (method, path) = text.trim().split_once(' ').unwrap_or(("*", text.trim()));
        Self {
            method: (method != "*").then(|| method.to_ascii_uppercase()),
            segments: segments(path).map(str::to_owned).collect(),
        }
    }

    pub(crate) fn matches(&self, method: &str, path: &str) -> bool {
        if self.method.as_ref().is_some_and(|wanted| wanted != method) {
            return false;
        }
        let mut path = segments(path);
        for wanted in &self.segments {
            match (wanted.as_str(), path.next()) {
                ("**", _) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(segment)) if wanted.eq_ignore_ascii_case(segment) => {}
                _ => return false,
            }
        }
        path.next().is_none()
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn stars_stand_for_one_segment_or_all_the_rest() {
        let list = Pattern::new("GET /repos/acme/*/issues");
        assert!(list.matches("GET", "/repos/Acme/app/issues"));
        assert!(!list.matches("POST", "/repos/acme/app/issues"));
        assert!(!list.matches("GET", "/repos/acme/app/issues/4"));
        assert!(!list.matches("GET", "/repos/acme/app"));

        let all = Pattern::new("/repos/acme/**");
        assert!(all.matches("PATCH", "/repos/acme/app/issues/4"));
        assert!(all.matches("GET", "/repos/acme"), "nothing is a rest too");
        assert!(!all.matches("GET", "/user"));
    }
}
