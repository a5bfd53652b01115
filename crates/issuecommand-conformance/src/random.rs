//! Random numbers that are the same in every run.

/// A small generator.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    /// A number below `end`.
    pub(super) fn below(&mut self, end: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap_or_default() % end.max(1)
    }

    /// True once in so many times.
    pub(super) fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub(super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let n = self.below(i64::try_from(all.len()).unwrap_or_default());
        all[usize::try_from(n).unwrap_or_default()].clone()
    }

    /// Puts a list into a random order.
    pub(super) fn shuffle(&mut self, list: &mut [i64]) {
        for n in (1..list.len()).rev() {
            let other = self.below(i64::try_from(n).unwrap_or_default() + 1);
            list.swap(n, usize::try_from(other).unwrap_or_default());
        }
    }
}
