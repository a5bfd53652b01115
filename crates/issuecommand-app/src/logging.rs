//! Logs go to stderr, because stdout belongs to the MCP protocol, and optionally also to a file.

mod file;
mod line;
mod screen;

use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::path::PathBuf;

use tracing_subscriber::fmt::{format::JsonFields, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use self::file::DailyFile;
use self::line::JsonLine;
pub(crate) use self::screen::flush;
use crate::error::AppError;

/// The options of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// A tracing filter: a level or `target=level`, comma-separated.
    pub level: String,
    /// The format on stderr.
    pub format: LogFormat,
    /// An additional file of JSON lines.
    pub file: Option<PathBuf>,
    /// How many days old files are kept.
    pub keep_days: u32,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text if stderr is a terminal, else JSON.
    Auto,
    /// One JSON object per line.
    Json,
    /// Text for people.
    Text,
}

/// Starts logging. Later calls in a process have no effect.
///
/// # Errors
/// A log file that cannot be written.
pub(crate) fn start(log: &LogOptions) -> Result<(), AppError> {
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let stderr = screen::stderr(json);
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
            // The file reports its own errors once, because a line for each failed write would fill the other log.
            Some(lines.log_internal_errors(false).with_writer(file))
        }
        None => None,
    };
    std::panic::set_hook(Box::new(panicked));
    // A second start in one process, as in tests, keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(filter(&log.level))
        .with(screen)
        .with(file)
        .try_init();
    Ok(())
}

/// Libraries whose warnings are about a caller's input. Without this filter anybody could flood the log. Errors of callers are
/// returned to them and counted by our own lines.
const QUIET: &str = "h2=error,hyper=error,hyper_util=error,rmcp=error";

/// `LOG_LEVEL` as a filter. `info` covers only our own lines, because libraries log developer dumps at that level. A library
/// that is named, as in `info,rmcp=info`, is included, and `debug` includes all of them.
fn filter(level: &str) -> EnvFilter {
    let mut quiet = false;
    let mut parts = Vec::new();
    for part in level.split(',') {
        match part.trim().to_ascii_lowercase().as_str() {
            "info" => {
                quiet = true;
                parts.push("warn,issuecommand=info");
            }
            "warn" | "error" => {
                quiet = true;
                parts.push(part);
            }
            _ => parts.push(part),
        }
    }
    if quiet {
        // Prepended, because the later of two directives for one library wins.
        parts.insert(0, QUIET);
    }
    EnvFilter::try_new(parts.join(","))
        .unwrap_or_else(|_| EnvFilter::new(format!("{QUIET},warn,issuecommand=info")))
}

/// Logs a panic as a normal line, so that it is also in the file and the output stays valid JSON.
fn panicked(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("without words");
    let place = panic.location().map(ToString::to_string);
    tracing::error!(name: "panic", place, "{message}");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The messages that pass the filter at this level.
    fn heard(level: &str) -> Vec<String> {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = layer()
            .without_time()
            .with_level(false)
            .with_target(false)
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let all = tracing_subscriber::registry()
            .with(filter(level))
            .with(lines);
        tracing::subscriber::with_default(all, || {
            tracing::info!(target: "rmcp::service", "rmcp info");
            tracing::info!(target: "sqlx_core::logger", "sqlx info");
            tracing::warn!(target: "sqlx_core::pool", "sqlx warn");
            tracing::warn!(target: "h2::proto::streams::recv", "h2 warn");
            tracing::warn!(target: "hyper::proto::h1::conn", "hyper warn");
            tracing::error!(target: "rmcp::transport::async_rw", "rmcp error");
            tracing::warn!(target: "rmcp::service", "rmcp warn");
            tracing::info!(target: "issuecommand_store::event_log", "ours");
            tracing::debug!(target: "issuecommand_github", "our debug");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn at_info_only_our_own_lines_and_the_warnings_of_libraries_are_heard() {
        let ours = ["sqlx warn", "rmcp error", "ours"];
        assert_eq!(heard("info"), ours);
        assert_eq!(heard("INFO"), ours);
        assert_eq!(
            heard("info,rmcp=info,issuecommand_github=debug"),
            [
                "rmcp info",
                "sqlx warn",
                "rmcp error",
                "rmcp warn",
                "ours",
                "our debug"
            ]
        );
        assert_eq!(heard("warn"), ["sqlx warn", "rmcp error"]);
        assert_eq!(heard("error"), ["rmcp error"]);
        assert_eq!(heard("debug").len(), 9);
    }
}
