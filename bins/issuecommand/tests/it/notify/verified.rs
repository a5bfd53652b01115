//! The libraries of Standard Webhooks verify what is sent.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{REPO, SECRET, claim, synced, telling, wait_for_endpoint};
use crate::harness::{PATIENCE, Site, Store, wait_for};
use crate::sdks::installed;

on_each_store!(prove_sdks_standard_webhooks_verify_what_is_sent);

const NODE: &str = "
import { Webhook } from 'standardwebhooks';
import { readFileSync } from 'node:fs';
const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
";

const PYTHON: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook
sent = json.load(sys.stdin)
print(json.dumps(Webhook(sent['secret']).verify(sent['body'], sent['headers'])))
";

/// Runs a verifier, and returns what it read, or what it said against it.
fn verify(mut command: Command, sent: &Value) -> Result<Value, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(sent.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn prove_sdks_standard_webhooks_verify_what_is_sent(store: Store) {
    let Some(sdks) = installed() else {
        return;
    };
    let site = Site::with_issues_on(store, REPO, 3);
    let receiver = Receiver::answering(200);
    let mut service = telling(&site, &receiver).start();
    let http = synced(&mut service);
    wait_for_endpoint(&site);
    claim(&http, "ann – \u{202e}日本語", 1);
    let request = wait_for("the request", PATIENCE, || {
        receiver.requests().first().cloned()
    });
    let headers: serde_json::Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let sent = json!({ "secret": SECRET, "headers": headers, "body": request.body });
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let forged = json!({ "secret": other, "headers": headers, "body": request.body });
    let commands = || {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "--eval", NODE])
            .current_dir(&sdks);
        let mut python = Command::new(sdks.join("venv/bin/python"));
        python.args(["-c", PYTHON]);
        [node, python]
    };
    for command in commands() {
        assert_eq!(verify(command, &sent), Ok(body.clone()));
    }
    for command in commands() {
        let error = verify(command, &forged).unwrap_err();
        assert!(error.contains("No matching signature"), "{error}");
    }
}
