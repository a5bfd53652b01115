//! `.env.example` shows the defaults.

use issuecommand_app::settings::Settings;
use issuecommand_config::{DEFINITIONS, reference};
use issuecommand_http::LimitClock;

use super::given::given;

/// All values, without the time that has passed since they were read.
fn values(mut settings: Settings) -> String {
    let limits = settings.http.limits.as_mut();
    limits.unwrap().clock = LimitClock::new(std::time::Duration::default);
    format!("{settings:?}")
}

#[test]
fn the_example_as_delivered_changes_nothing() {
    let sources = given().dotenv(reference::env_example());
    let plain = given().load().unwrap();
    assert_eq!(values(sources.load().unwrap()), values(plain));
}

#[test]
fn the_example_with_every_line_in_force_is_the_defaults() {
    let text: String = reference::env_example()
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|line| {
                    DEFINITIONS
                        .iter()
                        .any(|s| line.starts_with(&format!("{}=", s.name)))
                })
                .unwrap_or(line)
                .to_owned()
                + "\n"
        })
        .collect();
    assert!(text.contains("\nHTTP_PORT=3100\n"), "{text}");
    let mut settings = given().dotenv(text).load().unwrap();
    // Now a source names the database and the host.
    assert!(std::mem::take(&mut settings.database_is_set));
    assert!(std::mem::take(&mut settings.listen.host_is_set));
    assert_eq!(values(settings), values(given().load().unwrap()));
}
