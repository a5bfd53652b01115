//! `issuecommand backup`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use issuecommand_store_sqlite::{SqliteOptions, dump};

use crate::error::AppError;
use crate::output::{print, tell};
use crate::settings::{DatabaseOptions, Settings};

pub(super) async fn run(settings: &Settings, file: &Path) -> Result<(), AppError> {
    match settings.database()? {
        DatabaseOptions::Sqlite(options) if file.as_os_str() == "-" => to_stdout(&options).await,
        DatabaseOptions::Sqlite(options) => {
            let bytes = dump::backup(&options, file).await?;
            print(&format!(
                "{} is {}\n",
                file.display(),
                whole_copy(&options, bytes)
            ))
        }
        DatabaseOptions::Postgres(_) => Err(AppError::Command(
            "PostgreSQL has its own tool for that: pg_dump --format=custom --file=FILE \"$DATABASE_URL\", and pg_restore to \
             bring it back"
                .to_owned(),
        )),
    }
}

/// Copies a file to one with the time in its name beside it. A sentence on the copy.
#[cfg(feature = "dashboard")]
pub(crate) async fn beside(settings: &Settings) -> Result<String, AppError> {
    let DatabaseOptions::Sqlite(options) = settings.database()? else {
        return Err(AppError::Command(
            "PostgreSQL has its own tool for that: pg_dump --format=custom".to_owned(),
        ));
    };
    let now = issuecommand_core::domain::time::Clock::now(&crate::clock::SystemClock);
    let time = now.to_string();
    let time: String = time
        .chars()
        .take(19)
        .filter(|c| c.is_ascii_digit())
        .collect();
    let mut name = options.path.as_os_str().to_owned();
    name.push(format!(".backup-{time}"));
    let copy = PathBuf::from(name);
    let bytes = dump::backup(&options, &copy).await?;
    Ok(format!(
        "{} is {}.",
        copy.display(),
        whole_copy(&options, bytes)
    ))
}

fn whole_copy(options: &SqliteOptions, bytes: u64) -> String {
    let path = options.path.display();
    format!("a whole copy of {path}: {bytes} bytes, and passed the integrity check")
}

/// Writes the copy beside the database first, because it is checked before it is output, and the folder for temporary files may
/// lack the space.
async fn to_stdout(options: &SqliteOptions) -> Result<(), AppError> {
    let mut name = options.path.as_os_str().to_owned();
    name.push(format!(".backup-{}", std::process::id()));
    let copy = PathBuf::from(name);
    let made = dump::backup(options, &copy).await;
    let given = made.map_err(AppError::from).and_then(|bytes| {
        let out = File::open(&copy).and_then(|mut copy| io::copy(&mut copy, &mut io::stdout()));
        out.map_err(|cause| AppError::Io {
            what: "the copy could not be written".to_owned(),
            cause,
        })?;
        Ok(bytes)
    });
    let _ = fs::remove_file(&copy);
    tell(&format!("This is {}", whole_copy(options, given?)))
}
