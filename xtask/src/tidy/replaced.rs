//! Names of types that were replaced by standard terms and must not come back. `docs/glossary.md` has the terms.

use super::{File, rust::has_extension};

/// A replaced name, and its term.
const REPLACED: &[(&str, &str)] = &[
    ("Admitted", "Authenticated"),
    ("Answered", "WithWarnings"),
    ("Asked", "ParsedCall"),
    ("AtWork", "RunningTool"),
    ("BadSettings", "InvalidSettings"),
    ("Behind", "BehindPgBouncer"),
    ("Bouncer", "PgBouncer"),
    ("Buckets", "KeyedLimiter"),
    ("Crew", "AgentPool"),
    ("Deed", "GithubAction"),
    ("DeliveryRow", "StoredDelivery"),
    ("Departed", "FormerIssue"),
    ("Desk", "Assignments"),
    ("Doubt", "WithheldReason"),
    ("EndRow", "BranchRef"),
    ("Ending", "Resolution"),
    ("Eye", "Poller"),
    ("Face", "SharedState"),
    ("FollowupStatusWord", "FollowupStatusName"),
    ("Garble", "Corruption"),
    ("Gate", "RateLimiter"),
    ("Happened", "Coverage"),
    ("Holds", "Contents"),
    ("HomeRow", "BaseRepo"),
    ("Ids", "IdGenerator"),
    ("IfUnset", "DefaultValue"),
    ("InputError", "ParamError"),
    ("Judge", "Invariants"),
    ("Keyed", "KeyOutcome"),
    ("Liar", "LyingGithub"),
    ("Lies", "ListErrors"),
    ("LinkedOut", "LinkedPullRow"),
    ("Meaning", "GithubEvent"),
    ("Misfit", "IgnoredParam"),
    ("Mood", "FakeBehaviour"),
    ("Moved", "ImportedData"),
    ("Needs", "ReadSet"),
    ("NoBody", "ErrorBody"),
    ("Office", "KeyFixture"),
    ("PullFacts", "PullRequestSnapshot"),
    ("PullGlance", "PullRequestRef"),
    ("PullNews", "PullRequestUpdates"),
    ("Rank", "Priority"),
    ("Refusals", "RejectionLog"),
    ("Remembered", "IdempotencyRecord"),
    ("RepoFacts", "RepoSnapshot"),
    ("RepoSeen", "RepoRef"),
    ("Rhythm", "Intervals"),
    ("Room", "SizeLimits"),
    ("SaidRow", "ReviewOrComment"),
    ("Scene", "Fixture"),
    ("Shelf", "FaultyStore"),
    ("ShownOut", "FollowupWithOwnerRow"),
    ("Shut", "Blocked"),
    ("Signs", "RateLimitHeaders"),
    ("SourceRow", "KnownSource"),
    ("SourceWord", "SourceKindName"),
    ("Speaker", "Account"),
    ("StatusWord", "ClaimStatusName"),
    ("Storable", "NulReplacingFormatter"),
    ("SyncTally", "SyncStats"),
    ("Texts", "BoundedTexts"),
    ("Told", "SentDelivery"),
    ("Touched", "Dirty"),
    ("Unproven", "SignatureError"),
    ("Watched", "ObservedTransport"),
    ("Way", "Channel"),
    ("Ways", "Failover"),
    ("Whereabouts", "DeliveryLocation"),
    ("Whose", "FileKind"),
    ("Why", "FailureCause"),
    ("WireNo", "ApiError"),
    ("Wish", "CallCase"),
    ("Writes", "WriteBatch"),
];

/// The keywords that define a type.
const KEYWORDS: [&str; 4] = ["struct", "enum", "trait", "type"];

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| has_extension(&file.path, "rs")) {
        for (at, line) in file.text.lines().enumerate() {
            let Some(name) = defined(line) else { continue };
            if let Some((_, term)) = REPLACED.iter().find(|(replaced, _)| *replaced == name) {
                let path = &file.path;
                found.push(format!(
                    "{path}:{}: `{name}` was replaced by a term that can be searched for, `{term}`",
                    at + 1
                ));
            }
        }
    }
    found
}

/// The type that a line defines.
fn defined(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words
        .find(|word| !word.starts_with("pub") && !matches!(*word, "in" | "unsafe"))
        .filter(|word| KEYWORDS.contains(word))?;
    let name = words.next()?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    Some(&name[..end.unwrap_or(name.len())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::file;

    #[test]
    fn a_replaced_name_is_found_where_it_is_defined_again() {
        let text = "//! A.\npub(crate) enum Doubt {}\nstruct Doubtful;\n// struct Doubt\nuse b::Doubt;\ntype Ids<T> = T;\n";
        let found = check(&[file("crates/a/src/lib.rs", text)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/a/src/lib.rs:2: `Doubt`"));
        assert!(found[1].starts_with("crates/a/src/lib.rs:6: `Ids`"));
    }
}
