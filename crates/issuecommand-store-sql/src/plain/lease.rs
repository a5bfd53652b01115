//! Leases.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::lease::Lease;
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::rows::StoredRow;

/// A lease.
#[derive(Debug, Serialize, Deserialize)]
pub struct LeaseRow {
    name: String,
    holder: String,
    epoch: i64,
    until: i64,
}

impl StoredRow for LeaseRow {
    type Value = Lease;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.name.clone()
    }

    fn value(self) -> Result<Lease, StoreError> {
        Ok(Lease {
            name: self.name,
            holder: self.holder,
            epoch: self.epoch,
            until: Timestamp(self.until),
        })
    }
}

impl PlainRow for LeaseRow {
    const PLAIN: PlainTable = plain_table!("lease", ["name"], ["holder", "epoch", "until"]);

    fn of(lease: &Lease) -> Result<Self, StoreError> {
        Ok(Self {
            name: lease.name.clone(),
            holder: lease.holder.clone(),
            epoch: lease.epoch,
            until: lease.until.0,
        })
    }

    fn key(name: &String) -> Value {
        json!({ "name": name })
    }
}
