//! Agents' commands about feedback in a random history.

use issuecommand_core::domain::followup::{Followup, FollowupStatus, WorkItemId};
use issuecommand_core::domain::id::{AgentId, IdGenerator};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::engine::command::Action;
use issuecommand_core::memory::Snapshot;
use issuecommand_testkit::builders::{agent, repo, unreachable};
use issuecommand_testkit::ids::TestIds;
use proptest::prelude::*;

use super::{AGENTS, NAMES, World};

/// One command of an agent.
#[derive(Clone, Debug)]
pub(crate) enum Answering {
    /// It asks for feedback or an issue.
    Work { who: usize, name: Option<usize> },
    /// It moves a follow-up.
    Follow {
        which: usize,
        who: Option<usize>,
        to: FollowupStatus,
    },
    /// It moves its own to the next status.
    GoOn { which: usize },
}

pub(super) fn answering() -> impl Strategy<Value = Answering> {
    let who = || 0..AGENTS.len();
    let name = prop::option::weighted(0.2, 0..3_usize);
    let other = prop_oneof![12 => Just(None), 1 => who().prop_map(Some)];
    let status = prop::sample::select(&FollowupStatus::ALL[..]);
    prop_oneof![
        12 => (who(), name).prop_map(|(who, name)| Answering::Work { who, name }),
        6 => (any::<usize>(), other, status)
            .prop_map(|(which, who, to)| Answering::Follow { which, who, to }),
        8 => any::<usize>().prop_map(|which| Answering::GoOn { which }),
    ]
}

impl World {
    /// Mostly an open follow-up, sometimes any ever seen.
    fn chosen_item<'a>(
        &self,
        which: usize,
        now: &'a Snapshot,
    ) -> (WorkItemId, Option<&'a Followup>) {
        let is_open = |item: &&Followup| !item.status.is_terminal();
        let open: Vec<&Followup> = now.followups().filter(is_open).collect();
        if !which.is_multiple_of(8) && !open.is_empty() {
            let item = open[which / 8 % open.len()];
            return (item.id, Some(item));
        }
        let id = match self.items.len() {
            0 => WorkItemId(TestIds::seeded(97).uuid()),
            n => self.items[which / 8 % n],
        };
        (id, now.followups().find(|item| item.id == id))
    }

    pub(super) fn answer(&self, what: &Answering, now: &Snapshot) -> Action {
        let who = |who: usize| agent(AGENTS[who]);
        let owner = |item: Option<&Followup>| {
            let owner = item.and_then(|item| item.owner.clone());
            owner.unwrap_or_else(|| who(0))
        };
        match what {
            Answering::Work { who: asks, name } => Action::NextWork {
                agent: who(*asks),
                filter: IssueFilter::new(name.map(|name| repo(NAMES[name])), None, None),
                checks: unreachable(),
            },
            Answering::Follow {
                which,
                who: asks,
                to,
            } => {
                let (id, item) = self.chosen_item(*which, now);
                follow(id, asks.map_or_else(|| owner(item), who), *to)
            }
            Answering::GoOn { which } => {
                let (id, item) = self.chosen_item(*which, now);
                let to = match item.map(|item| item.status) {
                    Some(FollowupStatus::InProgress) => FollowupStatus::Done,
                    _ => FollowupStatus::InProgress,
                };
                follow(id, owner(item), to)
            }
        }
    }
}

fn follow(item: WorkItemId, agent: AgentId, to: FollowupStatus) -> Action {
    Action::UpdateFollowup {
        item,
        agent,
        to,
        note: None,
    }
}
