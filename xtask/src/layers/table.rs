//! The layer table. A change of it changes the architecture: give the reason in docs/architecture.md.

/// A package of the workspace.
pub(super) struct Crate {
    pub(super) name: &'static str,
    /// The reason for its rule, in a few words for the error.
    pub(super) is: &'static str,
    /// Packages of the workspace that it may use.
    pub(super) own: &'static [&'static str],
    /// The only outside packages that it may use; `None` allows all except those in [`RESERVED`].
    pub(super) outside: Option<&'static [&'static str]>,
}

/// An outside package that only some of our crates may use directly.
pub(super) struct Reserved {
    pub(super) outside: &'static str,
    pub(super) only: &'static [&'static str],
    pub(super) why: &'static str,
}

/// Two crates that must not depend on each other, by any kind of dependency, directly or indirectly.
pub(super) struct Never {
    pub(super) name: &'static str,
    pub(super) must_not_reach: &'static str,
    pub(super) why: &'static str,
}

const CORE: &str = "issuecommand-core";
const STORE: &str = "issuecommand-store";
const WIRE: &str = "issuecommand-wire";
const SQL: &str = "issuecommand-store-sql";
const SQLITE: &str = "issuecommand-store-sqlite";
const POSTGRES: &str = "issuecommand-store-postgres";
const GITHUB: &str = "issuecommand-github";
const EXECUTOR: &str = "issuecommand-executor";
const HTTP: &str = "issuecommand-http";
const MCP: &str = "issuecommand-mcp";
const WEB: &str = "issuecommand-web";
const CLIENTS: &str = "issuecommand-clients";
const CONFIG: &str = "issuecommand-config";
const APP: &str = "issuecommand-app";
const DEMO: &str = "issuecommand-demo";
const TESTKIT: &str = "issuecommand-testkit";
const CONFORMANCE: &str = "issuecommand-conformance";
const EMULATOR: &str = "issuecommand-github-emulator";
const BIN: &str = "issuecommand";
const BIN_MCP: &str = "issuecommand-mcp-server";
const BIN_HTTP: &str = "issuecommand-http-server";
const XTASK: &str = "xtask";

pub(super) const OWN: &[Crate] = &[
    Crate {
        name: CORE,
        is: "rules and ports: no database, network, JSON text, clock, randomness, runtime",
        own: &[],
        // async-lock and event-listener work on any runtime and bring none.
        outside: Some(&[
            "async-lock",
            "async-trait",
            "event-listener",
            "jiff",
            "serde",
            "thiserror",
            "uuid",
        ]),
    },
    adapter(STORE, "the batching writer, whatever the backend", &[CORE]),
    adapter(WIRE, "the contract's JSON for every surface", &[CORE]),
    adapter(
        SQL,
        "what the SQL backends share, whatever the driver",
        &[CORE, STORE],
    ),
    adapter(
        SQLITE,
        "a backend behind the batching writer",
        &[CORE, STORE, SQL],
    ),
    adapter(
        POSTGRES,
        "a backend behind the batching writer",
        &[CORE, STORE, SQL],
    ),
    adapter(GITHUB, "the GitHub port", &[CORE]),
    adapter(
        EXECUTOR,
        "runs calls for every surface, whatever its protocol",
        &[CORE, WIRE],
    ),
    adapter(
        HTTP,
        "a surface: it is given what it needs through core's ports",
        &[CORE, WIRE, EXECUTOR],
    ),
    adapter(
        MCP,
        "a surface: it is given what it needs through core's ports",
        &[CORE, WIRE, EXECUTOR],
    ),
    adapter(
        WEB,
        "pages for people, over the same calls",
        &[CORE, WIRE, EXECUTOR],
    ),
    adapter(
        CONFIG,
        "the definitions of settings, and the sources of their values",
        &[],
    ),
    adapter(
        CLIENTS,
        "the configuration files of MCP clients: no service, no environment, no process",
        &[],
    ),
    // Everything except the crates above it.
    adapter(
        APP,
        "the composition, the only crate that knows all adapters",
        &[
            CORE, STORE, WIRE, SQLITE, POSTGRES, GITHUB, HTTP, MCP, WEB, CONFIG, CLIENTS,
        ],
    ),
    adapter(TESTKIT, "what the tests of several crates share", &[CORE]),
    adapter(
        CONFORMANCE,
        "the suite that every store must pass",
        &[CORE, TESTKIT],
    ),
    adapter(
        EMULATOR,
        "GitHub for tests and the demo; it shares no type with what is tested against it",
        &[],
    ),
    adapter(
        DEMO,
        "the composition over the emulator, with simulated agents",
        &[APP, CORE, GITHUB, HTTP, EMULATOR],
    ),
    adapter(BIN, "thin: flags, then app::run", &[APP, CONFIG, DEMO]),
    adapter(BIN_MCP, "thin: flags, then app::run", &[APP, CONFIG]),
    adapter(BIN_HTTP, "thin: flags, then app::run", &[APP, CONFIG]),
    adapter(XTASK, "chores that build in seconds", &[]),
];

const fn adapter(name: &'static str, is: &'static str, own: &'static [&'static str]) -> Crate {
    Crate {
        name,
        is,
        own,
        outside: None,
    }
}

pub(super) const RESERVED: &[Reserved] = &[
    Reserved {
        outside: "sqlx",
        only: &[SQL, SQLITE, POSTGRES],
        why: "SQL stays in the backends",
    },
    Reserved {
        outside: "libsqlite3-sys",
        only: &[SQLITE],
        why: "it pins the SQLite that the backend links",
    },
    Reserved {
        outside: "reqwest",
        only: &[GITHUB, APP, DEMO],
        why: "GitHub is asked in one place; hooks ask a service elsewhere; the demo's agents are HTTP clients",
    },
    Reserved {
        outside: "axum",
        only: &[HTTP, WEB, EMULATOR],
        why: "HTTP is served by one surface, with the pages that are mounted in it, and by the emulator",
    },
    Reserved {
        outside: "tower_governor",
        only: &[HTTP],
        why: "limits on callers belong to the HTTP surface",
    },
    Reserved {
        outside: "rmcp",
        only: &[MCP],
        why: "the MCP SDK stays behind its surface",
    },
    Reserved {
        outside: "schemars",
        only: &[WIRE, MCP, HTTP],
        why: "schemas describe the wire, not the rules",
    },
    Reserved {
        outside: "figment",
        only: &[CONFIG],
        why: "settings are read in one place",
    },
    Reserved {
        outside: "clap",
        only: &[BIN, BIN_MCP, BIN_HTTP, APP, DEMO, XTASK],
        why: "flags belong to whoever starts the process; the app reads those that the binaries share",
    },
    Reserved {
        outside: "tokio",
        only: &[
            STORE,
            SQLITE,
            POSTGRES,
            GITHUB,
            EXECUTOR,
            HTTP,
            MCP,
            WEB,
            APP,
            DEMO,
            TESTKIT,
            CONFORMANCE,
            EMULATOR,
            BIN,
            BIN_MCP,
            BIN_HTTP,
        ],
        why: "rules, wire and settings run on any runtime, or none",
    },
];

pub(super) const NEVER: &[Never] = &[Never {
    name: EMULATOR,
    must_not_reach: GITHUB,
    why: "an emulator that shares the client's types proves nothing about the client",
}];
