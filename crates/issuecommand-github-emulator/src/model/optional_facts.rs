//! What not every server has: dependencies, sub-issues, issue types and issue fields.

use std::collections::{BTreeMap, BTreeSet};

/// A feature that GitHub Enterprise Server lacks in older versions. Without it its paths answer 404, its fields are missing from
/// all rows, and it sends no deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// `blocked_by` and `blocking`, from 3.19.
    Dependencies,
    /// Sub-issues and parents, from 3.17.
    SubIssues,
    /// Issue types, from 3.18.
    IssueTypes,
    /// Issue fields of organizations, from 3.21.
    IssueFields,
}

/// An issue field with a single choice, such as `Priority`.
#[derive(Debug, Clone)]
pub(crate) struct FieldSetup {
    pub(crate) name: String,
    /// The names of its options in the order of their creation.
    pub(crate) options: Vec<String>,
}

/// The features that are switched off, and the types and fields that issues may have.
#[derive(Debug, Clone)]
pub(crate) struct OptionalFacts {
    pub(crate) off: BTreeSet<Feature>,
    /// The names of all issue types.
    pub(crate) kinds: Vec<String>,
    pub(crate) fields: Vec<FieldSetup>,
}

impl Default for OptionalFacts {
    /// All features, with the types that GitHub gives to a new organization.
    fn default() -> Self {
        Self {
            off: BTreeSet::new(),
            kinds: ["Task", "Bug", "Feature"].map(str::to_owned).to_vec(),
            fields: Vec::new(),
        }
    }
}

impl OptionalFacts {
    /// Creates the type, the fields and the options that are missing.
    pub(crate) fn know(&mut self, kind: Option<&str>, fields: &BTreeMap<String, String>) {
        if let Some(kind) = kind
            && self.kind(kind).is_none()
        {
            self.kinds.push(kind.to_owned());
        }
        for (name, option) in fields {
            let known = self.fields.iter().position(|field| field.name == *name);
            let place = known.unwrap_or_else(|| {
                self.fields.push(FieldSetup {
                    name: name.clone(),
                    options: Vec::new(),
                });
                self.fields.len() - 1
            });
            let options = &mut self.fields[place].options;
            if !options.contains(option) {
                options.push(option.clone());
            }
        }
    }

    /// The name of a type as it was created, by a name in any case.
    pub(crate) fn kind(&self, name: &str) -> Option<&str> {
        let mut kinds = self.kinds.iter();
        kinds
            .find(|kind| kind.eq_ignore_ascii_case(name))
            .map(String::as_str)
    }
}
