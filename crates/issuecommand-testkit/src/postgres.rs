//! PostgreSQL for tests: the server that `TEST_DATABASE_URL` names, or a temporary one from the installed PostgreSQL, with a
//! database for each test.
//!
//! A temporary server lives in a temporary folder, listens only on a socket there, and ends with the process that started it,
//! however that ends. Without an installed PostgreSQL a test is skipped with a message, or fails if PostgreSQL is required; see
//! [`machine`](crate::machine).
//!
//! ```no_run
//! use issuecommand_testkit::postgres::Server;
//!
//! let Some(server) = Server::shared() else { return };
//! let database = server.database();
//! println!("{}", database.url());
//! ```

mod bouncer;
mod cluster;
mod programs;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use uuid::Uuid;

pub use self::bouncer::PgBouncer;
use self::cluster::Cluster;
pub use self::cluster::Durability;
use self::programs::Programs;
use crate::machine::Program;

/// The address of an existing server in which databases may be created: `postgres://…`.
const GIVEN: &str = "TEST_DATABASE_URL";

/// Why a test has no server.
const MISSING: &str = "there is no PostgreSQL: neither its initdb nor TEST_DATABASE_URL";

/// A server that tests make databases in.
#[derive(Debug)]
pub struct Server {
    admin: Arc<AdminConnection>,
    cluster: Option<Cluster>,
}

/// How databases are created and dropped on a server.
#[derive(Debug)]
struct AdminConnection {
    /// The address of the default database.
    url: String,
    psql: PathBuf,
}

impl Server {
    /// The server shared by all tests of this process, without durability. `None` if there is none.
    ///
    /// # Panics
    /// If there is none and one is required, or if it cannot be started.
    #[expect(clippy::disallowed_methods, reason = "what CI tells the tests")]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| {
            let url = std::env::var(GIVEN).ok().filter(|url| !url.is_empty());
            match url.filter(|_| !Program::Postgres.is_hidden()) {
                Some(url) => Some(Self::given(url)),
                None => Some(Self::made_by(&Programs::find()?, Durability::None)),
            }
        });
        if shared.is_none() {
            Program::Postgres.is_missing(MISSING);
        }
        shared.as_ref()
    }

    /// A temporary server for one test, to be broken and restarted. It ends when it is dropped. `None` if PostgreSQL is not
    /// installed.
    ///
    /// # Panics
    /// As [`Server::shared`].
    pub fn start(durability: Durability) -> Option<Self> {
        let programs = Programs::find();
        if programs.is_none() {
            Program::Postgres.is_missing(MISSING);
        }
        Some(Self::made_by(&programs?, durability))
    }

    fn made_by(programs: &Programs, durability: Durability) -> Self {
        let psql = programs.psql();
        let cluster = Cluster::start(programs, durability);
        let url = cluster.url();
        Self {
            admin: Arc::new(AdminConnection { url, psql }),
            cluster: Some(cluster),
        }
    }

    fn given(url: String) -> Self {
        let psql = programs::psql().unwrap_or_else(|| {
            panic!("{GIVEN} is set, and psql is needed to make databases there")
        });
        Self {
            admin: Arc::new(AdminConnection { url, psql }),
            cluster: None,
        }
    }

    /// A new, empty database. Dropping it closes all its connections.
    ///
    /// # Panics
    /// If it cannot be created.
    pub fn database(&self) -> Database {
        self.database_with("")
    }

    /// The same with further options for `CREATE DATABASE`.
    ///
    /// # Panics
    /// As [`Server::database`].
    pub fn database_with(&self, words: &str) -> Database {
        let name = format!("test_{}", Uuid::new_v4().simple());
        self.admin.run(&format!("CREATE DATABASE {name} {words}"));
        Database {
            url: with_database(&self.admin.url, &name),
            name,
            admin: self.admin.clone(),
        }
    }

    /// Whether the server and its data end with this process.
    pub fn is_throw_away(&self) -> bool {
        self.cluster.is_some()
    }

    /// Restarts it as an administrator would, which closes all connections.
    ///
    /// # Panics
    /// If it does not restart, or is not a temporary one.
    pub fn restart(&self) {
        self.cluster().restart();
    }

    /// Moves it to a new timeline, as a restore from an archive or a promotion does. The data stays the same.
    ///
    /// # Panics
    /// As [`Server::restart`].
    pub fn restore(&self) {
        self.cluster().restore();
    }

    /// The process of a throw-away server.
    ///
    /// # Panics
    /// If it is not a temporary one.
    pub fn process(&self) -> u32 {
        self.cluster().process()
    }

    /// The socket of a temporary server, for a test to block.
    ///
    /// # Panics
    /// If it is not a temporary one.
    pub fn socket(&self) -> PathBuf {
        self.cluster().socket()
    }

    fn cluster(&self) -> &Cluster {
        let cluster = self.cluster.as_ref();
        cluster.expect("the server was made by `Server::start`")
    }
}

/// One database on a server, gone with this.
#[derive(Debug)]
pub struct Database {
    url: String,
    name: String,
    admin: Arc<AdminConnection>,
}

impl Database {
    /// The database's name on its server, a new one for each test.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address, `postgres://…`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = self
            .admin
            .try_run(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // A stopped server takes its databases with it.
        if let Err(why) = dropped
            && !std::thread::panicking()
        {
            eprintln!("{} stays behind: {why}", self.name);
        }
    }
}

impl AdminConnection {
    fn run(&self, sql: &str) {
        if let Err(why) = self.try_run(sql) {
            panic!("{sql}: {why}");
        }
    }

    fn try_run(&self, sql: &str) -> Result<(), String> {
        let done = Command::new(&self.psql)
            .args([
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                &self.url,
                "-c",
                sql,
            ])
            .output()
            .map_err(|error| error.to_string())?;
        if done.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

/// The address of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (place, parameters) = match url.split_once('?') {
        Some((place, parameters)) => (place, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", place));
    let authority = rest
        .split_once('/')
        .map_or(rest, |(authority, _)| authority);
    format!("{scheme}://{authority}/{name}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn replacing_the_database_name_keeps_the_rest_of_the_url() {
        for (url, other) in [
            ("postgres://u:p@h:1/a?x=/b", "postgres://u:p@h:1/new?x=/b"),
            ("postgres://h", "postgres://h/new"),
            (
                "postgresql:///a?host=/tmp/x",
                "postgresql:///new?host=/tmp/x",
            ),
        ] {
            assert_eq!(with_database(url, "new"), other);
        }
    }
}
