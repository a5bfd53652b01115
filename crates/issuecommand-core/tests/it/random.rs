//! Configuration of the randomised tests.

use issuecommand_testkit::prove::rounds;
use proptest::test_runner::{Config, RngSeed};

/// The number of cases. Ordinary runs use fixed seeds, so that a failure is caused by the current change and reproducible. Full
/// runs use new ones each time.
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
