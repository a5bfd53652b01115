//! The generated pages are those in the repository. `ISSUECOMMAND_WRITE_DOCS=1 cargo test -p issuecommand-config` writes them.

use std::path::Path;

use issuecommand_config::{AppliesTo, DEFINITIONS, reference};

fn is_in_the_repository(page: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    if std::env::var_os("ISSUECOMMAND_WRITE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "{page} is not what the table says: write it anew with ISSUECOMMAND_WRITE_DOCS=1"
    );
}

#[test]
fn the_reference_pages_match_the_definitions() {
    is_in_the_repository("docs/configuration.md", &reference::markdown());
    is_in_the_repository(".env.example", &reference::env_example());
}

#[test]
fn help_shows_defaults_and_the_settings_of_each_program() {
    let help = reference::help(AppliesTo::Http);
    assert_eq!(help.lines().count(), 1 + 2 * DEFINITIONS.len());
    for lines in [
        "  API_KEY [needed]\n      bearer token of every HTTP endpoint and of the event stream\n",
        "  HTTP_PORT [default 3100]\n      port of HTTP and the event stream; 0 takes any free one\n",
        "  LOG_FILE [unset means none]\n      JSON log file besides stderr; it always",
    ] {
        assert!(help.contains(lines), "{help}");
    }
    let without_http = reference::help(AppliesTo::All);
    assert!(without_http.contains("GITHUB_TOKEN") && !without_http.contains("API_KEY"));
}
