//! Tells the holders of claims that share a pull request of each other.

use crate::domain::claim::Claim;
use crate::domain::id::PullKey;
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;
use crate::engine::view::Rows;

/// Separates the parts of a notice.
pub(super) const BETWEEN: &str = "; ";

/// The most parts of a notice, because any number of claims may name one pull request.
const NAMED: usize = 24;

impl Context<'_> {
    /// When a claim gains or loses a pull request, updates the notices of the other claims with it. This looks at every changed
    /// claim, so it covers every cause.
    pub(in crate::engine::decide) fn notify_sharers(&self, fx: &mut Effects<'_>) {
        let moved = |claim: &&Claim| pull_of(self.view.claim(claim.id)) != pull_of(Some(claim));
        let moved: Vec<Claim> = fx.claims().filter(moved).cloned().collect();
        for claim in moved {
            let before = pull_of(self.view.claim(claim.id));
            let after = pull_of(Some(&claim));
            for key in [before, after].into_iter().flatten() {
                let others: Vec<Claim> = fx.claims_of(key).into_iter().cloned().collect();
                for other in &others {
                    self.notify_sharer(other, &claim, &others, fx);
                }
            }
        }
    }

    /// Adds or removes one part. `sharers` are all claims with the pull request; several of them may have the same text.
    fn notify_sharer(&self, other: &Claim, claim: &Claim, sharers: &[Claim], fx: &mut Effects<'_>) {
        if other.id == claim.id || other.agent == claim.agent {
            return;
        }
        let told = shared(other, claim);
        let has = (sharers.iter())
            .any(|it| it.id != other.id && it.agent != other.agent && is_told_as(other, it, claim));
        let notice = other.pull_notice.as_deref().unwrap_or_default();
        let mut words: Vec<&str> = notice
            .split(BETWEEN)
            .filter(|words| !words.is_empty())
            .collect();
        if words.contains(&told.as_str()) == has {
            return;
        }
        if has {
            if words.len() >= NAMED {
                return;
            }
            words.push(&told);
        } else {
            words.retain(|words| *words != told);
        }
        let notice = notice_of(&words);
        let noticed = Claim {
            pull_notice: notice,
            ..other.clone()
        };
        if fx.has_event_of(other.id) {
            // An event already reports this claim, and each command emits at most one per claim.
            fx.put_claim(noticed);
        } else {
            self.notify_of_link(other, noticed, String::new(), fx);
        }
    }
}

/// Joins the parts of a notice.
pub(super) fn notice_of<T: AsRef<str>>(words: &[T]) -> Option<String> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    (!words.is_empty()).then(|| words.join(BETWEEN))
}

/// The notice for the holder of `claim` about another claim with the same pull request.
pub(super) fn shared(claim: &Claim, other: &Claim) -> String {
    if other.repo == claim.repo {
        let (number, agent) = (other.number, &other.agent);
        format!("The claim of issue #{number} by {agent} has this pull request too")
    } else {
        "A claim of an issue in another repository has this pull request too".to_owned()
    }
}

/// Whether two other claims have the same text in this claim's notice.
fn is_told_as(claim: &Claim, one: &Claim, other: &Claim) -> bool {
    let same = (&one.number, &one.agent) == (&other.number, &other.agent);
    match (one.repo == claim.repo, other.repo == claim.repo) {
        (true, true) => same,
        (false, false) => true,
        (true, false) | (false, true) => false,
    }
}

fn pull_of(claim: Option<&Claim>) -> Option<PullKey> {
    claim.filter(|claim| claim.is_active())?.pull
}
