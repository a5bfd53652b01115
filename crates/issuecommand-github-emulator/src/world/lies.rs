//! What GitHub says wrongly. Each single issue is shown as it is all the while, and none of it moves an `updated_at`.

use serde_json::{Value, json};

use super::World;
use crate::model::ListErrors;

/// What makes a row of a list unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corruption {
    /// `null` in place of the object.
    Null,
    /// An empty object.
    Empty,
    /// Numbers are words, and words are numbers.
    WrongTypes,
    /// Its `id` and `number` are beyond 64 bits.
    HugeNumbers,
}

impl World {
    /// Leaves an issue or pull request out of all lists, as GitHub does for a while after it was made or changed.
    pub fn delay_in_lists(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.lie(place.repo, |lies| {
            lies.late.insert(number);
        });
    }

    /// Lets it appear in lists, with the `updated_at` that it had all along.
    pub fn show_in_lists(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.lie(place.repo, |lies| {
            lies.late.remove(&number);
        });
    }

    /// Makes the lists of issues and pull requests of a repository come up empty (200 and no rows), or takes that back.
    pub fn set_lists_empty(&mut self, repo: &str, empty: bool) {
        let id = self.id_of(repo);
        self.lie(id, |lies| lies.empty = empty);
    }

    /// Makes `open_issues_count` say this in place of the truth, or the truth again.
    pub fn claim_open_issues(&mut self, repo: &str, count: Option<u64>) {
        let id = self.id_of(repo);
        self.lie(id, |lies| lies.open_issues = count);
    }

    fn lie(&mut self, repo: u64, change: impl FnOnce(&mut ListErrors)) {
        if let Some(repo) = self.repos.get_mut(&repo) {
            change(&mut repo.lies);
            repo.listings.forget();
        }
    }

    /// Makes what the API shows of one issue, comment or review unreadable, by its id; webhooks show it as it is.
    pub fn garble(&mut self, id: u64, how: Corruption) {
        self.garbled.insert(id, how);
    }

    /// Lets it be readable again.
    pub fn ungarble(&mut self, id: u64) {
        self.garbled.remove(&id);
    }

    /// The row as the API shows it.
    pub(crate) fn garbled(&self, id: u64, mut row: Value) -> Value {
        let Some(how) = self.garbled.get(&id) else {
            return row;
        };
        match how {
            Corruption::Null => Value::Null,
            Corruption::Empty => json!({}),
            Corruption::WrongTypes => {
                for value in row
                    .as_object_mut()
                    .into_iter()
                    .flat_map(|row| row.values_mut())
                {
                    *value = match value.take() {
                        Value::Number(number) => json!(number.to_string()),
                        Value::String(text) => json!(text.len()),
                        other => other,
                    };
                }
                row
            }
            Corruption::HugeNumbers => {
                for field in ["id", "number"] {
                    if row[field].is_number() {
                        // Twenty-one digits, which JSON allows.
                        row[field] = json!(1e21);
                    }
                }
                row
            }
        }
    }
}
