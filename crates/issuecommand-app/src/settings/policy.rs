//! The settings that the engine's rules depend on.

use issuecommand_config::{Layers, Setting, SettingsError, TextTable, definitions};
use issuecommand_core::domain::policy::{
    AttemptPolicy, Authors, CapacityPolicy, FollowupScope, Parents, Policy, ReadinessPolicy,
    ResolveOnPush, Route, SessionPolicy,
};
use issuecommand_core::domain::priority::PriorityTable;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Millis;

use super::parse;
use super::units::{at_least_a_minute, minutes};

pub(super) fn read(layers: &Layers) -> Result<Policy, SettingsError> {
    let unless_zero = |length: Millis| (length > Millis(0)).then_some(length);
    let event_days: u32 = layers.integer(&definitions::EVENT_KEEP_DAYS)?;
    let check_seconds: u32 = layers.integer(&definitions::ISSUE_CHECK_SECONDS)?;
    let aging_days: u32 = layers.integer(&definitions::AGING_DAYS)?;
    let labels = layers.find(&definitions::PRIORITY_LABELS)?;
    Ok(Policy {
        claim_timeout: minutes(layers, &definitions::CLAIM_TIMEOUT_MINUTES)?,
        pr_claim_timeout: minutes(layers, &definitions::PR_CLAIM_TIMEOUT_MINUTES)?,
        stale_auto_release: unless_zero(minutes(layers, &definitions::STALE_AUTO_RELEASE_MINUTES)?),
        auto_close: layers.bool(&definitions::AUTO_CLOSE_GITHUB_ISSUE)?,
        reopen_grace: unless_zero(minutes(layers, &definitions::REOPEN_GRACE_MINUTES)?),
        history_max: layers.integer(&definitions::HISTORY_MAX_ENTRIES)?,
        event_keep: Millis::minutes(24 * 60 * i64::from(event_days)),
        followup_stale: at_least_a_minute(layers, &definitions::FOLLOWUP_STALE_MINUTES)?,
        followup_max: layers.integer(&definitions::FOLLOWUP_MAX_ENTRIES)?,
        coalesce: layers.bool(&definitions::FOLLOWUP_COALESCE)?,
        affinity: minutes(layers, &definitions::FOLLOWUP_AFFINITY_MINUTES)?,
        resolve_on_push: layers.choice(
            &definitions::FOLLOWUP_RESOLVE_ON_PUSH,
            [
                ResolveOnPush::All,
                ResolveOnPush::Owned,
                ResolveOnPush::Never,
            ],
        )?,
        ignore_bots: layers.bool(&definitions::FOLLOWUP_IGNORE_BOTS)?,
        commented_reviews: layers.bool(&definitions::FOLLOWUP_COMMENTED_REVIEWS)?,
        followup_scope: layers.choice(
            &definitions::FOLLOWUP_SCOPE,
            [FollowupScope::All, FollowupScope::Claims],
        )?,
        deliveries_max: layers.integer(&definitions::WEBHOOK_DEDUPE_MAX_ENTRIES)?,
        readiness: ReadinessPolicy {
            skip_assigned: layers.bool(&definitions::READY_SKIP_ASSIGNED)?,
            agent_logins: match layers.find(&definitions::AGENT_LOGINS)? {
                Some(_) => Some(
                    words(layers, &definitions::AGENT_LOGINS)?
                        .into_iter()
                        .collect(),
                ),
                None => None,
            },
            exclude_labels: words(layers, &definitions::READY_EXCLUDE_LABELS)?,
            require_labels: words(layers, &definitions::READY_REQUIRE_LABELS)?,
            types: words(layers, &definitions::READY_TYPES)?,
            parents: layers.choice(&definitions::READY_PARENTS, [Parents::Skip, Parents::Offer])?,
            authors: authors(layers, &definitions::READY_AUTHORS)?,
            approve_labels: words(layers, &definitions::READY_APPROVE_LABELS)?,
        },
        attempts: AttemptPolicy {
            after: minutes(layers, &definitions::ATTEMPT_AFTER_MINUTES)?,
            cooldown: unless_zero(minutes(layers, &definitions::COOLDOWN_MINUTES)?),
            max: limit(layers, &definitions::MAX_ATTEMPTS)?,
            loop_after: limit(layers, &definitions::PAUSE_AFTER_QUICK_RELEASES)?,
        },
        capacity: CapacityPolicy {
            per_agent: limit(layers, &definitions::MAX_CLAIMS_PER_AGENT)?,
            per_repo: limit(layers, &definitions::MAX_CLAIMS_PER_REPO)?,
            counts_pr: layers.bool(&definitions::CAPACITY_COUNTS_PR)?,
        },
        feedback_unclaimed: unless_zero(minutes(layers, &definitions::FEEDBACK_UNCLAIMED_MINUTES)?),
        sessions: SessionPolicy {
            alive: minutes(layers, &definitions::SESSION_ALIVE_MINUTES)?,
            takeover_after: unless_zero(minutes(layers, &definitions::TAKEOVER_AFTER_MINUTES)?),
            grace: unless_zero(minutes(layers, &definitions::SESSION_GRACE_MINUTES)?),
        },
        aging: unless_zero(Millis::minutes(24 * 60 * i64::from(aging_days))),
        routes: routes(layers)?,
        feedback_authors: authors(layers, &definitions::FEEDBACK_AUTHORS)?,
        priority_field: field(layers)?,
        issue_check_age: Millis::seconds(check_seconds.into()),
        priority: match labels {
            Some(labels) => parse::priority(&labels)?,
            None => PriorityTable::default(),
        },
        ..Policy::default()
    })
}

/// A limit; `None` for 0.
fn limit(layers: &Layers, setting: &'static Setting) -> Result<Option<u32>, SettingsError> {
    let limit: u32 = layers.integer(setting)?;
    Ok((limit > 0).then_some(limit))
}

fn authors(layers: &Layers, setting: &'static Setting) -> Result<Authors, SettingsError> {
    layers.choice(setting, [Authors::Anyone, Authors::Write, Authors::Auto])
}

fn routes(layers: &Layers) -> Result<Vec<Route>, SettingsError> {
    let Some((tables, given)) = layers.tables(&definitions::ROUTE)? else {
        return Ok(Vec::new());
    };
    let route = |mut table: TextTable| {
        let mut take = |key| table.remove(key).unwrap_or_default();
        let (labels, types) = (take("labels"), take("types"));
        let (repos, agents) = (take("repos"), take("agents"));
        if let Some(key) = table.keys().next() {
            return Err(given.refuse_part(&format!("the key {key}")));
        }
        let repo = |text: String| RepoName::parse(&text).map_err(|_| given.refuse_part(&text));
        let repos = repos.into_iter().map(repo).collect::<Result<_, _>>()?;
        Route::new(labels, types, repos, agents)
            .map_err(|wrong| given.refuse_part(&wrong.to_string()))
    };
    tables.into_iter().map(route).collect()
}

/// The name of the field that counts for priorities; empty for the word `none`.
fn field(layers: &Layers) -> Result<String, SettingsError> {
    let given = layers.find(&definitions::PRIORITY_FIELD)?;
    let name = given.map(|given| given.text).unwrap_or_default();
    Ok(if name.eq_ignore_ascii_case("none") {
        String::new()
    } else {
        name
    })
}

/// The entries of a list in lower case; none for the word `none` alone.
fn words(layers: &Layers, setting: &'static Setting) -> Result<Vec<String>, SettingsError> {
    let Some(given) = layers.find(setting)? else {
        return Ok(Vec::new());
    };
    let text = given.text.to_lowercase();
    let words = text.split(',').map(str::trim);
    let words = words.filter(|word| !word.is_empty()).map(str::to_owned);
    Ok(words.collect::<Vec<_>>()).map(|words| if words == ["none"] { Vec::new() } else { words })
}
