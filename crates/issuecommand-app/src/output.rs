//! What a command writes to its terminal: the answer to standard output, everything else to standard error.

use std::io::Write;

use crate::error::AppError;

/// Writes the answer of a command to standard output.
pub(crate) fn print(text: &str) -> Result<(), AppError> {
    written(std::io::stdout().write_all(text.as_bytes()))
}

/// Writes a line to standard error, since standard output may be the answer.
pub(crate) fn tell(text: &str) -> Result<(), AppError> {
    written(writeln!(std::io::stderr(), "{text}"))
}

fn written(result: std::io::Result<()>) -> Result<(), AppError> {
    result.map_err(|cause| AppError::Io {
        what: "the answer could not be written".to_owned(),
        cause,
    })
}
