//! How a client must start this program so that it has the settings that hold here.

use std::path::Path;

use issuecommand_clients::{Client, Kind, Launch, Variable};
use issuecommand_config::{EffectiveSetting, Origin, Value, effective};

use super::super::Flags;
use super::place::is_set;
use crate::error::AppError;
use crate::settings::{DatabaseOptions, Settings};

/// Settings of one client's process, which must not be those of the next.
const OF_ONE_PROCESS: [&str; 2] = ["ISSUECOMMAND_AGENT_ID", "ISSUECOMMAND_SESSION_ID"];
/// Secrets that the service needs, or takes from `gh`. Where they are not set yet, they may be when the client starts.
const NEEDED: [&str; 2] = ["GITHUB_TOKEN", "API_KEY"];
/// Variables that are no settings: how GitHub is reached, what it is trusted by, where `gh` has its login, and where processes of
/// this machine find each other.
const OUTSIDE: [&str; 13] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GH_CONFIG_DIR",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

pub(super) struct Launched {
    pub(super) launch: Launch,
    /// Sentences for the user.
    pub(super) notes: Vec<String>,
}

/// The program with its settings: the file by its absolute path, the database by its absolute path, what the environment says
/// by name alone.
pub(super) fn launch(flags: Flags, client: Client) -> Result<Launched, AppError> {
    let sources = flags.sources()?;
    let settings = Settings::load(&sources)?;
    let all = effective(&sources)?;
    let mut launch = Launch {
        program: program()?,
        ..Launch::default()
    };
    let implied = Path::new("issuecommand.toml");
    let file = sources.file.as_deref();
    if let Some(file) = file.or_else(|| implied.exists().then_some(implied)) {
        launch.args = vec!["--config".to_owned(), absolute(file)?];
    }
    let database = settings.database()?;
    if let DatabaseOptions::Sqlite(_) = &database {
        // Over any other word on it that the client's environment may have.
        let by_url = all
            .iter()
            .any(|setting| setting.name == "DATABASE_URL" && setting.origin.is_some());
        let place = database.place();
        launch.env.push(if by_url {
            ("DATABASE_URL".to_owned(), format!("sqlite:{place}"))
        } else {
            ("SQLITE_PATH".to_owned(), place)
        });
    }
    let mut notes = Vec::new();
    for setting in &all {
        hand_on(setting, &mut launch, &mut notes, client);
    }
    if let DatabaseOptions::Sqlite(_) = &database {
        launch
            .pass
            .retain(|variable| !["SQLITE_PATH", "DATABASE_URL"].contains(&variable.name.as_str()));
    }
    launch.pass.extend(OUTSIDE.map(|name| Variable {
        name: name.to_owned(),
        kind: Kind::Outside,
        is_set: is_set(name),
    }));
    notes.push(words_on(&database, &all));
    Ok(Launched { launch, notes })
}

/// The absolute path of this program.
pub(super) fn program() -> Result<String, AppError> {
    let program = std::env::current_exe().map_err(|cause| AppError::Io {
        what: "the path of this program cannot be told".to_owned(),
        cause,
    })?;
    Ok(program.display().to_string())
}

fn hand_on(
    setting: &EffectiveSetting,
    launch: &mut Launch,
    notes: &mut Vec<String>,
    client: Client,
) {
    let name = setting.name;
    let mut pass = |kind, is_set| {
        launch.pass.push(Variable {
            name: name.to_owned(),
            kind,
            is_set,
        });
    };
    if OF_ONE_PROCESS.contains(&name) {
        return pass(Kind::OfProcess, false);
    }
    if launch.env.iter().any(|(known, _)| known == name) {
        return;
    }
    match (&setting.origin, &setting.value) {
        (Some(Origin::Environment), Value::Text(text)) => pass(Kind::Setting(text.clone()), true),
        (Some(Origin::Environment), _) => pass(Kind::Secret, true),
        (None, _) if NEEDED.contains(&name) => pass(Kind::Secret, false),
        (Some(Origin::Flag), Value::Text(text)) if name != "SQLITE_PATH" => {
            launch.env.push((name.to_owned(), text.clone()));
        }
        (Some(Origin::Dotenv(path)), _) => notes.push(format!(
            "{name} stands in {}, which {client} does not read, since it starts the program elsewhere: put it into \
             issuecommand.toml, and install with --config FILE.",
            path.display()
        )),
        _ => {}
    }
}

/// Which database the entry works with.
fn words_on(database: &DatabaseOptions, all: &[EffectiveSetting]) -> String {
    let is_given = all.iter().any(|setting| {
        ["SQLITE_PATH", "DATABASE_URL"].contains(&setting.name)
            && !matches!(setting.origin, None | Some(Origin::Default))
    });
    let place = database.place();
    match database {
        DatabaseOptions::Postgres(_) => format!("The entry works with the database {place}."),
        DatabaseOptions::Sqlite(_) if is_given => {
            format!("The entry works with the database {place}.")
        }
        DatabaseOptions::Sqlite(_) => format!(
            "The entry works with the database {place}, in this folder, because no setting names another: --set SQLITE_PATH=FILE does. All \
             clients of a machine need the same."
        ),
    }
}

fn absolute(path: &Path) -> Result<String, AppError> {
    let path = std::path::absolute(path).map_err(|cause| AppError::Io {
        what: format!("the path of {} cannot be told", path.display()),
        cause,
    })?;
    Ok(path.display().to_string())
}
