//! The contract's pairs of tool and route: the HTTP request for a tool call.

use serde_json::{Map, Value};

/// Method, path with its query, and body if there is one.
pub(crate) fn request(tool: &str, arguments: &Value) -> (&'static str, String, Option<Value>) {
    let mut rest = arguments.as_object().unwrap().clone();
    let mut part = |name: &str| match rest.remove(name) {
        Some(Value::String(text)) => text.replace('/', "%2F").replace(' ', "%20"),
        Some(other) => other.to_string(),
        None => panic!("{tool} has {name} in its path"),
    };
    let repo = |text: String| text.replace("%2F", "/");
    let (method, path) = match tool {
        "list_repos" => ("GET", "/api/repos".to_owned()),
        "list_open_issues" => ("GET", format!("/api/repos/{}/issues", repo(part("repo")))),
        "get_issue_details" => {
            let (repo, number) = (repo(part("repo")), part("issue_number"));
            ("GET", format!("/api/issues/{repo}/{number}"))
        }
        "next_issue" => ("POST", "/api/next".to_owned()),
        "next_work" => ("POST", "/api/next-work".to_owned()),
        "claim_issue" => ("POST", "/api/claims".to_owned()),
        "release_issue" => ("DELETE", format!("/api/claims/{}", part("claim_id"))),
        "update_claim_status" => ("PATCH", format!("/api/claims/{}", part("claim_id"))),
        "get_all_claims" => ("GET", "/api/claims".to_owned()),
        "get_followups" => ("GET", "/api/followups".to_owned()),
        "update_followup_status" => {
            let item = part("work_item_id");
            ("PATCH", format!("/api/followups/{item}"))
        }
        "get_my_work" => ("GET", "/api/my-work".to_owned()),
        "system_health" => ("GET", "/api/health".to_owned()),
        "explain_work" => ("GET", "/api/explain".to_owned()),
        other => panic!("no route for {other}"),
    };
    if method == "GET" {
        (method, format!("{path}{}", query(&rest)), None)
    } else {
        (method, path, Some(Value::Object(rest)))
    }
}

fn query(fields: &Map<String, Value>) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let escaped = bytes.concat();
            format!("{name}={escaped}")
        })
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}
