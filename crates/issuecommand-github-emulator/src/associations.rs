//! The association of an author with a repository, in GitHub's spelling.

use std::str::FromStr;

/// `author_association` of an issue, comment or review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Association {
    /// Owns the repository.
    Owner,
    /// Member of the organisation that owns it.
    Member,
    /// Was invited to collaborate.
    Collaborator,
    /// Had a pull request merged before.
    Contributor,
    /// Writes to this repository for the first time.
    FirstTimeContributor,
    /// Writes on GitHub for the first time.
    FirstTimer,
    /// A placeholder for an unclaimed account.
    Mannequin,
    /// None of these.
    #[default]
    None,
}

impl Association {
    /// GitHub's spelling in REST and GraphQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Member => "MEMBER",
            Self::Collaborator => "COLLABORATOR",
            Self::Contributor => "CONTRIBUTOR",
            Self::FirstTimeContributor => "FIRST_TIME_CONTRIBUTOR",
            Self::FirstTimer => "FIRST_TIMER",
            Self::Mannequin => "MANNEQUIN",
            Self::None => "NONE",
        }
    }
}

impl FromStr for Association {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [
            Self::Owner,
            Self::Member,
            Self::Collaborator,
            Self::Contributor,
            Self::FirstTimeContributor,
            Self::FirstTimer,
            Self::Mannequin,
            Self::None,
        ]
        .into_iter()
        .find(|association| association.as_str() == word)
        .ok_or_else(|| format!("{word} is no author association"))
    }
}
