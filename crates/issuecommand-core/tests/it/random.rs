//! How the tests with random worlds are run.

use issuecommand_testkit::prove::rounds;
use proptest::test_runner::{Config, RngSeed};

/// So many cases. On every run the same ones, so that a failure comes from the change at hand and comes again; new ones each
/// time when all of them are asked for.
pub(crate) fn config(quick: u32, full: u32) -> Config {
    let cases = rounds(quick, full);
    let rng_seed = if cases == full {
        RngSeed::Random
    } else {
        RngSeed::Fixed(0x0001_55ce)
    };
    Config {
        cases,
        rng_seed,
        failure_persistence: None,
        ..Config::default()
    }
}
