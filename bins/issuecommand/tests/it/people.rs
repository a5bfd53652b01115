//! The command line for people, with the real program.

mod acts;
mod exits;
mod pages;
mod reads;
mod terminal;
mod ways;

use std::process::Output;

use serde_json::{Value, json};

use crate::harness::{Http, Program, Site, Start};

const REPO: &str = "acme/harbour";

/// A command at this site, as a person whose name is known.
fn command(site: &Site, args: &[&str]) -> Start {
    let start = site.program(Program::Combined).args(args);
    start.env("USER", "ann").env("HOSTNAME", "desk.example.com")
}

/// Its result. It asks the database itself.
fn run(site: &Site, args: &[&str]) -> Output {
    command(site, args).output()
}

/// What a command that succeeds prints.
#[track_caller]
fn printed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The one document of a command with `--json`.
#[track_caller]
fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// A service at this site, on a port of its own.
fn serve(site: &Site) -> (crate::harness::Process, Http, String) {
    let mut service = site.program(Program::Combined).start();
    let address = service.address();
    let http = Http::at(&address);
    (service, http, address)
}

fn claim(http: &Http, agent: &str, number: u32) -> Value {
    let body = json!({ "agent_id": agent, "repo": REPO, "issue_number": number });
    let answer = http.post("/api/claims", &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["claim"].clone()
}

/// Checks a document against a schema of the API.
struct Schemas(Value);

impl Schemas {
    fn of(http: &Http) -> Self {
        Self(http.get("/api/openapi.json").body)
    }

    #[track_caller]
    fn check(&self, name: &str, document: &Value) {
        let schemas = &self.0["components"]["schemas"];
        assert!(schemas[name].is_object(), "the API has no {name}");
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.0["components"],
            "$ref": format!("#/components/schemas/{name}"),
        });
        let validator = jsonschema::validator_for(&whole).unwrap();
        if let Err(error) = validator.validate(document) {
            panic!("{name}: {error} at {}: {document}", error.instance_path());
        }
    }
}
