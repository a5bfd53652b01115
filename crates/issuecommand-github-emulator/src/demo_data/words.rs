//! The names and texts of the demo's issues. Each repository has its own priority labels, as real ones do.

pub(super) const TEAM: [&str; 8] = [
    "mira-holm",
    "jonasberg",
    "tkowalski",
    "anikasen",
    "lucia-ferro",
    "sven-o",
    "pnguyen",
    "dariusk",
];

pub(super) const OUTSIDERS: [&str; 8] = [
    "marina-kiel",
    "old-skipper",
    "bluewater42",
    "hafenmeister-w",
    "jpdubois",
    "saltyhannah",
    "nordkap",
    "regatta-tom",
];

pub(super) const LABELS: [(&str, &str, &str); 8] = [
    ("bug", "d73a4a", "Something isn't working"),
    ("enhancement", "a2eeef", "New feature or request"),
    (
        "documentation",
        "0075ca",
        "Improvements or additions to documentation",
    ),
    ("tech-debt", "c5def5", "No change for users"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("needs-repro", "fbca04", "We could not see it ourselves yet"),
    ("dependencies", "0366d6", "Updates of libraries"),
];

pub(super) const SIDE_LABELS: [&str; 3] = ["good first issue", "help wanted", "needs-repro"];

pub(super) const PRIORITY_COLORS: [&str; 4] = ["b60205", "d93f0b", "fbca04", "c2e0c6"];

pub(super) const MILESTONES: [&str; 3] = ["v2.4", "v2.5", "Season opening"];

/// The labels for the four priorities, highest first.
pub(super) fn priorities(repo: &str) -> [&'static str; 4] {
    match repo.rsplit('/').next().unwrap_or_default() {
        "api" => ["P0", "P1", "P2", "P3"],
        "web" => [
            "priority:critical",
            "priority:high",
            "priority:medium",
            "priority:low",
        ],
        "mobile" => [
            "priority/critical",
            "priority/high",
            "priority/medium",
            "priority/low",
        ],
        "cli" => ["urgent", "prio-high", "prio-medium", "prio-low"],
        "infra" => ["sev1", "sev2", "sev3", "sev4"],
        _ => [
            "severity: critical",
            "severity: high",
            "severity: medium",
            "severity: low",
        ],
    }
}

pub(super) const VERSIONS: [&str; 6] = [
    "2.3.1",
    "2.3.4",
    "2.4.0-rc1",
    "main at 8c1f2d0",
    "2.2.9",
    "the hosted version",
];

pub(super) const OFTEN: [&str; 4] = [
    "every time",
    "about once a day",
    "twice last week",
    "on three machines",
];

pub(super) const FIRST_STEPS: [&str; 4] = [
    "Sign in as a harbour master of the demo marina.",
    "Start with an empty database and load the sample data.",
    "Take any booking of next week.",
    "Set the language to German and the time zone to Europe/Lisbon.",
];

pub(super) const SECOND_STEPS: [&str; 4] = [
    "Do what the title says, and look at the log.",
    "Do it twice, quickly.",
    "Reload, and compare with what was there before.",
    "Wait for a minute.",
];

pub(super) const ALSO_DONE: [&str; 5] = [
    "it is covered by a test",
    "the handbook has a paragraph about it",
    "the change log mentions it",
    "nothing changes for marinas that do not use it",
    "it works with the keyboard alone",
];

const BUG_REPLIES: [&str; 6] = [
    "I can reproduce this on `main`. A failing test would be a good start.",
    "This bites us in production about once a week. Raising the priority.",
    "Bisected: it came with the refactoring in March.",
    "Could you add the log lines around it? Level debug is enough.",
    "Related to the time zone work, but not the same. Let us keep both open.",
    "Happy to review a fix. Please keep it small, the rewrite can wait.",
];

const OTHER_REPLIES: [&str; 5] = [
    "Agreed in the planning meeting: small first version, then we look.",
    "Let us not make this configurable.",
    "I had started on this in spring, nothing worth keeping. Please take it.",
    "Two customers asked for it this month alone.",
    "Please split this if it grows beyond a few hundred lines.",
];

/// The team's replies to a bug, or to another issue.
pub(super) fn team_replies(to_a_bug: bool) -> &'static [&'static str] {
    if to_a_bug {
        &BUG_REPLIES
    } else {
        &OTHER_REPLIES
    }
}

pub(super) const OUTSIDER_REPLIES: [&str; 5] = [
    "+1, same here.",
    "Any news on this? The season opens in four weeks.",
    "We work around it by doing it twice, but the new colleagues never remember.",
    "Thanks for looking into it so quickly!",
    "Not sure whether it is the same, but with us it only happens on Mondays.",
];

pub(super) const BUMPS: [(&str, &str, &str); 5] = [
    ("serde", "1.0.210", "1.0.228"),
    ("tokio", "1.38.0", "1.47.1"),
    ("actions/checkout", "4", "5"),
    ("vite", "5.4.2", "6.0.3"),
    ("openssl", "3.3.1", "3.3.2"),
];
