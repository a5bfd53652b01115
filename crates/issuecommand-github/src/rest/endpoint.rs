//! A resource of the API, with the owner whose credential may see it.

use reqwest::Url;

/// Where a request goes, and whose repository it is about.
///
/// The owner is no part of every URL: GitHub's links to next pages and its redirects name a repository by its number. So an
/// endpoint that was reached from another one keeps the other's owner.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) url: Url,
    /// The login of the repository's owner; `None` for what belongs to no repository.
    pub(super) owner: Option<String>,
    /// Whether the text of a file is wanted instead of JSON.
    pub(super) raw: bool,
}

impl Endpoint {
    /// Adds parameters to the query.
    pub(super) fn with_query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    /// The same with the text of a file as the answer.
    pub(super) fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    /// The endpoint at this URL that was reached from this one.
    pub(super) fn moved_to(&self, url: Url) -> Self {
        Self {
            url,
            owner: self.owner.clone(),
            raw: self.raw,
        }
    }

    pub(super) fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}
