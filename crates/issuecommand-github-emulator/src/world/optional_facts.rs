//! Features of the server, issue types and issue fields.

use super::World;
use crate::model::{Feature, OptionalFacts, Repo};

impl World {
    /// Switches a feature on or off. All are on in a new world.
    pub fn set_feature(&mut self, feature: Feature, on: bool) {
        if on {
            self.optional.off.remove(&feature);
        } else {
            self.optional.off.insert(feature);
        }
    }

    /// Sets the type of an issue, which is created if missing, or none: `issues.typed` or `issues.untyped`.
    pub fn set_type(&mut self, repo: &str, number: u64, kind: Option<&str>) {
        let place = self.place_of(repo, number);
        self.set_type_at(place, kind);
    }

    pub(crate) fn set_type_at(&mut self, place: super::Place, kind: Option<&str>) {
        self.optional.know(kind, &std::collections::BTreeMap::new());
        let kind = kind.and_then(|name| self.optional.kind(name));
        let kind = kind.map(str::to_owned);
        self.change(place, |issue| issue.kind = kind);
    }

    /// Chooses an option of an issue field, or none; both are created if missing: `issues.field_added` or
    /// `issues.field_removed`. Only issues of organizations show their fields.
    pub fn set_field(&mut self, repo: &str, number: u64, field: &str, option: Option<&str>) {
        let place = self.place_of(repo, number);
        if let Some(option) = option {
            let fields = [(field.to_owned(), option.to_owned())].into();
            self.optional.know(None, &fields);
        }
        self.change(place, |issue| {
            match option {
                Some(option) => issue.fields.insert(field.to_owned(), option.to_owned()),
                None => issue.fields.remove(field),
            };
        });
    }

    /// Whether the server has this feature.
    pub(crate) fn has_feature(&self, feature: Feature) -> bool {
        !self.optional.off.contains(&feature)
    }

    pub(crate) fn optional(&self) -> &OptionalFacts {
        &self.optional
    }

    /// Whether the repository belongs to an organization.
    pub(crate) fn is_of_organization(&self, repo: &Repo) -> bool {
        self.user(&repo.owner)
            .is_some_and(|owner| owner.organization)
    }
}
