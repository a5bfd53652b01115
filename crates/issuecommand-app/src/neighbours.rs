//! Warns of other processes of this user on other databases. Two databases that hand out the same repositories give one issue
//! to two agents, and neither can detect it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::service::{DatabaseInfo, Service};

use crate::clock::SystemClock;
use crate::composition::Composition;
use crate::registry::{Entry, Registry};
use crate::settings::{DatabaseOptions, Settings};

/// How often the other processes are checked, before and after this process knows its own repositories.
const SOON: Duration = Duration::from_secs(2);
const LATER: Duration = Duration::from_secs(30);

/// The topics of the warnings.
const OTHERS: &str = "databases";
const FILE: &str = "database file";

/// This process among the others of its user.
#[derive(Debug)]
pub(crate) struct Neighbours {
    /// `None` if the folder cannot be used.
    registry: Option<Mutex<Registry>>,
    own: Mutex<Entry>,
    allowed: Option<BTreeSet<String>>,
    service: Service,
}

impl Neighbours {
    /// Registers this process and warns of processes that run already.
    pub(crate) async fn start(composition: &Composition, settings: &Settings) -> Self {
        let service = composition.service.clone();
        let registry = Registry::of_user().inspect_err(|error| {
            tracing::debug!(name: "registry.unavailable", %error, "processes on other databases cannot be seen");
        });
        let allowed = match &settings.allowed {
            Scope::All => None,
            Scope::Only(repos) => Some(repos.iter().map(ToString::to_string).collect()),
        };
        let nothing = DatabaseInfo {
            id: String::new(),
            place: String::new(),
        };
        let own = Entry {
            pid: std::process::id(),
            database: service.database().cloned().unwrap_or(nothing),
            files: composition.files(),
            repositories: None,
            port: None,
            started: SystemClock.now().to_string(),
        };
        let neighbours = Self {
            registry: registry.ok().map(Mutex::new),
            own: Mutex::new(own),
            allowed,
            service,
        };
        neighbours.look().await;
        neighbours
    }

    /// Checks periodically; never returns.
    pub(crate) async fn watch(&self) {
        loop {
            let known = self.own().repositories.is_some();
            tokio::time::sleep(if known { LATER } else { SOON }).await;
            self.look().await;
        }
    }

    /// Publishes the port on which this process serves HTTP.
    pub(crate) fn serves(&self, port: u16) {
        let mut own = self.own();
        own.port = Some(port);
        self.change(&own);
    }

    /// The database of the process that serves HTTP on this port, if it belongs to this user.
    pub(crate) fn on_port(&self, port: u16) -> Option<DatabaseInfo> {
        let others = self.others();
        let holder = others.into_iter().find(|entry| entry.port == Some(port))?;
        Some(holder.database)
    }

    fn own(&self) -> Entry {
        self.own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn others(&self) -> Vec<Entry> {
        let Some(registry) = &self.registry else {
            return Vec::new();
        };
        registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .others()
    }

    fn change(&self, entry: &Entry) {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = entry.clone();
        let Some(registry) = &self.registry else {
            return;
        };
        let mut registry = registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = registry.enter(entry) {
            tracing::debug!(name: "registry.unavailable", %error, "other processes cannot see this one");
        }
    }

    async fn look(&self) {
        let mut own = self.own();
        own.repositories = self.repositories().await;
        self.change(&own);
        let texts = warnings(&own, &self.others());
        for text in self.service.standing_warnings().set(OTHERS, texts) {
            tracing::warn!(name: "database.neighbour", text, "another database is in use beside this one");
        }
    }

    /// The repositories that this process hands out. The mirror knows them after the first list of repositories.
    async fn repositories(&self) -> Option<BTreeSet<String>> {
        let repos = self.service.store().repos().await.unwrap_or_default();
        let offered: BTreeSet<String> = repos
            .iter()
            .filter(|count| count.repo.offered && self.service.allows(&count.repo.facts.name))
            .map(|count| count.repo.facts.name.to_string())
            .collect();
        if offered.is_empty() {
            self.allowed.clone()
        } else {
            Some(offered)
        }
    }
}

/// One sentence for each process on another database that hands out, or may hand out, the same repositories.
pub(crate) fn warnings(own: &Entry, others: &[Entry]) -> Vec<String> {
    let mut texts: Vec<String> = others
        .iter()
        .filter(|other| other.database.id != own.database.id)
        .filter_map(|other| {
            let what = shared(own, other)?;
            Some(format!(
                "Process {} of this user works on another database, {} (this one is {}), and {what}. Neither knows what the \
                 other gave away, so that one issue can be given to two agents. Let both use one database: {}.",
                other.pid,
                other.database.place,
                own.database.place,
                same_database(&own.database.place, &other.database.place)
            ))
        })
        .collect();
    texts.dedup();
    texts
}

/// How to make two processes on these two databases use one.
pub(crate) fn same_database(ours: &str, theirs: &str) -> &'static str {
    let is_server = |place: &str| place.starts_with("PostgreSQL ");
    match (is_server(ours), is_server(theirs)) {
        (false, false) => "set SQLITE_PATH to the same absolute path for both",
        (true, true) => {
            "set DATABASE_URL, and DATABASE_SCHEMA where it is set, to the same for both"
        }
        (true, false) | (false, true) => {
            "set DATABASE_URL to the same for both; or leave it out in both, and set SQLITE_PATH to the same absolute path"
        }
    }
}

/// The most repositories that are named.
const NAMED: usize = 5;

fn shared(own: &Entry, other: &Entry) -> Option<String> {
    let (Some(ours), Some(theirs)) = (&own.repositories, &other.repositories) else {
        return Some("may hand out the same repositories".to_owned());
    };
    // GitHub's names are case-insensitive.
    let theirs: BTreeSet<String> = theirs.iter().map(|name| name.to_lowercase()).collect();
    let both: Vec<&str> = ours
        .iter()
        .filter(|name| theirs.contains(&name.to_lowercase()))
        .map(String::as_str)
        .collect();
    match both.len() {
        0 => None,
        count => {
            let more = if count > NAMED { " …" } else { "" };
            let named = both[..count.min(NAMED)].join(", ");
            Some(format!("hands out the same repositories: {named}{more}"))
        }
    }
}

/// The absolute path of the default file, if no setting names the database and the file is about to be created in a git work
/// tree.
pub(crate) fn unasked_file(settings: &Settings) -> Option<PathBuf> {
    let Ok(DatabaseOptions::Sqlite(options)) = settings.database() else {
        return None;
    };
    if settings.database_is_set {
        return None;
    }
    let path = std::path::absolute(&options.path).ok()?;
    (!path.exists() && in_work_tree(&path)).then_some(path)
}

/// Warns of such a file after it was created.
pub(crate) fn warn_of_unasked_file(service: &Service, path: &Path) {
    let text = format!(
        "The database {} was made in a git work tree, because SQLITE_PATH is not set. Each work tree then has a database of its \
         own, and the same issue is given to agents in two of them. Set SQLITE_PATH to an absolute path outside of it.",
        path.display()
    );
    for text in service.standing_warnings().set(FILE, vec![text]) {
        tracing::warn!(name: "database.in_work_tree", text, "a database was made in a git work tree");
    }
}

/// A work tree has `.git` at its top: a folder, or a file if `git worktree` created it.
fn in_work_tree(path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .any(|folder| folder.join(".git").exists())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn entry(id: &str, repositories: Option<&[&str]>) -> Entry {
        Entry {
            pid: 7,
            database: DatabaseInfo {
                id: id.to_owned(),
                place: format!("/{id}/issuecommand.db"),
            },
            files: Vec::new(),
            repositories: repositories.map(|names| names.iter().map(ToString::to_string).collect()),
            port: None,
            started: String::new(),
        }
    }

    #[test]
    fn only_other_databases_with_the_same_repositories_are_warned_of() {
        let own = entry("a", Some(&["Acme/api", "acme/web"]));
        for (other, said) in [
            (entry("a", Some(&["acme/api"])), None),
            (entry("b", Some(&["acme/other"])), None),
            (entry("b", Some(&[])), None),
            (entry("b", Some(&["acme/API", "x/y"])), Some("Acme/api")),
            (entry("b", None), Some("may hand out")),
        ] {
            let texts = warnings(&own, std::slice::from_ref(&other));
            assert_eq!(texts.len(), usize::from(said.is_some()), "{other:?}");
            for text in texts {
                assert!(text.contains(said.unwrap()), "{text}");
                for name in ["/a/issuecommand.db", "/b/issuecommand.db", "SQLITE_PATH"] {
                    assert!(text.contains(name), "{text}");
                }
            }
        }
        assert_eq!(warnings(&entry("a", None), &[own]), Vec::<String>::new());
        assert_eq!(warnings(&entry("b", None), &[entry("a", None)]).len(), 1);
    }

    #[test]
    fn the_setting_that_is_named_is_one_that_both_have() {
        let (file, server) = ("/a/issuecommand.db", "PostgreSQL localhost:5432 ic");
        assert!(!same_database(file, file).contains("DATABASE_URL"));
        assert!(!same_database(server, server).contains("SQLITE_PATH"));
        for mixed in [same_database(file, server), same_database(server, file)] {
            assert!(mixed.contains("DATABASE_URL to the same"), "{mixed}");
        }
    }

    #[test]
    fn a_work_tree_is_known_by_its_git() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("deep/er/issuecommand.db");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        assert!(!in_work_tree(&file));
        std::fs::write(place.path().join(".git"), "gitdir: elsewhere").unwrap();
        assert!(in_work_tree(&file));
    }
}
