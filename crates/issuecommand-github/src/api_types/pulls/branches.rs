//! The branches of a pull request.

use serde::Deserialize;

/// The head or base of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct BranchRef {
    pub(super) sha: Option<String>,
    #[serde(rename = "ref")]
    pub(super) branch: Option<String>,
    pub(super) repo: Option<BaseRepo>,
}

impl BranchRef {
    /// Whether both are known to be in one repository.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let homes = self.repo.as_ref().zip(other.repo.as_ref());
        homes.is_some_and(|(one, other)| one.is(other))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct BaseRepo {
    id: Option<i64>,
    full_name: Option<String>,
    pub(super) default_branch: Option<String>,
}

impl BaseRepo {
    /// Whether both are known to be one repository.
    fn is(&self, other: &Self) -> bool {
        match (self.id, other.id, &self.full_name, &other.full_name) {
            (Some(one), Some(other), _, _) => one == other,
            (_, _, Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        }
    }
}
