//! Malformed requests, the same in each run: every response is complete and has a promised status, and a refused request has
//! changed not one byte. The other part of `cargo xtask prove attack`.

mod requests;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use issuecommand_testkit::prove::rounds;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::requests::{Fuzzed, Requests};
use crate::world::{API, Dump, Http, PATIENCE, Setup, github_with};

/// Sends it and reads to the end. `None` for a connection that was closed without a response.
async fn exchange(address: SocketAddr, request: &Fuzzed) -> Option<Vec<u8>> {
    let talk = async {
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut reader, mut writer) = stream.into_split();
        // A server that refuses early has responded; the rest does not matter.
        let _ = writer.write_all(&request.bytes).await;
        if !request.is_whole {
            let _ = writer.shutdown().await;
        }
        let mut answer = Vec::new();
        let _ = reader.read_to_end(&mut answer).await;
        answer
    };
    let answer = timeout(PATIENCE, talk).await.expect("an end in time");
    (!answer.is_empty()).then_some(answer)
}

/// The status of a well-formed response: a status line, headers, and a body of the announced length, which is JSON if its type
/// says so.
fn status(answer: &[u8], request: &Fuzzed) -> Result<(u16, bool), String> {
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let split = split.ok_or("no end of the head")?;
    let head = std::str::from_utf8(&answer[..split]).map_err(|_| "the head is not UTF-8")?;
    let body = &answer[split + 4..];
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| first.strip_prefix("HTTP/1.0 "))
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| format!("no status line: {first}"))?;
    let mut headers = BTreeMap::new();
    for line in lines {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("no header: {line}"))?;
        headers.insert(name.to_ascii_lowercase(), value.trim());
    }
    if !request.is_head {
        let length: usize = headers
            .get("content-length")
            .and_then(|length| length.parse().ok())
            .ok_or("no length")?;
        // A malformed request may be two requests, and have a second response.
        if body.len() < length || (request.is_whole && body.len() > length) {
            return Err(format!("{length} bytes are said, {} are there", body.len()));
        }
        let is_json = headers.get("content-type") == Some(&"application/json");
        if is_json && serde_json::from_slice::<Value>(&body[..length]).is_err() {
            return Err("the body is no JSON".to_owned());
        }
    }
    Ok((status, headers.contains_key("retry-after")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prove_attack_by_fuzzed_requests_has_no_effect_when_refused() {
    let setup = Setup::synced(github_with(40)).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    let http = Http::serving(&setup).await;
    let mut requests = Requests::new(2026, &claim.id.to_string());
    let mut counts: BTreeMap<u16, u32> = BTreeMap::new();
    let mut unanswered = 0;
    let mut dump = setup.dump().await;
    let mut unchecked = Vec::new();
    for n in 0..rounds(2_000, 20_000) {
        let request = requests.next();
        if request.may_succeed {
            check(&setup, &mut unchecked, &dump).await;
        }
        let shown = format!("request {n}: {:?}", String::from_utf8_lossy(&request.bytes));
        let Some(answer) = exchange(http.address(), &request).await else {
            assert!(!request.is_whole, "no answer to {shown}");
            unanswered += 1;
            unchecked.push(shown);
            continue;
        };
        let told = String::from_utf8_lossy(&answer).into_owned();
        let (status, retries) =
            status(&answer, &request).unwrap_or_else(|why| panic!("{why}\n{shown}\n{told}"));
        *counts.entry(status).or_default() += 1;
        assert!(
            status < 500 || (status == 503 && retries),
            "{shown}\n{told}"
        );
        if status < 400 {
            assert!(request.may_succeed, "{shown}\n{told}");
            dump = setup.dump().await;
        } else {
            unchecked.push(shown);
        }
    }
    check(&setup, &mut unchecked, &dump).await;
    eprintln!("answers by status: {counts:?}; without one: {unanswered}");
    for status in [200, 400, 401, 404, 409] {
        assert!(
            counts.contains_key(&status),
            "none was {status}: {counts:?}"
        );
    }
}

/// Asserts that nothing has changed since the last response that was no refusal.
async fn check(setup: &Setup, refused: &mut Vec<String>, before: &Dump) {
    if !refused.is_empty() {
        assert_eq!(
            &setup.dump().await,
            before,
            "changed by one of {refused:#?}"
        );
        refused.clear();
    }
}
