//! Files of the default branch, and issue types.

use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Answer, Reply, not_found, not_found_because};
use crate::model::Feature;
use crate::world::World;

/// A file of the default branch: its text if the request accepts GitHub's raw type, else JSON without the content. The content
/// in Base64 is not modelled.
pub(super) fn file(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    if let Some(branch) = call.param("ref").filter(|it| *it != repo.default_branch) {
        return Err(not_found_because(&format!(
            "No commit found for the ref {branch}"
        )));
    }
    let path = call.path_param("path").unwrap_or_default();
    let text = repo.files.get(path).ok_or_else(not_found)?;
    if call.accepts("application/vnd.github.raw") {
        return Ok(Reply::raw(text));
    }
    let url = format!("{}/repos/{}/contents/{path}", call.api(), repo.full_name());
    let name = path.rsplit('/').next();
    Reply::ok(json!({
        "type": "file", "name": name, "path": path, "size": text.len(), "url": url,
        "encoding": "none", "content": "",
    }))
}

/// The issue types of the repository's organization.
pub(super) fn issue_types(world: &mut World, call: &Call) -> Answer {
    call.repo(world)?;
    if !world.has_feature(Feature::IssueTypes) {
        return Err(not_found());
    }
    let shape = call.shape(world);
    let kinds = world.optional().kinds.iter();
    let rows: Value = kinds.map(|kind| shape.issue_type(Some(kind))).collect();
    Reply::ok(rows)
}
