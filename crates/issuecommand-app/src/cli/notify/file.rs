//! Changes of `issuecommand.toml` and `.env` that leave everything else in them as it is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use issuecommand_notify::Table;
use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

use crate::error::AppError;

/// The key of the tables.
const KEY: &str = "notify";

/// Adds a table to the file, which is made if it is not there.
pub(super) fn add(path: &Path, table: &Table) -> Result<(), AppError> {
    let mut document = read(path)?;
    let tables = document
        .entry(KEY)
        .or_insert_with(|| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    let Some(tables) = tables.as_array_of_tables_mut() else {
        return Err(by_hand(path));
    };
    let mut new = toml_edit::Table::new();
    // In the order in which people read them.
    let order = [
        "name",
        "kind",
        "url_env",
        "secret_env",
        "command",
        "on",
        "repos",
        "quiet",
        "zone",
    ];
    for key in order {
        let Some(texts) = table.get(key) else {
            continue;
        };
        let is_list = matches!(key, "secret_env" | "command" | "on" | "repos");
        let value = match &texts[..] {
            [text] if !is_list => Value::from(text.as_str()),
            texts => Value::Array(texts.iter().map(String::as_str).collect::<Array>()),
        };
        new.insert(key, Item::Value(value));
    }
    tables.push(new);
    replace(path, &document.to_string(), false)
}

/// Takes the table of this name out of the file. Returns whether there was one.
pub(super) fn remove(path: &Path, name: &str) -> Result<bool, AppError> {
    let mut document = read(path)?;
    let Some(item) = document.get_mut(KEY) else {
        return Ok(false);
    };
    let Some(tables) = item.as_array_of_tables_mut() else {
        return Err(by_hand(path));
    };
    let before = tables.len();
    tables.retain(|table| name_of(table) != Some(name));
    let is_gone = tables.len() < before;
    if tables.is_empty() {
        document.remove(KEY);
    }
    if is_gone {
        replace(path, &document.to_string(), false)?;
    }
    Ok(is_gone)
}

/// Adds variables to `.env`, which is made for its user alone if it is not there.
pub(super) fn set_variables(path: &Path, variables: &[(String, String)]) -> Result<(), AppError> {
    if variables.is_empty() {
        return Ok(());
    }
    let mut text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(cause) => return Err(failed(path, "read", cause)),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for (name, value) in variables {
        if value.contains(['\n', '\r', '\0']) {
            let words = format!("the value of {name} has a line break; nothing was changed");
            return Err(AppError::Command(words));
        }
        // The last line of a name counts, so that an older one needs no change.
        let value = if value.contains('\'') {
            format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            format!("'{value}'")
        };
        text.push_str(&format!("{name}={value}\n"));
    }
    replace(path, &text, true)
}

/// The name of a table: its kind, if it has none.
fn name_of(table: &dyn TableLike) -> Option<&str> {
    let text = |key: &str| table.get(key).and_then(Item::as_str);
    text("name").or_else(|| text("kind"))
}

fn read(path: &Path) -> Result<DocumentMut, AppError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(cause) => return Err(failed(path, "read", cause)),
    };
    text.parse().map_err(|_| by_hand(path))
}

fn by_hand(path: &Path) -> AppError {
    AppError::Command(format!(
        "{} has {KEY} in another form than [[{KEY}]] tables: change it by hand",
        path.display()
    ))
}

/// Puts a new file in the place of the old one at once. A link stays a link.
fn replace(path: &Path, text: &str, is_secret: bool) -> Result<(), AppError> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let put = || -> io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(
            &mut options,
            if is_secret { 0o600 } else { 0o644 },
        );
        let written = options.open(&beside).and_then(|mut file| {
            if let Ok(data) = fs::metadata(&path) {
                fs::set_permissions(&beside, data.permissions())?;
            }
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        let placed = written.and_then(|()| fs::rename(&beside, &path));
        if placed.is_err() {
            // What is left of the attempt.
            let _ = fs::remove_file(&beside);
        }
        placed
    };
    put().map_err(|cause| failed(&path, "written", cause))
}

fn failed(path: &Path, what: &str, cause: io::Error) -> AppError {
    AppError::Io {
        what: format!("{} could not be {what}", path.display()),
        cause,
    }
}
