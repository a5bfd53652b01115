//! Random histories give the same results on PostgreSQL as in memory, also with a locale-dependent collation.

use std::sync::Arc;

use issuecommand_conformance::model_based::random_histories;
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::postgres::Server;
use issuecommand_testkit::prove::rounds;

use crate::common::TestDatabase;

#[test]
fn random_histories_come_to_the_same_as_in_memory() {
    let Some(server) = Server::shared() else {
        return;
    };
    random_histories(rounds(20, 100), async |policy, clock, ids| {
        let place = TestDatabase::of(
            server,
            "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'",
        );
        let mut options = place.options();
        options.clock = Some(clock);
        let store = options.open_with_ids(policy, ids).await.unwrap();
        (place, Arc::new(store) as Arc<dyn Store>)
    });
}
