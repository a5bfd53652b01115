//! The sentence for each kind of mistake.

use insta::assert_snapshot;

use super::given::given;

#[test]
fn an_invalid_value_is_reported_with_key_origin_and_allowed_values() {
    assert_snapshot!(given().toml("http_port = 70000").error(), @r#"http_port is "70000" in issuecommand.toml: allowed is a whole number from 0 to 65535"#);
    assert_snapshot!(given().dotenv("HTTP_PORT=http").error(), @r#"HTTP_PORT is "http" in .env: allowed is a whole number from 0 to 65535"#);
    assert_snapshot!(given().env("TRUST_PROXY", "maybe").error(), @r#"TRUST_PROXY is "maybe" in the environment: allowed is 1, true, yes, on or 0, false, no, off, in any case"#);
    assert_snapshot!(given().flag("HTTP_HOST", "example.com").error(), @r#"HTTP_HOST is "example.com" on the command line: allowed is an IP address, or localhost"#);
}

#[test]
fn a_number_is_whole_and_within_its_bounds() {
    let error = |value: &str| given().env("CLAIM_TIMEOUT_MINUTES", value).error();
    assert_snapshot!(error("-1"), @r#"CLAIM_TIMEOUT_MINUTES is "-1" in the environment: allowed is a whole number from 0 to 4294967295"#);
    for wrong in [
        "1.5",
        "+1",
        "1e3",
        "1_000",
        "0x10",
        "ten",
        "4294967296",
        "99999999999999999999",
        "1 2",
        "١",
    ] {
        assert_eq!(
            error(wrong),
            error("-1").replace("\"-1\"", &format!("{wrong:?}"))
        );
    }
    assert_snapshot!(given().env("EVENT_KEEP_DAYS", "0").error(), @r#"EVENT_KEEP_DAYS is "0" in the environment: allowed is a whole number from 1 to 4294967295"#);
    assert_snapshot!(given().env("SQLITE_BUSY_TIMEOUT_MS", "2147483648").error(), @r#"SQLITE_BUSY_TIMEOUT_MS is "2147483648" in the environment: allowed is a whole number from 0 to 2147483647"#);
    assert_snapshot!(given().toml("claim_timeout_minutes = 1.5").error(), @r#"claim_timeout_minutes is "1.5" in issuecommand.toml: allowed is a whole number from 0 to 4294967295"#);
    assert_snapshot!(given().toml("claim_timeout_minutes = -9223372036854775808").error(), @r#"claim_timeout_minutes is "-9223372036854775808" in issuecommand.toml: allowed is a whole number from 0 to 4294967295"#);
}

#[test]
fn a_value_of_another_type_in_the_file_is_refused() {
    assert_snapshot!(given().toml("http_port = true").error(), @r#"http_port is "true" in issuecommand.toml: allowed is a whole number from 0 to 65535"#);
    assert_snapshot!(given().toml("http_port = [1]").error(), @r#"http_port is "an array" in issuecommand.toml: allowed is a whole number from 0 to 65535"#);
    assert_snapshot!(given().toml("[http_host]\na = 1").error(), @r#"http_host is "a table" in issuecommand.toml: allowed is an IP address, or localhost"#);
    assert_snapshot!(given().toml("sqlite_path = 1").error(), @r#"sqlite_path is "1" in issuecommand.toml: allowed is the path of a file; a database in memory would lose claims and be seen by no other process"#);
    assert_snapshot!(given().toml("allowed_repos = [\"acme/api\", 1]").error(), @r#"allowed_repos is "an array" in issuecommand.toml: allowed is a comma-separated list of owner/name"#);
}

#[test]
fn each_text_format_explains_itself() {
    assert_snapshot!(given().env("ALLOWED_REPOS", "acme/api,acme").error(), @r#"ALLOWED_REPOS is "acme" in the environment: allowed is a comma-separated list of owner/name"#);
    assert_snapshot!(given().env("ALLOWED_REPOS", ",").error(), @r#"ALLOWED_REPOS is "," in the environment: allowed is a comma-separated list of owner/name"#);
    assert_snapshot!(given().env("PRIORITY_LABELS", "critical=p0;urgent=p1").error(), @r#"PRIORITY_LABELS is "urgent=p1" in the environment: allowed is text of the form critical=word,word;high=word;medium=word;low=word"#);
    assert_snapshot!(given().env("LOG_LEVEL", "verbose").error(), @r#"LOG_LEVEL is "verbose" in the environment: allowed is off, error, warn, info, debug or trace, or target=level, comma-separated"#);
    assert_snapshot!(given().env("LOG_FORMAT", "xml").error(), @r#"LOG_FORMAT is "xml" in the environment: allowed is auto, json or text"#);
    assert_snapshot!(given().env("WEBHOOK_PATH", "hooks").error(), @r#"WEBHOOK_PATH is "hooks" in the environment: allowed is a path that begins with '/', of letters, digits and -._~/, where no other route is"#);
    assert_snapshot!(given().env("FOLLOWUP_RESOLVE_ON_PUSH", "some").error(), @r#"FOLLOWUP_RESOLVE_ON_PUSH is "some" in the environment: allowed is all, owned or never"#);
    assert_snapshot!(given().env("GITHUB_API_URL", "api.github.com").error(), @r#"GITHUB_API_URL is "api.github.com" in the environment: allowed is an http:// or https:// address without user, query and fragment"#);
    assert_snapshot!(given().env("SQLITE_JOURNAL_MODE", "memory").error(), @r#"SQLITE_JOURNAL_MODE is "memory" in the environment: allowed is WAL, DELETE, TRUNCATE or PERSIST (MEMORY and OFF are refused: a crash would lose claims)"#);
    assert_snapshot!(given().env("SQLITE_SYNCHRONOUS", "OFF").error(), @r#"SQLITE_SYNCHRONOUS is "OFF" in the environment: allowed is FULL or NORMAL"#);
    assert_snapshot!(given().env("SQLITE_PATH", ":memory:").error(), @r#"SQLITE_PATH is ":memory:" in the environment: allowed is the path of a file; a database in memory would lose claims and be seen by no other process"#);
}

#[test]
fn every_odd_value_of_a_form_is_refused() {
    for (name, values) in [
        (
            "LOG_LEVEL",
            &["info,", "=info", "a=verbose", "a b=info", "a=b=info", "5"][..],
        ),
        (
            "WEBHOOK_PATH",
            &[
                "/a?b",
                "/a#b",
                "/{id}",
                "/*rest",
                "/ä",
                "/a b",
                "/sse",
                "/api/claims",
                "/api/claims/",
                "/api/issues/acme/api/1",
            ],
        ),
        (
            "GITHUB_API_URL",
            &[
                "ftp://host",
                "https://",
                "https://host/#a",
                "http://host:70000",
                "/api/v3",
            ],
        ),
        ("HTTP_HOST", &["0.0.0.0:3100", "*", "::1]", "256.0.0.1"]),
        ("SQLITE_PATH", &["file:a.db", "file::memory:?cache=shared"]),
        ("SQLITE_JOURNAL_MODE", &["OFF", "WAL2"]),
        ("LOG_FORMAT", &["auto,json"]),
    ] {
        for value in values {
            let error = given().env(name, value).error();
            assert!(
                error.starts_with(&format!("{name} is ")),
                "{name}={value}: {error}"
            );
        }
    }
}

#[test]
fn an_unknown_key_of_the_file_is_answered_with_the_nearest() {
    assert_snapshot!(given().toml("http_prot = 1").error(), @r#""http_prot" in issuecommand.toml is no setting: did you mean http_port?"#);
    assert_snapshot!(given().toml("API_KEY = \"k\"").error(), @r#""API_KEY" in issuecommand.toml is no setting: did you mean api_key?"#);
    assert_snapshot!(given().toml("claim-timeout-minute = 1").error(), @r#""claim-timeout-minute" in issuecommand.toml is no setting: did you mean claim_timeout_minutes?"#);
    assert_snapshot!(given().toml("colour = \"red\"").error(), @r#""colour" in issuecommand.toml is no setting: docs/configuration.md lists the settings"#);
    assert_snapshot!(given().toml("[server]\nport = 1").error(), @r#""server" in issuecommand.toml is no setting: docs/configuration.md lists the settings"#);
    assert_snapshot!(given().flag("HTTP_PROT", "1").error(), @r#""HTTP_PROT" on the command line is no setting: did you mean HTTP_PORT?"#);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    assert_snapshot!(given().named_toml("other.toml", None).error(), @"other.toml cannot be read: there is no such file");
    assert_snapshot!(given().toml("http_port = 1\nhttp_port = 2\n").error(), @"issuecommand.toml line 2: duplicate key");
    assert_snapshot!(given().toml("http_port = 1\nhttp_host =\n").error(), @"issuecommand.toml line 2: string values must be quoted, expected literal string");
    assert_snapshot!(given().dotenv("\nHTTP_PORT=\"1\n").error(), @".env line 2: HTTP_PORT: the quote is not closed");
    assert_snapshot!(given().dotenv(b"SQLITE_PATH=/\xff\n").error(), @".env line 1: SQLITE_PATH: the value is not UTF-8");
}

#[test]
fn a_missing_required_setting_is_one_sentence() {
    let settings = given().load().unwrap();
    assert_snapshot!(settings.api_key().unwrap_err(), @"API_KEY is not set: set it to the bearer token that clients are to send, in the environment, .env or issuecommand.toml");
    assert_snapshot!(settings.github_token().unwrap_err(), @"GITHUB_TOKEN is not set: set it to a GitHub token (classic: repo, read:org; fine-grained: issues and pull requests read and write, metadata read; without one, log in with gh auth login), in the environment, .env or issuecommand.toml");
}

/// The router would not start with two handlers on one path.
#[test]
fn a_path_of_the_router_is_no_webhook_path() {
    let source = include_str!("../../../../issuecommand-http/src/routes/table.rs");
    let paths = source.split('"').filter(|text| text.starts_with('/'));
    let fixed = paths.map(|path| path.split("/{").next().unwrap_or(path));
    let fixed: Vec<&str> = fixed.collect();
    assert!(fixed.len() > 10, "{fixed:?}");
    for path in fixed {
        let error = given().env("WEBHOOK_PATH", path).error();
        assert!(error.contains("where no other route is"), "{path}: {error}");
    }
}
