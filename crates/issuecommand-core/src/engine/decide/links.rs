//! Links claims to pull requests: those that agents name, and those that GitHub's facts suggest. A derived link is ended or
//! replaced by the same rules that make it.

mod follow;
mod missing;
mod notices;
mod rules;
mod sharing;

use std::collections::BTreeSet;

use self::missing::{SHOWN, is_missing};
use self::rules::{Case, named_by_agent};
use super::Context;
use super::effects::Effects;
use crate::domain::claim::pull_ref::host_of;
use crate::domain::claim::{Claim, Followed, Link, LinkOrigin, PullRef};
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::{IssueNumber, PullKey};
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::time::Timestamp;
use crate::engine::view::Rows;

/// Notices for the holder of a claim about its pull request.
const CLOSED: &str = "Its pull request was closed without being merged";
const OPEN_AGAIN: &str = "Its pull request is open again";

impl Context<'_> {
    /// Records the pull request that the holder names, in place of a derived one. Returns whether anything changed.
    pub(super) fn link_by_address(
        &self,
        claim: &mut Claim,
        given: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> bool {
        let Some(given) = given else {
            return false;
        };
        let (url, pull) = self.find_named_pull(claim, given);
        let is_named = claim.link_origin() == Some(LinkOrigin::Agent);
        if is_named && claim.pr_url.as_ref() == Some(&url) && claim.pull == pull {
            return false;
        }
        let same = claim.link.as_ref();
        let same = same.filter(|_| pull.is_some() && claim.pull == pull);
        claim.link = Some(Link {
            followed: same.map_or(Followed::Nothing, |link| link.followed),
            before: claim.before_derived(),
            ..Link::new(LinkOrigin::Agent)
        });
        (claim.pr_url, claim.pull, claim.pull_notice) = (Some(url), pull, None);
        let Some(key) = pull else { return true };
        // Without its validator the next poll reads it in full, so that earlier changes count too.
        if let Some(known) = fx.pull(key).filter(|known| known.validators.pull.is_some()) {
            let mut known = known.clone();
            known.validators.pull = None;
            fx.put_pull(known);
        }
        true
    }

    /// After an agent named its pull request, tells it and the other claims of each other and of competing pull requests.
    pub(super) fn share_pull(&self, before: &Claim, claim: Claim, fx: &mut Effects<'_>) -> Claim {
        let Some(key) = claim.pull else { return claim };
        fx.put_claim(claim.clone());
        let others: Vec<Claim> = fx.claims_of(key).into_iter().cloned().collect();
        for other in others.iter().filter(|other| other.id != claim.id) {
            let noticed = self.with_notice(other.clone(), key, fx);
            self.notify_of_link(other, noticed, String::new(), fx);
        }
        if !claim.is_active() {
            return claim;
        }
        let claim = self.with_notice(claim, key, fx);
        for rival in new_rivals(before, &claim) {
            fx.emit(self.competing(&claim, rival));
        }
        claim
    }

    /// The pull request's GitHub address, if the text names one in a repository that the caller sees. Otherwise the text
    /// itself.
    fn find_named_pull(&self, claim: &Claim, given: &str) -> (String, Option<PullKey>) {
        let named = PullRef::parse(given).and_then(|named| {
            let (repo, number, host) = match named {
                PullRef::Here(number) => {
                    let repo = self.view.repos().find(|repo| repo.id == claim.repo);
                    (repo?, number, None)
                }
                PullRef::In { repo, number, host } => (self.view.repo_named(&repo)?, number, host),
            };
            // Changes of a pull request move its claim, so a caller must not link one that it may not see.
            let seen = self.command.caller.scope.has(&repo.facts.name);
            (seen && is_page_of(host.as_deref(), repo)).then_some((repo, number))
        });
        match named {
            Some((repo, number)) => {
                let url = format!("{}/pull/{number}", repo.facts.url.trim_end_matches('/'));
                (url, Some((repo.id, number)))
            }
            None => (given.to_owned(), None),
        }
    }

    /// Judges the links of all claims that a changed pull request concerns. `before` is its former row.
    pub(super) fn follow_links(&self, before: Option<&Pull>, pull: &Pull, fx: &mut Effects<'_>) {
        let key = pull.key();
        let known = before.map(|before| &before.closing.issues);
        let closes: BTreeSet<IssueNumber> = known
            .into_iter()
            .chain([&pull.closing.issues])
            .flatten()
            .copied()
            .collect();
        let concerns = |claim: &&Claim| {
            let is_closing = claim.repo == key.0 && closes.contains(&claim.number);
            let named = claim.pull == Some(key) || named_by_agent(claim) == Some(Some(key));
            claim.is_active() && (is_closing || named)
        };
        let mut claims: Vec<Claim> = fx.claims().filter(concerns).cloned().collect();
        claims.sort_by_key(|claim| (claim.claimed_at, claim.id));
        let mut notes = Vec::new();
        for claim in &claims {
            let (after, note) = self.judge_link(claim, key, fx);
            if after != *claim {
                fx.put_claim(after);
            }
            notes.push(note);
        }
        // Which claims share a pull request is known only after all are judged.
        for (before, note) in claims.iter().zip(notes) {
            if let Some(mut claim) = fx.claim(before.id).cloned() {
                if let Some(link) = claim.link.as_mut().filter(|_| claim.pull == Some(key)) {
                    link.missing = false;
                }
                let shown = note.is_empty() && is_missing(before) && !is_missing(&claim);
                let note = if shown { SHOWN.to_owned() } else { note };
                let claim = self.with_notice(claim, key, fx);
                self.notify_of_link(before, claim, note, fx);
            }
        }
    }

    fn case<'a>(&self, claim: &'a Claim, told: PullKey, fx: &'a Effects<'_>) -> Case<'a> {
        let made_at = self.on_github(claim.claimed_at);
        Case {
            claim,
            made_at: Timestamp(made_at.0.div_euclid(1000) * 1000),
            pulls: fx.pulls().collect(),
            told,
        }
    }

    /// Writes a claim after its link changed, and emits the events.
    fn notify_of_link(&self, before: &Claim, claim: Claim, note: String, fx: &mut Effects<'_>) {
        let rivals = new_rivals(before, &claim);
        for rival in &rivals {
            fx.emit(self.competing(&claim, *rival));
        }
        let same = Claim {
            link: claim.link.clone(),
            pull_notice: claim.pull_notice.clone(),
            ..before.clone()
        };
        let moved = same != claim;
        // The events about rivals report it already.
        let noticed = before.pull_notice != claim.pull_notice && rivals.is_empty();
        if moved || noticed {
            let note = if note.is_empty() {
                match (&before.pull_notice, &claim.pull_notice) {
                    (_, Some(words)) => words.clone(),
                    (Some(words), None) if words.contains(CLOSED) => OPEN_AGAIN.to_owned(),
                    (Some(_), None) => "Its pull request is its own alone".to_owned(),
                    (None, None) => "Its pull request is another one".to_owned(),
                }
            } else {
                note
            };
            fx.emit(self.claim_updated(&claim, &note));
        }
        if fx.claim(claim.id) != Some(&claim) {
            fx.put_claim(claim);
        }
    }

    fn competing(&self, claim: &Claim, rival: IssueNumber) -> Event {
        let details = Details::Moved {
            source: self.origin(),
            status: claim.status,
            note: Some(format!("Pull request #{rival} closes the issue too")),
        };
        Event {
            pull: Some(rival),
            ..self.claim_event(EventKind::ClaimCompetingPr, claim, details)
        }
    }
}

/// The competing pull requests that the holder was not told of yet.
fn new_rivals(before: &Claim, claim: &Claim) -> BTreeSet<IssueNumber> {
    let rivals = |claim: &Claim| claim.link.as_ref().map(|link| link.rivals.clone());
    let known = rivals(before).unwrap_or_default();
    let now = rivals(claim).unwrap_or_default();
    now.difference(&known).copied().collect()
}

/// Whether a page on this host can belong to the repository.
fn is_page_of(host: Option<&str>, repo: &Repo) -> bool {
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    host.is_none_or(|host| host_of(&repo.facts.url).is_some_and(|home| bare(&home) == bare(host)))
}
