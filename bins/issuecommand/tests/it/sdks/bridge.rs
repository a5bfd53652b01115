//! A client of a library, in a process that reads calls and writes results, a line each (`tests/sdk/bridge.mjs`, `python.py`).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::{Client, Era, Fixture, Wire};
use crate::harness::{Program, path_of};

pub(super) struct Bridge {
    process: Child,
    lines: BufReader<ChildStdout>,
    shown: Value,
}

impl Bridge {
    pub(super) fn start(
        fixture: &mut Fixture,
        interpreter: &Path,
        script: &str,
        wire: Wire,
        era: Era,
    ) -> Self {
        let mut command = Command::new(interpreter);
        command
            .arg(fixture.sdks.join(script))
            .arg(era.name())
            .env_clear()
            .envs(fixture.environment());
        match wire {
            Wire::Stdio => command.arg("stdio").arg(path_of(Program::Combined)),
            Wire::Http => command.args(["http", &fixture.url()]),
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut bridge = Self {
            process,
            lines,
            shown: Value::Null,
        };
        bridge.shown = bridge.read();
        let shown = &bridge.shown;
        assert_eq!(shown["protocol"], era.version(), "{shown}");
        assert_eq!(shown["server"], "issuecommand", "{shown}");
        // The libraries hold the answers against these.
        assert_eq!(shown["schemas"], bridge.tools().len(), "{shown}");
        bridge
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?} instead of an answer"))
    }
}

impl Client for Bridge {
    fn tools(&self) -> Vec<String> {
        let tools = self.shown["tools"].as_array().unwrap().iter();
        tools
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let call = json!({ "name": tool, "arguments": arguments });
        writeln!(self.process.stdin.as_mut().unwrap(), "{call}").unwrap();
        let result = self.read();
        assert!(result.get("thrown").is_none(), "{call}: {result}");
        result
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // It leaves when its input ends, as a client should.
        drop(self.process.stdin.take());
        let ended = self.process.wait();
        if !std::thread::panicking() {
            assert!(ended.unwrap().success(), "a client that ends in order");
        }
    }
}
