//! The facts of an issue that not every server has: summaries, parent, type and fields.

use serde_json::{Value, json};

use super::Shape;
use crate::model::{Feature, Issue, Repo};
use crate::world::Place;

impl Shape<'_> {
    /// Adds the facts of the features that the server has. A server without one does not have its fields.
    pub(super) fn add_optional_facts(self, repo: &Repo, issue: &Issue, value: &mut Value) {
        let world = self.world;
        let place = Place {
            repo: repo.id,
            number: issue.number,
        };
        if world.has_feature(Feature::IssueTypes) {
            value["type"] = self.issue_type(issue.kind.as_deref());
        }
        if issue.pull.is_some() {
            return;
        }
        if world.has_feature(Feature::Dependencies) {
            let (by, of) = (world.blockers_of(place), world.blocked_by(place));
            value["issue_dependencies_summary"] = json!({
                "blocked_by": world.count_open(by),
                "total_blocked_by": by.len(),
                "blocking": world.count_open(of),
                "total_blocking": of.len(),
            });
        }
        if world.has_feature(Feature::SubIssues) {
            let children = world.sub_issues_of(place);
            let completed = children.len() - world.count_open(children);
            let percent = (completed * 100).checked_div(children.len());
            value["sub_issues_summary"] = json!({
                "total": children.len(),
                "completed": completed,
                "percent_completed": percent.unwrap_or(0),
            });
            let parent = world.parent_of(place);
            let home = parent.and_then(|parent| Some((world.repo_by_id(parent.repo)?, parent)));
            value["parent_issue_url"] = home
                .map(|(home, parent)| format!("{}/issues/{}", self.repo_url(home), parent.number))
                .into();
        }
        if self.shows_fields(repo) {
            let values = issue.fields.iter();
            value["issue_field_values"] = values
                .filter_map(|(field, option)| self.field_value(issue, field, option))
                .collect();
        }
    }

    /// Whether issues of this repository show issue fields, which only organizations have.
    pub(crate) fn shows_fields(self, repo: &Repo) -> bool {
        self.world.has_feature(Feature::IssueFields) && self.world.is_of_organization(repo)
    }

    /// A type by its name; `null` for none.
    pub(crate) fn issue_type(self, name: Option<&str>) -> Value {
        let kinds = &self.world.optional().kinds;
        let place = name.and_then(|name| kinds.iter().position(|kind| kind == name));
        place.map_or(Value::Null, |place| {
            json!({
                "id": place + 1,
                "node_id": format!("IT_{}", place + 1),
                "name": kinds[place],
                "description": Value::Null,
                "color": "blue",
                "is_enabled": true,
            })
        })
    }

    fn field_value(self, issue: &Issue, field: &str, option: &str) -> Option<Value> {
        let (id, chosen) = self.chosen(field, option)?;
        Some(json!({
            "issue_field_id": id,
            "issue_field_name": field,
            "node_id": format!("IFV_{}_{id}", issue.id),
            "data_type": "single_select",
            "value": option,
            "single_select_option": chosen,
        }))
    }

    /// The fields of a delivery about a change of an issue field.
    pub(crate) fn field_change(self, field: &str, option: Option<&str>) -> Value {
        let setups = &self.world.optional().fields;
        let id = setups.iter().position(|setup| setup.name == field);
        let id = id.map(|place| place + 1);
        let mut value = json!({
            "issue_field": {"id": id, "name": field, "field_type": "single_select"},
        });
        if let Some((_, chosen)) = option.and_then(|option| self.chosen(field, option)) {
            value["issue_field_value"] =
                json!({"id": id, "value_id": chosen["id"], "option": chosen});
        }
        value
    }

    /// The id of a field, and its option.
    fn chosen(self, field: &str, option: &str) -> Option<(usize, Value)> {
        let setups = &self.world.optional().fields;
        let place = setups.iter().position(|setup| setup.name == field)?;
        let known = &setups[place].options;
        let number = known.iter().position(|known| known == option)? + 1;
        let id = (place + 1) * 100 + number;
        Some((place + 1, json!({"id": id, "name": option, "color": "RED"})))
    }
}
