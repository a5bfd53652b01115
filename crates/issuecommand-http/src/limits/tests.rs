//! To the token, by a clock that the tests move.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ConnectInfo;
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::*;
use crate::settings::Rate;

#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn moves(&self, span: Duration) {
        let nanos = u64::try_from(span.as_nanos()).unwrap();
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }

    fn clock(&self) -> LimitClock {
        let hand = self.0.clone();
        LimitClock::new(move || Duration::from_nanos(hand.load(Ordering::Relaxed)))
    }
}

fn buckets(per_minute: u32, burst: u32, hand: &Hand) -> KeyedLimiter {
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
    let hand = Hand::default();
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
        let hand = Hand::default();
        let buckets = buckets(per_minute, 3, &hand);
        assert_eq!(drained(&buckets, 1), (3, waits), "{per_minute}");
        hand.moves(Duration::from_secs(waits));
        assert!(buckets.take(1).is_ok(), "{per_minute}");
    }
    let hand = Hand::default();
    let buckets = buckets(1, 1, &hand);
    hand.moves(Duration::from_nanos(1));
    buckets.take(1).unwrap();
    hand.moves(Duration::from_millis(58_001));
    assert_eq!(drained(&buckets, 1), (0, 2));
}

#[test]
fn nothing_is_in_a_bucket_of_none_and_nothing_comes_back_at_a_rate_of_none() {
    let hand = Hand::default();
    assert_eq!(drained(&buckets(120, 0, &hand), 1), (0, 60));
    let never = buckets(0, 3, &hand);
    assert_eq!(drained(&never, 1), (3, 60));
    hand.moves(Duration::from_hours(24 * 365 * 20));
    never.forget_idle();
    assert_eq!(drained(&never, 1), (0, 60));
    assert_eq!(drained(&buckets(0, 0, &hand), 1), (0, 60));
}

#[test]
fn no_number_that_can_be_set_is_too_much() {
    let hand = Hand::default();
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

fn limits(hand: &Hand, rate: Rate, callers: usize) -> Limits {
    let settings = RateLimits {
        trust_proxy: false,
        ip: rate,
        agent_mutation: rate,
        sse_connect: rate,
        clock: hand.clock(),
    };
    Limits::new(Some(&settings), callers)
}

fn from(address: impl Into<IpAddr>) -> Extensions {
    let mut extensions = Extensions::new();
    extensions.insert(ConnectInfo(SocketAddr::new(address.into(), 1)));
    extensions
}

fn told(no: Result<(), ApiError>) -> Value {
    let mut told = no.expect_err("a no").json();
    let message = told.as_object_mut().unwrap().remove("message");
    assert!(message.unwrap().as_str().unwrap().contains("again in"));
    told
}

#[test]
fn each_scope_says_its_name_and_has_its_own_tokens() {
    let rate = Rate {
        per_minute: 40,
        burst: 2,
    };
    let limits = limits(&Hand::default(), rate, 10);
    let (headers, here) = (HeaderMap::new(), from([192, 0, 2, 1]));
    let ada = AgentId::parse("ada").unwrap();
    for _ in 0..2 {
        limits.check(ByAddress::Call, &headers, &here).unwrap();
        limits.check(ByAddress::Stream, &headers, &here).unwrap();
        limits.mutation(&Principal::ApiKey, Some(&ada)).unwrap();
    }
    let no = |scope| json!({ "ok": false, "error": "rate_limited", "scope": scope, "retry_after_seconds": 2, "remaining_tokens": 0 });
    assert_eq!(
        told(limits.check(ByAddress::Call, &headers, &here)),
        no("ip")
    );
    assert_eq!(
        told(limits.check(ByAddress::Stream, &headers, &here)),
        no("sse_connect")
    );
    assert_eq!(
        told(limits.mutation(&Principal::ApiKey, Some(&ada))),
        no("agent_mutation")
    );
    limits
        .check(ByAddress::Call, &headers, &from([192, 0, 2, 2]))
        .unwrap();
}

#[test]
fn neither_another_name_nor_another_key_gets_around_the_limit_of_changes() {
    let rate = Rate {
        per_minute: 40,
        burst: 4,
    };
    let limits = limits(&Hand::default(), rate, 10);
    let change = |key: &str, agent: &str| {
        let agent = AgentId::parse(agent).unwrap();
        limits.mutation(&Principal::Key(key.to_owned()), Some(&agent))
    };
    for agent in ["ada", "bob", "eve", "joe"] {
        change("one", agent).unwrap();
    }
    assert!(
        change("one", "new").is_err(),
        "the key has used up its tokens"
    );
    for _ in 0..3 {
        change("two", "ada").unwrap();
    }
    assert!(change("two", "ada").is_err(), "ada has used up hers");
    assert!(change("three", "ada").is_err());
    change("three", "bob").unwrap();
}

#[test]
fn callers_beyond_the_most_share_a_bucket_until_others_are_forgotten() {
    let rate = Rate {
        per_minute: 120,
        burst: 2,
    };
    let (hand, headers) = (Hand::default(), HeaderMap::new());
    let limits = limits(&hand, rate, 3);
    let scopes = limits.0.clone().unwrap();
    // One token longer than it takes to fill a bucket.
    let pass = Duration::from_millis(1500);
    beyond_the_most(
        |host| limits.check(ByAddress::Call, &headers, &from([192, 0, 2, host])),
        || {
            std::thread::sleep(pass);
            scopes.forget_idle();
            assert_eq!(scopes.calls.callers(), 0);
        },
    );
    beyond_the_most(
        |host| limits.mutation(&Principal::Key(host.to_string()), None),
        || {
            hand.moves(pass);
            scopes.forget_idle();
            assert_eq!(scopes.principals.callers(), 0);
        },
    );
}

fn beyond_the_most(call: impl Fn(u8) -> Result<(), ApiError>, forget: impl FnOnce()) {
    for host in 1..=3 {
        call(host).unwrap();
    }
    call(4).unwrap();
    call(5).unwrap();
    assert!(call(6).is_err(), "4 and 5 had the tokens of all others");
    for host in 1..=3 {
        call(host).unwrap();
        assert!(call(host).is_err(), "those who were first have their own");
    }
    forget();
    for host in 6..=8 {
        call(host).unwrap();
        call(host).unwrap();
    }
}

/// What this process holds in memory, in bytes.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[test]
fn prove_any_number_of_callers_takes_bounded_memory() {
    let hand = Hand::default();
    let limits = limits(
        &hand,
        Rate {
            per_minute: 120,
            burst: 40,
        },
        CALLERS,
    );
    let (headers, scopes) = (HeaderMap::new(), limits.0.clone().unwrap());
    let before = resident();
    for n in 0..rounds(100_000, 1_000_000) {
        let here = from(Ipv4Addr::from(n));
        // Those beyond the most may be refused; what counts here is that they are not remembered.
        let _ = limits.check(ByAddress::Call, &headers, &here);
        let _ = limits.check(ByAddress::Stream, &headers, &here);
        let agent = AgentId::parse(&format!("agent-{n}-{}", "x".repeat(150))).unwrap();
        let _ = limits.mutation(&Principal::Key(format!("{n}")), Some(&agent));
        for addresses in [&scopes.calls, &scopes.streams] {
            assert!(addresses.callers() <= CALLERS);
        }
        for names in [&scopes.principals, &scopes.agents] {
            assert!(names.callers() <= CALLERS);
        }
    }
    if let (Some(before), Some(after)) = (before, resident()) {
        let grown = after.saturating_sub(before);
        eprintln!("{} KiB for the callers of four kinds", grown >> 10);
        assert!(
            grown < 64 << 20,
            "{grown} bytes for the callers of four kinds"
        );
    }
    hand.moves(Duration::from_mins(1));
    std::thread::sleep(Duration::from_millis(1100));
    scopes.forget_idle();
    assert_eq!(scopes.calls.callers() + scopes.agents.callers(), 0);
    limits
        .check(ByAddress::Call, &headers, &from([203, 0, 113, 9]))
        .unwrap();
}
