//! The settings that the engine's rules depend on.

use issuecommand_core::domain::policy::{FollowupScope, Policy, ResolveOnPush};
use issuecommand_core::domain::time::Millis;

use crate::error::SettingsError;
use crate::layers::Layers;
use crate::{definitions, parse};

pub(crate) fn read(layers: &Layers) -> Result<Policy, SettingsError> {
    let auto_release = layers.minutes(&definitions::STALE_AUTO_RELEASE_MINUTES)?;
    let reopen_grace = layers.minutes(&definitions::REOPEN_GRACE_MINUTES)?;
    Ok(Policy {
        claim_timeout: layers.minutes(&definitions::CLAIM_TIMEOUT_MINUTES)?,
        pr_claim_timeout: layers.minutes(&definitions::PR_CLAIM_TIMEOUT_MINUTES)?,
        stale_auto_release: (auto_release > Millis(0)).then_some(auto_release),
        auto_close: layers.bool(&definitions::AUTO_CLOSE_GITHUB_ISSUE)?,
        reopen_grace: (reopen_grace > Millis(0)).then_some(reopen_grace),
        history_max: layers.count(&definitions::HISTORY_MAX_ENTRIES)?,
        event_keep: Millis::minutes(
            24 * 60 * i64::from(layers.count(&definitions::EVENT_KEEP_DAYS)?),
        ),
        followup_stale: layers.at_least_a_minute(&definitions::FOLLOWUP_STALE_MINUTES)?,
        followup_max: layers.count(&definitions::FOLLOWUP_MAX_ENTRIES)?,
        coalesce: layers.bool(&definitions::FOLLOWUP_COALESCE)?,
        affinity: layers.minutes(&definitions::FOLLOWUP_AFFINITY_MINUTES)?,
        resolve_on_push: layers
            .need(&definitions::FOLLOWUP_RESOLVE_ON_PUSH)?
            .choice(
                definitions::RESOLVE_ON_PUSH,
                [
                    ResolveOnPush::All,
                    ResolveOnPush::Owned,
                    ResolveOnPush::Never,
                ],
            )?,
        ignore_bots: layers.bool(&definitions::FOLLOWUP_IGNORE_BOTS)?,
        commented_reviews: layers.bool(&definitions::FOLLOWUP_COMMENTED_REVIEWS)?,
        followup_scope: layers.need(&definitions::FOLLOWUP_SCOPE)?.choice(
            definitions::FOLLOWUP_SCOPES,
            [FollowupScope::All, FollowupScope::Claims],
        )?,
        deliveries_max: layers.count(&definitions::WEBHOOK_DEDUPE_MAX_ENTRIES)?,
        issue_check_age: Millis::seconds(layers.count(&definitions::ISSUE_CHECK_SECONDS)?.into()),
        priority: parse::priority(layers.find(&definitions::PRIORITY_LABELS)?.as_ref())?,
        ..Policy::default()
    })
}
