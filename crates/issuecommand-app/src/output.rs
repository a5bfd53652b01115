//! Output of a command: its result goes to standard output, everything else to standard error.

use std::io::Write;

use crate::error::AppError;

/// Writes the result of a command to standard output.
pub(crate) fn print(text: &str) -> Result<(), AppError> {
    written(std::io::stdout().write_all(text.as_bytes()))
}

/// Writes a line to standard error, because standard output may be the result.
pub(crate) fn tell(text: &str) -> Result<(), AppError> {
    written(writeln!(std::io::stderr(), "{text}"))
}

fn written(result: std::io::Result<()>) -> Result<(), AppError> {
    result.map_err(|cause| AppError::Io {
        what: "the answer could not be written".to_owned(),
        cause,
    })
}
