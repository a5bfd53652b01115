//! The facts of an issue that older servers lack or that only some messages of GitHub say.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;

/// A fact that a message may leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Said<T> {
    /// The message does not say it, so what is known stays.
    #[default]
    Unsaid,
    /// The issue has none.
    Nothing,
    /// The issue has this.
    Is(T),
}

impl<T> Said<T> {
    /// Whether the message leaves it out.
    pub fn is_unsaid(&self) -> bool {
        matches!(self, Self::Unsaid)
    }

    /// The value, if the issue is known to have one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Unsaid | Self::Nothing => None,
        }
    }

    /// With another value. A value for which `change` gives none was not understood, so it counts as left out.
    pub fn and_then<U>(self, change: impl FnOnce(T) -> Option<U>) -> Said<U> {
        match self {
            Self::Unsaid => Said::Unsaid,
            Self::Nothing => Said::Nothing,
            Self::Is(value) => change(value).map_or(Said::Unsaid, Said::Is),
        }
    }

    /// This, or `known` if it is left out.
    fn or(self, known: &Self) -> Self
    where
        T: Clone,
    {
        if self.is_unsaid() {
            known.clone()
        } else {
            self
        }
    }
}

/// What is left out is skipped by the field's own attribute, so null means that there is none.
impl<T: Serialize> Serialize for Said<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Said<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Nothing, Self::Is))
    }
}

/// An issue by the name of its repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IssuePlace {
    /// The name of its repository.
    pub repo: RepoName,
    /// Its number there.
    pub number: IssueNumber,
}

impl fmt::Display for IssuePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.repo, self.number)
    }
}

/// How many blockers or sub-issues an issue has, including those that the credential cannot see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationCount {
    /// The open ones.
    pub open: u32,
    /// Open and closed ones.
    pub total: u32,
}

/// An issue to which a dependency or a sub-issue leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedIssue {
    /// The issue.
    pub place: IssuePlace,
    /// Whether it is open; `None` if the message does not say it.
    pub open: Option<bool>,
}

/// The facts that a message about an issue may leave out. `Unsaid` and `None` mean that it does not say the fact; the known
/// value then stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IssueFacts {
    /// The name of its type, such as `Bug`.
    #[serde(skip_serializing_if = "Said::is_unsaid")]
    pub kind: Said<String>,
    /// The issue of which it is a sub-issue. Deliveries about issues and comments do not say it.
    #[serde(skip_serializing_if = "Said::is_unsaid")]
    pub parent: Said<IssuePlace>,
    /// GitHub's word for the author's association with the repository, such as `MEMBER`. It proves no right but for `OWNER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_association: Option<String>,
    /// Whether the author is an App or a bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_bot: Option<bool>,
    /// The chosen options of the organization's issue fields by the names of the fields, such as `Priority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Its blockers. The count changes without a new `updated_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blockers: Option<RelationCount>,
    /// Its sub-issues. The count changes without a new `updated_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<RelationCount>,
}

impl IssueFacts {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These facts, and the known ones for what they leave out.
    #[must_use]
    pub fn over(self, known: &Self) -> Self {
        Self {
            kind: self.kind.or(&known.kind),
            parent: self.parent.or(&known.parent),
            author_association: (self.author_association)
                .or_else(|| known.author_association.clone()),
            author_bot: self.author_bot.or(known.author_bot),
            fields: self.fields.or_else(|| known.fields.clone()),
            blockers: self.blockers.or(known.blockers),
            children: self.children.or(known.children),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> IssueFacts {
        IssueFacts {
            kind: Said::Is("Bug".to_owned()),
            parent: Said::Is(IssuePlace {
                repo: RepoName::parse("acme/api").expect("a name"),
                number: IssueNumber::new(3).expect("a number"),
            }),
            author_association: Some("NONE".to_owned()),
            author_bot: Some(true),
            fields: Some(BTreeMap::from([("Priority".to_owned(), "High".to_owned())])),
            blockers: Some(RelationCount { open: 1, total: 2 }),
            children: Some(RelationCount { open: 0, total: 4 }),
        }
    }

    #[test]
    fn what_is_left_out_stays() {
        assert_eq!(IssueFacts::default().over(&known()), known());
        assert_eq!(known().over(&IssueFacts::default()), known());
        let said = IssueFacts {
            kind: Said::Nothing,
            blockers: Some(RelationCount { open: 0, total: 2 }),
            ..IssueFacts::default()
        };
        let after = said.over(&known());
        assert_eq!(after.kind, Said::Nothing);
        assert_eq!(after.parent, known().parent);
        assert_eq!(after.blockers.map(|count| count.open), Some(0));
    }

    #[test]
    fn a_value_that_is_not_understood_counts_as_left_out() {
        let number = |text: Said<&str>| text.and_then(|text| text.parse::<u8>().ok());
        assert_eq!(number(Said::Is("7")), Said::Is(7));
        assert_eq!(number(Said::Is("x")), Said::Unsaid);
        assert_eq!(number(Said::Nothing), Said::Nothing);
        assert_eq!(number(Said::Unsaid), Said::Unsaid);
    }
}
