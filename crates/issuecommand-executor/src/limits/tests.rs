//! To the token, by a clock that the tests move.

use std::sync::atomic::{AtomicU64, Ordering};

use issuecommand_core::domain::id::Principal;
use issuecommand_testkit::prove::rounds;
use serde_json::{Map, Value, json};

use super::*;

#[derive(Clone, Default)]
struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    fn moves(&self, span: Duration) {
        let nanos = u64::try_from(span.as_nanos()).unwrap();
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }

    fn clock(&self) -> LimitClock {
        let hand = self.0.clone();
        LimitClock::new(move || Duration::from_nanos(hand.load(Ordering::Relaxed)))
    }
}

fn buckets(per_minute: u32, burst: u32, hand: &ManualClock) -> KeyedLimiter {
    let rate = Rate { per_minute, burst };
    KeyedLimiter::new(LimitScope::AgentMutation, rate, 1000, hand.clock())
}

/// How many tokens there are, and what the first "no" says to wait.
fn drained(buckets: &KeyedLimiter, caller: BucketKey) -> (u32, u64) {
    for taken in 0..100_000 {
        if let Err(no) = buckets.take(caller) {
            return (taken, no.retry_after_seconds().unwrap());
        }
    }
    panic!("there is no end of tokens");
}

#[test]
fn a_bucket_holds_its_burst_and_refills_token_by_token() {
    let hand = ManualClock::default();
    let buckets = buckets(120, 40, &hand);
    assert_eq!(drained(&buckets, 1), (40, 1));
    assert_eq!(drained(&buckets, 2), (40, 1), "each has its own");
    hand.moves(Duration::from_millis(499));
    assert_eq!(drained(&buckets, 1).0, 0);
    hand.moves(Duration::from_millis(1));
    assert_eq!(drained(&buckets, 1).0, 1);
    hand.moves(Duration::from_millis(2500));
    assert_eq!(drained(&buckets, 1).0, 5);
    hand.moves(Duration::from_hours(24));
    assert_eq!(drained(&buckets, 1).0, 40, "and no more than its burst");
}

#[test]
fn the_wait_is_rounded_up_and_is_enough() {
    for (per_minute, waits) in [(1, 60), (7, 9), (40, 2), (60, 1), (6000, 1)] {
        let hand = ManualClock::default();
        let buckets = buckets(per_minute, 3, &hand);
        assert_eq!(drained(&buckets, 1), (3, waits), "{per_minute}");
        hand.moves(Duration::from_secs(waits));
        assert!(buckets.take(1).is_ok(), "{per_minute}");
    }
    let hand = ManualClock::default();
    let buckets = buckets(1, 1, &hand);
    hand.moves(Duration::from_nanos(1));
    buckets.take(1).unwrap();
    hand.moves(Duration::from_millis(58_001));
    assert_eq!(drained(&buckets, 1), (0, 2));
}

#[test]
fn zero_burst_is_always_empty_and_zero_rate_never_refills() {
    let hand = ManualClock::default();
    assert_eq!(drained(&buckets(120, 0, &hand), 1), (0, 60));
    let never = buckets(0, 3, &hand);
    assert_eq!(drained(&never, 1), (3, 60));
    hand.moves(Duration::from_hours(24 * 365 * 20));
    never.forget_idle();
    assert_eq!(drained(&never, 1), (0, 60));
    assert_eq!(drained(&buckets(0, 0, &hand), 1), (0, 60));
}

#[test]
fn every_allowed_rate_and_burst_works() {
    let hand = ManualClock::default();
    hand.moves(Duration::from_hours(24 * 365));
    for per_minute in [0, 1, 59, u32::MAX] {
        for burst in [1, 2, u32::MAX] {
            let buckets = buckets(per_minute, burst, &hand);
            for _ in 0..burst.min(1000) {
                buckets.take(1).unwrap();
            }
            assert_eq!(
                buckets.take(1).is_ok(),
                burst > 1000,
                "{per_minute} {burst}"
            );
        }
    }
}

/// A change by this key and, where there is a name, this agent.
fn change(limits: &ChangeLimits, key: &str, agent: Option<&str>) -> Result<(), ApiError> {
    let caller = Caller::full(Principal::Key(key.to_owned()));
    let mut params = Map::new();
    params.extend(agent.map(|agent| ("agent_id".to_owned(), Value::from(agent))));
    limits.check(&caller, &params.into())
}

#[test]
fn a_refusal_says_its_scope() {
    let rate = Rate {
        per_minute: 40,
        burst: 2,
    };
    let limits = ChangeLimits::new(rate, 10, &ManualClock::default().clock());
    for _ in 0..2 {
        change(&limits, "one", Some("ada")).unwrap();
    }
    let mut told = change(&limits, "one", Some("ada")).unwrap_err().json();
    let message = told.as_object_mut().unwrap().remove("message").unwrap();
    assert!(message.as_str().unwrap().contains("again in"));
    assert_eq!(
        told,
        json!({ "ok": false, "error": "rate_limited", "scope": "agent_mutation", "retry_after_seconds": 2, "remaining_tokens": 0 })
    );
}

#[test]
fn neither_another_name_nor_another_key_gets_around_the_limit_of_changes() {
    let rate = Rate {
        per_minute: 40,
        burst: 4,
    };
    let limits = ChangeLimits::new(rate, 10, &ManualClock::default().clock());
    let by = |key: &str, agent: &str| change(&limits, key, Some(agent));
    for agent in ["ada", "bob", "eve", "joe"] {
        by("one", agent).unwrap();
    }
    assert!(by("one", "new").is_err(), "the key has used up its tokens");
    for _ in 0..3 {
        by("two", "ada").unwrap();
    }
    assert!(by("two", "ada").is_err(), "ada has used up hers");
    assert!(by("three", "ada").is_err());
    by("three", "bob").unwrap();
}

#[test]
fn callers_beyond_the_most_share_a_bucket_until_others_are_forgotten() {
    let (hand, rate) = (
        ManualClock::default(),
        Rate {
            per_minute: 60,
            burst: 2,
        },
    );
    let limits = ChangeLimits::new(rate, 3, &hand.clock());
    let by = |key: u8| change(&limits, &key.to_string(), None);
    for key in 1..=3 {
        by(key).unwrap();
    }
    by(4).unwrap();
    by(5).unwrap();
    assert!(by(6).is_err(), "4 and 5 had the tokens of all others");
    for key in 1..=3 {
        by(key).unwrap();
        assert!(by(key).is_err(), "those who were first have their own");
    }
    // One token longer than it takes to fill a bucket.
    hand.moves(Duration::from_secs(3));
    limits.forget_idle();
    assert_eq!(limits.0.principals.len(), 0);
    for key in 6..=8 {
        by(key).unwrap();
        by(key).unwrap();
    }
}

/// The resident memory of this process, in bytes.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[test]
fn prove_any_number_of_names_takes_bounded_memory() {
    let hand = ManualClock::default();
    let rate = Rate {
        per_minute: 120,
        burst: 40,
    };
    let limits = ChangeLimits::new(rate, MOST_CALLERS, &hand.clock());
    let before = resident();
    for n in 0..rounds(100_000, 1_000_000) {
        let agent = format!("agent-{n}-{}", "x".repeat(150));
        // Those beyond the most may be refused; what counts here is that they are not remembered.
        let _ = change(&limits, &n.to_string(), Some(&agent));
        assert!(limits.0.principals.len() <= MOST_CALLERS);
        assert!(limits.0.agents.len() <= MOST_CALLERS);
    }
    if let (Some(before), Some(after)) = (before, resident()) {
        let grown = after.saturating_sub(before);
        eprintln!("{} KiB for the names of two kinds", grown >> 10);
        assert!(grown < 32 << 20, "{grown} bytes for the names of two kinds");
    }
    hand.moves(Duration::from_mins(1));
    limits.forget_idle();
    assert_eq!(limits.0.principals.len() + limits.0.agents.len(), 0);
}
