//! Random histories give the same results on SQLite as in memory.

use std::sync::Arc;

use issuecommand_conformance::model_based::random_histories;
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::prove::rounds;

use crate::common::Folder;

#[test]
fn random_histories_come_to_the_same_as_in_memory() {
    random_histories(rounds(20, 300), async |policy, clock, ids| {
        let folder = Folder::new();
        let store = folder
            .options()
            .open_with_ids(policy, clock, ids)
            .await
            .unwrap();
        (folder, Arc::new(store) as Arc<dyn Store>)
    });
}
