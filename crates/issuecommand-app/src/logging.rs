//! Logs: to stderr, since stdout belongs to the MCP protocol, and where it is asked for into a file besides.

mod file;
mod line;

use std::io::{IsTerminal, stderr};
use std::panic::PanicHookInfo;

use issuecommand_config::{Log, LogFormat};
use tracing_subscriber::fmt::{format::JsonFields, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use self::file::DailyFile;
use self::line::JsonLine;
use crate::error::AppError;

/// Starts logging; the first call in a process counts.
///
/// # Errors
/// A log file that cannot be written.
pub(crate) fn start(log: &Log) -> Result<(), AppError> {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !stderr().is_terminal(),
    };
    let screen = if json {
        let lines = layer().fmt_fields(JsonFields::new()).event_format(JsonLine);
        lines.with_writer(stderr).boxed()
    } else {
        layer().with_target(false).with_writer(stderr).boxed()
    };
    let file = match &log.file {
        Some(path) => {
            let file = DailyFile::open(path, log.keep_days).map_err(|cause| AppError::Io {
                what: format!("LOG_FILE={} cannot be written", path.display()),
                cause,
            })?;
            let lines = layer().fmt_fields(JsonFields::new()).event_format(JsonLine);
            Some(lines.with_writer(file))
        }
        None => None,
    };
    std::panic::set_hook(Box::new(panicked));
    // A second start in one process, as in tests, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(screen)
        .with(file)
        .try_init();
    Ok(())
}

/// A panic is a line of the log like any other, so that it stands in the file too and no reader of JSON stumbles over it.
fn panicked(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("without words");
    let place = panic.location().map(ToString::to_string);
    tracing::error!(name: "panic", place, "{message}");
}
