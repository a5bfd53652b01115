//! Errors of the operating system on a path, as sentences for an operator.

use std::io::{Error, ErrorKind};
use std::path::Path;

use issuecommand_core::domain::failure::StoreError;

/// The error of opening or creating this file.
pub(crate) fn path_error(path: &Path, error: &Error) -> StoreError {
    let path = path.display();
    StoreError::Unavailable(match error.kind() {
        ErrorKind::IsADirectory => {
            format!("{path} is a folder, and a file is needed: give the path of a file in it")
        }
        ErrorKind::NotFound => format!("{path} cannot be opened: its folder is not there"),
        ErrorKind::NotADirectory => {
            format!("{path} cannot be opened: a part of the path is a file and not a folder")
        }
        ErrorKind::PermissionDenied => {
            format!("{path} cannot be opened: this user may not read and write there")
        }
        ErrorKind::ReadOnlyFilesystem => {
            format!("{path} cannot be written: its file system is read-only")
        }
        ErrorKind::StorageFull => format!("{path} cannot be written: the disk is full"),
        _ => format!("{path}: {error}"),
    })
}

/// Refuses a path that leads to a folder.
pub(crate) fn must_not_be_a_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(path_error(path, &ErrorKind::IsADirectory.into()));
    }
    Ok(())
}
