//! Reads the priority that one label names.
//!
//! A label names a priority if it equals an entry of the table (`P0`, `nice-to-have`), if it has an entry beside a qualifier
//! (`priority/high`, `severity: critical`, `high priority`, `sev-1`), or if it begins with a code such as `P1` (`P1 - soon`).
//! So `high-contrast` and `low-level API` name none.
//!
//! Negated and compared words name no priority (`non-critical`, `lower than high`). Of several in one label the lowest counts,
//! because a misread label must not push its issue ahead.

use super::Priority;

/// Words that mark the words beside them as a priority.
const QUALIFIERS: [&str; 9] = [
    "priority",
    "prio",
    "pri",
    "severity",
    "sev",
    "importance",
    "urgency",
    "impact",
    "p",
];

/// Words that negate the words after them, or the whole label if none follow.
const NEGATIONS: [&str; 26] = [
    "no", "non", "not", "none", "never", "neither", "nor", "without", "isnt", "arent", "wasnt",
    "dont", "doesnt", "cannot", "cant", "false", "un", "anti", "semi", "sub", "quasi", "almost",
    "nearly", "barely", "hardly", "unknown",
];

/// Comparisons. A priority beside one is a bound, not the label's own.
const COMPARISONS: [&str; 15] = [
    "less", "lesser", "least", "lower", "higher", "more", "greater", "than", "below", "above",
    "under", "over", "beyond", "versus", "vs",
];

/// The most words of a label that are read. GitHub allows 50 characters.
const WORDS: usize = 60;

/// Lower-case words, split at all characters but letters and digits. Apostrophes are dropped, so that `isn't` is one word.
pub(super) fn words(label: &str) -> Vec<String> {
    label
        .to_lowercase()
        .replace(['\'', '\u{2019}'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(str::to_owned)
        .collect()
}

/// The priority that a label with these words names.
pub(super) fn rank(entries: &[(Vec<String>, Priority)], label: &[String]) -> Option<Priority> {
    let entry = |wanted: &[String]| {
        entries
            .iter()
            .filter(|(entry, _)| entry == wanted)
            .map(|(_, rank)| *rank)
            .min()
    };
    let longest = entries.iter().map(|(entry, _)| entry.len()).max();
    let longest = longest.unwrap_or_default();
    // Compare the whole label first, because an operator's entry may contain a negation.
    if let Some(rank) = entry(label) {
        return Some(rank);
    }
    if is_qualified(label) {
        let rest = without_qualifiers(label);
        return entry(&rest).or_else(|| lowest(&rest, longest, entry, |_| true));
    }
    label.first().filter(|word| is_code(word))?;
    // Beside a code only negations and comparisons matter.
    lowest(
        label,
        longest,
        entry,
        |words| matches!(words, [word] if is_code(word)),
    )
}

/// The lowest priority that the words name by entries that count. Longer entries go first, up to `longest` words. `None` if the
/// words compare or negate.
fn lowest(
    words: &[String],
    longest: usize,
    entry: impl Fn(&[String]) -> Option<Priority>,
    counts: impl Fn(&[String]) -> bool,
) -> Option<Priority> {
    let found = |at: usize| {
        let mut ends = (at + 1..=words.len().min(at + longest)).rev();
        ends.find_map(|end| Some((entry(&words[at..end])?, end)))
    };
    let compares = |from: usize| {
        words[from..]
            .iter()
            .any(|word| COMPARISONS.contains(&word.as_str()))
    };
    let mut named: Option<Priority> = None;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if let Some((rank, end)) = found(at) {
            named = named.max(Some(rank).filter(|_| counts(&words[at..end])));
            at = end;
            continue;
        }
        if COMPARISONS.contains(&word.as_str()) {
            return None;
        }
        if NEGATIONS.contains(&word.as_str()) {
            // The words after a negation are negated, or those before it if no entry follows: `critical: no`.
            let follows = (at + 1..words.len()).any(|from| found(from).is_some());
            return named.filter(|_| follows && !compares(at));
        }
        at += 1;
    }
    named
}

fn is_qualified(label: &[String]) -> bool {
    label.iter().any(|word| QUALIFIERS.contains(&word.as_str()))
}

/// The label without qualifiers. A bare digit becomes the code of its scale: `severity 1` is `sev1`, `priority: 1` is `p1`.
fn without_qualifiers(label: &[String]) -> Vec<String> {
    let scale = if label.iter().any(|word| word.starts_with("sev")) {
        "sev"
    } else {
        "p"
    };
    let mut rest: Vec<String> = Vec::new();
    for word in label
        .iter()
        .filter(|word| !QUALIFIERS.contains(&word.as_str()))
    {
        if is_digit(word) {
            // `No. 1` is a number, not a negation.
            rest.pop_if(|last| last == "no");
            rest.push(format!("{scale}{word}"));
        } else {
            rest.push(word.clone());
        }
    }
    rest
}

fn is_digit(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word is a code: a scale's letters and one digit, as in `p1` or `sev2`.
fn is_code(word: &str) -> bool {
    ["p", "sev", "s"]
        .iter()
        .any(|scale| word.strip_prefix(scale).is_some_and(is_digit))
}
