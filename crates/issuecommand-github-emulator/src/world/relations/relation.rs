//! Dependencies and sub-issues: relations between two issues, which may be in different repositories.

use std::collections::HashMap;

use crate::world::changes::Place;

/// A relation from issues to issues, in the order in which its pairs were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relation {
    to: HashMap<Place, Vec<Place>>,
    from: HashMap<Place, Vec<Place>>,
}

impl Relation {
    /// The issues to which this one leads.
    pub(crate) fn to(&self, from: Place) -> &[Place] {
        self.to.get(&from).map(Vec::as_slice).unwrap_or_default()
    }

    /// The issues that lead to this one.
    pub(crate) fn from(&self, to: Place) -> &[Place] {
        self.from.get(&to).map(Vec::as_slice).unwrap_or_default()
    }

    /// Adds a pair; returns whether it is new.
    pub(crate) fn add(&mut self, from: Place, to: Place) -> bool {
        let new = !self.to(from).contains(&to);
        if new {
            self.to.entry(from).or_default().push(to);
            self.from.entry(to).or_default().push(from);
        }
        new
    }

    /// Removes a pair; returns whether it was there.
    pub(crate) fn remove(&mut self, from: Place, to: Place) -> bool {
        let known = self.to(from).contains(&to);
        for (side, one, other) in [(&mut self.to, from, to), (&mut self.from, to, from)] {
            if let Some(places) = side.get_mut(&one) {
                places.retain(|place| *place != other);
                if places.is_empty() {
                    side.remove(&one);
                }
            }
        }
        known
    }

    fn remove_all(&mut self, of: Place) {
        for to in self.to(of).to_vec() {
            self.remove(of, to);
        }
        for from in self.from(of).to_vec() {
            self.remove(from, of);
        }
    }

    fn transfer(&mut self, old: Place, new: Place) {
        let moved = |place: &mut Place| {
            if *place == old {
                *place = new;
            }
        };
        for side in [&mut self.to, &mut self.from] {
            if let Some(places) = side.remove(&old) {
                side.insert(new, places);
            }
            side.values_mut().flatten().for_each(moved);
        }
    }
}

/// All relations between issues.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relations {
    /// From a blocked issue to its blockers.
    pub(crate) blocked_by: Relation,
    /// From a parent to its sub-issues. Each sub-issue has one parent.
    pub(crate) sub_issues: Relation,
}

impl Relations {
    /// Ends all relations of a deleted issue.
    pub(crate) fn remove_all(&mut self, of: Place) {
        self.blocked_by.remove_all(of);
        self.sub_issues.remove_all(of);
    }

    /// Takes the relations of a transferred issue along.
    pub(crate) fn transfer(&mut self, old: Place, new: Place) {
        self.blocked_by.transfer(old, new);
        self.sub_issues.transfer(old, new);
    }
}
