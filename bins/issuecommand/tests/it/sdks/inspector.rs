//! The Inspector's command line, which starts and ends with each call.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::{Client, Era, Fixture, Wire};
use crate::harness::{API_KEY, Program, path_of};

pub(super) struct Inspector {
    sdks: PathBuf,
    home: PathBuf,
    /// The words that say which server.
    server: Vec<String>,
    tools: Vec<String>,
}

impl Inspector {
    pub(super) fn new(fixture: &mut Fixture, wire: Wire, era: Era) -> Self {
        let mut server = Vec::new();
        match wire {
            Wire::Stdio => {
                server.push(path_of(Program::Combined).display().to_string());
                for (name, value) in fixture.environment() {
                    server.extend(["-e".to_owned(), format!("{name}={value}")]);
                }
            }
            Wire::Http => {
                let key = format!("Authorization: Bearer {API_KEY}");
                let words = ["--server-url", &fixture.url(), "--header", &key];
                server.extend(words.map(str::to_owned));
            }
        }
        server.extend(["--protocol-era", era.name()].map(str::to_owned));
        let mut inspector = Self {
            sdks: fixture.sdks.clone(),
            home: fixture.site.folder().to_owned(),
            server,
            tools: Vec::new(),
        };
        // Strict: it ends with 6 if a schema has what some client cannot read.
        let (listed, exit) = inspector.run(&["--method", "tools/list", "--strict"]);
        assert_eq!(exit, Some(0), "{listed}");
        let tools = listed["result"]["tools"].as_array().unwrap().iter();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        inspector.tools = tools.map(name).collect();
        inspector
    }

    /// The object that it prints, and its exit code.
    fn run(&self, words: &[&str]) -> (Value, Option<i32>) {
        let bin = self.sdks.join("node_modules/.bin");
        let mut command = Command::new(bin.join("node"));
        command
            .arg(bin.join("inspector"))
            .arg("--cli")
            .args(&self.server)
            .args(words)
            .args(["--format", "json", "--quiet"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said = serde_json::from_str(&text);
        let said = said.unwrap_or_else(|_| panic!("{words:?}: {output:?}"));
        (said, output.status.code())
    }
}

impl Client for Inspector {
    fn tools(&self) -> Vec<String> {
        self.tools.clone()
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let json = arguments.to_string();
        let words = ["--method", "tools/call", "--tool-name", tool];
        let (said, exit) = self.run(&[&words[..], &["--tool-args-json", &json]].concat());
        let result = said["result"].clone();
        let failed = result["isError"] == true;
        assert_eq!(exit == Some(0), !failed, "{tool} {json}: {said}");
        result
    }
}
