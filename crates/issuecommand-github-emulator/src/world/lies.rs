//! Wrong lists and corrupted rows. Single issues are shown correctly, and no `updated_at` moves.

use serde_json::{Value, json};

use super::World;
use crate::model::ListErrors;

/// How a row of a list is corrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corruption {
    /// `null` instead of the object.
    Null,
    /// An empty object.
    Empty,
    /// Numbers and strings are exchanged.
    WrongTypes,
    /// Its `id` and `number` are beyond 64 bits.
    HugeNumbers,
}

impl World {
    /// Leaves an issue or pull request out of all lists, as GitHub does for a while after a change.
    pub fn delay_in_lists(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.lie(place.repo, |lies| {
            lies.late.insert(number);
        });
    }

    /// Shows it in lists again, with its unchanged `updated_at`.
    pub fn show_in_lists(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.lie(place.repo, |lies| {
            lies.late.remove(&number);
        });
    }

    /// Makes the lists of issues and pull requests of a repository empty (200 without rows), or undoes that.
    pub fn set_lists_empty(&mut self, repo: &str, empty: bool) {
        let id = self.id_of(repo);
        self.lie(id, |lies| lies.empty = empty);
    }

    /// Overrides `open_issues_count`, or undoes that.
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

    /// Corrupts an issue, comment or review in the API, by its id; webhooks still show it correctly.
    pub fn garble(&mut self, id: u64, how: Corruption) {
        self.garbled.insert(id, how);
    }

    /// Undoes the corruption.
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
