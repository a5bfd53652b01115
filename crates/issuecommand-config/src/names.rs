//! Which setting a wrong name was probably meant for.

use crate::definitions::DEFINITIONS;
use crate::setting::Setting;

/// What people put before a setting's name where several programs share an environment.
const PREFIX: &str = "ISSUECOMMAND_";

/// A name shorter than this says too little about which setting it is a part of.
const LONG: usize = 9;

/// The setting that a name is near: another case, a prefix of ours, one typing error (in long names more), or one name with more
/// words at its end than the other.
pub(crate) fn resembling(name: &str) -> Option<&'static Setting> {
    let wanted = name.to_ascii_uppercase();
    let prefixed = wanted.strip_prefix(PREFIX);
    let wanted = prefixed.unwrap_or(&wanted);
    let exact = DEFINITIONS.iter().find(|setting| setting.name == wanted);
    if exact.is_some() {
        return exact;
    }
    let near = |setting: &&Setting| {
        let far = ((setting.name.len() + 1) / 7).max(1);
        strsim::osa_distance(wanted, setting.name) <= far
    };
    let begins = |setting: &&Setting| {
        let (name, wanted) = (setting.name, wanted);
        name.len().min(wanted.len()) >= LONG
            && (name.starts_with(wanted) || wanted.starts_with(name))
    };
    let least = |setting: &&Setting| strsim::osa_distance(wanted, setting.name);
    let misspelt = DEFINITIONS.iter().filter(near).min_by_key(least);
    misspelt.or_else(|| DEFINITIONS.iter().filter(begins).min_by_key(least))
}

/// The setting that a wrong key was probably meant to be: few typing errors away, whatever the case and the dashes.
pub(crate) fn nearest(key: &str) -> Option<&'static str> {
    let key = key
        .trim()
        .to_ascii_uppercase()
        .replace(['-', '.', ' '], "_");
    let distance = |name: &str| strsim::osa_distance(&key, name);
    let closest = DEFINITIONS
        .iter()
        .map(|setting| setting.name)
        .min_by_key(|name| distance(name))?;
    (distance(closest) <= 1 + closest.len() / 5).then_some(closest)
}
