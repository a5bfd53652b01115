//! Weak entity tags as GitHub's: they depend on the body and the token, so one token's tag does not match for another.

use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) fn etag(token: &str, body: &[u8]) -> String {
    let hash = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, token, body).hash(&mut hasher);
        hasher.finish()
    };
    format!("W/\"{:016x}{:016x}\"", hash(0), hash(1))
}

/// Whether `If-None-Match` names this tag, by weak comparison.
pub(super) fn matches(if_none_match: &str, etag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match
        .split(',')
        .any(|tag| tag.trim() == "*" || strong(tag) == strong(etag))
}

#[cfg(test)]
mod tests {
    use super::{etag, matches};

    #[test]
    fn a_tag_belongs_to_a_body_and_a_token() {
        let tag = etag("t", b"[]");
        assert_eq!(tag, etag("t", b"[]"));
        assert_ne!(tag, etag("u", b"[]"));
        assert_ne!(tag, etag("t", b"[1]"));
        assert!(matches(&format!("\"x\", {tag}"), &tag));
        assert!(
            matches(tag.trim_start_matches("W/"), &tag),
            "the comparison is weak"
        );
        assert!(!matches("\"x\"", &tag));
    }
}
