//! Where notifications are sent to.

use issuecommand_notify::{Reach, Route};

use super::given::given;

const SLACK: &str = "[[notify]]\nkind = \"slack\"\nname = \"team\"\nurl_env = \"TEAM_URL\"\non = [\"needs_you\", \"merged\"]\nrepos = [\"acme/api\"]\n";
const EXEC: &str = "[[notify]]\nkind = \"exec\"\ncommand = [\"/bin/tell\"]\n";

#[test]
fn endpoints_are_tables_whose_variables_stand_elsewhere() {
    let sources = given()
        .toml(SLACK)
        .dotenv("TEAM_URL=https://hooks.example/canary-7f3a\n");
    let settings = sources.load().unwrap();
    let [team] = &settings.notify.endpoints[..] else {
        panic!("{settings:?}")
    };
    assert_eq!(
        (team.name.as_str(), team.place().as_str()),
        ("team", "hooks.example")
    );
    assert_eq!(team.on.words(), ["needs_you", "merged"]);
    assert_eq!(settings.notify.reach, Reach::Public);
    assert_eq!(
        settings.notify.dashboard.as_deref(),
        Some("http://localhost:3100")
    );
    assert_eq!(settings.notify.unusable, [""; 0]);
    let shown = format!("{settings:?} {:?}", sources.sources());
    assert!(!shown.contains("canary-7f3a"), "{shown}");
    // The environment counts before .env.
    let settings = sources
        .env("TEAM_URL", "https://other.example/")
        .load()
        .unwrap();
    assert_eq!(settings.notify.endpoints[0].place(), "other.example");
    let settings = given()
        .env("NOTIFY", "[{kind = 'desktop'}]")
        .env("NOTIFY_ALLOW_PRIVATE", "true")
        .env("DASHBOARD_URL", "https://board.example/ic/")
        .load()
        .unwrap();
    assert_eq!(settings.notify.endpoints[0].name, "desktop");
    assert_eq!(settings.notify.reach, Reach::Any);
    assert_eq!(
        settings.notify.dashboard.as_deref(),
        Some("https://board.example/ic")
    );
}

#[test]
fn what_this_process_lacks_is_a_warning_and_no_error() {
    for sources in [
        given().toml(SLACK),
        given().toml(SLACK).env("TEAM_URL", ""),
        given().toml(SLACK).env("TEAM_URL", "${TEAM_URL}"),
    ] {
        let settings = sources.load().unwrap();
        assert!(settings.notify.endpoints.is_empty());
        let wanted = "notify team: TEAM_URL is set neither in the environment nor in .env; nothing is sent to it by this process";
        assert_eq!(settings.notify.unusable, [wanted]);
        assert!(
            settings.warnings.iter().any(|warning| warning == wanted),
            "{:?}",
            settings.warnings
        );
    }
}

#[test]
fn a_file_starts_no_programs() {
    let allowed = format!("notify_allow_exec = true\n{EXEC}");
    for sources in [
        given().toml(EXEC),
        given().toml(&allowed),
        given().toml(EXEC).dotenv("NOTIFY_ALLOW_EXEC=true\n"),
    ] {
        let settings = sources.load().unwrap();
        assert!(settings.notify.endpoints.is_empty());
        assert!(settings.notify.unusable[0].contains("NOTIFY_ALLOW_EXEC=true"));
    }
    for sources in [
        given().toml(EXEC).env("NOTIFY_ALLOW_EXEC", "true"),
        given().toml(EXEC).flag("NOTIFY_ALLOW_EXEC", "true"),
    ] {
        let settings = sources.load().unwrap();
        assert!(matches!(
            settings.notify.endpoints[0].route,
            Route::Exec { .. }
        ));
    }
}

#[test]
fn a_wrong_table_is_refused_with_what_is_wrong() {
    let twice = format!("{SLACK}{SLACK}");
    for (text, words) in [
        (
            "[[notify]]\nkind = \"sms\"\n",
            "it is one of webhook, slack",
        ),
        (
            "[[notify]]\nkind = \"slack\"\n",
            "slack: url_env is missing",
        ),
        ("notify = 3\n", "notify"),
        (twice.as_str(), "two tables have the name \"team\""),
        (
            "[[notify]]\nkind = \"desktop\"\non = [\"everything\"]\n",
            "\"everything\" is none of needs_you",
        ),
    ] {
        let error = given()
            .toml(text)
            .env("TEAM_URL", "https://a.example")
            .error();
        assert!(error.contains(words), "{text}: {error}");
    }
}
