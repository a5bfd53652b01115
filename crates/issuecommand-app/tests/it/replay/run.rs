//! One replay of a history through one channel.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, Event as Line, EventKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::ports::store::{FollowupFilter, HistoryQuery};
use issuecommand_github_emulator::archive::{Archive, Event, EventKind as ArchiveKind};
use issuecommand_github_emulator::{ReviewState, State, World};

use super::agent_pool::AgentPool;
use crate::world::{Http, Setup, StoreKind};

/// Events between two heartbeats and sweeps.
const OFTEN: usize = 60;
/// The time between two polls, unless another event requires one.
const POLL: Millis = Millis::minutes(15);

/// The final state of a linked pull request: merged, its open follow-ups, its claims.
type PullResult = (bool, usize, Vec<(i64, String)>);

/// The result of a replay.
pub(super) struct ReplayResult {
    /// Closed issues whose claim is not closed.
    pub(super) left_behind: Vec<u64>,
    /// Merged pull requests with an open follow-up.
    pub(super) on_the_merged: Vec<i64>,
    /// Feedback on an agent's pull request that the agent was not offered.
    pub(super) not_offered: Vec<String>,
    /// Deferred deliveries that are left.
    pub(super) deliveries_lost: u64,
    pub(super) linked: BTreeMap<i64, PullResult>,
    pub(super) claims: usize,
    pub(super) offered: usize,
    given: usize,
    changes_requested: usize,
}

impl fmt::Display for ReplayResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} claims, {} pull requests of theirs, {} events of feedback on these ({} reviews that ask for changes) offered to \
             their agents, {} follow-ups given in all",
            self.claims,
            self.linked.len(),
            self.offered,
            self.changes_requested,
            self.given
        )
    }
}

/// A running replay.
pub(super) struct Replay<'a> {
    archive: &'a Archive,
    setup: Setup,
    http: Http,
    agents: AgentPool,
    hooked: bool,
    /// Feedback that arrived while its pull request belonged to an agent.
    asked: Vec<FeedbackOnClaim>,
}

/// One feedback event on an agent's pull request.
struct FeedbackOnClaim {
    id: String,
    number: u64,
    at: jiff::Timestamp,
    agents: BTreeSet<String>,
}

fn policy() -> Policy {
    Policy {
        // Everything is checked at the end, so nothing may be trimmed.
        history_max: 10_000,
        followup_max: 10_000,
        event_keep: Millis::minutes(60 * 24 * 365 * 20),
        ..Policy::default()
    }
}

fn moment(event: &Event) -> Timestamp {
    Timestamp(event.at.as_millisecond())
}

impl<'a> Replay<'a> {
    async fn begin(kind: StoreKind, archive: &'a Archive, hooked: bool) -> Self {
        let first = archive.events()[0].at;
        let before = jiff::Timestamp::from_second(first.as_second() - 60).unwrap();
        let mut world = archive.world_at(before);
        if hooked {
            world.record_deliveries();
        }
        let setup = Setup::with(kind, world, policy(), Scope::All).await;
        setup.clock.set(Timestamp(before.as_millisecond()));
        assert_eq!(setup.sync().await.failed, []);
        let http = Http::serving(&setup).await;
        let agents = AgentPool::new(archive.repo());
        Self {
            archive,
            setup,
            http,
            agents,
            hooked,
            asked: Vec::new(),
        }
    }

    /// All events by deliveries alone.
    pub(super) async fn by_webhooks(kind: StoreKind, archive: &'a Archive) -> Self {
        let mut run = Self::begin(kind, archive, true).await;
        for (n, event) in archive.events().iter().enumerate() {
            run.happens(event);
            for delivery in run.setup.github.deliveries() {
                let reply = run.http.deliver(&delivery).await;
                assert_eq!(reply.status, 202, "{delivery:?}: {reply:?}");
                assert_ne!(reply.body["reason"], "deferred", "{delivery:?}");
            }
            run.follow(std::slice::from_ref(event), n).await;
        }
        run
    }

    /// All events by polls alone.
    pub(super) async fn by_polls(kind: StoreKind, archive: &'a Archive) -> Self {
        let mut run = Self::begin(kind, archive, false).await;
        let (mut since, mut looked) = (Vec::new(), moment(&archive.events()[0]));
        for (n, event) in archive.events().iter().enumerate() {
            if moment(event) >= looked.plus(POLL) {
                // The poll that was due since the last event.
                run.look(&since, n).await;
                since.clear();
                looked = moment(event);
            }
            run.happens(event);
            since.push(event.clone());
        }
        run.look(&since, 0).await;
        run
    }

    fn happens(&self, event: &Event) {
        self.setup.clock.set(moment(event));
        let apply = |world: &mut World| self.archive.apply(event, world);
        assert!(
            self.setup.github.world(apply),
            "nobody was faster than {event}"
        );
    }

    async fn look(&mut self, since: &[Event], n: usize) {
        // However long it was quiet: agents with a pull request under review were active.
        self.agents.live(&self.setup, &self.http, false).await;
        let report = self.setup.sync().await;
        assert_eq!(report.failed, []);
        self.follow(since, n).await;
        // Pull requests that agents just named are found by the next poll.
        if since
            .iter()
            .any(|event| matches!(event.what, ArchiveKind::PullOpened(_)))
        {
            assert_eq!(self.setup.sync().await.failed, []);
            self.agents.ask(&self.setup, &self.http).await;
        }
    }

    /// The agents act on what they can know by now.
    async fn follow(&mut self, events: &[Event], n: usize) {
        for event in events {
            match &event.what {
                ArchiveKind::IssueOpened(_) => {
                    self.agents.take(&self.http, event.number).await;
                }
                ArchiveKind::PullOpened(pull) => {
                    let text = pull.issue.body.as_deref().unwrap_or_default();
                    self.agents
                        .wrote(&self.setup, &self.http, event.number, text)
                        .await;
                }
                _ => self.note(event).await,
            }
        }
        self.agents.work(&self.http).await;
        self.agents.ask(&self.setup, &self.http).await;
        if n.is_multiple_of(OFTEN) {
            self.agents.live(&self.setup, &self.http, true).await;
            let lease = self.setup.lease().await;
            self.setup.service.sweep(&lease).await.unwrap();
        }
    }

    /// Records feedback on a pull request of an agent.
    async fn note(&mut self, event: &Event) {
        let id = match &event.what {
            ArchiveKind::Commented(words) => format!("issue_comment:{}", words.id),
            ArchiveKind::Reviewed {
                state: ReviewState::ChangesRequested,
                words,
            } => format!("review:{}", words.id),
            ArchiveKind::ReviewCommented { words, .. } => format!("review_comment:{}", words.id),
            _ => return,
        };
        let number = i64::try_from(event.number).unwrap();
        let claims = self.agents.claims(&self.setup).await;
        let of_it = |claim: &&Claim| {
            claim.status != ClaimStatus::Stale
                && claim.pull.is_some_and(|(_, pull)| pull.get() == number)
        };
        let agents: BTreeSet<String> = claims
            .iter()
            .filter(of_it)
            .map(|claim| claim.agent.as_str().to_owned())
            .collect();
        if !agents.is_empty() {
            self.asked.push(FeedbackOnClaim {
                id,
                number: event.number,
                at: event.at,
                agents,
            });
        }
    }

    /// Whether the agent had to be offered it: not if it was resolved before it could be seen.
    fn is_owed(&self, asked: &FeedbackOnClaim, lived: &BTreeSet<String>) -> bool {
        if lived.contains(&asked.id) {
            return true;
        }
        let on_it = self.archive.events().iter();
        let mut on_it = on_it.filter(|event| event.number == asked.number);
        let answers = |event: &Event| match event.what {
            ArchiveKind::PullPushed { .. } if self.hooked => event.at == asked.at,
            ArchiveKind::PullPushed { .. } => event.at >= asked.at,
            ArchiveKind::PullMerged { .. } | ArchiveKind::PullClosed => {
                !self.hooked || event.at <= asked.at
            }
            _ => false,
        };
        !on_it.any(answers)
    }

    pub(super) async fn end(mut self) -> ReplayResult {
        // Refetches are done by now, and agents finish what they began.
        assert_eq!(self.setup.sync().await.failed, []);
        while !self.agents.is_done() {
            self.agents.work(&self.http).await;
            self.agents.ask(&self.setup, &self.http).await;
        }
        let store = &self.setup.store;
        let lines = store.events_after(0, 1_000_000).await.unwrap();
        let given = never_two_on_one(&lines);
        let open = store.followups(&FollowupFilter::default()).await.unwrap();
        let query = HistoryQuery {
            limit: 10_000,
            ..HistoryQuery::default()
        };
        let mut claims = store.history(&query).await.unwrap();
        let ended = claims.len();
        claims.extend(self.agents.claims(&self.setup).await);
        let repo = self.archive.repo();
        let is = |number: i64, what: &dyn Fn(&issuecommand_github_emulator::Issue) -> bool| {
            let number = u64::try_from(number).unwrap();
            self.setup
                .github
                .world(|world| world.issue(repo, number).is_some_and(what))
        };
        let merged = |number: i64| {
            is(number, &|issue| {
                issue
                    .pull
                    .as_ref()
                    .is_some_and(|pull| pull.merged_at.is_some())
            })
        };
        let closed = |number: i64| is(number, &|issue| issue.state == State::Closed);
        let left_behind = claims[ended..].iter().map(|claim| claim.number.get());
        let left_behind = left_behind.filter(|number| closed(*number));
        let mut linked: BTreeMap<i64, PullResult> = BTreeMap::new();
        for claim in &claims {
            let Some((_, number)) = claim.pull else {
                continue;
            };
            let number = number.get();
            let on_it = open
                .iter()
                .filter(|item| item.number.get() == number)
                .count();
            let end = linked
                .entry(number)
                .or_insert_with(|| (merged(number), on_it, Vec::new()));
            end.2.push((claim.number.get(), claim.status.to_string()));
            end.2.sort();
        }
        let lived = lived(&lines);
        let had = |asked: &FeedbackOnClaim| {
            let mut agents = asked
                .agents
                .iter()
                .filter_map(|agent| self.agents.offered.get(agent));
            agents.any(|had| had.contains(&asked.id))
        };
        let offered: Vec<&FeedbackOnClaim> = self.asked.iter().filter(|asked| had(asked)).collect();
        let not_offered = self
            .asked
            .iter()
            .filter(|asked| !had(asked) && self.is_owed(asked, &lived));
        let reviews = offered
            .iter()
            .filter(|asked| asked.id.starts_with("review:"));
        ReplayResult {
            left_behind: left_behind
                .map(|number| u64::try_from(number).unwrap())
                .collect(),
            on_the_merged: open
                .iter()
                .map(|item| item.number.get())
                .filter(|number| merged(*number))
                .collect(),
            not_offered: not_offered.map(|asked| asked.id.clone()).collect(),
            deliveries_lost: {
                let health = store.health(&Scope::All).await.unwrap();
                health.deferred_deliveries + health.dead_deliveries
            },
            linked,
            claims: claims.len(),
            changes_requested: reviews.count(),
            offered: offered.len(),
            given,
        }
    }
}

/// Checks by the log that no two agents held one pull request at the same time. Returns how often one was handed out.
fn never_two_on_one(lines: &[Line]) -> usize {
    let mut held: BTreeMap<IssueNumber, BTreeMap<String, String>> = BTreeMap::new();
    let mut given = 0;
    for line in lines {
        let (Some(item), Some(pull)) = (line.item, line.pull) else {
            continue;
        };
        let holds = match (line.kind, &line.details) {
            (EventKind::FollowupClaimed, _) => true,
            (_, Details::FollowupMoved { status, .. }) => status.is_held(),
            _ => continue,
        };
        let on = held.entry(pull).or_default();
        if !holds {
            on.remove(&item.to_string());
            continue;
        }
        let who = line.agent.as_ref().unwrap().as_str().to_owned();
        given += usize::from(line.kind == EventKind::FollowupClaimed);
        on.insert(item.to_string(), who.clone());
        assert!(
            on.values().all(|other| *other == who),
            "two on {pull}: {on:?}"
        );
    }
    given
}

/// Every event that became part of a follow-up.
fn lived(lines: &[Line]) -> BTreeSet<String> {
    let name = |line: &Line| match &line.details {
        Details::FollowupCreated { source, .. } => Some(source.to_string()),
        Details::FollowupMoved {
            note: Some(note), ..
        } => note.strip_suffix(" joined").map(str::to_owned),
        _ => None,
    };
    lines.iter().filter_map(name).collect()
}
