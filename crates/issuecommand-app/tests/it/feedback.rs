//! Feedback follows its latest state on GitHub, with the same result by webhooks and by polls.

use std::time::Duration;

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::domain::webhook::{AuthMethod, Delivery};
use issuecommand_core::ports::store::FollowupFilter;
use issuecommand_core::service::DeliveryOutcome;
use issuecommand_github_emulator::{NewComment, NewIssue, NewPull, NewPush, ReviewState, World};
use issuecommand_testkit::builders::agent;
use issuecommand_wire::record::FollowupRecord;
use jiff::SignedDuration;

use crate::world::{API, Setup, caller, github_with};

/// The pull request of the claim on issue 1.
const PULL: u64 = 2;

/// How a change reaches the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    Webhook,
    Poll,
}

struct Scenario {
    setup: Setup,
    channel: Channel,
}

impl Scenario {
    /// `acme/api` with the issue 1, held by `ann`, whose pull request 2 is open.
    async fn new(channel: Channel) -> Self {
        Self::with_clock_off_by(channel, SignedDuration::ZERO).await
    }

    /// The same, with GitHub's clock that much ahead of ours.
    async fn with_clock_off_by(channel: Channel, by: SignedDuration) -> Self {
        let mut world = github_with(1);
        world.shift_clock(by);
        world.record_deliveries();
        for login in ["ann", "rita", "otto", "mallory"] {
            world.add_user(login);
        }
        let new = NewIssue::titled("Mend it").by("ann");
        world.open_pull(API, NewPull::from_branch("mend", new));
        let story = Self {
            setup: Setup::synced(world).await,
            channel,
        };
        let claim = story.setup.claim("ann", API, 1).await.unwrap().claim;
        let url = format!("https://github.com/{API}/pull/{PULL}");
        let service = &story.setup.service;
        let updated = service
            .update_claim(
                &caller(),
                claim.id,
                agent("ann"),
                ClaimStatus::InProgress,
                None,
                Some(url),
            )
            .await;
        updated.unwrap();
        story.tell().await;
        story
    }

    /// Changes GitHub a minute later, and delivers or polls the change. Each change is polled separately, so that both channels
    /// give the same result.
    async fn then<T>(&self, happens: impl FnOnce(&mut World) -> T) -> T {
        self.setup.pass(Millis::minutes(1));
        let done = self.setup.github.world(happens);
        self.tell().await;
        done
    }

    async fn tell(&self) {
        let told = self.setup.github.deliveries();
        match self.channel {
            Channel::Poll => {
                let report = self.setup.sync().await;
                assert_eq!(report.failed, []);
            }
            Channel::Webhook => {
                for delivery in told {
                    let known = Delivery {
                        id: Some(delivery.id),
                        event: delivery.event,
                        auth: AuthMethod::Signature,
                    };
                    let (service, caller) = (&self.setup.service, caller());
                    let taken = service.process_delivery(&caller, known, delivery.body.as_bytes());
                    let DeliveryOutcome::Answered(_, look) = taken.await.unwrap() else {
                        panic!("a delivery was not taken")
                    };
                    if let Some(look) = look {
                        service.settle(look).await.unwrap();
                    }
                }
            }
        }
    }

    async fn items(&self) -> Vec<Followup> {
        let items = self.setup.store.followups(&FollowupFilter::default()).await;
        items.unwrap()
    }

    /// The waiting feedback by the contract's fields, which must equal that by `sources`.
    async fn asked(&self) -> Vec<String> {
        let mut asked = Vec::new();
        for item in self.items().await {
            let record = FollowupRecord::from(&item);
            let waiting = record
                .sources
                .iter()
                .filter(|source| source.ended.is_none());
            let texts: Vec<&String> = waiting.map(|source| &source.body).collect();
            let told = record.actionable_comments.unwrap();
            assert_eq!(texts, told.iter().collect::<Vec<_>>());
            asked.extend(told);
        }
        asked.sort();
        asked
    }

    async fn end_all(&self) {
        let caller = caller();
        for item in self.items().await {
            for to in [FollowupStatus::Claimed, FollowupStatus::Done] {
                let moved =
                    self.setup
                        .service
                        .update_followup(&caller, item.id, agent("ann"), to, None);
                moved.await.unwrap();
            }
        }
    }
}

/// Makes each scenario a test for each channel.
macro_rules! both_ways {
    ($($story:ident),* $(,)?) => {
        mod webhook {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(super::Channel::Webhook).await;
                }
            )*
        }

        mod poll {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(super::Channel::Poll).await;
                }
            )*
        }
    };
}

both_ways! {
    a_placeholder_gives_way_to_the_findings,
    deleted_feedback_is_resolved,
    an_edit_reopens_answered_feedback,
    a_reviewers_later_review_replaces_the_earlier,
    a_pending_review_is_ignored_until_it_is_submitted,
    a_review_with_a_body_is_feedback,
    closing_suspends_and_reopening_brings_back,
    update_branch_answers_nothing,
    a_marker_counts_outside_of_quotations_and_by_agents_alone,
    a_commits_date_proves_nothing,
    our_clock_proves_nothing,
    a_review_comment_has_its_path_and_line,
}

fn saying(body: &str, by: &str) -> NewComment {
    NewComment::saying(body).by(by)
}

async fn a_placeholder_gives_way_to_the_findings(channel: Channel) {
    let story = Scenario::new(channel).await;
    let under = story
        .then(|w| w.comment(API, PULL, saying("Review in progress …", "rita")))
        .await;
    let line = story
        .then(|w| w.review_comment(API, PULL, saying("Hm", "rita")))
        .await;
    assert_eq!(story.asked().await, ["Hm", "Review in progress …"]);
    story
        .then(|w| w.edit_comment(API, PULL, under, "Three findings"))
        .await;
    story
        .then(|w| w.edit_review_comment(API, PULL, line, "This leaks"))
        .await;
    assert_eq!(story.asked().await, ["This leaks", "Three findings"]);
    let item = &story.items().await[0];
    let record = FollowupRecord::from(item);
    assert!(!record.summary.contains("progress"), "{}", record.summary);
}

async fn deleted_feedback_is_resolved(channel: Channel) {
    let story = Scenario::new(channel).await;
    let under = story
        .then(|w| w.comment(API, PULL, saying("Oops", "rita")))
        .await;
    let line = story
        .then(|w| w.review_comment(API, PULL, saying("Wrong file", "rita")))
        .await;
    story
        .then(|w| w.comment(API, PULL, saying("Keep it short", "rita")))
        .await;
    story.then(|w| w.delete_comment(API, PULL, under)).await;
    story
        .then(|w| w.delete_review_comment(API, PULL, line))
        .await;
    assert_eq!(story.asked().await, ["Keep it short"]);
    let record = FollowupRecord::from(&story.items().await[0]);
    let asked = record.actionable_comments.as_ref().map(Vec::len);
    assert_eq!((record.summary.as_str(), asked), ("Keep it short", Some(1)));
    let texts = serde_json::to_string(&record).unwrap();
    assert!(
        !texts.contains("Oops") && !texts.contains("Wrong file"),
        "{texts}"
    );
}

async fn an_edit_reopens_answered_feedback(channel: Channel) {
    let story = Scenario::new(channel).await;
    let id = story
        .then(|w| w.comment(API, PULL, saying("Please add a test.", "rita")))
        .await;
    story.end_all().await;
    story
        .then(|w| w.edit_comment(API, PULL, id, "Please add one test."))
        .await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    let more = "Please add one test. And say so in the changelog.";
    story.then(|w| w.edit_comment(API, PULL, id, more)).await;
    assert_eq!(story.asked().await, [more]);
}

async fn a_reviewers_later_review_replaces_the_earlier(channel: Channel) {
    let story = Scenario::new(channel).await;
    let no = ReviewState::ChangesRequested;
    story
        .then(|w| w.review(API, PULL, no, saying("Rita's no", "rita")))
        .await;
    let otto = story
        .then(|w| w.review(API, PULL, no, saying("Otto's no", "otto")))
        .await;
    assert_eq!(story.asked().await, ["Otto's no", "Rita's no"]);
    story
        .then(|w| {
            w.review(
                API,
                PULL,
                ReviewState::Approved,
                saying("Fine, with thanks", "rita"),
            )
        })
        .await;
    assert_eq!(story.asked().await, ["Otto's no"]);
    story.then(|w| w.dismiss_review(API, PULL, otto)).await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    story
        .then(|w| w.review(API, PULL, no, saying("No again", "rita")))
        .await;
    assert_eq!(story.asked().await, ["No again"]);
}

async fn a_pending_review_is_ignored_until_it_is_submitted(channel: Channel) {
    let story = Scenario::new(channel).await;
    let review = story
        .then(|w| {
            let review = w.review(
                API,
                PULL,
                ReviewState::Pending,
                saying("Not yet", "octo-agent"),
            );
            let line = saying("A draft", "octo-agent").in_review(review);
            w.review_comment(API, PULL, line);
            review
        })
        .await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    // A push before its submission resolves nothing of it.
    story.then(|w| w.push(API, PULL)).await;
    story
        .then(|w| w.submit_review(API, PULL, review, ReviewState::ChangesRequested))
        .await;
    assert_eq!(story.asked().await, ["A draft", "Not yet"]);
}

async fn a_review_with_a_body_is_feedback(channel: Channel) {
    let story = Scenario::new(channel).await;
    let words = ReviewState::Commented;
    story
        .then(|w| {
            w.review(
                API,
                PULL,
                words,
                saying("Have you thought of Windows?", "rita"),
            )
        })
        .await;
    story
        .then(|w| w.review(API, PULL, words, saying("", "rita")))
        .await;
    story
        .then(|w| w.review(API, PULL, ReviewState::Approved, saying("Nice", "otto")))
        .await;
    assert_eq!(story.asked().await, ["Have you thought of Windows?"]);
    let record = FollowupRecord::from(&story.items().await[0]);
    assert_eq!(record.source_event_type.0.as_str(), "pr_comment");
    assert!(record.source_event_id.starts_with("review:"));
}

async fn closing_suspends_and_reopening_brings_back(channel: Channel) {
    let story = Scenario::new(channel).await;
    story
        .then(|w| w.comment(API, PULL, saying("Answered", "rita")))
        .await;
    story.end_all().await;
    story
        .then(|w| w.comment(API, PULL, saying("Not answered", "rita")))
        .await;
    story.then(|w| w.close_pull(API, PULL)).await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    story
        .then(|w| w.comment(API, PULL, saying("Said meanwhile", "rita")))
        .await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    story.then(|w| w.reopen(API, PULL)).await;
    assert_eq!(story.asked().await, ["Not answered", "Said meanwhile"]);
    let items = story.items().await;
    assert_eq!((items.len(), items[0].status), (1, FollowupStatus::Queued));
    let preferred = items[0]
        .author
        .as_ref()
        .and_then(|author| author.preferred.clone());
    assert_eq!(preferred, Some(agent("ann")));
}

async fn update_branch_answers_nothing(channel: Channel) {
    let story = Scenario::new(channel).await;
    story
        .then(|w| w.comment(API, PULL, saying("Please add a test.", "rita")))
        .await;
    story.then(|w| w.push_to_branch(API, "main")).await;
    story
        .then(|w| w.push_as(API, PULL, NewPush::update_branch()))
        .await;
    assert_eq!(story.asked().await, ["Please add a test."]);
    story.then(|w| w.push_to_branch(API, "main")).await;
    story
        .then(|w| w.push_as(API, PULL, NewPush::merge_of_base()))
        .await;
    assert_eq!(story.asked().await, ["Please add a test."]);
    // A merge of another branch is work.
    story
        .then(|w| w.push_as(API, PULL, NewPush::merge_of("helpers")))
        .await;
    assert_eq!(story.asked().await, Vec::<String>::new());
}

async fn a_marker_counts_outside_of_quotations_and_by_agents_alone(channel: Channel) {
    let marker = "<!-- issuecommand -->";
    let story = Scenario::new(channel).await;
    let viewer = "octo-agent";
    for (body, by) in [
        (format!("Done. {marker}"), viewer),
        (format!("Done.\n\n{marker}"), "ann"),
        (format!("> Done. {marker}\n\nStill broken."), "rita"),
        (format!("Nice try {marker}"), "mallory"),
        (format!("Use `{marker}`."), viewer),
    ] {
        story
            .then(|w| w.comment(API, PULL, saying(&body, by)))
            .await;
    }
    let asked = story.asked().await;
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(
        asked.iter().all(|body| !body.starts_with("Done")),
        "{asked:?}"
    );
}

async fn a_commits_date_proves_nothing(channel: Channel) {
    for year in ["2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"] {
        let story = Scenario::new(channel).await;
        let date = year.parse().unwrap();
        story
            .then(|w| w.comment(API, PULL, saying("Before", "rita")))
            .await;
        story
            .then(|w| w.push_as(API, PULL, NewPush::commit().dated(date)))
            .await;
        assert_eq!(story.asked().await, Vec::<String>::new(), "{year}");
        story
            .then(|w| w.comment(API, PULL, saying("After", "rita")))
            .await;
        assert_eq!(story.asked().await, ["After"], "{year}");
    }
}

async fn our_clock_proves_nothing(channel: Channel) {
    for hours in [-24 * 365, -1, 1, 24 * 365] {
        let by = SignedDuration::from_hours(hours);
        let story = Scenario::with_clock_off_by(channel, by).await;
        story
            .then(|w| w.comment(API, PULL, saying("Before", "rita")))
            .await;
        assert_eq!(story.asked().await, ["Before"], "{hours}");
        story.then(|w| w.push(API, PULL)).await;
        assert_eq!(story.asked().await, Vec::<String>::new(), "{hours}");
        story
            .then(|w| w.comment(API, PULL, saying("After", "rita")))
            .await;
        story.then(|w| w.close_pull(API, PULL)).await;
        assert_eq!(story.asked().await, Vec::<String>::new(), "{hours}");
        story.then(|w| w.reopen(API, PULL)).await;
        assert_eq!(story.asked().await, ["After"], "{hours}");
    }
}

async fn a_review_comment_has_its_path_and_line(channel: Channel) {
    let story = Scenario::new(channel).await;
    let first = story
        .then(|w| {
            let lines = saying("Suggestion", "rita").on_lines("src/lib.rs", 5, 9);
            w.review_comment(API, PULL, lines.hunk("@@ -5,5 +5,5 @@\n-a\n+b"))
        })
        .await;
    let reply = saying("And here?", "otto").replying_to(first);
    story.then(|w| w.review_comment(API, PULL, reply)).await;
    let item = story.items().await.remove(0);
    let records: Vec<_> = FollowupRecord::from(&item).sources;
    let suggestion = records
        .iter()
        .find(|source| source.body == "Suggestion")
        .unwrap();
    assert_eq!((suggestion.start_line, suggestion.line), (Some(5), Some(9)));
    assert_eq!(
        (suggestion.path.as_deref(), suggestion.side),
        (Some("src/lib.rs"), Some("RIGHT"))
    );
    assert_eq!(suggestion.original_line, Some(9));
    assert_eq!(
        suggestion.diff_hunk.as_deref(),
        Some("@@ -5,5 +5,5 @@\n-a\n+b")
    );
    let reply = records
        .iter()
        .find(|source| source.body == "And here?")
        .unwrap();
    assert_eq!(reply.in_reply_to, Some(format!("review_comment:{first}")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reopened_thread_waits_again() {
    let story = Scenario::new(Channel::Webhook).await;
    let line = story
        .then(|w| w.review_comment(API, PULL, saying("This leaks", "rita")))
        .await;
    story.then(|w| w.resolve_thread(API, PULL, line)).await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    story.then(|w| w.unresolve_thread(API, PULL, line)).await;
    assert_eq!(story.asked().await, ["This leaks"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_feedback_is_resolved() {
    let story = Scenario::new(Channel::Poll).await;
    let id = story
        .then(|w| w.comment(API, PULL, saying("Buy cheap pills", "mallory")))
        .await;
    story
        .then(|w| w.minimize_comment(API, PULL, id, "spam"))
        .await;
    assert_eq!(story.asked().await, Vec::<String>::new());
    story.then(|w| w.unminimize_comment(API, PULL, id)).await;
    assert_eq!(story.asked().await, ["Buy cheap pills"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_github_does_not_show_in_time_is_a_push_like_any_other() {
    let story = Scenario::new(Channel::Webhook).await;
    story
        .then(|w| w.comment(API, PULL, saying("Please add a test.", "rita")))
        .await;
    let slow = issuecommand_github_emulator::Fault::delay(Duration::from_secs(20));
    story
        .setup
        .github
        .fault("GET /repos/acme/api/commits/*", slow);
    let began = std::time::Instant::now();
    story
        .then(|w| w.push_as(API, PULL, NewPush::update_branch()))
        .await;
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(story.asked().await, Vec::<String>::new());
}
