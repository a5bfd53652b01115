//! Finds the installed programs of PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine::Program;

/// Where Debian's packages install server programs, by version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder with `initdb` and the other server programs.
#[derive(Debug)]
pub(super) struct Programs(PathBuf);

impl Programs {
    /// The first place that has them: the PATH, the output of `pg_config`, Debian's newest version.
    pub(super) fn find() -> Option<Self> {
        if Program::Postgres.is_hidden() {
            return None;
        }
        places()
            .into_iter()
            .find(|place| has(place, "initdb"))
            .map(Self)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn pg_ctl(&self) -> PathBuf {
        self.0.join("pg_ctl")
    }

    /// The client that comes with the server.
    pub(super) fn psql(&self) -> PathBuf {
        if has(&self.0, "psql") {
            self.0.join("psql")
        } else {
            psql().expect("a PostgreSQL with initdb has psql somewhere")
        }
    }
}

/// The client, which may be installed without a server.
pub(super) fn psql() -> Option<PathBuf> {
    let place = places().into_iter().find(|place| has(place, "psql"));
    place.map(|place| place.join("psql"))
}

/// The pooler, which Debian installs in a folder for administrators.
pub(super) fn pgbouncer() -> Option<PathBuf> {
    if Program::PgBouncer.is_hidden() {
        return None;
    }
    let mut places = places();
    places.push("/usr/sbin".into());
    let place = places.into_iter().find(|place| has(place, "pgbouncer"));
    place.map(|place| place.join("pgbouncer"))
}

fn has(place: &Path, program: &str) -> bool {
    place.join(program).is_file()
}

#[expect(clippy::disallowed_methods, reason = "PATH, to find PostgreSQL")]
fn places() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        places.push(String::from_utf8_lossy(&said.stdout).trim().into());
    }
    let mut debian: Vec<(u32, PathBuf)> = Vec::new();
    for version in std::fs::read_dir(DEBIAN).into_iter().flatten().flatten() {
        if let Some(number) = version.file_name().to_str().and_then(|n| n.parse().ok()) {
            debian.push((number, version.path().join("bin")));
        }
    }
    debian.sort();
    places.extend(debian.into_iter().rev().map(|(_, place)| place));
    places
}
