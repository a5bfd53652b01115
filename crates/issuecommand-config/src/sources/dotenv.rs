//! `.env`: `KEY=VALUE` lines. The folder may be another project's, so lines that set none of our settings are passed over,
//! however odd they are.
//!
//! A parser of our own, since the common one puts variables of the process's environment in place of `$NAME`: here `$` is
//! an ordinary character, as secrets need it to be.

use std::path::Path;

use crate::definitions::DEFINITIONS;
use crate::error::SettingsError;
use crate::layer::Layer;
use crate::origin::Origin;

/// Reads it. The names that it sets and that are none of our settings go to `others`.
pub(super) fn read(path: &Path, others: &mut Vec<String>) -> Result<Layer, SettingsError> {
    let bytes = std::fs::read(path).map_err(|reason| SettingsError::Unreadable {
        file: path.to_owned(),
        reason,
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let pairs = scan(&text, others).map_err(
        |Bad {
             line,
             name,
             problem,
         }| SettingsError::Syntax {
            file: path.to_owned(),
            line,
            reason: format!("{name}: {problem}"),
        },
    )?;
    Ok(Layer::of_names(Origin::Dotenv(path.to_owned()), &pairs))
}

/// The value of a variable that is none of our settings; the last one counts.
pub(super) fn variable(path: &Path, wanted: &str) -> Result<Option<String>, SettingsError> {
    let bytes = std::fs::read(path).map_err(|reason| SettingsError::Unreadable {
        file: path.to_owned(),
        reason,
    })?;
    Ok(value_in(&String::from_utf8_lossy(&bytes), wanted))
}

fn value_in(text: &str, wanted: &str) -> Option<String> {
    let mut found = None;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    while !rest.is_empty() {
        let (this, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let mut used = rest.len() - below.len();
        if let Some((name, after)) = key_of(this)
            && after.starts_with('=')
        {
            let from = this.len() - after.len() + 1;
            if let Ok((value, length)) = value_of(&rest[from..]) {
                used = used.max(from + length);
                if name == wanted {
                    found = Some(value);
                }
            }
        }
        rest = &rest[used..];
    }
    found
}

/// A line that sets one of our settings, and cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Bad {
    line: usize,
    name: &'static str,
    problem: &'static str,
}

/// Our settings in it, in their order, and the other names.
fn scan(text: &str, others: &mut Vec<String>) -> Result<Vec<(String, String)>, Bad> {
    let mut pairs = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (this, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let mut used = rest.len() - below.len();
        if let Some((name, after)) = key_of(this) {
            let setting = DEFINITIONS.iter().find(|setting| setting.name == name);
            let from = this.len() - after.len() + 1;
            let value = if after.starts_with('=') {
                value_of(&rest[from..])
            } else {
                Err("'=' is missing")
            };
            match (setting, value) {
                (Some(setting), Ok((value, length))) => {
                    if value.contains(char::REPLACEMENT_CHARACTER) {
                        return Err(Bad {
                            line,
                            name: setting.name,
                            problem: "the value is not UTF-8",
                        });
                    }
                    used = used.max(from + length);
                    pairs.push((setting.name.to_owned(), value));
                }
                (Some(setting), Err(problem)) => {
                    return Err(Bad {
                        line,
                        name: setting.name,
                        problem,
                    });
                }
                (None, Ok((_, length))) => {
                    used = used.max(from + length);
                    others.push(name.to_owned());
                }
                (None, Err(_)) => {}
            }
        }
        line += rest[..used].matches('\n').count();
        rest = &rest[used..];
    }
    Ok(pairs)
}

/// The name that a line begins with, and what follows it; a comment has none.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let end = line
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(line.len());
    let (name, after) = line.split_at(end);
    (!name.is_empty()).then(|| (name, after.trim_start()))
}

/// The value that a text begins with, and how much of the text it and its line take.
fn value_of(text: &str) -> Result<(String, usize), &'static str> {
    let line = text.split('\n').next().unwrap_or_default();
    let start = line.len() - line.trim_start().len();
    match line[start..].chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => {
            quoted(&text[start + 1..], quote).map(|(value, length)| (value, start + 1 + length))
        }
        _ => Ok((without_comment(line).trim().to_owned(), line.len())),
    }
}

/// What stands before a `#` that opens the text or follows a blank: elsewhere it is part of the value.
fn without_comment(line: &str) -> &str {
    let opens = |at: &usize| {
        line[..*at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    let end = line.match_indices('#').map(|(at, _)| at).find(opens);
    &line[..end.unwrap_or(line.len())]
}

/// The value up to the closing quote, over as many lines as it takes, and the length to the end of the closing line.
/// Between double quotes `\n`, `\r`, `\t`, `\\`, `\"` and `\$` are escapes; the other quotes know none.
fn quoted(text: &str, quote: char) -> Result<(String, usize), &'static str> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            let after = text[at + 1..].split('\n').next().unwrap_or_default();
            let nothing = without_comment(after).trim().is_empty();
            let end = at + 1 + after.len();
            return if nothing {
                Ok((value, end))
            } else {
                Err("text follows the closing quote")
            };
        }
        if c != '\\' || quote != '"' {
            value.push(c);
            continue;
        }
        match chars.next().map(|(_, c)| c) {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some(c @ ('\\' | '"' | '$')) => value.push(c),
            Some(c) => value.extend(['\\', c]),
            None => break,
        }
    }
    Err("the quote is not closed")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, Bad> {
        scan(text, &mut Vec::new())
    }

    fn value(line: &str) -> Option<String> {
        pairs(line).unwrap().pop().map(|(_, value)| value)
    }

    #[test]
    fn values_are_read_as_by_a_shell_without_expansion() {
        for (line, wanted) in [
            ("API_KEY=abc", "abc"),
            ("  export API_KEY = a b \r\n", "a b"),
            ("\u{feff}API_KEY=abc", "abc"),
            ("API_KEY=a#b # why", "a#b"),
            ("API_KEY= # why", ""),
            ("API_KEY=#", ""),
            ("API_KEY=a=b", "a=b"),
            ("API_KEY=$HOME\\n", "$HOME\\n"),
            ("API_KEY='a # \"b\\n' # why", "a # \"b\\n"),
            ("API_KEY=`it's`", "it's"),
            (r#"API_KEY="a\n\"\$\x" # why"#, "a\n\"$\\x"),
            ("API_KEY=one\nAPI_KEY=two", "two"),
            ("API_KEY=\"a\nb\"\n", "a\nb"),
        ] {
            assert_eq!(value(line).as_deref(), Some(wanted), "{line:?}");
        }
        for line in [
            "",
            "#API_KEY=abc",
            "api_key=abc",
            "API_KEY_2=abc",
            "MY API_KEY=abc",
            "=abc",
        ] {
            assert_eq!(value(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_variable_that_a_setting_names_is_found() {
        let text = "A=1\nB='x\nTEAM_URL=inner\n'\nexport TEAM_URL = \"https://a.example/#x\" # why\nTEAM_URL_2=no\n";
        let found = |name| value_in(text, name);
        assert_eq!(found("TEAM_URL").as_deref(), Some("https://a.example/#x"));
        assert_eq!(found("B").as_deref(), Some("x\nTEAM_URL=inner\n"));
        assert_eq!((found("TEAM"), found("C")), (None, None));
    }

    #[test]
    fn foreign_lines_never_stop_the_start() {
        let text = "what is this?\nPEM=\"-----\nAPI_KEY=inner\n-----\"\nOPEN=\"never closed\nX='a'b\nHTTP_PORT=1\n";
        assert_eq!(
            pairs(text).unwrap(),
            [("HTTP_PORT".to_owned(), "1".to_owned())]
        );
    }

    #[test]
    fn a_broken_setting_is_reported_with_its_line() {
        let bad = |line, problem| {
            Err(Bad {
                line,
                name: "API_KEY",
                problem,
            })
        };
        assert_eq!(pairs("# x\n\nAPI_KEY: abc\n"), bad(3, "'=' is missing"));
        assert_eq!(
            pairs("A='1\n2'\nAPI_KEY=\"abc\n"),
            bad(3, "the quote is not closed")
        );
        assert_eq!(
            pairs("API_KEY='abc'd"),
            bad(1, "text follows the closing quote")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"(API_KEY|X| |=|"|'|`|\\|#|\n|\r|[a-zä])*"#) {
            let _ = pairs(&text);
        }

        #[test]
        fn a_quoted_value_round_trips(value_in in "[^'\0\u{fffd}]*", escaped in "[^\0\u{fffd}]*") {
            prop_assert_eq!(value(&format!("API_KEY='{value_in}'")), Some(value_in));
            let quoted = escaped.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(value(&format!("API_KEY=\"{quoted}\"")), Some(escaped));
        }
    }
}
