//! A GitHub of ten repositories whose lists are wrong while that is switched on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{
    CommentList, Issue, IssueLookup, IssueState, WithheldReason,
};
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::pull_request::{LinkedPull, ListedPull, PullValidators};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::ports::github::{
    Budget, Fetched, GitHub, IssueList, IssuePage, PullRequestUpdates, UnreadableRow, Written,
};
use issuecommand_testkit::builders::{facts, issue, number};
use issuecommand_testkit::clock::TestClock;

/// Their names, in lower case.
pub(crate) const REPOS: [&str; 10] = [
    "acme/a", "acme/b", "acme/c", "acme/d", "acme/e", "acme/f", "acme/g", "acme/h", "acme/i",
    "acme/j",
];

/// Rows on a page: few, so that lists have several pages.
const PAGE: usize = 5;

/// A random number generator.
#[derive(Debug)]
pub(crate) struct Random(Mutex<u64>);

impl Random {
    pub(crate) fn below(&self, n: i64) -> i64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) % n.unsigned_abs()).unwrap()
    }

    fn one_in(&self, n: i64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Debug)]
struct ActualIssue {
    issue: Issue,
    /// When it was last closed, by our clock.
    closed_at: Option<Timestamp>,
    deleted: bool,
}

#[derive(Debug, Default)]
struct ActualRepo {
    issues: BTreeMap<i64, ActualIssue>,
    /// Pull requests: whether each is open, and when it changed.
    pulls: BTreeMap<i64, (bool, Timestamp)>,
}

#[derive(Debug)]
struct World {
    places: BTreeMap<String, ActualRepo>,
    now: Timestamp,
    lying: bool,
    /// The one failing repository.
    failing: usize,
    /// No request is answered.
    mute: bool,
    told: BTreeMap<&'static str, u32>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct LyingGithub {
    world: Mutex<World>,
    clock: Arc<TestClock>,
    random: Random,
}

impl LyingGithub {
    pub(crate) fn new(clock: Arc<TestClock>, seed: u64) -> Self {
        // GitHub's clock is 100 days behind ours from the start.
        let now = clock.now().minus(Millis::minutes(100 * 24 * 60));
        let now = Timestamp(now.0 / 1000 * 1000);
        let world = World {
            places: REPOS
                .iter()
                .map(|name| ((*name).to_owned(), ActualRepo::default()))
                .collect(),
            now,
            lying: true,
            failing: 0,
            mute: false,
            told: BTreeMap::new(),
        };
        let github = Self {
            world: Mutex::new(world),
            clock,
            random: Random(Mutex::new(seed)),
        };
        for name in REPOS {
            for _ in 0..8 {
                github.open(name);
            }
        }
        github
    }

    /// Changes the world at random.
    pub(crate) fn round(&self) -> &Random {
        let (random, ours) = (&self.random, self.clock.now());
        {
            let mut world = self.world.lock().unwrap();
            world.mute = world.lying && random.one_in(15);
            if random.one_in(30) {
                world.failing = usize::try_from(random.below(10)).unwrap();
            }
        }
        let name = REPOS[usize::try_from(random.below(10)).unwrap()];
        match random.below(8) {
            0 | 1 => self.open(name),
            2 => {
                let mut world = self.world.lock().unwrap();
                let now = world.tick(random);
                let place = world.places.get_mut(name).unwrap();
                let n = place.next();
                place.pulls.insert(n, (true, now));
            }
            3 => {
                let mut world = self.world.lock().unwrap();
                let now = world.tick(random);
                let pulls = &mut world.places.get_mut(name).unwrap().pulls;
                if let Some(pull) = pulls.values_mut().find(|pull| pull.0) {
                    *pull = (false, now);
                }
            }
            what => {
                let mut world = self.world.lock().unwrap();
                let now = world.tick(random);
                let place = world.places.get_mut(name).unwrap();
                let n = random.below(place.next());
                let Some(truth) = place.issues.get_mut(&n).filter(|truth| !truth.deleted) else {
                    return random;
                };
                truth.issue.updated_at = now;
                match (what, truth.issue.state) {
                    (4 | 5, IssueState::Open) => {
                        truth.issue.state = IssueState::Closed;
                        truth.closed_at = Some(ours);
                    }
                    (4 | 5, IssueState::Closed) => truth.issue.state = IssueState::Open,
                    (6, _) => truth.issue.title = format!("Edited at {now}"),
                    _ => truth.deleted = random.one_in(4),
                }
            }
        }
        random
    }

    fn open(&self, name: &str) {
        let mut world = self.world.lock().unwrap();
        let now = world.tick(&self.random);
        let place = world.places.get_mut(name).unwrap();
        let n = place.next();
        let mut opened = issue(n).build();
        (opened.created_at, opened.updated_at) = (now, now);
        let truth = ActualIssue {
            issue: opened,
            closed_at: None,
            deleted: false,
        };
        place.issues.insert(n, truth);
    }

    pub(crate) fn lie(&self, lying: bool) {
        let mut world = self.world.lock().unwrap();
        world.lying = lying;
        world.mute &= lying;
    }

    pub(crate) fn lies_told(&self) -> BTreeMap<&'static str, u32> {
        self.world.lock().unwrap().told.clone()
    }

    pub(crate) fn is_open(&self, name: &str, n: IssueNumber) -> bool {
        let world = self.world.lock().unwrap();
        let truth = world.places[name].issues.get(&n.get());
        truth.is_some_and(|truth| !truth.deleted && truth.issue.state == IssueState::Open)
    }

    pub(crate) fn closed_since(&self, name: &str, n: IssueNumber, moment: Timestamp) -> bool {
        let world = self.world.lock().unwrap();
        let closed = world.places[name].issues[&n.get()].closed_at;
        closed.is_some_and(|at| at >= moment)
    }

    pub(crate) fn open_issues(&self, name: &str) -> Vec<Issue> {
        let world = self.world.lock().unwrap();
        let shown = world.places[name].issues.values();
        let open = shown.filter(|truth| !truth.deleted && truth.issue.state == IssueState::Open);
        open.map(|truth| truth.issue.clone()).collect()
    }

    fn facts(&self, world: &mut World, at: usize) -> RepoSnapshot {
        let place = &world.places[REPOS[at]];
        let issues = place.issues.values();
        let open = issues.filter(|truth| !truth.deleted && truth.issue.state == IssueState::Open);
        let pulls = place.pulls.values().filter(|pull| pull.0);
        let count = open.count() + pulls.count();
        let mut facts = facts(REPOS[at]);
        facts.github_id = i64::try_from(at).unwrap() + 1;
        facts.open_count = i64::try_from(count).unwrap();
        if world.lies(&self.random, 10, "wrong count") {
            facts.open_count += self.random.below(9) - 4;
        }
        facts
    }
}

impl World {
    /// Every change has a time of its own.
    fn tick(&mut self, random: &Random) -> Timestamp {
        self.now = self.now.plus(Millis::seconds(1 + random.below(300)));
        self.now
    }

    fn lies(&mut self, random: &Random, odds: i64, what: &'static str) -> bool {
        let lies = self.lying && random.one_in(odds);
        if lies {
            *self.told.entry(what).or_default() += 1;
        }
        lies
    }
}

impl ActualRepo {
    fn next(&self) -> i64 {
        let last = |keys: Option<&i64>| keys.copied().unwrap_or(0);
        last(self.issues.keys().last()).max(last(self.pulls.keys().last())) + 1
    }
}

fn broken(kind: GithubErrorKind) -> GithubError {
    GithubError {
        kind,
        retry_after: None,
        status: None,
        detail: "a lie".to_owned(),
    }
}

fn place_of(name: &RepoName) -> Result<usize, GithubError> {
    let at = REPOS.iter().position(|known| *known == name.key());
    at.ok_or_else(|| broken(GithubErrorKind::NotFound))
}

/// A row of a list: of an issue, or of a pull request with its state.
type Row = (Timestamp, IssueNumber, Option<Issue>, bool);

#[async_trait]
impl GitHub for LyingGithub {
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError> {
        let mut world = self.world.lock().unwrap();
        if world.mute {
            return Err(broken(GithubErrorKind::Unreachable));
        }
        Ok((0..REPOS.len())
            .map(|at| self.facts(&mut world, at))
            .collect())
    }

    async fn repo(&self, name: &RepoName) -> Result<RepoSnapshot, GithubError> {
        let mut world = self.world.lock().unwrap();
        if world.mute {
            return Err(broken(GithubErrorKind::Unreachable));
        }
        Ok(self.facts(&mut world, place_of(name)?))
    }

    async fn issues(
        &self,
        name: &RepoName,
        list: IssueList,
        page: Option<&str>,
        _etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        let at = place_of(name)?;
        let random = &self.random;
        let mut world = self.world.lock().unwrap();
        if world.mute {
            return Err(broken(GithubErrorKind::Unreachable));
        }
        if at == world.failing && world.lies(random, 1, "failing repository") {
            return Err(broken(GithubErrorKind::Unreachable));
        }
        if world.lies(random, 12, "empty list") {
            return Ok(Fetched::New(IssuePage::default()));
        }
        let wanted = |open: bool, at: Timestamp| match list {
            IssueList::Open => open,
            IssueList::ChangedSince(since) => at >= since,
        };
        let place = &world.places[REPOS[at]];
        let mut rows: Vec<Row> = Vec::new();
        for truth in place.issues.values().filter(|truth| !truth.deleted) {
            let (row, open) = (&truth.issue, truth.issue.state == IssueState::Open);
            if wanted(open, row.updated_at) {
                rows.push((row.updated_at, row.number, Some(row.clone()), open));
            }
        }
        for (n, (open, at)) in &place.pulls {
            if wanted(*open, *at) {
                rows.push((*at, number(*n), None, *open));
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.0));
        if world.lies(random, 6, "late rows") {
            rows.retain(|_| !random.one_in(4));
        }
        let from: usize = page.map_or(0, |page| page.parse().unwrap());
        let circle = world.lies(random, 20, "circle");
        let bad = world.lies(random, 10, "bad row");
        let mut told = IssuePage {
            newest: rows.get(from).map(|row| row.0),
            ..IssuePage::default()
        };
        if from + PAGE < rows.len() {
            told.next = Some((from + PAGE).to_string());
        } else if circle {
            told.next = Some(PAGE.to_string());
        }
        for (n, row) in rows.into_iter().skip(from).take(PAGE).enumerate() {
            match row {
                (_, number, ..) if bad && n == 0 => told.unreadable.push(UnreadableRow {
                    number: random.one_in(2).then_some(number),
                    reason: "a lie".to_owned(),
                }),
                (_, _, Some(issue), _) => told.issues.push(issue),
                (_, number, None, open) => told.pulls.push(ListedPull { number, open }),
            }
        }
        Ok(Fetched::New(told))
    }

    async fn issue(
        &self,
        name: &RepoName,
        n: IssueNumber,
        _etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        let world = self.world.lock().unwrap();
        if world.mute {
            return Err(broken(GithubErrorKind::Unreachable));
        }
        let place = &world.places[REPOS[place_of(name)?]];
        if place.pulls.contains_key(&n.get()) {
            return Ok(IssueLookup::PullRequest);
        }
        Ok(match place.issues.get(&n.get()) {
            Some(truth) if !truth.deleted => IssueLookup::Issue {
                issue: Box::new(truth.issue.clone()),
                etag: None,
            },
            _ => IssueLookup::Withheld(WithheldReason::Gone),
        })
    }

    async fn comments(&self, _: &RepoName, _: IssueNumber) -> Result<CommentList, GithubError> {
        Ok(CommentList::default())
    }

    async fn pull_news(&self, _: &LinkedPull) -> Result<PullRequestUpdates, GithubError> {
        Ok(PullRequestUpdates {
            meanings: Vec::new(),
            validators: PullValidators::default(),
            unreadable: Vec::new(),
        })
    }

    async fn viewer(&self) -> Result<String, GithubError> {
        Ok("octo".to_owned())
    }

    async fn write(&self, _: &Write) -> Result<Written, GithubError> {
        Err(broken(GithubErrorKind::Refused))
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }

    fn skew(&self) -> Millis {
        Millis(self.world.lock().unwrap().now.0 - self.clock.now().0)
    }
}
