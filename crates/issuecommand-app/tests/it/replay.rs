//! Replays real histories: everything that happened in a repository, in order of time, while simulated agents claim its issues,
//! write the pull requests that really closed them and answer the real feedback. Once as GitHub's signed deliveries, once by
//! polls alone.
//!
//! `ISSUECOMMAND_TEST_DATA` names the folder with the files. Without it there is nothing to replay.

mod agent_pool;
mod readiness;
mod run;

use std::path::PathBuf;

use issuecommand_github_emulator::archive::Archive;
use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::rounds;

use self::readiness::{Figures, Withheld};
use self::run::{Replay, ReplayResult};
use crate::world::StoreKind;

on_each_store!(
    prove_histories_replayed_as_signed_deliveries,
    prove_histories_replayed_by_polls_alone,
    prove_readiness_withholds_little_of_real_histories,
);

/// The shorter history and the longer one.
const FILES: [&str; 2] = ["quicwg-load-balancers.json", "privacypass-base-drafts.json"];

/// The histories to replay: one, or both in a full proof.
fn histories() -> Vec<Archive> {
    let Some(folder) = std::env::var_os("ISSUECOMMAND_TEST_DATA").map(PathBuf::from) else {
        skipped("ISSUECOMMAND_TEST_DATA is not set, the folder with the real histories");
        return Vec::new();
    };
    let wanted = rounds(1, 2) as usize;
    let load = |file| Archive::load(folder.join(file)).unwrap();
    FILES.into_iter().take(wanted).map(load).collect()
}

fn told(end: &ReplayResult, way: &str, archive: &Archive) {
    eprintln!("{} by {way}: {end}", archive.repo());
}

/// The promises for every history and both channels.
fn kept(end: &ReplayResult, archive: &Archive) {
    let repo = archive.repo();
    assert_eq!(
        end.left_behind,
        Vec::<u64>::new(),
        "{repo}: claims of closed issues are open"
    );
    assert_eq!(
        end.on_the_merged,
        Vec::<i64>::new(),
        "{repo}: merged, and asks for something"
    );
    assert_eq!(
        end.not_offered,
        Vec::<String>::new(),
        "{repo}: its author's agent never heard of"
    );
    assert!(
        end.claims > 100 && end.offered > 20,
        "{repo}: hardly anything happened: {end}"
    );
}

async fn prove_histories_replayed_as_signed_deliveries(kind: StoreKind) {
    for archive in histories() {
        let end = Replay::by_webhooks(kind, &archive).await.end().await;
        told(&end, "webhooks", &archive);
        kept(&end, &archive);
        assert_eq!(end.deliveries_lost, 0);
    }
}

async fn prove_histories_replayed_by_polls_alone(kind: StoreKind) {
    for archive in histories() {
        let polled = Replay::by_polls(kind, &archive).await.end().await;
        told(&polled, "polls", &archive);
        kept(&polled, &archive);
        assert!(
            polled.linked.len() > 20,
            "too few pull requests were linked"
        );
        // The same result as by webhooks, for every pull request that is linked to a claim here.
        let heard = Replay::by_webhooks(kind, &archive).await.end().await;
        for (pull, end) in &polled.linked {
            assert_eq!(
                heard.linked.get(pull),
                Some(end),
                "{}#{pull}",
                archive.repo()
            );
        }
    }
}

/// `docs/readiness.md` has these figures, and says what the two issues are that were withheld wrongly.
async fn prove_readiness_withholds_little_of_real_histories(kind: StoreKind) {
    let wanted = [
        Figures {
            issues: 114,
            assigned: 12,
            has_open_pr: 32,
            merged_pr: 0,
            worked_on: 57,
            ready: 54,
            by_assignee: 2,
            wrongly: vec![(103, 139)],
        },
        Figures {
            issues: 248,
            assigned: 68,
            has_open_pr: 168,
            merged_pr: 1,
            worked_on: 183,
            ready: 127,
            by_assignee: 55,
            wrongly: vec![(382, 392)],
        },
    ];
    for (archive, wanted) in histories().iter().zip(wanted) {
        let found = Withheld::in_history(kind, archive).await;
        assert_eq!(found.figures(), wanted, "{}: {found:#?}", archive.repo());
    }
}
