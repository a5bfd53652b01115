//! Finds the parameter that an unknown name most likely means.

use super::Param;

/// Synonyms of parameters, without case and separators. The first one that the call has is meant.
const SYNONYMS: &[(&str, &str)] = &[
    ("agent", "claimed_by_agent_id"),
    ("agentname", "agent_id"),
    ("comment", "note"),
    ("count", "limit"),
    ("followupid", "work_item_id"),
    ("id", "claim_id"),
    ("id", "work_item_id"),
    ("link", "pr_url"),
    ("message", "note"),
    ("message", "reason"),
    ("name", "agent_id"),
    ("note", "reason"),
    ("number", "issue_number"),
    ("number", "pr_number"),
    ("owner", "agent_id"),
    ("owner", "claimed_by_agent_id"),
    ("page", "cursor"),
    ("perpage", "limit"),
    ("pr", "pr_number"),
    ("pr", "pr_url"),
    ("project", "repo"),
    ("pullrequest", "pr_number"),
    ("pullrequest", "pr_url"),
    ("reason", "note"),
    ("sprint", "milestone"),
    ("state", "status"),
    ("tag", "label"),
    ("tags", "label"),
    ("url", "pr_url"),
    ("user", "agent_id"),
    ("worker", "agent_id"),
];

/// The minimum similarity (Jaro-Winkler, 1 is equal) of names that are taken for each other.
const ALIKE: f64 = 0.86;

/// The most likely parameter; `None` if none is similar.
pub(super) fn nearest<'a>(name: &str, inputs: &'a [Param]) -> Option<&'a Param> {
    let name = plain(name);
    let find = |wanted: &dyn Fn(&str) -> bool| inputs.iter().find(|input| wanted(input.name));
    find(&|field| plain(field) == name)
        .or_else(|| find(&|field| overlap(&name, &plain(field))))
        .or_else(|| {
            let synonyms = SYNONYMS.iter().filter(|(word, _)| *word == name);
            synonyms
                .map(|(_, field)| *field)
                .find_map(|meant| find(&|field| field == meant))
        })
        .or_else(|| {
            let scored = inputs
                .iter()
                .map(|input| (strsim::jaro_winkler(&name, &plain(input.name)), input));
            let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
            best.filter(|(score, _)| *score >= ALIKE)
                .map(|(_, input)| input)
        })
}

/// Whether one begins or ends with the other, and is long enough to be significant: `repository`, `agent`, `labels`.
fn overlap(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    short.len() >= 4 && (long.starts_with(short) || long.ends_with(short))
}

/// The name without case and separators, and bounded: `agentId` and `Agent-ID` are `agentid`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .take(64)
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamType;

    #[test]
    fn the_nearest_field_is_found() {
        let inputs = [
            "agent_id",
            "repo",
            "label",
            "milestone",
            "issue_number",
            "status",
            "note",
            "pr_url",
            "limit",
        ]
        .map(|name| Param::optional(name, ParamType::String, "…"));
        for (name, meant) in [
            ("labels", "label"),
            ("lable", "label"),
            ("LABEL", "label"),
            ("tags", "label"),
            ("repository", "repo"),
            ("repo_name", "repo"),
            ("repos", "repo"),
            ("rep", "repo"),
            ("agent", "agent_id"),
            ("agentId", "agent_id"),
            ("agent-id", "agent_id"),
            ("agent_name", "agent_id"),
            ("milestones", "milestone"),
            ("mile_stone", "milestone"),
            ("issue", "issue_number"),
            ("number", "issue_number"),
            ("issueNumber", "issue_number"),
            ("state", "status"),
            ("notes", "note"),
            ("comment", "note"),
            ("prUrl", "pr_url"),
            ("url", "pr_url"),
            ("max_limit", "limit"),
        ] {
            assert_eq!(
                nearest(name, &inputs).map(|input| input.name),
                Some(meant),
                "{name}"
            );
        }
        for name in ["", "hurry", "x", "force", "_", "priority", "\u{fffd}"] {
            assert!(nearest(name, &inputs).is_none(), "{name}");
        }
    }
}
