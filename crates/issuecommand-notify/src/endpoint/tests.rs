//! Tables of the settings, good ones and bad ones.

use super::*;

const URL: &str = "https://hooks.example/secret-path";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "HOOK" => URL,
        "SECRET" | "OLD_SECRET" => SECRET,
        "BOT" => "https://api.telegram.org/bot1:secret-token/sendMessage?chat_id=-100",
        "BOT_WITHOUT_CHAT" => "https://api.telegram.org/bot1:secret-token/sendMessage",
        "NO_URL" => "secret-but-no-url",
        _ => return None,
    };
    Some(value.to_owned())
}

fn read(text: &[(&str, &[&str])]) -> Result<EndpointSettings, ReadError> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let table = text
        .iter()
        .map(|(key, texts)| ((*key).to_owned(), owned(texts)));
    EndpointSettings::read(table.collect(), &variable, false)
}

#[test]
fn every_kind_is_read() {
    let slack = read(&[("kind", &["slack"]), ("url_env", &["HOOK"])]).unwrap();
    assert_eq!(
        (slack.name.as_str(), slack.place().as_str()),
        ("slack", "hooks.example")
    );
    assert!(slack.on.words() == ["needs_you"]);
    let webhook = read(&[
        ("kind", &["webhook"]),
        ("name", &["ci"]),
        ("url_env", &["HOOK"]),
        ("secret_env", &["SECRET", "OLD_SECRET"]),
        ("on", &["claim.*", "webhook.received"]),
        ("repos", &["acme/api"]),
    ])
    .unwrap();
    assert!(matches!(&webhook.route, Route::Webhook { secrets, .. } if secrets.len() == 2));
    assert!(
        webhook
            .on
            .words()
            .iter()
            .all(|word| word.starts_with("claim.") || word == "webhook.received")
    );
    let telegram = read(&[("kind", &["telegram"]), ("url_env", &["BOT"])]).unwrap();
    let Route::Chat { url, chat, .. } = &telegram.route else {
        panic!("{telegram:?}")
    };
    assert_eq!(chat.as_deref(), Some("-100"));
    assert!(url.expose_secret().ends_with("/sendMessage"));
    for kind in ["discord", "teams", "ntfy"] {
        read(&[("kind", &[kind]), ("url_env", &["HOOK"])]).unwrap();
    }
    read(&[
        ("kind", &["desktop"]),
        ("quiet", &["22:00-07:00"]),
        ("zone", &["UTC"]),
    ])
    .unwrap();
    let exec = [
        ("kind".to_owned(), vec!["exec".to_owned()]),
        (
            "command".to_owned(),
            vec!["/bin/tell".to_owned(), "-".to_owned()],
        ),
    ];
    let exec = EndpointSettings::read(exec.into(), &variable, true).unwrap();
    assert_eq!(exec.place(), "/bin/tell");
}

#[test]
fn a_webhook_is_told_all_but_what_is_noise() {
    let all = read(&[
        ("kind", &["webhook"]),
        ("url_env", &["HOOK"]),
        ("secret_env", &["SECRET"]),
    ])
    .unwrap();
    let event = |name: &str| {
        let one = read(&[("kind", &["desktop"]), ("on", &[name])]).unwrap();
        one.on.words()
    };
    assert_eq!(all.on.words(), ["all"]);
    assert_eq!(event("all"), ["all"]);
    assert_eq!(event("sync.reconciled"), ["sync.reconciled"]);
    assert!(!all.on.is_told(Topic::NeedsYou));
}

#[test]
fn what_is_wrong_is_told_without_secrets() {
    let hook: (&str, &[&str]) = ("url_env", &["HOOK"]);
    for (table, said) in [
        (vec![], "it is one of webhook, slack"),
        (
            vec![("kind", &["sms"][..]), hook],
            "it is one of webhook, slack",
        ),
        (vec![("kind", &["slack"][..])], "url_env is missing"),
        (
            vec![("kind", &["slack"][..]), ("url_env", &["UNSET"])],
            "UNSET is set neither",
        ),
        (
            vec![("kind", &["slack"][..]), ("url_env", &["NO_URL"])],
            "NO_URL is no https:// address",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("name", &["My Team"])],
            "1 to 40 of a-z",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("on", &["claims"])],
            "\"claims\" is none of needs_you",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("repos", &["api"])],
            "\"api\" is no owner/name",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("colour", &["red"])],
            "\"colour\" means nothing",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("quiet", &["night"])],
            "22:00-07:00",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("zone", &["UTC"])],
            "zone without quiet",
        ),
        (
            vec![("kind", &["slack"][..]), hook, ("secret_env", &["SECRET"])],
            "\"secret_env\" means nothing",
        ),
        (
            vec![("kind", &["webhook"][..]), hook],
            "secret_env names 1 to 3",
        ),
        (
            vec![
                ("kind", &["webhook"][..]),
                hook,
                ("secret_env", &["NO_URL"]),
            ],
            "NO_URL: a secret is whsec_",
        ),
        (
            vec![
                ("kind", &["webhook"][..]),
                hook,
                ("secret_env", &["SECRET"]),
                ("quiet", &["22:00-07:00"]),
            ],
            "not for webhooks",
        ),
        (
            vec![
                ("kind", &["telegram"][..]),
                ("url_env", &["BOT_WITHOUT_CHAT"]),
            ],
            "sendMessage?chat_id=CHAT",
        ),
        (
            vec![("kind", &["exec"][..]), ("command", &["/bin/tell"])],
            "NOTIFY_ALLOW_EXEC=true",
        ),
    ] {
        let error = read(&table).unwrap_err().words().to_owned();
        assert!(error.contains(said), "{table:?}: {error}");
        assert!(!error.contains("secret-"), "{error}");
    }
    for name in ["UNSET", "NO_URL"] {
        let error = read(&[("kind", &["slack"]), ("url_env", &[name])]).unwrap_err();
        assert!(matches!(error, ReadError::Unusable(_)), "{error:?}");
    }
    let shown = format!("{:?}", read(&[("kind", &["slack"]), hook]).unwrap());
    assert!(!shown.contains("secret-path"), "{shown}");
}
