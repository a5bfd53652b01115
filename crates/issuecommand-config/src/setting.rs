//! The definition of one setting, and the texts that are made of it.

use crate::error::SettingsError;

/// One setting. Parsing, help and documentation need nothing beside its definition.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// As in the environment, `HTTP_PORT`; the file has it in lower case.
    pub name: &'static str,
    /// What its text may be.
    pub kind: Kind,
    /// What holds where no source gives it.
    pub if_unset: DefaultValue,
    /// What it does, as one line without a full stop at its end.
    pub meaning: &'static str,
    /// May hold a credential: its value is never shown.
    pub secret: bool,
    /// Which programs act on it.
    pub applies_to: AppliesTo,
}

/// What the text of a setting may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Yes or no, in one of eight spellings.
    Bool,
    /// A whole number within these bounds, both included.
    Integer {
        /// The smallest value that is allowed.
        least: u32,
        /// The largest value that is allowed.
        most: u32,
    },
    /// One of these words, in any case.
    Choice {
        /// The values that are allowed.
        words: &'static [&'static str],
        /// What else a person should know when another word was refused; may be empty.
        remark: &'static str,
    },
    /// Text of this form.
    Text(&'static str),
    /// Parts of this form, comma-separated; the file may write an array.
    List(&'static str),
    /// Tables of this form: in the file as `[[key]]`, elsewhere as an array of inline tables.
    Tables(&'static str),
}

/// What holds where no source gives a setting.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
    /// This value, as it would be written.
    Default(&'static str),
    /// What these words say.
    Means(&'static str),
    /// The programs that act on it refuse to start. The words say what to set it to.
    Needed(&'static str),
    /// They refuse to start, unless something else does in its stead.
    NeededUnless {
        /// What to set it to, or do instead.
        to: &'static str,
        /// When they start without it, to stand after "unless".
        unless: &'static str,
    },
}

/// The programs that act on a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// All three.
    All,
    /// Those that serve HTTP: `issuecommand` and `issuecommand-http`.
    Http,
}

impl Setting {
    /// Its name in the file, `http_port`.
    pub fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// What a value may be, to stand after "allowed is".
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Bool => "1, true, yes, on or 0, false, no, off, in any case".into(),
            Kind::Integer { least, most } => format!("a whole number from {least} to {most}"),
            Kind::Choice { words, remark } => {
                let (last, rest) = words.split_last().unwrap_or((&"", &[]));
                let remark = if remark.is_empty() {
                    String::new()
                } else {
                    format!(" ({remark})")
                };
                format!("{} or {last}{remark}", rest.join(", "))
            }
            Kind::Text(form) | Kind::List(form) | Kind::Tables(form) => form.into(),
        }
    }

    /// The error of a program that needs the setting when no source gives it. `near` are names that were probably meant for it;
    /// `unfilled`: the environment has a placeholder that was not filled in.
    pub fn missing(&self, near: Vec<String>, unfilled: bool) -> SettingsError {
        let to = match self.if_unset {
            DefaultValue::Needed(to) | DefaultValue::NeededUnless { to, .. } => to,
            DefaultValue::Default(_) | DefaultValue::Means(_) => self.meaning,
        };
        SettingsError::Missing {
            key: self.name,
            to,
            near,
            unfilled,
        }
    }

    pub(crate) fn if_unset_text(&self) -> String {
        match self.if_unset {
            DefaultValue::Default(value) => format!("default {value}"),
            DefaultValue::Means(words) => format!("unset means {words}"),
            DefaultValue::Needed(_) => "needed".into(),
            DefaultValue::NeededUnless { unless, .. } => format!("needed, unless {unless}"),
        }
    }

    // These let a definition be one expression.

    pub(crate) const fn boolean(default: &'static str, meaning: &'static str) -> Self {
        Self::new(Kind::Bool, DefaultValue::Default(default), meaning)
    }

    pub(crate) const fn integer(
        least: u32,
        most: u32,
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self::new(
            Kind::Integer { least, most },
            DefaultValue::Default(default),
            meaning,
        )
    }

    /// A number of things or minutes, of which there is no sensible greatest.
    pub(crate) const fn count(default: &'static str, meaning: &'static str) -> Self {
        Self::integer(0, u32::MAX, default, meaning)
    }

    pub(crate) const fn choice(
        words: &'static [&'static str],
        default: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self::new(
            Kind::Choice { words, remark: "" },
            DefaultValue::Default(default),
            meaning,
        )
    }

    pub(crate) const fn text(
        form: &'static str,
        if_unset: DefaultValue,
        meaning: &'static str,
    ) -> Self {
        Self::new(Kind::Text(form), if_unset, meaning)
    }

    pub(crate) const fn new(kind: Kind, if_unset: DefaultValue, meaning: &'static str) -> Self {
        Self {
            name: "",
            kind,
            if_unset,
            meaning,
            secret: false,
            applies_to: AppliesTo::All,
        }
    }

    pub(crate) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(crate) const fn http(mut self) -> Self {
        self.applies_to = AppliesTo::Http;
        self
    }
}
