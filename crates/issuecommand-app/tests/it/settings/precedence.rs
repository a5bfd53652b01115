//! Which of several sources wins.

use secrecy::ExposeSecret as _;

use super::given::given;

#[test]
fn each_later_source_wins_over_all_before_it() {
    let port = |given: &super::given::TestSources| given.load().unwrap().listen.address.port();
    let sources = given();
    assert_eq!(port(&sources), 3100);
    let sources = sources.toml("http_port = 1");
    assert_eq!(port(&sources), 1);
    let sources = sources.dotenv("HTTP_PORT=2");
    assert_eq!(port(&sources), 2);
    let sources = sources.env("HTTP_PORT", "3");
    assert_eq!(port(&sources), 3);
    let sources = sources.flag("HTTP_PORT", "4");
    assert_eq!(port(&sources), 4);
}

#[test]
fn a_blank_value_lets_the_weaker_source_show_through() {
    let sources = given()
        .toml("http_port = 1\napi_key = \"from the file\"\nallowed_repos = []\n")
        .dotenv("HTTP_PORT=\nAPI_KEY=''\n")
        .env("HTTP_PORT", " ")
        .flag("API_KEY", "\t");
    let settings = sources.load().unwrap();
    assert_eq!(settings.listen.address.port(), 1);
    assert_eq!(settings.api_key().unwrap().expose_secret(), "from the file");
}

#[test]
fn only_the_value_that_wins_is_judged() {
    let settings = given()
        .toml("http_port = \"many\"")
        .env("HTTP_PORT", "3")
        .load()
        .unwrap();
    assert_eq!(settings.listen.address.port(), 3);
}

#[test]
fn a_file_that_is_named_stands_in_for_the_one_in_the_folder() {
    let sources = given()
        .toml("http_port = 1")
        .named_toml("other.toml", Some("sqlite_path = \"x.db\""));
    assert_eq!(sources.load().unwrap().listen.address.port(), 3100);
}

#[test]
fn a_directory_named_dotenv_is_ignored() {
    let sources = given();
    std::fs::create_dir(sources.path().join(".env")).unwrap();
    assert_eq!(sources.load().unwrap().listen.address.port(), 3100);
}

#[test]
fn foreign_names_in_environment_and_dotenv_are_ignored() {
    let sources = given()
        .dotenv(b"http_port=1\nHTTP_PROT=1\nnonsense\nNAME=\xff\n")
        .env("HTTP_PROT", "1");
    assert_eq!(sources.load().unwrap().listen.address.port(), 3100);
}
