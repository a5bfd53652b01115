//! Several claims of one pull request: each holder is told of the others.

use crate::domain::claim::Claim;
use crate::domain::id::PullKey;
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;
use crate::engine::view::Rows;

/// Between the parts of a notice.
pub(super) const BETWEEN: &str = "; ";

/// The most parts of a notice. Any number of claims may name one pull request.
const NAMED: usize = 24;

impl Context<'_> {
    /// A claim that came to a pull request, or left it, is told of to the others that have it. Asked of everything that a
    /// command changes, so that it holds however that came about.
    pub(in crate::engine::decide) fn tell_sharers(&self, fx: &mut Effects<'_>) {
        let moved = |claim: &&Claim| pull_of(self.view.claim(claim.id)) != pull_of(Some(claim));
        let moved: Vec<Claim> = fx.claims().filter(moved).cloned().collect();
        for claim in moved {
            let before = pull_of(self.view.claim(claim.id));
            let after = pull_of(Some(&claim));
            for key in [before, after].into_iter().flatten() {
                let others: Vec<Claim> = fx.claims_of(key).into_iter().cloned().collect();
                for other in &others {
                    self.tell_sharer(other, &claim, &others, fx);
                }
            }
        }
    }

    /// `sharers` are all claims that have the pull request now: several of them may be told of in the same words.
    fn tell_sharer(&self, other: &Claim, claim: &Claim, sharers: &[Claim], fx: &mut Effects<'_>) {
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
        if fx.tells_of(other.id) {
            // It changed already, and each command tells of a claim once.
            fx.put_claim(noticed);
        } else {
            self.tell_of_link(other, noticed, String::new(), fx);
        }
    }
}

/// The notice that these parts make.
pub(super) fn notice_of<T: AsRef<str>>(words: &[T]) -> Option<String> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    (!words.is_empty()).then(|| words.join(BETWEEN))
}

/// What the holder of a claim is told of another one that has its pull request.
pub(super) fn shared(claim: &Claim, other: &Claim) -> String {
    if other.repo == claim.repo {
        let (number, agent) = (other.number, &other.agent);
        format!("The claim of issue #{number} by {agent} has this pull request too")
    } else {
        "A claim of an issue in another repository has this pull request too".to_owned()
    }
}

/// Whether the holder of a claim is told of two others in the same words.
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
