//! Plausible data for the demo: the repositories of a small company that makes software for marinas, with about 200 issues. The
//! same seed gives the same world.

mod words;

use std::time::Duration;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use crate::{Association, NewComment, NewIssue, NewPull, NewRepo, ReviewState, StateReason, World};

/// `# owner/name | description` begins a repository, `kind | title | detail` is an issue of it.
const ISSUES: &str = include_str!("demo_data/issues.txt");

/// The age of the oldest issue.
const HISTORY: SignedDuration = SignedDuration::from_hours(300 * 24);

/// The demo's world at the default time of a new world.
pub fn demo_world(seed: u64) -> World {
    demo_world_at(seed, World::new().now())
}

/// The demo's world at `now`, with issues of the ten months before.
pub fn demo_world_at(seed: u64, now: Timestamp) -> World {
    let mut rng = Rng::with_seed(seed);
    let begin = now.saturating_sub(HISTORY).unwrap_or(now);
    let mut world = World::at(begin);
    let mut drafts = Vec::new();
    let mut repo = "";
    for line in ISSUES.lines() {
        if let Some((name, description)) = line
            .strip_prefix("# ")
            .and_then(|rest| rest.split_once(" | "))
        {
            repo = name;
            set_up(&mut world, repo, description);
        } else if let Some((kind, (title, detail))) = line
            .split_once(" | ")
            .and_then(|(kind, rest)| Some((kind, rest.split_once(" | ")?)))
        {
            drafts.push(Draft {
                repo,
                kind: Kind::from_word(kind),
                title,
                detail,
            });
        }
    }
    rng.shuffle(&mut drafts);

    // All repositories share one clock, which advances by about the same amount between issues.
    let span = HISTORY.as_secs().unsigned_abs() / (drafts.len() as u64 + 1);
    for draft in &drafts {
        pass(&mut world, now, rng.u64(span / 2..=span + span / 2));
        draft.open(&mut world, &mut rng, now);
    }
    open_pulls(&mut world, &mut rng);
    world.set_now(now);
    world
}

/// Advances the clock, but never beyond `now`.
fn pass(world: &mut World, now: Timestamp, seconds: u64) {
    let left = Duration::try_from(now.duration_since(world.now())).unwrap_or_default();
    world.advance(Duration::from_secs(seconds).min(left));
}

fn set_up(world: &mut World, repo: &str, description: &str) {
    world.add_repo(NewRepo::named(repo).description(description));
    for login in words::TEAM {
        world.add_member(repo, login, Association::Member);
    }
    for (name, color, description) in words::LABELS {
        world.add_label(repo, name, color, description);
    }
    for (rank, name) in words::priorities(repo).iter().enumerate() {
        world.add_label(repo, name, words::PRIORITY_COLORS[rank], "How soon");
    }
    for title in words::MILESTONES {
        world.add_milestone(repo, title);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bug,
    Feature,
    Chore,
    Docs,
}

impl Kind {
    fn from_word(word: &str) -> Self {
        match word {
            "feature" => Self::Feature,
            "chore" => Self::Chore,
            "docs" => Self::Docs,
            _ => Self::Bug,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::Feature => "enhancement",
            Self::Chore => "tech-debt",
            Self::Docs => "documentation",
        }
    }
}

/// An issue before random details are added.
#[derive(Debug, Clone, Copy)]
struct Draft {
    repo: &'static str,
    kind: Kind,
    title: &'static str,
    detail: &'static str,
}

impl Draft {
    fn open(self, world: &mut World, rng: &mut Rng, now: Timestamp) {
        let author = if chance(rng, 60) {
            pick(rng, &words::TEAM)
        } else {
            pick(rng, &words::OUTSIDERS)
        };
        let mut issue = NewIssue::titled(self.title)
            .by(author)
            .body(&self.body(rng))
            .label(self.kind.label());
        // Real projects give a priority to about half of their issues.
        let rank = match rng.u64(..100) {
            0..5 => Some(0),
            5..20 => Some(1),
            20..38 => Some(2),
            38..50 => Some(3),
            _ => None,
        };
        if let Some(rank) = rank {
            issue = issue.label(words::priorities(self.repo)[rank]);
        }
        if chance(rng, 12) {
            issue = issue.label(pick(rng, &words::SIDE_LABELS));
        }
        if chance(rng, 30) {
            issue = issue.milestone(pick(rng, &words::MILESTONES));
        }
        if chance(rng, 15) {
            issue = issue.assignee(pick(rng, &words::TEAM));
        }
        let number = world.open_issue(self.repo, issue);
        for _ in 0..rng.u64(..6).saturating_sub(2) {
            let (who, what) = if chance(rng, 65) {
                (
                    pick(rng, &words::TEAM),
                    pick(rng, words::team_replies(self.kind == Kind::Bug)),
                )
            } else {
                (
                    pick(rng, &words::OUTSIDERS),
                    pick(rng, &words::OUTSIDER_REPLIES),
                )
            };
            pass(world, now, rng.u64(60..=1_800));
            world.comment(self.repo, number, NewComment::saying(what).by(who));
        }
        if chance(rng, 5) {
            let reason = if chance(rng, 70) {
                StateReason::Completed
            } else {
                StateReason::NotPlanned
            };
            world.close_issue_as(self.repo, number, reason);
        }
    }

    fn body(self, rng: &mut Rng) -> String {
        let detail = self.detail;
        match self.kind {
            Kind::Bug => match rng.u64(..3) {
                0 => format!(
                    "{detail}\n\n**Steps**\n\n1. {}\n2. {}\n\n**Version**: {}\n",
                    pick(rng, &words::FIRST_STEPS),
                    pick(rng, &words::SECOND_STEPS),
                    pick(rng, &words::VERSIONS)
                ),
                1 => format!(
                    "{detail}\n\nSeen {} on {}.\n",
                    pick(rng, &words::OFTEN),
                    pick(rng, &words::VERSIONS)
                ),
                _ => format!("{detail}\n"),
            },
            Kind::Feature => format!(
                "{detail}\n\n**Done when**\n\n- [ ] it works as described\n- [ ] {}\n",
                pick(rng, &words::ALSO_DONE)
            ),
            Kind::Chore | Kind::Docs => format!("{detail}\n"),
        }
    }
}

/// Adds a few pull requests, because GitHub's issue lists contain them too.
fn open_pulls(world: &mut World, rng: &mut Rng) {
    let names: Vec<String> = world.repos().map(crate::Repo::full_name).collect();
    for repo in &names {
        let (library, from, to) = pick(rng, &words::BUMPS);
        let bump = NewIssue::titled(&format!("Bump {library} from {from} to {to}"))
            .body(&format!("Bumps {library} from {from} to {to}."))
            .by("dependabot[bot]")
            .label("dependencies");
        world.open_pull(
            repo,
            NewPull::from_branch(&format!("dependabot/{library}-{to}"), bump),
        );
        if chance(rng, 50) {
            let author = pick(rng, &words::TEAM);
            let pull = NewIssue::titled("Tidy up the test helpers")
                .by(author)
                .body("No change in behaviour.");
            let pull = world.open_pull(repo, NewPull::from_branch("tidy-tests", pull));
            let reviewer = words::TEAM
                .iter()
                .copied()
                .find(|login| *login != author)
                .unwrap_or(author);
            let words = NewComment::saying("Good idea, one question inside.").by(reviewer);
            world.review(repo, pull, ReviewState::Commented, words);
        }
    }
}

/// True with this probability in percent.
fn chance(rng: &mut Rng, percent: u64) -> bool {
    rng.u64(..100) < percent
}

/// One of `items`, which must not be empty.
fn pick<T: Copy>(rng: &mut Rng, items: &[T]) -> T {
    items[rng.usize(..items.len())]
}
