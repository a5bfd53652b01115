//! Ids that are the same in every run, so that failures are reproducible and runs comparable.

use issuecommand_core::domain::id::IdGenerator;
use uuid::{Builder, Uuid};

/// Ids whose order of creation differs from the order of their values, as with random ones. A test that relies on sorted ids
/// therefore fails.
#[derive(Clone, Debug)]
pub struct TestIds(u64);

impl TestIds {
    /// Another seed gives other ids.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of a `SplitMix64` sequence.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Default for TestIds {
    fn default() -> Self {
        Self::seeded(1)
    }
}

impl IdGenerator for TestIds {
    fn uuid(&mut self) -> Uuid {
        let (high, low) = (self.next(), self.next());
        let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_in_every_run_and_never_twice() {
        let draw = |seed| {
            let mut ids = TestIds::seeded(seed);
            (0..10_000).map(|_| ids.uuid()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert!(!draw(7).is_sorted());
        let all: BTreeSet<_> = draw(7).into_iter().chain(draw(8)).collect();
        assert_eq!(all.len(), 20_000);
        assert_eq!(all.first().map(Uuid::get_version_num), Some(4));
    }
}
