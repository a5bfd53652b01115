//! The defaults, and the meaning of each spelling of a value.

use std::path::Path;
use std::time::Duration;

use issuecommand_app::LogFormat;
use issuecommand_app::settings::{DatabaseOptions, Settings};
use issuecommand_config::{DEFINITIONS, DefaultValue, Kind};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::{FollowupScope, Policy, ResolveOnPush, Route};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Millis;
use issuecommand_github::Backend;
use issuecommand_http::Rate;
use issuecommand_store_sqlite::{JournalMode, SqliteOptions, Synchronous};

use super::given::given;

fn sqlite(settings: &Settings) -> SqliteOptions {
    match settings.database().unwrap() {
        DatabaseOptions::Sqlite(options) => options,
        DatabaseOptions::Postgres(options) => panic!("{options:?}"),
    }
}

#[test]
fn without_any_source_all_is_as_in_the_service_that_this_one_replaces() {
    let settings = given().load().unwrap();
    assert_eq!(settings.policy, Policy::default());
    assert_eq!(settings.allowed, Scope::All);
    assert_eq!(settings.listen.address.to_string(), "0.0.0.0:3100");
    assert!(!settings.http.limits.as_ref().unwrap().trust_proxy);
    let http = &settings.http;
    assert_eq!(
        (http.connections, http.connections_per_address),
        (4096, 256)
    );
    assert_eq!(settings.github.base, "https://api.github.com");
    assert_eq!(settings.github.backend, Backend::Auto);
    assert_eq!(settings.intervals.sync, Duration::from_mins(15));
    assert_eq!(settings.full_sync, Millis::minutes(6 * 60));
    assert_eq!(settings.policy.issue_check_age, Millis::seconds(60));
    assert_eq!(
        (sqlite(&settings), settings.database_is_set),
        (
            SqliteOptions {
                busy_timeout: Duration::from_secs(5),
                journal_mode: JournalMode::Wal,
                synchronous: Synchronous::Full,
                ..SqliteOptions::new("./issuecommand.db")
            },
            false
        )
    );
    assert!(!settings.ignore_self);
    assert!(settings.http.webhooks.enabled && settings.http.webhooks.secret.is_none());
    assert_eq!(settings.http.webhooks.path, "/api/webhooks/github");
    let limits = settings.http.limits.unwrap();
    assert_eq!(
        [limits.ip, limits.agent_mutation, limits.sse_connect],
        [(120, 40), (40, 20), (10, 10)].map(|(per_minute, burst)| Rate { per_minute, burst })
    );
    assert_eq!(
        (
            settings.log.level.as_str(),
            settings.log.format,
            &settings.log.file
        ),
        ("info", LogFormat::Auto, &None)
    );
}

#[test]
fn every_setting_of_the_replaced_service_is_taken_from_the_environment() {
    let settings = given()
        .env("CLAIM_TIMEOUT_MINUTES", "1")
        .env("PR_CLAIM_TIMEOUT_MINUTES", "2")
        .env("STALE_AUTO_RELEASE_MINUTES", "3")
        .env("HISTORY_MAX_ENTRIES", "0")
        .env("EVENT_KEEP_DAYS", "2")
        .env("FULL_SYNC_HOURS", "24")
        .env("ISSUE_CHECK_SECONDS", "0")
        .env("AUTO_CLOSE_GITHUB_ISSUE", "YES")
        .env("PRIORITY_LABELS", "critical=now")
        .env("ALLOWED_REPOS", " Acme/api, acme/web,,ACME/API ")
        .env("HTTP_HOST", "[::1]")
        .env("HTTP_PORT", "65535")
        .env("HTTP_MAX_CONNECTIONS", "512")
        .env("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "32")
        .env("GITHUB_API_URL", "https://github.acme.test/api/v3/")
        .env("SQLITE_PATH", "/data/a.db")
        .env("SQLITE_BUSY_TIMEOUT_MS", "250")
        .env("SQLITE_JOURNAL_MODE", "truncate")
        .env("SQLITE_SYNCHRONOUS", "Normal")
        .env("LOG_LEVEL", "Warn, issuecommand_github = DEBUG")
        .env("LOG_FORMAT", "JSON")
        .env("LOG_FILE", "/var/log/ic.jsonl")
        .env("LOG_KEEP_DAYS", "3")
        .env("FOLLOWUP_STALE_MINUTES", "4")
        .env("FOLLOWUP_MAX_ENTRIES", "5")
        .env("FOLLOWUP_COALESCE", "no")
        .env("FOLLOWUP_AFFINITY_MINUTES", "0")
        .env("FEEDBACK_UNCLAIMED_MINUTES", "0")
        .env("FOLLOWUP_RESOLVE_ON_PUSH", "Owned")
        .env("FOLLOWUP_COMMENTED_REVIEWS", "no")
        .env("FOLLOWUP_SCOPE", "claims")
        .env("FOLLOWUP_IGNORE_BOTS", "on")
        .env("FOLLOWUP_IGNORE_SELF", "1")
        .env("WEBHOOK_ENABLED", "off")
        .env("WEBHOOK_PATH", "/hooks/github")
        .env("WEBHOOK_DEDUPE_MAX_ENTRIES", "6")
        .env("RATE_LIMIT_IP_BURST", "7")
        .env("HOME", "/nobody")
        .load()
        .unwrap();
    let policy = &settings.policy;
    assert_eq!(policy.claim_timeout, Millis::minutes(1));
    assert_eq!(policy.pr_claim_timeout, Millis::minutes(2));
    assert_eq!(policy.stale_auto_release, Some(Millis::minutes(3)));
    assert_eq!((policy.history_max, policy.auto_close), (0, true));
    let http = &settings.http;
    assert_eq!((http.connections, http.connections_per_address), (512, 32));
    assert_eq!(
        (policy.commented_reviews, policy.followup_scope),
        (false, FollowupScope::Claims)
    );
    assert_eq!(policy.event_keep, Millis::minutes(2 * 24 * 60));
    assert_eq!(settings.full_sync, Millis::minutes(24 * 60));
    assert_eq!(policy.issue_check_age, Millis(0));
    assert_eq!(policy.priority.rank(&["now".into()]), Priority::Critical);
    assert_eq!(
        policy.priority.rank(&["p0".into()]),
        Priority::Medium,
        "the built-in table is replaced"
    );
    assert_eq!(
        (policy.followup_stale, policy.followup_max),
        (Millis::minutes(4), 5)
    );
    assert_eq!((policy.coalesce, policy.affinity), (false, Millis(0)));
    assert_eq!(policy.feedback_unclaimed, None);
    assert_eq!(policy.resolve_on_push, ResolveOnPush::Owned);
    assert_eq!((policy.ignore_bots, policy.deliveries_max), (true, 6));
    assert!(settings.ignore_self);
    assert_eq!(settings.http.webhooks.path, "/hooks/github");
    let allowed = ["acme/api", "acme/web"].map(|name| RepoName::parse(name).unwrap());
    assert_eq!(settings.allowed, Scope::Only(allowed.into()));
    assert_eq!(settings.listen.address.to_string(), "[::1]:65535");
    assert_eq!(settings.github.base, "https://github.acme.test/api/v3");
    assert_eq!(
        (sqlite(&settings), settings.database_is_set),
        (
            SqliteOptions {
                busy_timeout: Duration::from_millis(250),
                journal_mode: JournalMode::Truncate,
                synchronous: Synchronous::Normal,
                ..SqliteOptions::new("/data/a.db")
            },
            true
        )
    );
    assert_eq!(settings.log.level, "warn,issuecommand_github=debug");
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(
        settings.log.file.as_deref(),
        Some(Path::new("/var/log/ic.jsonl"))
    );
    assert_eq!(settings.log.keep_days, 3);
    assert!(!settings.http.webhooks.enabled);
    assert_eq!(
        settings.http.limits.unwrap().ip,
        Rate {
            per_minute: 120,
            burst: 7
        }
    );
}

#[test]
fn minimum_intervals_do_not_cause_busy_loops() {
    let settings = given()
        .env("SYNC_INTERVAL_MINUTES", "0")
        .env("FOLLOWUP_STALE_MINUTES", "0")
        .load()
        .unwrap();
    assert_eq!(
        (settings.intervals.sync, settings.policy.followup_stale),
        (Duration::from_mins(1), Millis::minutes(1))
    );
}

#[test]
fn yes_and_no_have_eight_spellings_in_any_case() {
    for (text, wanted) in [
        ("1", true),
        ("true", true),
        ("Yes", true),
        ("ON", true),
        (" on ", true),
        ("0", false),
        ("FALSE", false),
        ("no", false),
        ("Off", false),
    ] {
        assert_eq!(
            given()
                .env("TRUST_PROXY", text)
                .load()
                .unwrap()
                .http
                .limits
                .unwrap()
                .trust_proxy,
            wanted,
            "{text}"
        );
    }
}

#[test]
fn a_file_may_use_its_own_types() {
    let settings = given()
        .toml("http_port = 8_080\ntrust_proxy = true\nauto_close_github_issue = 1\nallowed_repos = [\"acme/api\"]\nhttp_host = \"localhost\"\n")
        .load()
        .unwrap();
    assert_eq!(settings.listen.address.to_string(), "127.0.0.1:8080");
    assert!(settings.http.limits.unwrap().trust_proxy && settings.policy.auto_close);
    assert_eq!(
        settings.allowed,
        Scope::Only([RepoName::parse("acme/api").unwrap()].into())
    );
}

#[test]
fn a_database_can_be_named_by_url_or_by_path_and_the_later_source_wins() {
    for (url, path) in [
        ("sqlite:a.db", "a.db"),
        ("sqlite://data/a.db", "data/a.db"),
        ("sqlite:///data/a%20b.db", "/data/a%20b.db"),
    ] {
        let settings = given()
            .env("DATABASE_URL", url)
            .env("SQLITE_PATH", "other.db")
            .load()
            .unwrap();
        assert_eq!(sqlite(&settings).path, Path::new(path), "{url}");
    }
    let settings = given()
        .dotenv("DATABASE_URL=mysql://another/project")
        .env("SQLITE_PATH", "ours.db")
        .load()
        .unwrap();
    assert_eq!(sqlite(&settings).path, Path::new("ours.db"));
}

#[test]
fn a_server_can_be_named_with_its_limits() {
    for (text, place) in [
        (
            "postgres://ann:p%40ss@db.example:5433/issues?sslmode=verify-full",
            "PostgreSQL db.example:5433 issues",
        ),
        (
            "postgresql:///issues?host=/run/postgresql",
            "PostgreSQL /run/postgresql:5432 issues",
        ),
        (
            "postgres://db.example?dbname=issues",
            "PostgreSQL db.example:5432 issues",
        ),
    ] {
        let settings = given()
            .env("DATABASE_URL", text)
            .env("DATABASE_SCHEMA", "issues")
            .env("DATABASE_LOCK_TIMEOUT_MS", "250")
            .load()
            .unwrap();
        let DatabaseOptions::Postgres(options) = settings.database().unwrap() else {
            panic!("{text} is PostgreSQL");
        };
        assert_eq!(options.place(), place);
        assert_eq!(options.schema.as_deref(), Some("issues"));
        assert_eq!(
            (
                options.readers,
                options.statement_timeout,
                options.lock_timeout
            ),
            (8, Duration::from_secs(5), Duration::from_millis(250))
        );
    }
    for schema in ["pg_temp", &"a".repeat(64)] {
        let url = given().env("DATABASE_URL", "postgres://host/issues");
        url.env("DATABASE_SCHEMA", schema).error();
    }
    for text in ["postgres://", "postgres://db.example", "postgres://a:x/b"] {
        given().env("DATABASE_URL", text).error();
    }
    let settings = given()
        .dotenv("DATABASE_URL=postgres://another/project")
        .env("SQLITE_PATH", "ours.db")
        .load()
        .unwrap();
    assert_eq!(sqlite(&settings).path, Path::new("ours.db"));
}

#[test]
fn numbers_accept_their_bounds_and_choices_their_values() {
    for setting in DEFINITIONS {
        let values: Vec<String> = match setting.kind {
            Kind::Integer { least, most } => vec![least.to_string(), most.to_string()],
            Kind::Choice { words, .. } => words.iter().map(|word| word.to_lowercase()).collect(),
            Kind::Bool | Kind::Text(_) | Kind::List(_) | Kind::Tables(_) => continue,
        };
        assert!(
            matches!(setting.if_unset, DefaultValue::Default(_)),
            "{}",
            setting.name
        );
        for value in values {
            let loaded = given().env(setting.name, &value).load();
            assert!(loaded.is_ok(), "{}={value}: {loaded:?}", setting.name);
        }
    }
}

#[test]
fn routes_are_tables_of_the_file_or_inline_elsewhere() {
    let file = "[[route]]\nlabels = [\"area:web\", \"good first issue\"]\nagents = [\"claude-*\"]\n\n\
                [[route]]\ntypes = \"Bug\"\nrepos = [\"acme/api\"]\nagents = [\"codex\", \"c?r\"]\n";
    let with_file = || given().toml(file);
    let repo = RepoName::parse("acme/api").unwrap();
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let wanted = vec![
        Route::new(
            texts(&["area:web", "good first issue"]),
            Vec::new(),
            Vec::new(),
            texts(&["claude-*"]),
        ),
        Route::new(
            Vec::new(),
            texts(&["bug"]),
            vec![repo],
            texts(&["codex", "c?r"]),
        ),
    ];
    let wanted: Vec<Route> = wanted.into_iter().map(Result::unwrap).collect();
    assert_eq!(with_file().load().unwrap().policy.routes, wanted);
    let inline = r#"[{labels = ["area:web", "good first issue"], agents = "claude-*"}]"#;
    let settings = with_file().env("ROUTE", inline).load().unwrap();
    assert_eq!(settings.policy.routes, wanted[..1]);

    for (text, words) in [
        ("area:web", "area:web"),
        (r#"[{agents = ["a"]}]"#, "needs labels, types or repos"),
        (r#"[{labels = ["x"]}]"#, "needs agents"),
        (
            r#"[{labels = ["x"], agents = ["a,b"]}]"#,
            "a,b is no name or pattern",
        ),
        (
            r#"[{labels = ["x"], agents = ["a"], users = ["b"]}]"#,
            "the key users",
        ),
        (r#"[{repos = ["acme"], agents = ["a"]}]"#, "acme"),
        (r#"[{labels = 3, agents = ["a"]}]"#, "labels = 3"),
    ] {
        let error = given().env("ROUTE", text).error();
        assert!(
            error.contains(words) && error.contains("ROUTE"),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_tilde_stands_for_the_home_folder() {
    let path = |name: &str, value: &str| {
        let settings = given().home("/home/me").env(name, value).load().unwrap();
        sqlite(&settings).path
    };
    for (value, wanted) in [
        ("~/data/ic.db", "/home/me/data/ic.db"),
        ("/data/~/ic.db", "/data/~/ic.db"),
        ("~ic.db", "~ic.db"),
    ] {
        assert_eq!(path("SQLITE_PATH", value), Path::new(wanted));
        assert_eq!(
            path("DATABASE_URL", &format!("sqlite:{value}")),
            Path::new(wanted)
        );
    }
    let log = given()
        .home("/home/me")
        .dotenv("LOG_FILE=~/ic.log\n")
        .load();
    assert_eq!(
        log.unwrap().log.file.as_deref(),
        Some(Path::new("/home/me/ic.log"))
    );
    // Without a home directory there is no such folder.
    assert!(
        given()
            .env("SQLITE_PATH", "~/ic.db")
            .error()
            .contains("SQLITE_PATH")
    );
}
