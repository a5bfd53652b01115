//! Pages of lists that are read whole: how many rows an answer has, and where the next one goes on.

use crate::params::{Param, ParamError, ParamType, Params};

/// How many rows a page of a tool has, unless it says otherwise.
const OF_A_TOOL: usize = 50;

/// How many rows a page has. The words are for tools.
pub const LIMIT: Param = Param::optional(
    "limit",
    ParamType::Integer {
        least: 1,
        most: 200,
    },
    "how many at most (50)",
);
pub(crate) const CURSOR: Param = Param::optional(
    "cursor",
    ParamType::String,
    "the next_cursor of the page before",
);

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// `None`: to the end.
    limit: Option<usize>,
    after: Option<After>,
}

/// The row after which a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct After {
    /// Where it stood in the list.
    index: usize,
    id: String,
}

impl Page {
    /// The page that a call asks for. A request over HTTP that says no limit gets the whole list.
    ///
    /// # Errors
    /// A limit outside the bounds, or a cursor that was never given out.
    pub(crate) fn read(fields: &Params) -> Result<Self, ParamError> {
        let said = fields.whole(&LIMIT)?.and_then(|n| usize::try_from(n).ok());
        let bad = || ParamError {
            message: format!(
                "cursor is not one that was given out: {}.",
                CURSOR.description
            ),
        };
        let after = fields.text(&CURSOR)?;
        Ok(Self {
            limit: said.or(fields.are_of_a_tool().then_some(OF_A_TOOL)),
            after: after
                .map(|text| After::parse(text).ok_or_else(bad))
                .transpose()?,
        })
    }

    /// The rows of this page, and the cursor of the next one. A list that changed between two pages goes on behind the last row
    /// of the page before, or if that is gone, where it stood.
    pub(crate) fn of<T>(
        self,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let begin = self.after.map_or(0, |after| {
            let place = rows.iter().position(|row| id(row) == after.id);
            place.map_or(after.index, |place| place + 1)
        });
        let mut page = rows.split_off(begin.min(rows.len()));
        let Some(limit) = self.limit.filter(|limit| *limit < page.len()) else {
            return (page, None);
        };
        page.truncate(limit);
        let next = page
            .last()
            .map(|last| format!("{}.{}", begin + limit - 1, id(last)));
        (page, next)
    }
}

impl After {
    fn parse(text: &str) -> Option<Self> {
        let (index, id) = text.split_once('.')?;
        Some(Self {
            index: index.parse().ok()?,
            id: id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: Option<usize>, after: Option<&str>, rows: &[u32]) -> (Vec<u32>, Option<String>) {
        let after = after.map(|text| After::parse(text).expect("a cursor"));
        Page { limit, after }.of(rows.to_vec(), ToString::to_string)
    }

    #[test]
    fn pages_have_each_row_once() {
        let rows: Vec<u32> = (0..7).collect();
        let (first, next) = page(Some(3), None, &rows);
        assert_eq!((first, next.as_deref()), (vec![0, 1, 2], Some("2.2")));
        let (second, next) = page(Some(3), next.as_deref(), &rows);
        assert_eq!((second, next.as_deref()), (vec![3, 4, 5], Some("5.5")));
        assert_eq!(page(Some(3), next.as_deref(), &rows), (vec![6], None));
        assert_eq!(page(None, None, &rows), (rows, None));
    }

    #[test]
    fn a_list_that_changed_goes_on_behind_the_last_row() {
        // A row came in front: none is told twice.
        assert_eq!(page(Some(2), Some("1.1"), &[9, 0, 1, 2, 3]).0, [2, 3]);
        // The last row is gone: none is left out.
        assert_eq!(page(Some(2), Some("1.1"), &[0, 2, 3]).0, [2, 3]);
        assert_eq!(page(Some(2), Some("8.8"), &[0, 1]), (vec![], None));
    }
}
