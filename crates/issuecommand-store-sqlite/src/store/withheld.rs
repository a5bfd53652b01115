//! The issues that are held back, for health.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::{StoreHealth, WithheldIssue};

use super::{SqliteStore, scope, sql};
use crate::bulk::Args;
use crate::rows::{name, number};

impl SqliteStore {
    /// The issues of [`StoreHealth::close_failed`].
    pub(super) async fn close_failed(
        &self,
        within: &Scope,
    ) -> Result<Vec<WithheldIssue>, StoreError> {
        let most = i64::try_from(StoreHealth::LISTED).unwrap_or(i64::MAX);
        let args = Args::default().with(scope(within)?)?.with(most)?;
        let rows: Vec<(String, i64, i64)> = self.ask(sql::CLOSE_FAILED, args).await?;
        let withheld = |(repo, n, since): (String, i64, i64)| {
            Ok(WithheldIssue {
                repo: name(&repo)?,
                number: number(n)?,
                since: Timestamp(since),
            })
        };
        rows.into_iter().map(withheld).collect()
    }
}
