//! Every metric family with its help text, which Prometheus shows and `promtool check metrics` requires.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};

/// Names, help texts, and metric types.
const COUNTERS: [(&str, &str); 12] = [
    (
        "issuecommand_claims_created_total",
        "Claims ever made, by all instances.",
    ),
    (
        "issuecommand_claims_ended_total",
        "Claims that ended by a commit of this process, by outcome.",
    ),
    (
        "issuecommand_claims_stale_total",
        "Claims that went stale by a commit of this process.",
    ),
    (
        "issuecommand_deliveries_total",
        "Webhook deliveries that this process answered, by result.",
    ),
    (
        "issuecommand_github_requests_total",
        "Requests to GitHub by this process, by way and status.",
    ),
    (
        "issuecommand_http_requests_total",
        "HTTP answers of this process, by route, method and status.",
    ),
    (
        "issuecommand_mcp_calls_total",
        "Calls of MCP tools in this process, by tool and outcome.",
    ),
    (
        "issuecommand_rate_limited_total",
        "Calls that this process refused with 429, by scope.",
    ),
    (
        "issuecommand_sync_skipped_total",
        "What runs of the sync in this process could not read.",
    ),
    (
        "issuecommand_sync_runs_total",
        "Runs of the sync in this process, by result.",
    ),
    (
        "issuecommand_wakeups_total",
        "Turns of calls of this process that waited for work, by what they found.",
    ),
    (
        "process_cpu_seconds_total",
        "Processor time of this process, user and system, in seconds.",
    ),
];

const GAUGES: [(&str, &str); 25] = [
    (
        "issuecommand_build_info",
        "Always 1; the labels say which version runs.",
    ),
    ("issuecommand_claims", "Active claims, by status."),
    (
        "issuecommand_deliveries",
        "Webhook deliveries that wait to be tried again (deferred) or failed for good (dead).",
    ),
    (
        "issuecommand_followup_oldest_seconds",
        "Age of the oldest open follow-up, by status.",
    ),
    ("issuecommand_followups", "Open follow-ups, by status."),
    (
        "issuecommand_github_budget_remaining",
        "Requests that GitHub said last are left of the hour.",
    ),
    (
        "issuecommand_github_wait_seconds",
        "How long this process still waits because of limits of GitHub; 0: not at all.",
    ),
    (
        "issuecommand_invariant_violations",
        "Broken promises; always 0.",
    ),
    (
        "issuecommand_issues_ready",
        "Open issues that can be handed out now.",
    ),
    (
        "issuecommand_issues_not_ready",
        "Open issues that are not handed out, by the first reason of each.",
    ),
    (
        "issuecommand_leader",
        "1 where this process does the background work, else 0.",
    ),
    ("issuecommand_outbox", "Writes to GitHub that wait."),
    (
        "issuecommand_store_read_seconds",
        "How long the database took to answer the reads of this scrape.",
    ),
    (
        "issuecommand_sync_age_seconds",
        "Since a run of the sync last ended that read something.",
    ),
    (
        "issuecommand_sync_failing_seconds",
        "Since when the longest failing part of the sync fails; 0: nothing does.",
    ),
    (
        "issuecommand_sync_failures",
        "What the latest run of the sync could not read.",
    ),
    (
        "issuecommand_sync_last_duration_seconds",
        "How long the last run of the sync in this process took.",
    ),
    (
        "issuecommand_sync_last_success_timestamp_seconds",
        "When a run of the sync last ended that read something, in Unix time.",
    ),
    (
        "issuecommand_waiting_calls",
        "Calls of this process that wait for work now.",
    ),
    (
        "process_max_fds",
        "Most file descriptors that this process may have open.",
    ),
    (
        "process_open_fds",
        "File descriptors that this process has open.",
    ),
    (
        "process_resident_memory_bytes",
        "Memory of this process that is in RAM, in bytes.",
    ),
    (
        "process_start_time_seconds",
        "When this process was started, in Unix time.",
    ),
    ("process_threads", "Threads of this process."),
    (
        "process_virtual_memory_bytes",
        "Address space of this process, in bytes.",
    ),
];

const HISTOGRAMS: [(&str, &str); 2] = [
    (
        "issuecommand_http_request_seconds",
        "How long HTTP answers took, by route and method.",
    ),
    (
        "issuecommand_store_transaction_seconds",
        "How long writing transactions took from their begin to their commit, by outcome.",
    ),
];

/// Describes all families, and initialises the counters that alerts need before their first event.
pub(super) fn describe() {
    for (name, help) in COUNTERS {
        describe_counter!(name, help);
    }
    for (name, help) in GAUGES {
        describe_gauge!(name, help);
    }
    for (name, help) in HISTOGRAMS {
        describe_histogram!(name, Unit::Seconds, help);
    }
    gauge!("issuecommand_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!("issuecommand_leader").set(0.0);
    gauge!("issuecommand_waiting_calls").set(0.0);
    counter!("issuecommand_claims_stale_total").increment(0);
    for outcome in ["closed", "closed_on_github", "released", "auto_released"] {
        counter!("issuecommand_claims_ended_total", "outcome" => outcome).increment(0);
    }
    for found in ["work", "nothing"] {
        counter!("issuecommand_wakeups_total", "found" => found).increment(0);
    }
    for scope in ["ip", "agent_mutation", "sse_connect", "sign_in"] {
        counter!("issuecommand_rate_limited_total", "scope" => scope).increment(0);
    }
}
