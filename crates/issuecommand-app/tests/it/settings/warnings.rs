//! Oddities that do not prevent a start: near misses of setting names, and short secrets.

use super::given::given;

fn warnings(name: &str) -> Vec<String> {
    given().env(name, "secret-value").load().unwrap().warnings
}

#[test]
fn a_near_miss_is_reported_with_the_setting() {
    for (name, meant) in [
        ("ALOWED_REPOS", "ALLOWED_REPOS"),
        ("ALLOWED_REPO", "ALLOWED_REPOS"),
        ("ALLOWED_REPOSITORIES", "ALLOWED_REPOS"),
        ("allowed_repos", "ALLOWED_REPOS"),
        ("ISSUECOMMAND_ALLOWED_REPOS", "ALLOWED_REPOS"),
        ("ISSUECOMMAND_HTTP_PROT", "HTTP_PORT"),
        ("GITHUB_TOEKN", "GITHUB_TOKEN"),
        ("API_KEYS", "API_KEY"),
        ("SYNC_INTERVAL", "SYNC_INTERVAL_MINUTES"),
        ("CLAIM_TIMOUT_MINUTE", "CLAIM_TIMEOUT_MINUTES"),
        ("SQLITE_PAHT", "SQLITE_PATH"),
    ] {
        let told = warnings(name);
        let wanted = format!(
            "{name} in the environment is no setting, and nothing reads it: did you mean {meant}?"
        );
        assert_eq!(told, [wanted], "{name}");
    }
}

#[test]
fn names_of_other_programs_are_not_near_misses() {
    for name in [
        "PATH",
        "HOME",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "GH_TOKEN",
        "GITLAB_TOKEN",
        "GITHUB_ACTOR",
        "GITHUB_REF",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "DATABASE_HOST",
        "RUST_LOG",
        "LOGNAME",
        "ISSUECOMMAND_VOLUME",
        "ISSUECOMMAND_PORT",
        "ISSUECOMMAND_SERVICE_HOST",
        "ISSUECOMMAND_TEST_REQUIRE",
    ] {
        assert_eq!(warnings(name), [""; 0], "{name}");
    }
    // If the setting itself is set, a similar name belongs to another program.
    let both = given().env("APP_KEY", "x").env("API_KEY", "long enough");
    assert_eq!(both.load().unwrap().warnings, [""; 0]);
    let alone = given().env("APP_KEY", "x").load().unwrap().warnings;
    assert_eq!(alone.len(), 1, "{alone:?}");
}

#[test]
fn dotenv_is_looked_through_as_well() {
    let given =
        given().dotenv("# ours\nexport ALOWED_REPOS=acme/api\nOTHER=\"x\ny\"\nHTTP_PORT=4000\n");
    let told = given.load().unwrap().warnings;
    let [told] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(told.starts_with("ALOWED_REPOS in "), "{told}");
    assert!(told.contains(".env is no setting"), "{told}");
    assert!(!told.contains("acme"), "no value is shown: {told}");
}

#[test]
fn a_secret_of_a_few_letters_is_taken_and_warned_of() {
    let short = given().env("GITHUB_TOKEN", "x").load().unwrap();
    assert!(short.github_token().is_ok());
    let [told] = &short.warnings[..] else {
        panic!("{:?}", short.warnings)
    };
    assert!(told.starts_with("GITHUB_TOKEN has fewer than 8"), "{told}");
    let long = given().env("GITHUB_TOKEN", "12345678").load().unwrap();
    assert_eq!(long.warnings, [""; 0]);
}
