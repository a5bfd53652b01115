//! `issuecommand adopt`: changes the owner of a data folder that another user wrote.
//!
//! A container image with only this program has no `chown`. The compose file runs this command once, before the service starts
//! without privileges.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::fail;
use crate::error::AppError;

/// Which folder, and whose it shall be.
#[derive(Args, Clone, Debug)]
pub struct AdoptArgs {
    /// The folder; everything in it goes with it
    folder: PathBuf,
    /// Its user and group, by their numbers: 10001:10001
    #[arg(long, value_name = "UID:GID", value_parser = owner)]
    owner: (u32, u32),
}

fn owner(text: &str) -> Result<(u32, u32), String> {
    let pair = text.split_once(':');
    let pair = pair.and_then(|(user, group)| Some((user.parse().ok()?, group.parse().ok()?)));
    pair.ok_or_else(|| "an owner is two numbers, UID:GID, such as 10001:10001".to_owned())
}

/// Changes the owner of the folder. Entries that already have this owner are skipped.
pub fn adopt(args: &AdoptArgs) -> ExitCode {
    match give(&args.folder, args.owner) {
        Ok(()) => ExitCode::SUCCESS,
        Err((path, cause)) => fail(&AppError::Io {
            what: format!(
                "{} cannot be given to {}:{}",
                path.display(),
                args.owner.0,
                args.owner.1
            ),
            cause,
        }),
    }
}

/// Changes the owner of a link itself, never of its target.
fn give(path: &Path, owner: (u32, u32)) -> Result<(), (PathBuf, io::Error)> {
    let told = |cause| (path.to_owned(), cause);
    let metadata = fs::symlink_metadata(path).map_err(told)?;
    if (metadata.uid(), metadata.gid()) != owner {
        lchown(path, Some(owner.0), Some(owner.1)).map_err(told)?;
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path).map_err(told)? {
            give(&entry.map_err(told)?.path(), owner)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn an_owner_is_two_numbers() {
        assert_eq!(owner("10001:7"), Ok((10001, 7)));
        for wrong in ["", "10001", "a:b", "1:2:3", "-1:0"] {
            assert!(owner(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn chown_is_recursive_and_does_not_follow_links() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        let own = fs::metadata(outside.path()).unwrap();
        let inside = folder.path().join("deep/er");
        fs::create_dir_all(&inside).unwrap();
        fs::write(inside.join("issuecommand.db"), "").unwrap();
        symlink(outside.path(), inside.join("link")).unwrap();
        if own.uid() != 0 {
            // Only root may change owners. Setting the same owner must do nothing and return no error.
            give(folder.path(), (own.uid(), own.gid())).unwrap();
            return;
        }
        give(folder.path(), (10001, 10002)).unwrap();
        for path in [
            folder.path(),
            &inside,
            &inside.join("issuecommand.db"),
            &inside.join("link"),
        ] {
            let metadata = fs::symlink_metadata(path).unwrap();
            assert_eq!(
                (metadata.uid(), metadata.gid()),
                (10001, 10002),
                "{}",
                path.display()
            );
        }
        assert_eq!(fs::metadata(outside.path()).unwrap().uid(), own.uid());
    }
}
