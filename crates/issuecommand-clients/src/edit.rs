//! Changes of one file. Each is one insertion that its removal takes back to the byte, so that what stood there before
//! needs to be remembered nowhere.

use crate::json::Json;
use crate::mark::Mark;
use crate::toml;
use crate::value::Value;

/// The language of a client's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON. Comments and trailing commas are kept where a file has them.
    Json,
    /// TOML.
    Toml,
}

/// One thing that must stand in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// An object at a path of members.
    Entry {
        /// The members that lead to it; the last one is the entry's own name.
        path: Vec<String>,
        /// What it must say.
        value: Value,
        /// Members that contradict it, and are removed from an entry that has them. Its `type` goes with them.
        rivals: &'static [&'static str],
        /// The other client that reads the same entry.
        beside: Option<Beside>,
    },
    /// An element of the array at a path of members.
    Element {
        /// The members that lead to the array.
        path: Vec<String>,
        /// The element.
        value: Value,
        /// By what the element is found again.
        mark: Mark,
    },
    /// A member of the whole file that another one needs. It is added together with that one alone. JSON only.
    Companion {
        /// The member's key at the top of the file, such as `version`.
        key: String,
        /// What it says if the file says nothing.
        value: Value,
        /// The member that needs it. It comes first if both were added here.
        of: String,
    },
}

/// Two clients that read one entry. A removal for one of them leaves it to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The member that this client's entry alone has.
    pub ours: &'static str,
    /// The member that the other client's entry alone has.
    pub theirs: &'static str,
    /// Whether this client alone needs placeholders in `env`.
    pub placeholders: bool,
}

/// Why a file cannot be changed. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is not what its name says.
    #[error("it is not valid {language} ({why}); correct it, then run this again")]
    Invalid {
        /// JSON or TOML.
        language: &'static str,
        /// Where and what.
        why: String,
    },
    /// A member has another type than the client reads.
    #[error("`{path}` is {found} and must be {wanted}; correct it, then run this again")]
    Type {
        /// The members that lead to it, joined by dots.
        path: String,
        /// What it is.
        found: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// Our entry is written in a way that cannot be edited safely.
    #[error(
        "`{path}` is written in a form that cannot be changed safely; remove it by hand, then run this again"
    )]
    Form {
        /// The members that lead to it, joined by dots.
        path: String,
    },
}

const BOM: &str = "\u{feff}";

/// The text in which everything stands that `edits` ask for; `None` is a file that is not there.
///
/// # Errors
/// A text that cannot be read, or is not what the client reads.
pub fn apply(format: Format, before: Option<&str>, edits: &[Edit]) -> Result<String, EditError> {
    let (bom, text) = split(before);
    let full = text;
    let mut text = text.map(str::to_owned);
    for edit in edits {
        if let Edit::Companion { of, .. } = edit
            && Json::new(full).has(of)?
        {
            // Whoever wrote the other member decided about this one; and its removal could not tell who did.
            continue;
        }
        text = Some(match format {
            Format::Json => Json::new(text.as_deref()).apply(edit)?,
            Format::Toml => toml::apply(text.as_deref(), edit)?,
        });
    }
    let text = text.unwrap_or_default();
    check(format, &text)?;
    Ok(format!("{bom}{text}"))
}

/// The text without what `edits` ask for; `None` if the file was made for them and nothing else stands in it.
///
/// # Errors
/// A text that cannot be read, or is not what the client reads.
pub fn revert(
    format: Format,
    before: Option<&str>,
    edits: &[Edit],
) -> Result<Option<String>, EditError> {
    let (bom, text) = split(before);
    let full = text.unwrap_or_default();
    let mut text = text.map(str::to_owned);
    // The last insertion goes first, so that each removal sees the text that its insertion made.
    for edit in edits.iter().rev() {
        let Some(present) = text else { break };
        text = match format {
            Format::Json => Json::new(Some(&present)).revert(edit)?,
            Format::Toml => toml::revert(&present, edit)?,
        };
    }
    for edit in edits {
        if let (Format::Json, Edit::Companion { key, value, of }) = (format, edit) {
            text = Json::new(text.as_deref()).companion(full, key, value, of)?;
        }
    }
    if let Some(text) = &text {
        check(format, text)?;
    }
    Ok(text.map(|text| format!("{bom}{text}")))
}

fn split(text: Option<&str>) -> (&str, Option<&str>) {
    match text {
        Some(text) => match text.strip_prefix(BOM) {
            Some(rest) => (BOM, Some(rest)),
            None => ("", Some(text)),
        },
        None => ("", None),
    }
}

/// Whether a result can be read: nothing that cannot is ever written.
fn check(format: Format, text: &str) -> Result<(), EditError> {
    match format {
        Format::Json if text.trim().is_empty() => Ok(()),
        Format::Json => crate::json::parse(text).map(drop),
        Format::Toml => toml::parse(text).map(drop),
    }
}

/// The line end of a text: that of its first line.
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
