//! Reads and writes the file of JSON lines.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::dump::{Counts, DumpRow, TABLES};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::{AppError, io_words};

/// The version of the file format.
const FORMAT: i64 = 1;

fn cannot(path: &Path, cause: io::Error) -> AppError {
    AppError::Io {
        what: path.display().to_string(),
        cause,
    }
}

fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A file that is being written.
pub(super) struct DumpWriter {
    path: PathBuf,
    to: Box<dyn Write + Send>,
    digest: Sha256,
    counts: Counts,
}

impl DumpWriter {
    /// Creates a file that only its owner may read, because it contains texts of agents and reviewers.
    pub(super) fn create(path: &Path, schema: i64) -> Result<Self, AppError> {
        let to: Box<dyn Write + Send> = if is_standard(path) {
            Box::new(io::stdout())
        } else {
            let mut new = OpenOptions::new();
            new.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
            Box::new(new.open(path).map_err(|cause| cannot(path, cause))?)
        };
        let mut out = Self {
            path: path.to_owned(),
            to: Box::new(BufWriter::with_capacity(1 << 20, to)),
            digest: Sha256::new(),
            counts: Counts::new(),
        };
        let version = env!("CARGO_PKG_VERSION");
        let head = json!({"issuecommand_export": FORMAT, "schema": schema, "version": version});
        out.line(&head.to_string())
            .map_err(|cause| cannot(path, cause))?;
        Ok(out)
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        self.digest.update(text);
        self.digest.update("\n");
        self.to.write_all(text.as_bytes())?;
        self.to.write_all(b"\n")
    }

    pub(super) fn put(&mut self, row: &DumpRow) -> Result<(), StoreError> {
        *self.counts.entry(row.table).or_default() += 1;
        let line = format!("{{\"table\":\"{}\",\"row\":{}}}", row.table, row.json);
        self.line(&line).map_err(|error| {
            StoreError::Unavailable(format!("{}: {}", self.path.display(), io_words(&error)))
        })
    }

    /// Writes the last line, and returns when everything is on disk.
    pub(super) fn finish(mut self) -> Result<Counts, AppError> {
        let tail =
            json!({"rows": self.counts, "sha256": hex::encode(self.digest.clone().finalize())});
        let path = self.path.clone();
        let mut written = self.line(&tail.to_string()).and_then(|()| self.to.flush());
        if written.is_ok() && !is_standard(&path) {
            let file = OpenOptions::new().write(true).open(&path);
            written = file.and_then(|file| file.sync_all());
        }
        if let Err(cause) = written {
            self.discard();
            return Err(cannot(&path, cause));
        }
        Ok(self.counts)
    }

    /// Removes a partial file.
    pub(super) fn discard(self) {
        if !is_standard(&self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A file that is being read.
pub(super) struct DumpReader {
    path: PathBuf,
    from: Box<dyn BufRead + Send>,
    digest: Sha256,
    counts: Counts,
    schema: i64,
    number: u64,
    /// The error in the file, once one was found.
    fault: Option<String>,
}

impl DumpReader {
    pub(super) fn open(path: &Path) -> Result<Self, AppError> {
        let from: Box<dyn BufRead + Send> = if is_standard(path) {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = fs::File::open(path).map_err(|cause| cannot(path, cause))?;
            Box::new(BufReader::with_capacity(1 << 20, file))
        };
        let mut lines = Self {
            path: path.to_owned(),
            from,
            digest: Sha256::new(),
            counts: Counts::new(),
            schema: 0,
            number: 0,
            fault: None,
        };
        let head = lines.read().ok().flatten();
        let head = head.and_then(|line| {
            lines.digest.update(&line);
            serde_json::from_str::<Value>(&line).ok()
        });
        let number = |key: &str| head.as_ref().and_then(|head| head.get(key)?.as_i64());
        match (number("issuecommand_export"), number("schema")) {
            (Some(FORMAT), Some(schema)) => lines.schema = schema,
            (Some(other), _) => {
                return Err(AppError::Command(format!(
                    "{} is an export of form {other}, and this version reads form {FORMAT}",
                    path.display()
                )));
            }
            _ => {
                return Err(AppError::Command(format!(
                    "{} is no file that `issuecommand export` wrote",
                    path.display()
                )));
            }
        }
        Ok(lines)
    }

    pub(super) fn schema(&self) -> i64 {
        self.schema
    }

    /// The next line including its newline.
    fn read(&mut self) -> Result<Option<String>, StoreError> {
        let mut line = String::new();
        self.number += 1;
        match self.from.read_line(&mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line)),
            Err(error) => Err(self.bad(&error.to_string())),
        }
    }

    fn bad(&mut self, why: &str) -> StoreError {
        let (path, number) = (self.path.display(), self.number);
        let fault = format!("{path} line {number}: {why}; nothing was imported");
        self.fault = Some(fault.clone());
        StoreError::Corrupt(fault)
    }

    /// The error in the file, if a failure was caused by it and not by the database.
    pub(super) fn fault(&mut self) -> Option<AppError> {
        self.fault.take().map(AppError::Command)
    }

    /// Reads a file to its end, so that no database is created for an incomplete one. Standard input is read only once.
    pub(super) fn check(path: &Path) -> Result<(), AppError> {
        if is_standard(path) {
            return Ok(());
        }
        let mut lines = Self::open(path)?;
        loop {
            match lines.next() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error) => return Err(lines.fault().unwrap_or_else(|| error.into())),
            }
        }
    }

    /// The next row; `None` after the last line, whose counts and hash match.
    pub(super) fn next(&mut self) -> Result<Option<DumpRow>, StoreError> {
        let Some(line) = self.read()? else {
            return Err(self.bad("the file ends before its last line: it is not whole"));
        };
        let mut value: Map<String, Value> =
            serde_json::from_str(&line).map_err(|error| self.bad(&error.to_string()))?;
        if let Some(told) = value.get("sha256") {
            let counted = json!(self.counts);
            if *told != json!(hex::encode(self.digest.clone().finalize()))
                || value.get("rows") != Some(&counted)
            {
                return Err(self.bad("the rows are not those that were exported"));
            }
            return Ok(None);
        }
        self.digest.update(&line);
        let table = value.get("table").and_then(Value::as_str);
        let table = TABLES.into_iter().find(|known| Some(*known) == table);
        let row = value.remove("row").filter(Value::is_object);
        let (Some(table), Some(row)) = (table, row) else {
            return Err(self.bad("it is no row of a table of ours"));
        };
        *self.counts.entry(table).or_default() += 1;
        Ok(Some(DumpRow {
            table,
            json: row.to_string(),
        }))
    }
}
