//! Reads the file with a repository's own policy.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use issuecommand_core::domain::policy::Route;
use issuecommand_core::domain::priority::{Priority, PriorityTable};
use issuecommand_core::domain::repo_policy::RepoPolicy;
use issuecommand_core::ports::repo_policies::RepoPolicyReader;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The reader of `.github/issuecommand.toml`.
#[derive(Clone, Copy, Debug)]
pub struct PolicyFile;

impl RepoPolicyReader for PolicyFile {
    fn read(&self, text: &str) -> Result<RepoPolicy, String> {
        File(text).policy()
    }
}

/// The most entries of a list.
const ENTRIES: usize = 50;
/// The longest entry of a list, in bytes.
const ENTRY: usize = 200;

const KEYS: &str =
    "exclude_labels, require_labels, types, max_claims, cooldown_minutes, priority, route";

/// Parts of the names of settings that say whose texts are trusted, or what is offered at all.
const OPERATORS: [&str; 6] = [
    "author", "approve", "login", "allowed", "parents", "assigned",
];

struct File<'t>(&'t str);

impl File<'_> {
    fn policy(&self) -> Result<RepoPolicy, String> {
        let table = DeTable::parse(self.0);
        let table =
            table.map_err(|error| self.at(error.span().unwrap_or_default(), error.message()))?;
        let mut policy = RepoPolicy::default();
        for (key, value) in table.get_ref() {
            match &**key.get_ref() {
                "exclude_labels" => policy.exclude_labels = self.list("exclude_labels", value)?,
                "require_labels" => policy.require_labels = self.list("require_labels", value)?,
                "types" => policy.types = self.list("types", value)?,
                "max_claims" => {
                    let allowed = 1..=RepoPolicy::MOST_CLAIMS;
                    policy.max_claims = Some(self.number("max_claims", value, allowed)?);
                }
                "cooldown_minutes" => {
                    let allowed = 1..=RepoPolicy::LONGEST_COOLDOWN;
                    let minutes = self.number("cooldown_minutes", value, allowed)?;
                    policy.cooldown_minutes = Some(minutes);
                }
                "priority" => policy.priority = self.priority(value)?,
                "route" => policy.routes = self.routes(value)?,
                other => return Err(self.at(key.span(), unknown(other))),
            }
        }
        Ok(policy)
    }

    /// The words with the line in front.
    fn at(&self, span: Range<usize>, words: impl Display) -> String {
        let before = self.0.as_bytes().iter().take(span.start);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        format!("line {line}: {words}")
    }

    /// A list of texts, in lower case.
    fn list(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
        let texts = self.texts(key, value)?;
        Ok(texts.iter().map(|text| text.to_lowercase()).collect())
    }

    /// A list of texts.
    fn texts(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
        let words = format!(
            "{key} must be a list of at most {ENTRIES} texts of 1 to {ENTRY} bytes, such as [\"one\", \"two\"]"
        );
        let no = |span| self.at(span, &words);
        let entries = value.get_ref().as_array();
        let entries = entries.filter(|entries| entries.len() <= ENTRIES);
        let entries = entries.ok_or_else(|| no(value.span()))?.iter();
        let texts = entries.map(|entry| {
            let text = entry.get_ref().as_str().map(str::trim).unwrap_or_default();
            if text.is_empty() || text.len() > ENTRY {
                return Err(no(entry.span()));
            }
            Ok(text.to_owned())
        });
        texts.collect()
    }

    /// The `[[route]]` tables.
    fn routes(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Route>, String> {
        let words = format!("route must be at most {ENTRIES} tables, each as [[route]]");
        let no = |span| self.at(span, &words);
        let tables = value.get_ref().as_array();
        let tables = tables.filter(|tables| tables.len() <= ENTRIES);
        let tables = tables.ok_or_else(|| no(value.span()))?.iter();
        let routes = tables.map(|route| {
            let table = route.get_ref().as_table();
            let (mut labels, mut types, mut agents) = (Vec::new(), Vec::new(), Vec::new());
            for (key, value) in table.ok_or_else(|| no(route.span()))? {
                match &**key.get_ref() {
                    "labels" => labels = self.list("labels", value)?,
                    "types" => types = self.list("types", value)?,
                    "agents" => agents = self.texts("agents", value)?,
                    other => {
                        let words = format!(
                            "a route has no key {other:?}; allowed are labels, types, agents"
                        );
                        return Err(self.at(key.span(), words));
                    }
                }
            }
            Route::new(labels, types, Vec::new(), agents)
                .map_err(|wrong| self.at(route.span(), wrong))
        });
        routes.collect()
    }

    fn number(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        allowed: RangeInclusive<u32>,
    ) -> Result<u32, String> {
        let number = value.get_ref().as_integer();
        let number = number.and_then(|it| u32::from_str_radix(it.as_str(), it.radix()).ok());
        number
            .filter(|number| allowed.contains(number))
            .ok_or_else(|| {
                let (from, to) = (allowed.start(), allowed.end());
                let words = format!("{key} must be a whole number from {from} to {to}");
                self.at(value.span(), words)
            })
    }

    /// The words of priorities, in the form of `PRIORITY_LABELS`.
    fn priority(&self, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
        let ranks = Priority::ALL.map(Priority::word).join(", ");
        let Some(table) = value.get_ref().as_table() else {
            let words = format!("priority must be a table with the keys {ranks}");
            return Err(self.at(value.span(), words));
        };
        let mut parts = Vec::new();
        for (key, value) in table {
            let key_text = &**key.get_ref();
            if !Priority::ALL.iter().any(|rank| rank.word() == key_text) {
                let words = format!("priority has no key {key_text:?}; allowed are {ranks}");
                return Err(self.at(key.span(), words));
            }
            let list = self.list(&format!("priority.{key_text}"), value)?;
            for word in list {
                let part = format!("{key_text}={word}");
                if word.contains([',', ';', '=']) || PriorityTable::parse(&part).is_err() {
                    let words = format!(
                        "{word:?} is no word of a label: it needs a letter or a digit, and has no comma, semicolon or ="
                    );
                    return Err(self.at(value.span(), words));
                }
                parts.push(part);
            }
        }
        Ok(parts.join(";"))
    }
}

fn unknown(key: &str) -> String {
    let lower = key.to_lowercase();
    if OPERATORS.iter().any(|part| lower.contains(part)) {
        return format!(
            "a repository's file may not set {key:?}: what is offered and whose texts are trusted is the operator's to say; allowed are {KEYS}"
        );
    }
    format!("there is no key {key:?}; allowed are {KEYS}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_sets_what_it_names() {
        let text = "# ours\nexclude_labels = [\" Design \"]\nrequire_labels = []\ntypes = ['Bug', 'Task']\n\
             max_claims = 3\ncooldown_minutes = 0x5a\n[priority]\ncritical = ['Now', 'stop ship']\nlow = ['later']\n\
             [[route]]\nlabels = ['Area: Web']\nagents = ['Claude-*']\n";
        let web = (vec!["area: web".to_owned()], vec!["Claude-*".to_owned()]);
        let policy = PolicyFile.read(text).unwrap();
        let expected = RepoPolicy {
            exclude_labels: vec!["design".to_owned()],
            require_labels: Vec::new(),
            types: vec!["bug".to_owned(), "task".to_owned()],
            max_claims: Some(3),
            cooldown_minutes: Some(90),
            priority: "critical=now;critical=stop ship;low=later".to_owned(),
            routes: vec![Route::new(web.0, Vec::new(), Vec::new(), web.1).unwrap()],
        };
        assert_eq!(policy, expected);
        assert_eq!(PolicyFile.read(""), Ok(RepoPolicy::default()));
    }

    #[test]
    fn what_is_wrong_is_told_with_the_line() {
        for (text, line, words) in [
            ("max_claims =\n", 1, ""),
            ("\n\nmax_claims = 0", 3, "from 1 to 1000"),
            ("max_claims = -1", 1, "from 1 to 1000"),
            ("max_claims = 1001", 1, "from 1 to 1000"),
            ("max_claims = '3'", 1, "max_claims must be a whole number"),
            ("max_claims = 1.5", 1, "max_claims must be a whole number"),
            ("cooldown_minutes = 10081", 1, "from 1 to 10080"),
            ("\ntypes = 'bug'", 2, "types must be a list"),
            ("types = [\n'bug',\n3]", 3, "types must be a list"),
            ("types = ['']", 1, "types must be a list"),
            ("exclude_label = ['x']", 1, "allowed are exclude_labels, "),
            ("types = []\ntypes = []", 2, "duplicate"),
            ("priority = 'now'", 1, "critical, high, medium, low"),
            ("[priority]\nurgent = ['now']", 2, "no key \"urgent\""),
            ("[priority]\nlow = ['a=b']", 2, "no word of a label"),
            ("[priority]\nlow = ['--']", 2, "no word of a label"),
            ("route = 3", 1, "route must be"),
            ("[[route]]\nagents = ['a']", 1, "needs labels"),
            (
                "[[route]]\nlabels = ['a']\nrepos = ['b/c']",
                3,
                "no key \"repos\"",
            ),
        ] {
            let error = PolicyFile.read(text).unwrap_err();
            let told = error.starts_with(&format!("line {line}: ")) && error.contains(words);
            assert!(told, "{text:?}: {error}");
        }
        let many = format!("types = [{}]", "'a',".repeat(51));
        assert!(PolicyFile.read(&many).is_err());
    }

    #[test]
    fn a_file_may_not_widen_trust() {
        for key in [
            "ready_authors",
            "READY_AUTHORS",
            "feedback_authors",
            "ready_approve_labels",
            "approve_labels",
            "agent_logins",
            "allowed_repos",
            "skip_assigned",
            "ready_parents",
        ] {
            let error = PolicyFile.read(&format!("\n{key} = 'anyone'")).unwrap_err();
            let told = format!("line 2: a repository's file may not set {key:?}: ");
            assert!(error.starts_with(&told), "{error}");
        }
    }
}
