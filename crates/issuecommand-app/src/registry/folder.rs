//! The folder of the registry: private to its user, and refused if another user owns it or can write it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// The folder, created if missing: in `$XDG_RUNTIME_DIR`, which belongs to one user, else in the temporary folder under a name
/// with the user's id.
#[expect(
    clippy::disallowed_methods,
    reason = "the folder of this user, which is no setting"
)]
pub(crate) fn of_user() -> io::Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
    let user = user()?;
    let folder = match runtime {
        Some(runtime) => runtime.join("issuecommand"),
        None => std::env::temp_dir().join(format!("issuecommand-{user}")),
    };
    own(&folder, user)?;
    Ok(folder)
}

/// Creates the folder, or checks that it is private. A link is refused because another user may have created it.
#[cfg(unix)]
fn own(folder: &Path, user: u32) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let meta = fs::symlink_metadata(folder)?;
    if !meta.is_dir() || meta.uid() != user {
        let why = format!("{} is not a folder of this user", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if meta.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn own(folder: &Path, _: u32) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// The effective user of this process, who owns the files that it creates.
#[cfg(unix)]
fn user() -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    let name = format!(".issuecommand-{}", Uuid::new_v4().simple());
    let probe = std::env::temp_dir().join(name);
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe)?;
    let user = file.metadata().map(|meta| meta.uid());
    fs::remove_file(&probe)?;
    user
}

/// The temporary folder is private on this platform.
#[cfg(not(unix))]
fn user() -> io::Result<u32> {
    Ok(0)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn the_folder_is_its_users_alone() {
        let place = tempfile::tempdir().unwrap();
        let user = user().unwrap();
        let folder = place.path().join("new");
        own(&folder, user).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        own(&folder, user).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);

        assert!(own(&folder, user + 1).is_err(), "somebody else's");
        let link = place.path().join("link");
        symlink(&folder, &link).unwrap();
        assert!(own(&link, user).is_err(), "a link");
        fs::write(place.path().join("file"), "").unwrap();
        assert!(own(&place.path().join("file"), user).is_err(), "a file");
    }
}
