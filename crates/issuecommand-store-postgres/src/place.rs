//! Finding the schema of our tables, or the one to create them in. Other applications may have tables in the same database, including a
//! list of migrations of the same name, and the role's `search_path` may name any schema. Tables that are not ours are never used or
//! changed.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::Args as _;

use crate::statement::{Args, Db};

/// The existing schemas of the session's search path, in order.
const PATH: &str = "-- path
     SELECT name::text FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS path (name, n) ORDER BY n";

/// $1 schema. Its tables and views, without those of extensions.
const TABLES: &str = "-- tables
     SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname LIMIT 1000";

/// $1 schema. Whether it has our table `meta`.
const META: &str = "-- our_meta
     SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname = 'meta' AND a.attname = 'trimmed_claims')";

/// $1 schema.
const EXISTS: &str = "-- schema_exists
     SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1)";

/// The contents of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// No table.
    Empty,
    /// Our tables.
    IssueCommand,
    /// Tables of another application, by name.
    OtherApplication(Vec<String>),
}

/// A schema and its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) schema: String,
    /// Whether the schema exists.
    pub(crate) exists: bool,
    pub(crate) contents: Contents,
}

impl Place {
    /// The configured schema; without one the first of the search path that has our tables, or else the first of the path.
    ///
    /// # Errors
    /// A search path without an existing schema; whatever the database says.
    pub(crate) async fn find(db: &mut Db<'_>, asked: Option<&str>) -> Result<Self, StoreError> {
        if let Some(schema) = asked {
            return Self::at(db, schema).await;
        }
        let path: Vec<(String,)> = db.read(PATH, Args::default()).await?;
        let mut first = None;
        for (schema,) in path {
            // The server's own schemas.
            if schema.starts_with("pg_") || schema == "information_schema" {
                continue;
            }
            let place = Self::at(db, &schema).await?;
            if place.contents == Contents::IssueCommand {
                return Ok(place);
            }
            first.get_or_insert(place);
        }
        first.ok_or_else(|| {
            StoreError::Unavailable(
                "the search_path of this role names no schema that is there: set DATABASE_SCHEMA=issuecommand, which is made at \
                 the start"
                    .to_owned(),
            )
        })
    }

    async fn at(db: &mut Db<'_>, schema: &str) -> Result<Self, StoreError> {
        let named = || Args::default().text(Some(schema));
        let exists: Vec<(bool,)> = db.read(EXISTS, named()?).await?;
        // In this order, because another instance may create all of them between two of these statements.
        let tables: Vec<(String,)> = db.read(TABLES, named()?).await?;
        let ours: Vec<(bool,)> = db.read(META, named()?).await?;
        let tables: Vec<String> = tables.into_iter().map(|(name,)| name).collect();
        let is = |found: Vec<(bool,)>| found.iter().any(|(yes,)| *yes);
        let listed = tables.iter().any(|name| name == "_sqlx_migrations");
        let contents = match (is(ours) && listed, tables.is_empty()) {
            (true, _) => Contents::IssueCommand,
            (false, true) => Contents::Empty,
            (false, false) => Contents::OtherApplication(tables),
        };
        Ok(Self {
            schema: schema.to_owned(),
            exists: is(exists),
            contents,
        })
    }

    /// Refuses a schema with tables of another application.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], which says what to do.
    pub(crate) fn must_be_free_or_ours(&self) -> Result<(), StoreError> {
        let Contents::OtherApplication(tables) = &self.contents else {
            return Ok(());
        };
        let some: Vec<&str> = tables.iter().take(3).map(String::as_str).collect();
        let more = if tables.len() > some.len() {
            " and others"
        } else {
            ""
        };
        Err(StoreError::Unavailable(format!(
            "the schema {} of this database holds tables of another application ({}{more}), and nothing was changed: give \
             IssueCommand a database of its own in DATABASE_URL, or a schema of its own by DATABASE_SCHEMA=issuecommand",
            self.schema,
            some.join(", ")
        )))
    }
}

/// A statement that sets the search path to this schema until the end of the transaction. The server searches its catalogue first, and
/// temporary tables last.
pub(crate) fn lead_to(schema: &str) -> String {
    let path = format!("{}, pg_temp", quoted(schema)).replace('\'', "''");
    format!("SELECT pg_catalog.set_config('search_path', '{path}', true)")
}

/// A quoted SQL identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
