//! The repositories that the earlier database names. Only their names are known, so that none is offered until GitHub shows it; then it
//! keeps its id.

use std::collections::BTreeMap;

use issuecommand_core::domain::claim::{Claim, Link, LinkOrigin, PullRef};
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::repo::{Repo, RepoSnapshot};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::fence::ClaimWrite;

pub(super) struct Repos {
    rows: BTreeMap<String, Repo>,
    /// When they are imported.
    now: Timestamp,
}

impl Repos {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            rows: BTreeMap::new(),
            now,
        }
    }

    /// The id of the repository with this name, whatever its case, and the name as it is shown.
    pub(super) fn named(&mut self, name: &RepoName) -> (RepoId, RepoName) {
        let next = RepoId(i64::try_from(self.rows.len()).unwrap_or(i64::MAX) + 1);
        let repo = self.rows.entry(name.key().to_owned());
        let repo = repo.or_insert_with(|| hardly_known(next, name, self.now));
        (repo.id, repo.facts.name.clone())
    }

    /// The claim with its pull request as repository and number, where the repository is one of these.
    pub(super) fn linked(&self, mut claim: Claim) -> ClaimWrite {
        let named = claim.pr_url.as_deref().and_then(PullRef::parse);
        claim.pull = named.and_then(|named| match named {
            PullRef::Here(number) => Some((claim.repo, number)),
            PullRef::In { repo, number, .. } => Some((self.rows.get(repo.key())?.id, number)),
        });
        // The earlier service had no derived links.
        claim.link = claim.pr_url.as_ref().map(|_| Link::new(LinkOrigin::Agent));
        ClaimWrite {
            row: claim,
            before: None,
            new_from: 0,
        }
    }

    /// The repositories and the name keys that lead to them.
    pub(super) fn rows(self) -> (Vec<Repo>, Vec<(String, RepoId)>) {
        let names = self.rows.iter().map(|(key, repo)| (key.clone(), repo.id));
        let names = names.collect();
        (self.rows.into_values().collect(), names)
    }
}

fn hardly_known(id: RepoId, name: &RepoName, now: Timestamp) -> Repo {
    let facts = RepoSnapshot {
        github_id: 0,
        name: name.clone(),
        url: format!("https://github.com/{name}"),
        description: None,
        private: false,
        archived: false,
        open_count: 0,
    };
    Repo {
        unseen: true,
        ..Repo::new(id, facts, false, now)
    }
}
