//! The pages that explain the settings, written from the table so that they cannot go stale.

use std::fmt::Write as _;

use crate::definitions::DEFINITIONS;
use crate::setting::{AppliesTo, DefaultValue, Setting};

const INTRODUCTION: &str = "\
# Configuration

<!-- Written from the table in crates/issuecommand-config/src/definitions.rs; do not edit. -->

Sources, the later wins: built-in defaults, `issuecommand.toml` in the working folder (or the file that `--config` names),
`.env` in the working folder, the environment, the command line (`--set HTTP_PORT=3200`; not for secrets, since other users
of a machine can read its command lines). Keys in the file are the names below in lower case. A blank value is unset.

An unknown key in the file or a value that is not allowed stops the start with a sentence that names it. In `.env`,
`$` is an ordinary character, `#` opens a comment after a blank, and lines that set none of these are passed over.

A key or token that is nothing but a placeholder (`$NAME`, `${NAME}`, `${env:NAME}`) is refused. In the environment it counts as unset,
with a warning: an MCP client hands it on so where the variable that it names is not set.

";

/// What `--help` says of those that a program acts on: a line with name and default, and one with the meaning.
pub fn help(program: AppliesTo) -> String {
    let mut page =
        "Settings, from the environment, .env, issuecommand.toml (in lower case) or --set:\n"
            .to_owned();
    let acts_on =
        |setting: &&Setting| program == AppliesTo::Http || setting.applies_to == AppliesTo::All;
    for setting in DEFINITIONS.iter().filter(acts_on) {
        let (meaning, unset) = (setting.meaning, setting.if_unset_text());
        writeln!(page, "  {} [{unset}]\n      {meaning}", setting.name)
            .expect("a String takes all text");
    }
    page
}

/// `docs/configuration.md`.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("| setting | if unset | allowed | meaning |\n|---|---|---|---|\n");
    for setting in DEFINITIONS {
        let unset = match setting.if_unset {
            DefaultValue::Default(value) => format!("`{value}`"),
            DefaultValue::Means(words) => words.into(),
            DefaultValue::Needed(_) => format!("{} will not start without it", programs(setting)),
            DefaultValue::NeededUnless { unless, .. } => {
                format!(
                    "{} will not start without it, unless {unless}",
                    programs(setting)
                )
            }
        };
        let secret = if setting.secret { " (secret)" } else { "" };
        let cells = [unset, setting.allowed(), setting.meaning.to_owned()]
            .map(|cell| cell.replace('|', "\\|"));
        writeln!(
            page,
            "| `{}`{secret} | {} |",
            setting.name,
            cells.join(" | ")
        )
        .expect("a String takes all text");
    }
    page
}

/// `.env.example`: every setting as a comment, with its default, but for those that must be set.
pub fn env_example() -> String {
    let mut page = "\
# Settings of IssueCommand. Copy this file to .env and set what differs from the defaults; docs/configuration.md says more.
# Written from the table in crates/issuecommand-config/src/definitions.rs; do not edit.
"
    .to_owned();
    for setting in DEFINITIONS {
        let (mark, value) = match setting.if_unset {
            DefaultValue::Default(value) => ("# ", value),
            DefaultValue::Means(_) => ("# ", ""),
            DefaultValue::Needed(_) | DefaultValue::NeededUnless { .. } => ("", ""),
        };
        let (meaning, unset, name) = (setting.meaning, setting.if_unset_text(), setting.name);
        write!(
            page,
            "\n# {meaning}\n# {unset}; allowed is {}\n{mark}{name}={value}\n",
            setting.allowed()
        )
        .expect("a String takes all text");
    }
    page
}

fn programs(setting: &Setting) -> &'static str {
    match setting.applies_to {
        AppliesTo::All => "IssueCommand",
        AppliesTo::Http => "`issuecommand` and `issuecommand-http`",
    }
}
