//! The definitions of all settings. A new setting is a row here and a line in issuecommand-app's `settings`, where the options of the
//! part that uses it are filled. `ISSUECOMMAND_WRITE_DOCS=1 cargo test -p issuecommand-config` updates the documents.

use crate::setting::DefaultValue::{Default, Means, Needed, NeededUnless};
use crate::setting::{Kind, Setting};

/// Makes each row a constant, so that the compiler checks the names where settings are read, and [`DEFINITIONS`] of all rows.
macro_rules! definitions {
    ($($name:ident: $row:expr;)*) => {
        $(#[doc = concat!("The setting `", stringify!($name), "`.")]
        pub const $name: Setting = Setting { name: stringify!($name), ..$row };)*

        /// All settings, in the order of the documentation.
        pub const DEFINITIONS: &[Setting] = &[$($name),*];
    };
}

definitions! {
    // GitHub
    GITHUB_TOKEN: Setting::text(
        "a GitHub token, of visible ASCII characters, and no placeholder such as ${NAME}",
        NeededUnless {
            to: "a GitHub token (classic: repo, read:org; fine-grained: issues and pull requests read and write, metadata read; \
                 without one, log in with gh auth login)",
            unless: "gh is logged in",
        },
        "GitHub token for REST and gh",
    ).secret();
    GITHUB_BACKEND: Setting::choice(
        &["auto", "gh", "rest"],
        "auto",
        "auto: REST with the token, and gh where there is none, or REST is refused or cannot be reached; gh: gh first, else REST; \
         rest: REST alone",
    );
    GITHUB_API_URL: Setting::text(
        "an http:// or https:// address without user, query and fragment",
        Default("https://api.github.com"),
        "base of GitHub's REST API; for GitHub Enterprise https://HOST/api/v3",
    );
    ALLOWED_REPOS: Setting::new(
        Kind::List("a comma-separated list of owner/name"),
        Means("all that the token sees"),
        "the only repositories whose issues are handed out, as owner/name, comma-separated",
    );
    SYNC_INTERVAL_MINUTES: Setting::count("15", "minutes between reconciliations with GitHub; 0 means 1");
    FULL_SYNC_HOURS: Setting::count("6", "hours after which all open issues of a repository are read again, whatever its lists said; 0 means 1");
    ISSUE_CHECK_SECONDS: Setting::count(
        "60",
        "an issue on which GitHub's last word is older is looked at before it is handed out; 0: always, but for a word of the last two seconds",
    );
    AUTO_CLOSE_GITHUB_ISSUE: Setting::boolean("false", "close the GitHub issue when its claim becomes closed");

    // HTTP
    API_KEY: Setting::text(
        "text without control characters, and no placeholder such as ${NAME}",
        Needed("the bearer token that clients are to send"),
        "bearer token of every HTTP endpoint and of the event stream",
    ).secret().http();
    HTTP_HOST: Setting::text(
        "an IP address, or localhost",
        Default("0.0.0.0"),
        "address to bind; 127.0.0.1 serves this machine alone, and is what holds unless this is set where an MCP client started \
         the program",
    ).http();
    HTTP_PORT: Setting::integer(0, 65_535, "3100", "port of HTTP and the event stream; 0 takes any free one").http();
    TRUST_PROXY: Setting::boolean(
        "false",
        "take the client's address from x-forwarded-for (the first) or x-real-ip: only behind a proxy that sanitizes them",
    ).http();

    HTTP_MAX_CONNECTIONS: Setting::integer(
        16,
        1_000_000,
        "4096",
        "connections open at a time, no more than three quarters of the files that the process may open; three quarters of them are \
         kept for those who have shown a key",
    ).http();
    HTTP_MAX_CONNECTIONS_PER_ADDRESS: Setting::integer(
        4,
        1_000_000,
        "256",
        "such connections of one client address (of IPv6: one /64) that have not shown a key; beyond them the oldest makes room",
    ).http();

    // MCP
    MCP_OUTPUT_SCHEMAS: Setting::boolean(
        "false",
        "show the schemas of answers in tools/list, some 120 KB that clients do not show to their models",
    );
    MCP_ALLOWED_HOSTS: Setting::new(
        Kind::List("a comma-separated list of host names, with or without port"),
        Means("any; where HTTP is served to this machine alone and not behind a trusted proxy: localhost, 127.0.0.1 and ::1"),
        "the names by which /mcp and the dashboard may be called (the Host of a request)",
    ).http();
    MCP_ALLOWED_ORIGINS: Setting::new(
        Kind::List("a comma-separated list of origins such as http://localhost:6274"),
        Means("none"),
        "the web pages that may call /mcp (the Origin of a request); programs send none",
    ).http();
    DASHBOARD_ENABLED: Setting::boolean(
        "true",
        "serve the dashboard, at /ui; MCP_ALLOWED_HOSTS are its names, too",
    ).http();

    // Store
    DATABASE_URL: Setting::text(
        "sqlite:PATH, without parameters, or postgres://USER:PASSWORD@HOST:PORT/NAME",
        Means("SQLite at SQLITE_PATH"),
        "the database: a file of this machine as sqlite:PATH, or PostgreSQL for several machines; where SQLITE_PATH is given too, \
         the later source wins, and this one within a source",
    ).secret();
    DATABASE_SCHEMA: Setting::text(
        "a name of 1 to 63 bytes that does not begin with pg_",
        Means("the first of the role's search_path"),
        "PostgreSQL: the schema of the tables, made where it is not there; for a database that other applications use, too",
    );
    DATABASE_POOL_SIZE: Setting::integer(
        1,
        1_000,
        "8",
        "PostgreSQL: connections that read; one that writes and one that listens come on top",
    );
    DATABASE_STATEMENT_TIMEOUT_MS: Setting::integer(
        1,
        2_147_483_647,
        "5000",
        "PostgreSQL: milliseconds that one statement may take",
    );
    DATABASE_LOCK_TIMEOUT_MS: Setting::integer(
        1,
        2_147_483_647,
        "5000",
        "PostgreSQL: milliseconds to wait for other writers",
    );
    SQLITE_PATH: Setting::text(
        "the path of a file; a database in memory would lose claims and be seen by no other process",
        Default("./issuecommand.db"),
        "database file; ~/ at its beginning is the home folder",
    );
    SQLITE_BUSY_TIMEOUT_MS: Setting::integer(0, 2_147_483_647, "5000", "milliseconds to wait for a locked database");
    SQLITE_JOURNAL_MODE: Setting::new(
        Kind::Choice {
            words: &["WAL", "DELETE", "TRUNCATE", "PERSIST"],
            remark: "MEMORY and OFF are refused: a crash would lose claims",
        },
        Default("WAL"),
        "journal mode",
    );
    SQLITE_SYNCHRONOUS: Setting::choice(
        &["FULL", "NORMAL"],
        "FULL",
        "FULL: an acknowledged claim outlives a power cut; NORMAL: in WAL it outlives only a crash of the process",
    );

    // Claims
    CLAIM_TIMEOUT_MINUTES: Setting::count("120", "minutes without an update until a claim is stale");
    PR_CLAIM_TIMEOUT_MINUTES: Setting::count("10080", "the same for a claim that waits on its pull request");
    STALE_AUTO_RELEASE_MINUTES: Setting::count("0", "minutes after stale until a claim is released; 0 means never");
    REOPEN_GRACE_MINUTES: Setting::count("15", "minutes after GitHub closed an issue within which its reopening gives the claim back to the agent that had it; 0: not at all");
    HISTORY_MAX_ENTRIES: Setting::count("1000", "ended claims kept, the oldest dropped first; 0 keeps none");
    PRIORITY_LABELS: Setting::text(
        "text of the form critical=word,word;high=word;medium=word;low=word",
        Means("the built-in table"),
        "words of labels for each rank, such as critical=p0,urgent;high=p1;low=p3; replaces the built-in table",
    );
    READY_SKIP_ASSIGNED: Setting::boolean("true", "an issue that is assigned to a person is not handed out; it can be claimed by number");
    AGENT_LOGINS: Setting::new(
        Kind::List("a comma-separated list of GitHub logins"),
        Means("the token's own user and all App bots"),
        "GitHub logins that agents use: an issue assigned to one of them alone counts as assigned to nobody",
    );
    READY_EXCLUDE_LABELS: Setting::new(
        Kind::List("a comma-separated list of labels, or none"),
        Default("no-agent,needs-human"),
        "an issue with one of these labels is not handed out; none: no label keeps it back",
    );
    READY_REQUIRE_LABELS: Setting::new(
        Kind::List("a comma-separated list of labels"),
        Means("no label is needed"),
        "an issue without any of these labels is not handed out",
    );
    ATTEMPT_AFTER_MINUTES: Setting::count("5", "minutes after which a claim that ends without a merge is an attempt, even if its agent never said in_progress");
    COOLDOWN_MINUTES: Setting::count("60", "minutes for which next_issue and next_work do not offer an agent the issue that it gave back; 0: it is offered at once");
    MAX_ATTEMPTS: Setting::count("3", "attempts without a merge after which a person must offer the issue again; 0: any number");
    AGING_DAYS: Setting::count("14", "days by which an issue may have waited longer than one of the next better priority to be served before it; 0: priorities alone count");
    ROUTE: Setting::new(
        Kind::Tables("tables, each with agents (names, or patterns with * and ?) and at least one of labels, types and repos"),
        Means("any agent gets any issue"),
        "issues that are for some agents alone; in the file as [[route]] tables, elsewhere as an array of inline tables",
    );
    PAUSE_AFTER_QUICK_RELEASES: Setting::count("5", "issues in a row that an agent gives back within a minute of taking each, after which it is paused until a person lets it go on; 0: never");
    MAX_CLAIMS_PER_AGENT: Setting::count("0", "active claims beyond which next_issue and next_work give an agent no more issues; 0: any number");
    MAX_CLAIMS_PER_REPO: Setting::count("0", "active claims in a repository beyond which no more of its issues are offered; 0: any number");
    CAPACITY_COUNTS_PR: Setting::boolean("false", "claims that wait on their pull request count for MAX_CLAIMS_PER_AGENT and MAX_CLAIMS_PER_REPO");
    SESSION_ALIVE_MINUTES: Setting::count("10", "minutes since a session was last heard for which another session of the same agent_id does not get what it holds; 0: sessions are not told apart");
    TAKEOVER_AFTER_MINUTES: Setting::count("60", "minutes that a claim must have been stale without a sign of life until claim_issue with take_over may take it; 0: never");
    SESSION_GRACE_MINUTES: Setting::count("10", "minutes after which the claims without a pull request of a session that its client said is over are given back, unless its agent is heard again; 0: never");
    ISSUECOMMAND_AGENT_ID: Setting::text(
        "a name of 1 to 200 bytes",
        Means("the client's name and the first four characters of its session"),
        "the agent_id of the MCP client that starts this process, where a call gives none",
    );
    ISSUECOMMAND_SESSION_ID: Setting::text(
        "a text of 1 to 200 bytes",
        Means("CLAUDE_CODE_SESSION_ID, or one a process"),
        "the session of the MCP client that starts this process",
    );
    ISSUECOMMAND_KEY: Setting::text(
        "text without control characters, and no placeholder such as ${NAME}",
        Means("hooks and wait reach no service elsewhere"),
        "the key with which hook and wait call a service elsewhere (--remote)",
    ).secret();
    READY_AUTHORS: Setting::choice(
        &["anyone", "write", "auto"],
        "anyone",
        "whose issues are handed out; write: those of accounts with write access, and others that got a label of READY_APPROVE_LABELS; auto: \
         write for public repositories, anyone for private ones",
    );
    READY_APPROVE_LABELS: Setting::new(
        Kind::List("a comma-separated list of labels"),
        Default("agent-ok"),
        "labels by which a maintainer lets an issue of somebody without write access be handed out; an edit of the issue voids them",
    );
    FEEDBACK_AUTHORS: Setting::choice(
        &["anyone", "write", "auto"],
        "anyone",
        "whose reviews and comments create follow-ups; the values as for READY_AUTHORS; what is held back is shown to people alone",
    );
    READY_TYPES: Setting::new(
        Kind::List("a comma-separated list of issue types"),
        Means("any type, or none"),
        "an issue whose type is none of these is not handed out",
    );
    READY_PARENTS: Setting::choice(
        &["skip", "offer"],
        "skip",
        "what happens with an issue that has open sub-issues; skip: it is not handed out; offer: it is handed out like any other",
    );
    PRIORITY_FIELD: Setting::text(
        "the name of an issue field, or none",
        Default("Priority"),
        "the organization's issue field whose value counts like a word of a label, before the labels; none: no field counts",
    );
    EVENT_KEEP_DAYS: Setting::integer(1, u32::MAX, "7", "how many days the event log goes back");

    // Follow-ups
    FOLLOWUP_STALE_MINUTES: Setting::count("1440", "minutes without an update until a follow-up is stale; 0 means 1");
    FOLLOWUP_MAX_ENTRIES: Setting::count("2000", "ended follow-ups kept");
    FOLLOWUP_COALESCE: Setting::boolean("true", "feedback that waits on a pull request is one follow-up; false: one for each review or comment");
    FOLLOWUP_AFFINITY_MINUTES: Setting::count("30", "minutes for which a follow-up waits for the agent whose claim the pull request is; 0: not at all");
    FEEDBACK_UNCLAIMED_MINUTES: Setting::count("30", "minutes for which no agent has taken waiting feedback until a person is told; 0: never");
    FOLLOWUP_RESOLVE_ON_PUSH: Setting::choice(
        &["all", "owned", "never"],
        "all",
        "which open follow-ups a push to their pull request ends: all of them, those that an agent has, or none",
    );
    FOLLOWUP_COMMENTED_REVIEWS: Setting::boolean("true", "a review with text that neither approves nor asks for changes is feedback");
    FOLLOWUP_SCOPE: Setting::choice(
        &["all", "claims"],
        "all",
        "on which pull requests feedback is work: on all, or on those that an active claim names",
    );
    FOLLOWUP_IGNORE_BOTS: Setting::boolean("false", "reviews and comments of bots make no follow-up");
    FOLLOWUP_IGNORE_SELF: Setting::boolean("false", "those of the user whose GITHUB_TOKEN it is make none");

    // Webhooks
    WEBHOOK_ENABLED: Setting::boolean("true", "take GitHub's webhooks").http();
    WEBHOOK_PATH: Setting::text(
        "a path that begins with '/', of letters, digits and -._~/, where no other route is",
        Default("/api/webhooks/github"),
        "where GitHub's webhooks are taken",
    ).http();
    GITHUB_WEBHOOK_SECRET: Setting::text(
        "text without control characters, and no placeholder such as ${NAME}",
        Means("no signature is accepted"),
        "secret of the signatures of GitHub's webhooks",
    ).secret().http();
    WEBHOOK_DEDUPE_MAX_ENTRIES: Setting::count("20000", "delivery ids remembered");

    // Rate limits
    RATE_LIMIT_ENABLED: Setting::boolean("true", "limit how often clients may call").http();
    RATE_LIMIT_IP_PER_MINUTE: Setting::count("120", "calls a minute of one client address (of IPv6: one /64) to /api; 0 never refills").http();
    RATE_LIMIT_IP_BURST: Setting::count("40", "such calls at once of one client address; 0 refuses all").http();
    RATE_LIMIT_AGENT_MUTATIONS_PER_MINUTE: Setting::count("40", "changes a minute of one API key, and of one agent_id; 0 never refills").http();
    RATE_LIMIT_AGENT_MUTATIONS_BURST: Setting::count("20", "such changes at once; 0 refuses all").http();
    RATE_LIMIT_SSE_CONNECT_PER_MINUTE: Setting::count("10", "connections a minute of one client address to /sse; 0 never refills").http();
    RATE_LIMIT_SSE_CONNECT_BURST: Setting::count("10", "such connections at once; 0 refuses all").http();

    METRICS_PUBLIC: Setting::boolean("false", "show /metrics without a key").http();

    // Logs
    LOG_LEVEL: Setting::text(
        "off, error, warn, info, debug or trace, or target=level, comma-separated",
        Default("info"),
        "which log lines are written, such as info or warn,issuecommand_github=debug",
    );
    LOG_FORMAT: Setting::choice(&["auto", "json", "text"], "auto", "form of the log on stderr; auto: text where it is a terminal, else json");
    LOG_FILE: Setting::text("the path of a file", Means("none"), "JSON log file besides stderr; it always holds the current day's, older days stand beside it");
    LOG_KEEP_DAYS: Setting::count("14", "days for which the log files of older days are kept");
}
