//! Numbers that look random, the same in every run.

/// A linear congruential generator (Knuth's MMIX constants), of which the upper bits are used.
pub(in crate::buffer::eviction) struct Random(pub(in crate::buffer::eviction) u64);

impl Random {
    pub(in crate::buffer::eviction) fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}
