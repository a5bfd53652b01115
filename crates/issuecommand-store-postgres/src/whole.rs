//! The database as a whole: read out row by row, filled from rows, and looked through.

mod fill;
mod inspect;
mod read_out;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::whole::INVARIANTS;

pub use self::fill::fill;
pub use self::inspect::{inspect, is_there};
pub use self::read_out::read_out;
use crate::bulk::{Args, Db};

/// The newest schema that this version knows: that of everything it reads out.
pub fn schema() -> i64 {
    crate::open::newest()
}

/// The invariants that do not hold.
async fn broken(db: &mut Db<'_>) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let mut broken = Vec::new();
    for (what, sql) in INVARIANTS {
        let found: Vec<(i64,)> = db.read(sql, Args::default()).await?;
        let times = found.first().map_or(0, |(times,)| times.unsigned_abs());
        if times > 0 {
            broken.push((what, times));
        }
    }
    Ok(broken)
}
