//! The previous values in a delivery about an edited pull request.

use serde::Deserialize;

/// The field `changes` of a delivery.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Before {
    body: Option<Was>,
    base: Option<BaseWas>,
}

#[derive(Debug, Deserialize)]
struct BaseWas {
    #[serde(rename = "ref")]
    branch: Option<Was>,
}

#[derive(Debug, Deserialize)]
struct Was {
    from: Option<String>,
}

impl Before {
    /// The previous text, empty if there was none; `None` if the text was not edited.
    pub(super) fn body(&self) -> Option<&str> {
        let was = self.body.as_ref()?;
        Some(was.from.as_deref().unwrap_or_default())
    }

    pub(super) fn base(&self) -> Option<&str> {
        self.base.as_ref()?.branch.as_ref()?.from.as_deref()
    }

    pub(super) fn is_edit(&self) -> bool {
        self.body.is_some() || self.base.is_some()
    }
}
