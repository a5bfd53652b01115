//! What agents do in a history.

use issuecommand_core::domain::attempt::ReleaseOutcome;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::issue::IssueLookup;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{
    agent, local, next_of, number, record_issue, repo, sweep, update,
};

use super::super::world::claim_of;
use super::Game;

const AGENTS: [&str; 3] = ["ann", "bob", "cid"];

impl Game {
    /// The claims on issues of this repository, as the store has them.
    pub(super) async fn learn_claims(&mut self) {
        let filter = ClaimFilter {
            repo: Some(repo(&self.name)),
            ..ClaimFilter::default()
        };
        let claims = self.world.claims(&filter).await.into_iter();
        let held = claims.map(|claim| (claim.number.get(), claim));
        self.model.held = held.collect();
    }

    /// An agent gets the first issue of the queue that it did not give back just now.
    pub(super) async fn next(&mut self) -> &'static str {
        let (who, now) = (self.random.of(&AGENTS), self.now());
        let queue = self.world.offered(&self.filter()).await;
        let cools = |n: &i64| self.model.cools(who, *n, now);
        let expected = queue.iter().copied().find(|n| !cools(n));
        self.seen.cooled += u64::from(queue.iter().any(cools));
        match self.world.ask_now(next_of(who, self.filter())).await {
            Outcome::Done(answer) => {
                let n = claim_of(answer).0.number.get();
                assert_eq!(Some(n), expected, "{who} in {}", self.name);
                assert_eq!(self.model.reasons(n), [], "#{n} was given");
                self.seen.given += 1;
            }
            Outcome::Refused(Refusal::NothingEligible) => {
                assert_eq!(expected, None, "{who} in {}", self.name);
            }
            Outcome::Refused(Refusal::Paused { .. }) if self.model.paused => {}
            other => panic!("{other:?}"),
        }
        self.learn_claims().await;
        "next"
    }

    /// An agent claims an issue by number: what is hard refuses it, what is not warns of it.
    pub(super) async fn claim(&mut self, n: i64) -> &'static str {
        let who = self.random.of(&AGENTS);
        let reasons = self.model.reasons(n);
        let own = self.model.held.get(&n);
        if own.is_some_and(|claim| claim.agent == agent(who)) {
            return "nothing";
        }
        let action = Action::ClaimIssue {
            agent: agent(who),
            repo: repo(&self.name),
            number: number(n),
            unreachable: true,
            take_over: false,
        };
        match self.world.ask_now(Command::new(&local(), action)).await {
            Outcome::Done(Answer::Claim { not_ready, .. }) => {
                let told: Vec<ReasonCode> = not_ready.iter().map(NotReady::code).collect();
                assert_eq!(told, reasons, "#{n} of {}", self.name);
                assert!(!told.iter().any(|code| code.is_hard()), "{told:?}");
                self.seen.warned += u64::from(!told.is_empty());
            }
            other => assert!(
                reasons.iter().any(|code| code.is_hard()),
                "{other:?} for {reasons:?}"
            ),
        }
        self.learn_claims().await;
        "claimed"
    }

    /// An agent goes on with what it has: it begins, gives it back, or says that it is done.
    pub(super) async fn work(&mut self) -> &'static str {
        let held: Vec<Claim> = self.model.held.values().cloned().collect();
        if held.is_empty() {
            return "nothing";
        }
        let claim = self.random.of(&held);
        match self.random.below(6) {
            0 | 1 => {
                let begun = update(&claim, ClaimStatus::InProgress);
                self.world.ask_now(begun).await;
            }
            2 => self.finish(&claim).await,
            _ => self.give_back(&claim).await,
        }
        self.learn_claims().await;
        "worked"
    }

    async fn give_back(&mut self, claim: &Claim) {
        let some = [
            None,
            None,
            None,
            Some(ReleaseOutcome::GaveUp),
            Some(ReleaseOutcome::Blocked),
        ];
        let outcome = self.random.of(&some);
        let action = Action::ReleaseClaim {
            claim: claim.id,
            agent: claim.agent.clone(),
            reason: None,
            outcome,
        };
        self.world.note(Command::new(&local(), action)).await;
        let parks = outcome == Some(ReleaseOutcome::Blocked);
        self.model.attempted(claim, parks, self.now());
        let back = (claim.agent.to_string(), claim.number.get());
        self.model.given_back.insert(back, self.now());
    }

    /// An agent says that its work is done; GitHub shows the issue open all the same.
    async fn finish(&mut self, claim: &Claim) {
        for to in [
            ClaimStatus::InProgress,
            ClaimStatus::PrSubmitted,
            ClaimStatus::PrMerged,
            ClaimStatus::Closed,
        ] {
            let mut command = update(claim, to);
            if let Action::UpdateClaim { pr_url, .. } = &mut command.action {
                *pr_url = Some("https://github.com/acme/elsewhere/pull/1".to_owned());
            }
            self.world.ask_now(command).await;
        }
        let n = claim.number.get();
        self.model.change(n, self.now(), |item| {
            item.merged |= item.open;
        });
        let seen = IssueLookup::Issue {
            issue: Box::new(self.model.facts(n)),
            etag: None,
        };
        self.world.note(record_issue(&self.name, n, seen)).await;
    }

    /// The sweep gives back what was silent for too long.
    pub(super) async fn sweep(&mut self) -> &'static str {
        let before = std::mem::take(&mut self.model.held);
        self.world.note(sweep()).await;
        self.learn_claims().await;
        for (n, claim) in before {
            if !self.model.held.contains_key(&n) {
                self.model.attempted(&claim, false, self.now());
            }
        }
        "sweep"
    }
}
