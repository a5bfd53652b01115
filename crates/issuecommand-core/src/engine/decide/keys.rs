//! Creates and revokes keys.

use super::Context;
use super::effects::Effects;
use crate::domain::access_key::{AccessKey, KeyOutcome, NewKey};
use crate::domain::id::IdGenerator;
use crate::engine::command::{Answer, Outcome};

impl Context<'_> {
    pub(super) fn create_key(
        &self,
        new: &NewKey,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let taken = |key: &&AccessKey| key.name == new.name && key.revoked_at.is_none();
        if let Some(key) = self.view.tables.access_keys.rows().find(taken) {
            return answer(KeyOutcome::NameTaken(key.clone()));
        }
        let id = loop {
            let id = AccessKey::id_of(ids.uuid());
            if self.view.tables.access_keys.get(&id).is_none() {
                break id;
            }
        };
        let key = AccessKey {
            id,
            name: new.name.clone(),
            hash: new.hash,
            agent: new.agent.clone(),
            read_only: new.read_only,
            scope: new.scope.clone(),
            created_at: self.now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        fx.put_row(key.clone());
        answer(KeyOutcome::Made(key))
    }

    /// Revokes by id or name. A name means its present key, or else the last one that had it.
    pub(super) fn revoke_key(&self, which: &str, fx: &mut Effects<'_>) -> Outcome {
        let named = self
            .view
            .tables
            .access_keys
            .rows()
            .filter(|key| key.id == which || key.name.as_str() == which);
        let last = named.max_by_key(|key| (key.revoked_at.is_none(), key.revoked_at, &key.id));
        let Some(key) = last else {
            return answer(KeyOutcome::Unknown);
        };
        let idempotent = key.revoked_at.is_some();
        let key = AccessKey {
            revoked_at: key.revoked_at.or(Some(self.now)),
            ..key.clone()
        };
        if !idempotent {
            fx.put_row(key.clone());
        }
        answer(KeyOutcome::Revoked { key, idempotent })
    }
}

fn answer(keyed: KeyOutcome) -> Outcome {
    Outcome::Done(Answer::Key(Box::new(keyed)))
}
