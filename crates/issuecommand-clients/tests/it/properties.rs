//! Laws on files with random foreign content: an installation and its removal give the same bytes, twice is once, and what
//! is foreign stays.

use issuecommand_clients::{Client, Edit, Format, Os, Scope, Server, apply, revert};
use proptest::prelude::*;

use crate::support::{environment, files, launch, remote, removal_of};

/// The edits of a client's files, for the addition and for the removal.
fn edits(client: Client, scope: Scope, server: Server) -> Vec<(Format, Vec<Edit>, Vec<Edit>)> {
    let env = environment(Os::Linux);
    let removal = removal_of(client, scope, &env);
    let files = files(client, scope, &env, server).into_iter().map(|file| {
        let out = removal.iter().find(|out| out.path == file.path).unwrap();
        (file.format, file.edits, out.edits.clone())
    });
    files.collect()
}

fn all_edits() -> Vec<(Format, Vec<Edit>, Vec<Edit>)> {
    let mut all = Vec::new();
    for client in Client::ALL {
        for scope in [Scope::User, Scope::Project] {
            for server in [Server::Stdio(launch(Os::Linux)), remote()] {
                all.extend(edits(client, scope, server));
            }
        }
    }
    all
}

/// A blank that may stand between two tokens, comments included.
fn blank() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        4 => Just(" ".to_owned()),
        4 => Just("\n".to_owned()),
        4 => Just("\n  ".to_owned()),
        2 => Just("\n\t\t".to_owned()),
        1 => Just(" // a, comment { \n".to_owned()),
        1 => Just("\n    // trailing blanks   \n  ".to_owned()),
        1 => Just("/* block, } */".to_owned()),
        1 => Just(" /* over\n two */ ".to_owned()),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,6}",
        1 => Just("mcpServers".to_owned()),
        1 => Just("servers".to_owned()),
        1 => Just("hooks".to_owned()),
        1 => Just("Stop".to_owned()),
        1 => Just("version".to_owned()),
        1 => Just("é \\\" {".to_owned()),
    ]
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1.50e3".to_owned()),
        Just("\"text // no comment, \\\" \\u00e9 ü\"".to_owned()),
        Just("{}".to_owned()),
        Just("[ ]".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let member = (blank(), key(), blank(), blank(), inner.clone(), blank());
        let object = (prop::collection::vec(member, 0..4), any::<bool>(), blank());
        let object = object.prop_map(|(members, trailing, end)| {
            let mut seen = Vec::new();
            let mut parts = Vec::new();
            for (a, key, b, c, value, d) in members {
                if !seen.contains(&key) {
                    parts.push(format!("{a}\"{key}\"{b}:{c}{value}{d}"));
                    seen.push(key);
                }
            }
            let comma = if trailing && !parts.is_empty() {
                ","
            } else {
                ""
            };
            format!("{{{}{comma}{end}}}", parts.join(","))
        });
        let element = (blank(), inner, blank()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let array = prop::collection::vec(element, 0..3)
            .prop_map(|elements| format!("[{}]", elements.join(",")));
        prop_oneof![3 => object, 1 => array]
    })
}

/// A whole file: an object, perhaps with the containers that the clients use, in any formatting.
fn json_file() -> impl Strategy<Value = String> {
    let containers = prop_oneof![
        Just("mcpServers"),
        Just("servers"),
        Just("mcp"),
        Just("context_servers"),
        Just("hooks"),
    ];
    let member = (blank(), key(), json(), blank());
    let empty = prop_oneof![
        Just("{}".to_owned()),
        Just("{ }".to_owned()),
        Just("{\n  }".to_owned()),
        Just("{ // none yet\n  }".to_owned()),
        Just("{\"other\": {\"command\": \"x\"}}".to_owned()),
        Just("{\n    \"other\": {}, // mine\n  }".to_owned()),
        Just("{\"Stop\": [], \"SessionStart\": [ {\"hooks\": []} ]}".to_owned()),
    ];
    let container = (containers, empty);
    (
        blank(),
        prop::collection::vec(member, 0..4),
        prop::option::of(container),
        any::<bool>(),
        prop_oneof![
            Just(""),
            Just("\n"),
            Just("\n\n"),
            Just(" // end"),
            Just(" ")
        ],
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(start, members, container, trailing, end, crlf, bom)| {
            let mut seen = vec![
                "hooks",
                "mcpServers",
                "servers",
                "mcp",
                "context_servers",
                "inputs",
            ]
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
            let mut parts = Vec::new();
            for (a, key, value, b) in members {
                if !seen.contains(&key) {
                    parts.push(format!("{a}\"{key}\": {value}{b}"));
                    seen.push(key);
                }
            }
            if let Some((name, empty)) = container {
                parts.insert(parts.len() / 2, format!("\n  \"{name}\": {empty}"));
            }
            let comma = if trailing && !parts.is_empty() {
                ","
            } else {
                ""
            };
            let text = format!("{start}{{{}{comma}\n}}{end}", parts.join(","));
            let text = if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            };
            if bom { format!("\u{feff}{text}") } else { text }
        })
}

fn toml_file() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("model = \"x\"  # which\n"),
        Just("# a comment\n"),
        Just("\n"),
        Just("list = [\n  1, # one\n  2,\n]\n"),
        Just("[mcp_servers.other]\ncommand = \"npx\"\nenv = { A = \"b\" }\n"),
        Just("[mcp_servers.third.env]\nB = '''\nx\n[y]\n'''\n"),
        Just("[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = \"beep\"\n"),
        Just("[projects.\"/home/ada\"]\ntrust_level = \"trusted\"\n"),
        Just("[hooks.state]\n"),
        Just("   [spaced  .  table]  # odd\n  a.b = 1\n"),
    ];
    (
        prop::collection::vec(line, 0..6),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(lines, crlf, cut)| {
            let mut text = lines.concat();
            if cut {
                text.truncate(text.trim_end().len());
            }
            if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            }
        })
}

/// What holds for every file that can be changed at all.
fn laws(
    format: Format,
    before: Option<&str>,
    add: &[Edit],
    out: &[Edit],
) -> Result<(), TestCaseError> {
    let Ok(once) = apply(format, before, add) else {
        // A foreign value stands where an object is needed, or a random text is no TOML: nothing is changed.
        return Ok(());
    };
    let twice = apply(format, Some(&once), add).unwrap();
    prop_assert_eq!(&twice, &once, "twice is once");
    let back = revert(format, Some(&once), out).unwrap();
    prop_assert_eq!(
        back.as_deref(),
        before,
        "the removal gives the bytes of before; between: {}",
        once
    );
    Ok(())
}

/// About a hundred cases; PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig {
        cases: all.cases * 2 / 5,
        failure_persistence: None,
        ..all
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_removal_gives_the_json_of_before(text in json_file()) {
        for (format, add, out) in all_edits() {
            if format == Format::Json {
                laws(format, Some(&text), &add, &out)?;
            }
        }
    }

    #[test]
    fn a_removal_gives_the_toml_of_before(text in toml_file()) {
        for (format, add, out) in all_edits() {
            if format == Format::Toml {
                laws(format, Some(&text), &add, &out)?;
            }
        }
    }

    /// Every line of the file of before is still there, in its order, but for a comma or a bracket's other end.
    #[test]
    fn what_is_foreign_stays(text in json_file()) {
        for (format, add, _) in all_edits().into_iter().filter(|(format, ..)| *format == Format::Json) {
            let Ok(after) = apply(format, Some(&text), &add) else { continue };
            let mut rest = after.as_str();
            for byte in text.chars() {
                let at = rest.find(byte);
                prop_assert!(at.is_some(), "{:?} of {} is lost in {}", byte, text, after);
                rest = &rest[at.unwrap_or_default() + byte.len_utf8()..];
            }
        }
    }
}

#[test]
fn files_that_are_not_there_and_blank_ones_come_back() {
    for (format, add, out) in all_edits() {
        for before in [None, Some(""), Some("\n"), Some("  \r\n"), Some("\u{feff}")] {
            laws(format, before, &add, &out).unwrap();
        }
        if format == Format::Json {
            for before in [
                "{}",
                "{}\n",
                "{\n}\n",
                "{ }",
                "{\n  \"version\": 1\n}\n",
                "{\"version\": 1}",
            ] {
                laws(format, Some(before), &add, &out).unwrap();
            }
        }
    }
}

#[test]
fn an_older_entry_is_brought_up_to_date_and_what_its_user_added_stays() {
    let before = "{\n  \"mcpServers\": {\n    \"issuecommand\": {\n      \"command\": \"old\", // where it was\n      \
                  \"env\": {\"LOG_LEVEL\": \"debug\"},\n      \"timeout\": 5\n    }\n  }\n}\n";
    let [(format, add, _)] = &edits(
        Client::Cursor,
        Scope::User,
        Server::Stdio(launch(Os::Linux)),
    )[..1] else {
        panic!("Cursor has a file")
    };
    let after = apply(*format, Some(before), add).unwrap();
    assert_eq!(
        after,
        "{\n  \"mcpServers\": {\n    \"issuecommand\": {\n      \"command\": \"/usr/local/bin/issuecommand\", // where it was\n      \
         \"env\": {\"LOG_LEVEL\": \"debug\", \"SQLITE_PATH\": \"/home/ada/issues.db\", \"GITHUB_TOKEN\": \"${env:GITHUB_TOKEN}\", \
         \"API_KEY\": \"${env:API_KEY}\", \"HTTP_PORT\": \"4711\", \"READY_AUTHORS\": \"write\", \
         \"HTTPS_PROXY\": \"${env:HTTPS_PROXY}\"},\n      \"timeout\": 5,\n      \"args\": []\n    }\n  }\n}\n"
    );
}

#[test]
fn a_change_of_kind_leaves_nothing_of_the_other() {
    for client in Client::ALL
        .into_iter()
        .filter(|client| *client != Client::ClaudeDesktop)
    {
        let stdio = edits(client, Scope::User, Server::Stdio(launch(Os::Linux))).remove(0);
        let remote = edits(client, Scope::User, remote()).remove(0);
        let changed = apply(stdio.0, None, &stdio.1[..1]).unwrap();
        let changed = apply(remote.0, Some(&changed), &remote.1[..1]).unwrap();
        for word in ["command =", "\"command\"", "SQLITE_PATH", "env_vars"] {
            assert!(!changed.contains(word), "{client}: {changed}");
        }
        assert!(
            changed.contains("https://ic.example.com/mcp"),
            "{client}: {changed}"
        );
    }
}
