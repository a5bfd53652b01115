//! The limits by address, by the machine's clock: their buckets refill slowly enough that no test is too slow for them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use issuecommand_executor::limits::{LimitClock, Rate};
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use super::*;

fn limits(rate: Rate, callers: usize) -> Limits {
    let settings = RateLimits {
        trust_proxy: false,
        ip: rate,
        agent_mutation: rate,
        sse_connect: rate,
        clock: LimitClock::default(),
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
        per_minute: 6,
        burst: 2,
    };
    let limits = limits(rate, 10);
    let (headers, here) = (HeaderMap::new(), from([192, 0, 2, 1]));
    let check = |of, extensions| limits.check(of, &headers, extensions);
    for of in [
        ByAddress::Call,
        ByAddress::UnprovenDelivery,
        ByAddress::Stream,
    ] {
        check(of, &here).unwrap();
        check(of, &here).unwrap();
    }
    let no = |scope| json!({ "ok": false, "error": "rate_limited", "scope": scope, "retry_after_seconds": 10, "remaining_tokens": 0 });
    assert_eq!(told(check(ByAddress::Call, &here)), no("ip"));
    assert_eq!(told(check(ByAddress::UnprovenDelivery, &here)), no("ip"));
    assert_eq!(told(check(ByAddress::Stream, &here)), no("sse_connect"));
    check(ByAddress::Call, &from([192, 0, 2, 2])).unwrap();
}

#[test]
fn zero_burst_is_always_empty_and_zero_rate_never_refills() {
    let (headers, here) = (HeaderMap::new(), from([192, 0, 2, 1]));
    for (per_minute, burst) in [(120, 0), (0, 0), (0, 3)] {
        let limits = limits(Rate { per_minute, burst }, 10);
        for _ in 0..burst {
            limits.check(ByAddress::Call, &headers, &here).unwrap();
        }
        limits.0.as_ref().unwrap().forget_idle();
        let no = limits.check(ByAddress::Call, &headers, &here).unwrap_err();
        assert_eq!(no.retry_after_seconds(), Some(60));
    }
}

#[test]
fn every_allowed_rate_and_burst_works() {
    let (headers, here) = (HeaderMap::new(), from([192, 0, 2, 1]));
    for per_minute in [0, 1, u32::MAX] {
        for burst in [1, 2, u32::MAX] {
            let limits = limits(Rate { per_minute, burst }, 10);
            for _ in 0..burst.min(1000) {
                limits.check(ByAddress::Call, &headers, &here).unwrap();
            }
        }
    }
}

#[test]
fn addresses_beyond_the_most_share_a_bucket_until_others_are_forgotten() {
    let rate = Rate {
        per_minute: 120,
        burst: 2,
    };
    let limits = limits(rate, 3);
    let (headers, scopes) = (HeaderMap::new(), limits.0.clone().unwrap());
    let call = |host| limits.check(ByAddress::Call, &headers, &from([192, 0, 2, host]));
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
    // One token longer than it takes to fill a bucket.
    std::thread::sleep(Duration::from_millis(1600));
    scopes.forget_idle();
    assert_eq!(scopes.calls.callers(), 0);
    for host in 6..=8 {
        call(host).unwrap();
        call(host).unwrap();
    }
}

/// The resident memory of this process, in bytes.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[test]
fn prove_any_number_of_addresses_takes_bounded_memory() {
    let rate = Rate {
        per_minute: 120,
        burst: 40,
    };
    let limits = limits(rate, MOST_CALLERS);
    let (headers, scopes) = (HeaderMap::new(), limits.0.clone().unwrap());
    let before = resident();
    for n in 0..rounds(100_000, 1_000_000) {
        let here = from(Ipv4Addr::from(n));
        // Those beyond the most may be refused; what counts here is that they are not remembered.
        let _ = limits.check(ByAddress::Call, &headers, &here);
        let _ = limits.check(ByAddress::Stream, &headers, &here);
        assert!(scopes.calls.callers() <= MOST_CALLERS);
        assert!(scopes.streams.callers() <= MOST_CALLERS);
    }
    if let (Some(before), Some(after)) = (before, resident()) {
        let grown = after.saturating_sub(before);
        eprintln!("{} KiB for the addresses of two kinds", grown >> 10);
        assert!(
            grown < 32 << 20,
            "{grown} bytes for the addresses of two kinds"
        );
    }
    std::thread::sleep(Duration::from_millis(1100));
    scopes.forget_idle();
    assert_eq!(scopes.calls.callers() + scopes.streams.callers(), 0);
    limits
        .check(ByAddress::Call, &headers, &from([203, 0, 113, 9]))
        .unwrap();
}
