//! Links claims to pull requests: those that agents name, and those that GitHub's facts suggest. A derived link is ended or
//! replaced by the same rules that make it.

mod missing;
mod rules;
mod sharing;

use std::collections::BTreeSet;

use self::missing::{SHOWN, is_missing, missing};
use self::rules::{Case, End, Verdict, named_by_agent};
use self::sharing::{notice_of, shared};
use super::Context;
use super::effects::Effects;
use crate::domain::claim::pull_ref::host_of;
use crate::domain::claim::{Claim, ClaimStatus, Followed, Link, LinkOrigin, NamedPull, PullRef};
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::{IssueNumber, PullKey};
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::time::Timestamp;
use crate::engine::view::Rows;

/// Notices for the holder of a claim about its pull request.
const OPENED: &str = "A pull request that closes the issue was opened";
const MERGED: &str = "Its pull request was merged";
const CLOSED: &str = "Its pull request was closed without being merged";
const OPEN_AGAIN: &str = "Its pull request is open again";

/// The most competing pull requests that a claim's notice names.
const RIVALS: usize = 20;

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

    fn judge_link(&self, claim: &Claim, told: PullKey, fx: &Effects<'_>) -> (Claim, String) {
        let case = self.case(claim, told, fx);
        match case.judge() {
            Verdict::Nothing => (claim.clone(), String::new()),
            Verdict::Named => self.follow_named(&case),
            Verdict::Derived(pull) => self.follow_derived(claim, pull),
            Verdict::Ended(end) => {
                let number = claim.pull.map(|(_, number)| number);
                let note = ended(number, end);
                let mut ended = claim.clone().unlink(&note, self.now);
                // If the agent moved on by itself, nothing is undone and the history has no entry for it.
                let is_told = ended.history.len() > claim.history.len();
                ended.pull_notice = Some(note.clone()).filter(|_| !is_told);
                (ended, note)
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

    /// Follows the pull request that the agent named. Until the merge, the agent reports the claim's status itself.
    fn follow_named(&self, case: &Case<'_>) -> (Claim, String) {
        let mut claim = case.claim.clone();
        let mut note = String::new();
        let replaced = claim.link.as_mut().and_then(|link| link.replaces.take());
        let pull = match &replaced {
            Some(named) => named.pull,
            None => claim.pull,
        };
        let pull = pull.and_then(|key| case.pull(key));
        let is_merged = pull.is_some_and(|pull| case.is_merged(pull));
        if let Some(named) = replaced {
            note = match case.claim.pull {
                Some((_, number)) if !pull.is_some_and(|pull| case.stands(pull)) => {
                    format!("Pull request #{number} is no longer the claim's")
                }
                Some(_) | None => OPEN_AGAIN.to_owned(),
            };
            let mut link = Link::new(LinkOrigin::Agent);
            if is_merged {
                // The merge moves the claim from its present status.
                link.before = claim.before_derived();
            } else {
                claim = claim.unlink(&note, self.now);
            }
            (claim.pr_url, claim.pull, claim.link) = (Some(named.url), named.pull, Some(link));
        }
        let link = claim
            .link
            .get_or_insert_with(|| Link::new(LinkOrigin::Agent));
        if is_merged && link.followed < Followed::Merged {
            link.followed = Followed::Merged;
            MERGED.clone_into(&mut note);
            claim = claim.derive(ClaimStatus::PrMerged, MERGED, self.now);
        }
        (claim, note)
    }

    fn follow_derived(&self, claim: &Claim, pull: &Pull) -> (Claim, String) {
        let mut claim = claim.clone();
        let mut note = String::new();
        let origin = claim.link_origin();
        if origin != Some(LinkOrigin::Derived) || claim.pull != Some(pull.key()) {
            let old = claim.link.take();
            let named = claim
                .pr_url
                .take()
                .filter(|_| origin == Some(LinkOrigin::Agent));
            let named = named.map(|url| {
                let pull = claim.pull;
                Box::new(NamedPull { url, pull })
            });
            let new = Link::new(LinkOrigin::Derived);
            claim.link = Some(match (old, named) {
                (Some(old), Some(named)) => Link {
                    before: old.before,
                    replaces: Some(named),
                    ..new
                },
                (None, Some(named)) => Link {
                    replaces: Some(named),
                    ..new
                },
                // The claim followed the previous pull request to this point.
                (Some(old), None) => Link {
                    followed: old.followed.min(Followed::Opened),
                    missing: false,
                    ..old
                },
                (None, None) => new,
            });
            (claim.pr_url, claim.pull) = (Some(pull.facts.url.clone()), Some(pull.key()));
            note = format!("Pull request #{} closes the issue", pull.facts.number);
        }
        let (reached, status, words) = if pull.facts.merged {
            (Followed::Merged, ClaimStatus::PrMerged, MERGED)
        } else {
            (Followed::Opened, ClaimStatus::PrSubmitted, OPENED)
        };
        if let Some(link) = claim.link.as_mut().filter(|link| link.followed < reached) {
            link.followed = reached;
            let was = claim.history.len();
            claim = claim.derive(status, words, self.now);
            if claim.history.len() > was {
                words.clone_into(&mut note);
            }
        }
        (claim, note)
    }

    /// Sets the notice and the rivals of the claim's pull request.
    fn with_notice(&self, mut claim: Claim, told: PullKey, fx: &Effects<'_>) -> Claim {
        if claim.link.is_none() {
            return claim;
        }
        let (words, rivals) = self.noticed(&claim, told, fx);
        claim.pull_notice = notice_of(&words);
        if let Some(link) = &mut claim.link {
            link.rivals = rivals;
        }
        claim
    }

    fn noticed(
        &self,
        claim: &Claim,
        told: PullKey,
        fx: &Effects<'_>,
    ) -> (Vec<String>, BTreeSet<IssueNumber>) {
        let unseen = Some(claim).filter(|claim| is_missing(claim));
        let mut words: Vec<String> = unseen.and_then(missing).into_iter().collect();
        let case = self.case(claim, told, fx);
        let own = claim.pull.and_then(|key| case.pull(key));
        let closed = own.is_some_and(|pull| !pull.facts.open && !pull.facts.merged);
        if closed {
            words.push(CLOSED.to_owned());
        }
        let stands = own.is_none_or(|pull| case.stands(pull));
        let rivals = case.rivals(claim.pull).filter(|_| stands).take(RIVALS);
        let rivals: Vec<&Pull> = rivals.collect();
        if !rivals.is_empty() {
            let urls: Vec<&str> = rivals.iter().map(|pull| pull.facts.url.as_str()).collect();
            words.push(format!(
                "Another open pull request closes this issue too: {}",
                urls.join(", ")
            ));
        }
        let sharers = claim.pull.map(|key| fx.claims_of(key));
        let sharers = sharers.unwrap_or_default();
        let others = sharers
            .into_iter()
            .filter(|other| other.id != claim.id && other.agent != claim.agent);
        words.extend(others.take(RIVALS).map(|other| shared(claim, other)));
        let rivals = rivals.iter().map(|pull| pull.facts.number).collect();
        (words, rivals)
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

fn ended(number: Option<IssueNumber>, end: End) -> String {
    let which = number.map_or_else(
        || "Its pull request".to_owned(),
        |number| format!("Pull request #{number}"),
    );
    let why = match end {
        End::Closed => "was closed without being merged",
        End::Reworded => "no longer closes the issue",
        End::Elsewhere => "is of another repository than the issue",
        End::Unfit => "is not by somebody who may write here, or older than the claim",
    };
    format!("{which} {why}")
}

/// Whether a page on this host can belong to the repository.
fn is_page_of(host: Option<&str>, repo: &Repo) -> bool {
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    host.is_none_or(|host| host_of(&repo.facts.url).is_some_and(|home| bare(&home) == bare(host)))
}
