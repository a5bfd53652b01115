//! Refuses file systems on which a write-ahead log is not safe: its index is shared memory, which works on one machine only, and not
//! every network file system implements locks.

use std::path::{Path, PathBuf};

use issuecommand_core::domain::failure::StoreError;

use crate::path_error::{must_not_be_a_folder, path_error};

/// Checks the mount of the file. Without a table of mounts (not on Linux) nothing is refused.
pub(super) fn check(path: &Path, forced: bool) -> Result<(), StoreError> {
    must_not_be_a_folder(path)?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // The file may be a link to another file system.
    let real = path.canonicalize().or_else(|_| folder.canonicalize());
    let real = real.map_err(|error| path_error(path, &error))?;
    let Ok(table) = std::fs::read_to_string("/proc/self/mountinfo") else {
        return Ok(());
    };
    match kind(&table, &real) {
        Some(kind) if is_shared(&kind) && !forced => Err(StoreError::Unavailable(format!(
            "{} is on a network or shared file system ({kind}), where SQLite can destroy the database; use a local disk",
            path.display()
        ))),
        _ => Ok(()),
    }
}

fn is_shared(kind: &str) -> bool {
    let kind = kind.split('.').next().unwrap_or(kind);
    matches!(
        kind,
        "nfs"
            | "nfs4"
            | "cifs"
            | "smb"
            | "smb2"
            | "smb3"
            | "smbfs"
            | "9p"
            | "virtiofs"
            | "fuse"
            | "fuseblk"
    )
}

/// The type of the file system of this path: that of its longest mount point, and of several the last mounted.
fn kind(table: &str, path: &Path) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for line in table.lines() {
        let Some((mount, rest)) = line.split_once(" - ") else {
            continue;
        };
        let (Some(point), Some(kind)) = (mount.split(' ').nth(4), rest.split(' ').next()) else {
            continue;
        };
        let point = unescape(point);
        let depth = point.components().count();
        if path.starts_with(&point) && best.as_ref().is_none_or(|(most, _)| depth >= *most) {
            best = Some((depth, kind.to_owned()));
        }
    }
    best.map(|(_, kind)| kind)
}

/// The kernel escapes blanks and some other characters as three octal digits.
fn unescape(text: &str) -> PathBuf {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..3)
            .and_then(|octal| u8::from_str_radix(octal, 8).ok());
        match code {
            Some(code) => {
                plain.push(char::from(code));
                plain.push_str(&part[3..]);
            }
            None => plain.push_str(part),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
40 22 0:40 / /mnt/share rw,relatime - nfs4 server:/export rw
41 40 254:2 / /mnt/share/local\\040disk rw - xfs /dev/vdb rw
42 22 0:42 / /host rw - 9p host rw
43 22 0:43 / /home/me/cloud rw - fuse.sshfs me@host: rw
44 42 0:44 / /host rw - tmpfs tmpfs rw";

    #[test]
    fn the_innermost_mount_counts_and_of_two_the_later() {
        for (path, wanted) in [
            ("/var/lib/x", "ext4"),
            ("/mnt/share", "nfs4"),
            ("/mnt/share/db", "nfs4"),
            ("/mnt/shared", "ext4"),
            ("/mnt/share/local disk/db", "xfs"),
            ("/home/me/cloud/db", "fuse.sshfs"),
            ("/host/db", "tmpfs"),
        ] {
            assert_eq!(
                kind(TABLE, Path::new(path)).as_deref(),
                Some(wanted),
                "{path}"
            );
        }
    }

    #[test]
    fn network_file_systems_are_refused() {
        for kind in [
            "nfs4",
            "cifs",
            "smb3",
            "9p",
            "virtiofs",
            "fuse.sshfs",
            "fuse",
        ] {
            assert!(is_shared(kind), "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs"] {
            assert!(!is_shared(kind), "{kind}");
        }
    }
}
