//! The data of `config show`.

use insta::assert_snapshot;
use issuecommand_config::{Value, effective};

use super::given::given;

fn lines(given: &super::given::TestSources) -> String {
    let all = effective(given.sources()).unwrap();
    let wanted = [
        "GITHUB_TOKEN",
        "API_KEY",
        "HTTP_PORT",
        "SQLITE_PATH",
        "DATABASE_URL",
        "LOG_LEVEL",
        "CLAIM_TIMEOUT_MINUTES",
        "GITHUB_WEBHOOK_SECRET",
    ];
    let wanted = all.iter().filter(|shown| wanted.contains(&shown.name));
    let line = |shown: &issuecommand_config::EffectiveSetting| {
        let origin = shown.origin.as_ref().map(ToString::to_string);
        format!(
            "{} {:?} {}\n",
            shown.name,
            shown.value,
            origin.unwrap_or_else(|| "nowhere".to_owned())
        )
    };
    wanted
        .map(line)
        .collect::<String>()
        .replace(&given.path().display().to_string(), "FOLDER")
}

#[test]
fn each_value_stands_with_its_source_and_no_secret_is_shown() {
    let given = given()
        .toml("sqlite_path = \"a.db\"\nhttp_port = 1\n")
        .dotenv("HTTP_PORT=2\nAPI_KEY=canary-key\n")
        .env("DATABASE_URL", "postgres://user:canary@host/db")
        .env("CLAIM_TIMEOUT_MINUTES", " 5 ")
        .flag("LOG_LEVEL", "debug");
    let lines = lines(&given);
    assert!(!lines.contains("canary"), "{lines}");
    assert_snapshot!(lines, @r#"
    GITHUB_TOKEN NeededUnless("gh is logged in") nowhere
    API_KEY Hidden in FOLDER/.env
    HTTP_PORT Text("2") in FOLDER/.env
    DATABASE_URL Hidden in the environment
    SQLITE_PATH Text("a.db") in FOLDER/issuecommand.toml
    CLAIM_TIMEOUT_MINUTES Text("5") in the environment
    GITHUB_WEBHOOK_SECRET Unset("no signature is accepted") nowhere
    LOG_LEVEL Text("debug") on the command line
    "#);
}

#[test]
fn every_setting_is_listed_once() {
    let all = effective(given().sources()).unwrap();
    let names: Vec<_> = all.iter().map(|shown| shown.name).collect();
    let table: Vec<_> = issuecommand_config::DEFINITIONS
        .iter()
        .map(|s| s.name)
        .collect();
    assert_eq!(names, table);
    let needed = all.iter().filter(|shown| shown.value == Value::Needed);
    assert!(needed.count() >= 1);
}
