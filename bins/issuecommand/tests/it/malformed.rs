//! Thousands of malformed lines on standard input, and a client that does not read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use crate::harness::{Mcp, PATIENCE, Program, Site, wait_for};

/// The expected answer to a line.
enum ExpectedAnswer {
    /// Exactly one answer under this id.
    Under(u32),
    /// One answer, under this id or, where that cannot be found any more, under `null`.
    UnderOrNull(u32),
    /// None: it has become a notification.
    Nothing,
}

/// Values that are invalid JSON, or of a wrong type.
const VALUES: [&str; 16] = [
    "1e400",
    "-1e999",
    "NaN",
    "Infinity",
    "undefined",
    "'x'",
    "\"\\ud83d\"",
    "\"\\udc00x\"",
    "01",
    "+1",
    "\"\\x41\"",
    "\"tab\there\"",
    "{\"a\":1,}",
    "[1,,2]",
    "tru",
    "1.",
];

/// Bytes that are not UTF-8.
const BYTES: [&[u8]; 5] = [
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\x80",
];

/// A read-only call, as its beginning and its end around a value.
fn around(id: u32, first: bool) -> (String, String) {
    let (before, after) = if first {
        (format!(r#""id":{id},"#), String::new())
    } else {
        (String::new(), format!(r#","id":{id}"#))
    };
    let begin = format!(
        r#"{{{before}"jsonrpc":"2.0","method":"tools/call","params":{{"name":"get_my_work","arguments":{{"agent_id":"#
    );
    (begin, format!("}}}}{after}}}"))
}

/// The random line of this number.
fn line(id: u32, random: &mut Rng) -> (Vec<u8>, ExpectedAnswer) {
    let first = random.usize(..2) == 0;
    let (begin, end) = around(id, first);
    let front = begin.find("\"jsonrpc\"").unwrap();
    let expected = if first {
        ExpectedAnswer::Under(id)
    } else {
        ExpectedAnswer::UnderOrNull(id)
    };
    let mut bytes = begin.clone().into_bytes();
    match random.usize(..8) {
        0 => bytes.extend(VALUES[random.usize(..VALUES.len())].as_bytes()),
        1 => {
            bytes.push(b'"');
            bytes.extend(BYTES[random.usize(..BYTES.len())]);
            bytes.push(b'"');
        }
        2 => {
            let depth = 100 + random.usize(..2_000);
            bytes.extend("[".repeat(depth).bytes());
            if random.usize(..2) == 0 {
                bytes.extend("]".repeat(depth).bytes());
            }
        }
        // Truncated, after the id if that comes first.
        3 => {
            bytes.extend(format!("\"ann\"{end}").bytes());
            bytes.truncate(front + random.usize(..bytes.len() - front));
            return (bytes, expected);
        }
        // Random bytes replaced.
        4 => {
            bytes.extend(format!("\"ann\"{end}").bytes());
            for _ in 0..=random.usize(..4) {
                let at = front + random.usize(..bytes.len() - front);
                let byte = u8::try_from(random.usize(..256)).unwrap();
                if byte != b'\n' && byte != b'\r' {
                    bytes[at] = byte;
                }
            }
            return (bytes, expected);
        }
        5 => bytes.extend(format!("\"{}\"", "x".repeat(random.usize(..200_000))).bytes()),
        // A part doubled, or left out.
        6 => {
            bytes.extend(format!("\"ann\"{end}").bytes());
            let from = front + random.usize(..bytes.len() - front);
            let to = from + random.usize(..bytes.len() - from);
            let part: Vec<u8> = bytes[from..to].to_vec();
            if random.usize(..2) == 0 {
                bytes.drain(from..to);
            } else {
                bytes.splice(to..to, part);
            }
            return (bytes, expected);
        }
        // Unchanged.
        _ => bytes.extend(b"\"ann\""),
    }
    bytes.extend(end.bytes());
    (bytes, expected)
}

/// The expected answer after the changes to a line with an id.
fn due_for(bytes: &[u8], expected: ExpectedAnswer) -> ExpectedAnswer {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(map))
            if !map.contains_key("id")
                && map.get("jsonrpc") == Some(&json!("2.0"))
                && map.get("method").is_some_and(Value::is_string) =>
        {
            ExpectedAnswer::Nothing
        }
        Ok(_) | Err(_) => expected,
    }
}

fn health_of(mcp: &mut Mcp) -> Value {
    mcp.call("system_health", &json!({}))["health"].clone()
}

/// Every line gets its answer, the server continues, and nothing is changed.
#[test]
fn prove_each_malformed_line_is_answered() {
    let site = Site::with_issues("acme/harbour", 3);
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let mut random = Rng::with_seed(0x5eed);
    let (count, batch) = (rounds(500, 5_000), 50);
    for begin in (0..count).step_by(batch) {
        let mut expected = Vec::new();
        for n in begin..(begin + 50).min(count) {
            let id = 1_000_000 + n;
            let (mut bytes, wanted) = line(id, &mut random);
            let wanted = due_for(&bytes, wanted);
            bytes.push(b'\n');
            mcp.send_bytes(&bytes);
            expected.push((wanted, bytes));
        }
        let mut under: BTreeMap<u32, u32> = BTreeMap::new();
        let (mut nulls, mut others) = (0, String::new());
        for (wanted, _) in &expected {
            if matches!(wanted, ExpectedAnswer::Nothing) {
                continue;
            }
            let answer = mcp.next_message();
            assert!(
                answer.get("result").is_some() || answer.get("error").is_some(),
                "{answer}"
            );
            match answer["id"].as_u64().and_then(|id| u32::try_from(id).ok()) {
                Some(id) => *under.entry(id).or_default() += 1,
                None if answer["id"].is_null() => nulls += 1,
                // An altered id is answered as it was received.
                None => write!(others, "{} ", answer["id"]).unwrap(),
            }
        }
        let (mut missing, mut hidden) = (Vec::new(), 0);
        for (wanted, bytes) in &expected {
            match wanted {
                ExpectedAnswer::Under(id) if !under.contains_key(id) => {
                    missing
                        .push(String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned());
                }
                ExpectedAnswer::UnderOrNull(id) if !under.contains_key(id) => hidden += 1,
                ExpectedAnswer::Under(_)
                | ExpectedAnswer::UnderOrNull(_)
                | ExpectedAnswer::Nothing => {}
            }
        }
        assert!(
            missing.is_empty(),
            "no answer under its id, of {begin}…: {missing:#?}; {others}"
        );
        // Lines with a hidden id were answered under null, or under an altered id.
        assert!(
            nulls <= hidden,
            "{nulls} under null, {hidden} hidden: {others}"
        );
        // The answer to a last call: there were no further answers before.
        assert_eq!(health_of(&mut mcp)["total_claims"], 0);
    }
    assert!(mcp.process.is_running());
}

#[test]
fn a_line_of_twenty_megabytes_is_passed_over_and_answered() {
    let site = Site::with_issues("acme/harbour", 3);
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let (begin, end) = around(77, true);
    mcp.send_bytes(begin.as_bytes());
    for _ in 0..20 {
        mcp.send_bytes(&vec![b'x'; 1024 * 1024]);
    }
    mcp.send_bytes(end.as_bytes());
    mcp.send_bytes(b"\n");
    let answer = mcp.next_message();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(77), &json!(-32600))
    );
    health_of(&mut mcp);
}

/// Peak memory of the process, in megabytes.
#[cfg(target_os = "linux")]
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1024
}

/// Each answer has 400 KB. The client reads none until it cannot write any more, then all.
#[cfg(target_os = "linux")]
#[test]
fn a_client_that_does_not_read_costs_no_more_than_some_answers() {
    use std::sync::atomic::{AtomicU32, Ordering};

    use issuecommand_github_emulator::{NewIssue, World};

    let mut world = World::new();
    world.add_repo("acme/harbour");
    let body = "x".repeat(10_000);
    for n in 0..20 {
        let issue = NewIssue::titled(&format!("Issue {n}")).body(&body);
        world.open_issue("acme/harbour", issue);
    }
    let site = Site::new(world);
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let list = json!({ "repo": "acme/harbour" });
    mcp.call("list_open_issues", &list);
    let pid = mcp.process.id();
    let before = peak_memory(pid);
    let written = AtomicU32::new(0);
    let mut stdin = mcp.take_stdin();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::Write as _;
            for id in 0..300 {
                // More than a pipe can buffer.
                let repo = format!("acme/harbour{}", " ".repeat(2_000));
                let call = json!({ "name": "list_open_issues", "arguments": { "repo": repo } });
                let line = json!({ "jsonrpc": "2.0", "id": 10_000 + id, "method": "tools/call", "params": call });
                writeln!(stdin, "{line}").unwrap();
                written.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut seen = 0;
        wait_for("the client to be read no more", PATIENCE, || {
            std::thread::sleep(std::time::Duration::from_millis(1_500));
            let now = written.load(Ordering::Relaxed);
            let stuck = now > 0 && now == seen;
            seen = now;
            stuck.then_some(())
        });
        assert!(seen < 250, "{seen} were read");
        let peak = peak_memory(pid);
        assert!(
            peak < before + 60,
            "{before} MB before, {peak} MB while nobody reads"
        );
        for _ in 0..300 {
            let answer = mcp.next_message();
            assert!(
                answer["result"]["structuredContent"]["issues"].is_array(),
                "{:.300}",
                answer.to_string()
            );
        }
    });
    let peak = peak_memory(pid);
    assert!(
        peak < before + 80,
        "{before} MB before, {peak} MB at the end"
    );
}
