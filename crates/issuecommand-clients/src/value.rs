//! What is written into a client's file, whatever the file's format: values whose members keep their order.

/// A value of JSON or TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A number, or anything else that is compared by its spelling.
    Other(String),
    /// An array.
    List(Vec<Value>),
    /// An object of JSON, a table of TOML.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub fn number(number: u32) -> Self {
        Self::Other(number.to_string())
    }

    /// An array of strings.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// An object with these members, in this order.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        let members = members.into_iter().map(|(key, value)| (key.into(), value));
        Self::Object(members.collect())
    }

    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            Self::Text(_) | Self::Flag(_) | Self::Other(_) | Self::List(_) => None,
        }
    }

    /// Whether everything that `wanted` says is said here too. Members that only this value has do not matter.
    pub(crate) fn says(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Object(_), Self::Object(members)) => members
                .iter()
                .all(|(key, value)| self.get(key).is_some_and(|own| own.says(value))),
            (own, wanted) => own == wanted,
        }
    }

    /// This value as the only member of objects that are nested as `path` says.
    pub(crate) fn within(self, path: &[String]) -> Self {
        path.iter()
            .rev()
            .fold(self, |inner, key| Self::object([(key.clone(), inner)]))
    }
}
