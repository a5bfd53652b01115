//! An MCP client over the standard input and output of a process: JSON-RPC, one message a line.

use std::io::{BufRead, BufReader, Write};
use std::process::ChildStdin;
use std::sync::mpsc::{Receiver, sync_channel};

use serde_json::{Value, json};

use super::{PATIENCE, Process, wait_for};

/// One client and the process that it started.
#[derive(Debug)]
pub(crate) struct Mcp {
    pub(crate) process: Process,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    last_id: u64,
}

impl Mcp {
    pub(crate) fn new(mut process: Process) -> Self {
        let (stdin, stdout) = process.pipes();
        // Bounded, so that a test that does not take lines acts as a client that does not read.
        let (sender, lines) = sync_channel(8);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            process,
            stdin: Some(stdin),
            lines,
            last_id: 0,
        }
    }

    /// Shakes hands.
    pub(crate) fn greet(&mut self) {
        self.greeted();
    }

    /// The handshake; returns the instructions.
    pub(crate) fn greeted(&mut self) -> String {
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "tests", "version": "1" },
        });
        let answer = self.ask("initialize", &hello);
        assert_eq!(answer["serverInfo"]["name"], "issuecommand", "{answer}");
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        answer["instructions"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Calls a tool that must not fail. Returns its result, which may be a refusal.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.ask(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        );
        assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
        result["structuredContent"].clone()
    }

    /// The same, again while the database is busy, as its answer says: many processes and a slow disk make it so.
    pub(crate) fn call_until_free(&mut self, tool: &str, arguments: &Value) -> Value {
        let call = json!({ "name": tool, "arguments": arguments });
        wait_for("a database that is free", PATIENCE, || {
            let result = self.ask("tools/call", &call);
            let text = result["content"][0]["text"].as_str().unwrap_or_default();
            if result["isError"] == true && text.contains("\"store_busy\"") {
                return None;
            }
            assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
            Some(result["structuredContent"].clone())
        })
    }

    /// Calls a tool that must fail. Returns the text of the failure.
    pub(crate) fn fail(&mut self, tool: &str, arguments: &Value) -> String {
        let result = self.ask(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        );
        assert_eq!(result["isError"], true, "{tool} {arguments}: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The names of the tools.
    pub(crate) fn list_tools(&mut self) -> Vec<String> {
        let answer = self.ask("tools/list", &json!({}));
        let tools = answer["tools"].as_array().unwrap();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }

    /// Asks for something that must not fail. Returns the result.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let line = self
                .lines
                .recv_timeout(PATIENCE)
                .expect("an answer in time");
            // Standard output belongs to the protocol: an invalid line would break a real client.
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            if message["id"] == id {
                assert!(
                    message.get("error").is_none(),
                    "{method} {params}: {message}"
                );
                return message["result"].clone();
            }
        }
    }

    /// The next message of any kind.
    pub(crate) fn next_message(&mut self) -> Value {
        let line = self
            .lines
            .recv_timeout(PATIENCE)
            .expect("a message in time");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"))
    }

    fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\n").as_bytes());
    }

    /// Writes raw bytes.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("a client that has not left");
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// The standard input of the process, for another thread to write to.
    pub(crate) fn take_stdin(&mut self) -> ChildStdin {
        self.stdin.take().expect("a client that has not left")
    }

    /// Leaves as clients do, by closing the process's standard input.
    pub(crate) fn leave(&mut self) {
        self.stdin = None;
    }
}
