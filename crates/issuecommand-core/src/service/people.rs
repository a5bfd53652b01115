//! Use cases of people: they halt work and let it go on.

use super::claims::unexpected;
use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::Failure;
use crate::domain::halt::{Halt, HaltKind};
use crate::engine::command::{Action, Answer, Command, HaltTarget, Missing, Outcome};

impl Service {
    /// Halts work, or lets it go on (`kind` is `None`). Returns the halt after the call. Needs a key that is bound to no agent.
    pub async fn set_halt(
        &self,
        caller: &Caller,
        target: HaltTarget,
        kind: Option<HaltKind>,
        note: Option<String>,
    ) -> ServiceResult<Option<Halt>> {
        let sees_all = caller.scope == Scope::All;
        let caller = self.scoped(caller);
        match &target {
            HaltTarget::Repo(repo) => Self::permit(&caller, repo)?,
            HaltTarget::Everything | HaltTarget::Agent(_) if sees_all => {}
            HaltTarget::Everything | HaltTarget::Agent(_) => {
                return Err(Failure::ScopeTooNarrow.into());
            }
        }
        for _ in 0..2 {
            let action = Action::SetHalt {
                target: target.clone(),
                kind,
                note: note.clone(),
            };
            match self.store.transact(Command::new(&caller, action)).await? {
                Outcome::Done(Answer::Halt(halt)) => return Ok(halt.map(|halt| *halt)),
                Outcome::Refused(refusal) => return Err(refusal.into()),
                Outcome::Missing(Missing::Repo(repo)) => self.learn_repo(&repo).await?,
                other => return Err(unexpected(&other)),
            }
        }
        Err(Failure::NotSynced.into())
    }
}
