//! Placeholders that nothing filled in. A client that does not have the variable hands on the text of the placeholder itself, and as a
//! secret that text would let everybody in who has read the client's configuration.

use crate::definitions::{API_KEY, GITHUB_TOKEN, GITHUB_WEBHOOK_SECRET, ISSUECOMMAND_KEY};
use crate::setting::Setting;
use crate::sources::Sources;

/// The secrets whose placeholder in the environment counts as no value. `DATABASE_URL` is not among them: without it the database would
/// be another one, so its placeholder is refused.
const FILLED_BY_CLIENTS: [Setting; 4] = [
    API_KEY,
    GITHUB_TOKEN,
    GITHUB_WEBHOOK_SECRET,
    ISSUECOMMAND_KEY,
];

/// Whether a text is nothing but a placeholder: `$NAME` in capital letters, `${NAME}`, `${env:NAME}`, or `{env:NAME}`.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let braced = text.strip_prefix("${").or_else(|| {
        let name = text.strip_prefix('{')?;
        name.starts_with("env:").then_some(name)
    });
    if let Some(name) = braced.and_then(|rest| rest.strip_suffix('}')) {
        return !name.is_empty() && !name.contains(['{', '}']);
    }
    text.strip_prefix('$').is_some_and(|name| {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        name.starts_with(|first: char| !first.is_ascii_digit()) && name.bytes().all(allowed)
    })
}

/// The secrets of which the environment has nothing but a placeholder. They count as not set.
pub fn unfilled(sources: &Sources) -> Vec<&'static str> {
    let given = &sources.environment;
    let unfilled = |setting: &Setting| {
        let mut values = given.iter().filter(|(name, _)| name == setting.name);
        values.any(|(name, value)| is_unfilled(name, value))
    };
    FILLED_BY_CLIENTS
        .into_iter()
        .filter(unfilled)
        .map(|setting| setting.name)
        .collect()
}

/// Whether a pair of the environment is such a secret.
pub(crate) fn is_unfilled(name: &str, value: &str) -> bool {
    FILLED_BY_CLIENTS.iter().any(|setting| setting.name == name) && is_placeholder(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_clients_are_known() {
        for text in [
            "$API_KEY",
            "$_X1",
            "${API_KEY}",
            " ${API_KEY} ",
            "${env:API_KEY}",
            "${input:issuecommand_key}",
            "${API_KEY:-}",
            "{env:API_KEY}",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "",
            "$",
            "$1A",
            "$ecret",
            "$API_KEY!",
            "x$API_KEY",
            "${}",
            "${API_KEY",
            "${A}${B}",
            "{API_KEY}",
            "API_KEY",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
