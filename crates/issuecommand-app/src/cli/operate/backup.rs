//! `issuecommand backup`.

use std::path::Path;

use issuecommand_config::Settings;
use issuecommand_store_sqlite::whole;

use super::super::print;
use crate::database::Options;
use crate::error::AppError;

pub(super) async fn run(settings: &Settings, file: &Path) -> Result<(), AppError> {
    match Options::of(&settings.database)? {
        Options::Sqlite(options) => {
            let bytes = whole::backup(&options, file).await?;
            print(&format!(
                "{} is a whole copy of {}: {bytes} bytes, and passed the integrity check\n",
                file.display(),
                options.path.display()
            ))
        }
        Options::Postgres(_) => Err(AppError::Command(
            "PostgreSQL has its own tool for that: pg_dump --format=custom --file=FILE \"$DATABASE_URL\", and pg_restore to \
             bring it back"
                .to_owned(),
        )),
    }
}
