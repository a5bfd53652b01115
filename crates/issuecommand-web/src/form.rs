//! Forms as browsers send them, and queries.

use url::form_urlencoded;

/// The fields of a form or of a query, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first field of this name, trimmed; `None` for a blank one.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(known, _)| known == name);
        value
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}
