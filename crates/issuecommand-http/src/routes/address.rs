//! Where each call is served, for a client in the same program.

use issuecommand_wire::Call;

use super::table::{Answers, Input, ROUTES};

/// Where a call is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallAddress {
    /// The method, in lower case.
    pub method: &'static str,
    /// The path, with `{owner}` and `{repo}` for the parameter `repo`, `{number}` for `issue_number`, and any other parameter under
    /// its own name.
    pub path: &'static str,
    /// Whether the other parameters stand in the query, as against the JSON body.
    pub in_query: bool,
}

/// Where this call is served; `None` for one that is a tool alone.
pub fn address_of<C: Call>() -> Option<CallAddress> {
    ROUTES.iter().find_map(|route| match &route.answers {
        Answers::Call(call) if call.name == C::NAME => Some(CallAddress {
            method: route.method,
            path: route.path,
            in_query: call.input == Input::Query,
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use issuecommand_wire::call::{ClaimIssue, GetAllClaims, GetMyClaims};

    use super::*;

    #[test]
    fn each_call_has_one_address() {
        let names = ROUTES.iter().filter_map(|route| match &route.answers {
            Answers::Call(call) => Some(call.name),
            _ => None,
        });
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn calls_of_one_path_differ_by_their_method() {
        let claims = address_of::<GetAllClaims>().unwrap();
        let claim = address_of::<ClaimIssue>().unwrap();
        assert_eq!((claims.path, claim.path), ("/api/claims", "/api/claims"));
        assert_eq!((claims.method, claim.method), ("get", "post"));
        assert!(claims.in_query && !claim.in_query);
        assert_eq!(address_of::<GetMyClaims>(), None);
    }
}
