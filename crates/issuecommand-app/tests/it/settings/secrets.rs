//! Secrets are in the settings and in no text made of them.

use insta::assert_snapshot;
use issuecommand_config::DEFINITIONS;
use secrecy::ExposeSecret as _;

use super::given::{TestSources, given};

const CANARY: &str = "canary-7f3a";

/// All texts of a failure.
fn words(sources: &TestSources) -> String {
    let error = sources.load().unwrap_err();
    format!(
        "{error} {error:?} {error:#?} {:?} {sources:?}",
        std::error::Error::source(&error),
        sources = sources.sources()
    )
}

#[test]
fn settings_hold_secrets_and_do_not_show_them() {
    let sources = given()
        .dotenv(format!("API_KEY={CANARY}-key\n"))
        .env("GITHUB_TOKEN", &format!("{CANARY}-token"))
        .flag("GITHUB_WEBHOOK_SECRET", &format!("{CANARY}-secret"));
    let settings = sources.load().unwrap();
    assert_eq!(
        settings.api_key().unwrap().expose_secret(),
        "canary-7f3a-key"
    );
    assert_eq!(
        settings.github_token().unwrap().expose_secret(),
        "canary-7f3a-token"
    );
    assert_eq!(
        settings
            .http
            .webhooks
            .secret
            .as_ref()
            .unwrap()
            .expose_secret(),
        "canary-7f3a-secret"
    );
    let shown = format!("{settings:?} {settings:#?} {:?}", sources.sources());
    assert!(
        shown.contains("REDACTED") && shown.contains("GITHUB_TOKEN"),
        "{shown}"
    );
    assert!(!shown.contains(CANARY), "{shown}");
}

#[test]
fn no_error_shows_a_secret() {
    for sources in [
        given().env("GITHUB_TOKEN", &format!("{CANARY} with a blank")),
        given().env("API_KEY", &format!("{CANARY}\u{7}")),
        given().env("GITHUB_WEBHOOK_SECRET", &format!("{CANARY}\nmore")),
        given().env("DATABASE_URL", &format!("postgres://user:{CANARY}@host")),
        given().env("DATABASE_URL", &format!("mysql://user:{CANARY}@host/db")),
        given().env("DATABASE_URL", CANARY),
        given().env("GITHUB_API_URL", &format!("https://user:{CANARY}@host")),
        given().env("GITHUB_API_URL", &format!("https://host/?token={CANARY}")),
        given().toml(&format!("api_key = {CANARY}")),
        given().toml(&format!("api_key = \"{CANARY}\nhttp_port = 1")),
        given().toml(&format!("api_key = \"{CANARY}\" \"{CANARY}\"")),
        given().toml(&format!("api_key = '{CANARY}'x")),
        given().toml(&format!("api_key {CANARY}")),
        given().toml(&format!("api_key = [\"{CANARY}\"]")),
        given().toml(&format!("api_key.x = \"{CANARY}\"")),
        given().toml(&format!("api_kye = \"{CANARY}\"")),
        given().toml(&format!("api_key = \"{CANARY}\"\napi_key = \"{CANARY}\"")),
        given().dotenv(format!("API_KEY=\"{CANARY}")),
        given().dotenv(format!("API_KEY: {CANARY}")),
        given().dotenv(format!("API_KEY='{CANARY}'{CANARY}")),
        given().flag("API_KYE", CANARY),
    ] {
        let words = words(&sources);
        assert!(!words.contains(CANARY), "{words}");
    }
}

#[test]
fn an_unusable_secret_is_reported_by_its_key() {
    assert_snapshot!(given().env("GITHUB_TOKEN", "two words").error(), @"GITHUB_TOKEN in the environment has a value that cannot be used (it is not shown): allowed is a GitHub token, of visible ASCII characters, and no placeholder such as ${NAME}");
    assert_snapshot!(given().toml("api_key = 12345").error(), @"api_key in issuecommand.toml has a value that cannot be used (it is not shown): allowed is text without control characters, and no placeholder such as ${NAME}");
    assert_snapshot!(given().dotenv("DATABASE_URL=postgres://user:pw@host").error(), @"DATABASE_URL in .env has a value that cannot be used (it is not shown): allowed is sqlite:PATH, without parameters, or postgres://USER:PASSWORD@HOST:PORT/NAME");
    assert_snapshot!(given().env("GITHUB_API_URL", "https://user:pw@host").error(), @"GITHUB_API_URL in the environment has a value that cannot be used (it is not shown): allowed is an http:// or https:// address without user, query and fragment");
}

#[test]
fn settings_that_may_hold_secrets_are_marked() {
    for setting in DEFINITIONS {
        let sounds_secret = ["TOKEN", "KEY", "SECRET", "URL"]
            .iter()
            .any(|end| setting.name.ends_with(end));
        let public = matches!(setting.name, "GITHUB_API_URL" | "DASHBOARD_URL");
        assert_eq!(setting.secret, sounds_secret && !public, "{}", setting.name);
    }
}

/// Anybody who has read a client's configuration would know it.
#[test]
fn a_placeholder_is_no_secret() {
    for name in [
        "API_KEY",
        "GITHUB_TOKEN",
        "GITHUB_WEBHOOK_SECRET",
        "ISSUECOMMAND_KEY",
    ] {
        for text in [
            format!("${name}"),
            format!("${{{name}}}"),
            format!("${{env:{name}}}"),
        ] {
            // Where no client fills anything in, it is a mistake.
            let error = given().dotenv(format!("{name}='{text}'\n")).error();
            assert!(error.contains("no placeholder such as"), "{error}");
            let error = given().flag(name, &text).error();
            assert!(error.contains("no placeholder such as"), "{error}");
            // In the environment it is what a client hands on that does not have the variable.
            let settings = given().env(name, &text).load().unwrap();
            let [told] = &settings.warnings[..] else {
                panic!("{:?}", settings.warnings)
            };
            let wanted = format!("{name} in the environment is a placeholder");
            assert!(told.starts_with(&wanted), "{told}");
            let error = settings.api_key().unwrap_err().to_string();
            let says = error.contains("the environment has a placeholder");
            assert_eq!(says, name == "API_KEY", "{error}");
            assert!(settings.github_token().is_err());
            assert!(settings.remote_key.is_none());
            assert!(settings.http.webhooks.secret.is_none());
        }
    }
    let both = given()
        .dotenv("API_KEY=of-the-project\n")
        .env("API_KEY", "${API_KEY}");
    let settings = both.load().unwrap();
    assert_eq!(
        settings.api_key().unwrap().expose_secret(),
        "of-the-project"
    );
    // Without it, the database would be another one.
    let error = given().env("DATABASE_URL", "${DATABASE_URL}").error();
    assert!(
        error.starts_with("DATABASE_URL in the environment"),
        "{error}"
    );
}
