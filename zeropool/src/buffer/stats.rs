//! What a pool has done, and what it has: a plain copy of its counters.

use super::home::Home;
use super::slot::Slot;
use std::fmt;

/// Makes the fields, their getters and what is printed from one list.
macro_rules! stats {
    (
        counts { $($(#[$count_doc:meta])* $count:ident $count_label:literal,)* }
        sizes { $($(#[$size_doc:meta])* $size:ident $size_label:literal,)* }
    ) => {
        /// What a [`BufferPool`](crate::BufferPool) has done, and how much memory it has.
        ///
        /// A copy, taken while others go on: each value is right for some moment during the call. They fit together when no
        /// other thread uses the pool meanwhile. Printed as a table of one line each.
        ///
        /// # Examples
        ///
        /// ```
        /// let stats = zp::BufferStats::default();
        /// assert_eq!(stats.allocations(), 0);
        /// assert!(stats.to_string().contains("allocations"));
        /// ```
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct BufferStats {
            $(pub(super) $count: u64,)*
            $(pub(super) $size: usize,)*
        }

        impl BufferStats {
            $(
                $(#[$count_doc])*
                #[must_use]
                pub fn $count(&self) -> u64 {
                    self.$count
                }
            )*
            $(
                $(#[$size_doc])*
                #[must_use]
                pub fn $size(&self) -> usize {
                    self.$size
                }
            )*

            fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$(($count_label, self.$count)),*].into_iter()
            }

            fn sizes(&self) -> impl Iterator<Item = (&'static str, usize)> {
                [$(($size_label, self.$size)),*].into_iter()
            }
        }
    };
}

stats! {
    counts {
        /// Buffers lent from the cache of the thread that asked.
        local_hits "local hits",
        /// Buffers lent from the shared store.
        shared_hits "shared hits",
        /// Blocks made anew, for buffers that were not found at rest or as a preparation. Large buffers that are
        /// not pooled count too.
        allocations "allocations",
        /// Buffers that have come back.
        returns "returns",
        /// Blocks given back to the system, evicted ones included.
        discards "discards",
        /// How often something went back to the system because the store was full, or to make room under the cap.
        evictions "evictions",
        /// Requests that had to wait at the cap.
        waits "waits",
        /// Of those, the ones whose time was up.
        timeouts "timeouts",
        /// How often the system did not lock new memory.
        lock_failures "lock failures",
    }
    sizes {
        /// Bytes at rest in the caches of threads.
        bytes_cached "cached",
        /// Bytes at rest in the shared store.
        bytes_shared "shared",
        /// Bytes that are lent, whole blocks counted.
        bytes_in_flight "in flight",
        /// Bytes that the pool has of the system: cached, shared and in flight. What [`max_bytes`](crate::PoolConfig::max_bytes)
        /// bounds.
        bytes_mapped "mapped",
        /// Of those, bytes that are locked in memory.
        bytes_pinned "pinned",
        /// The most that [`BufferStats::bytes_mapped`] has ever been.
        peak_bytes "peak",
    }
}

/// One line for each value, bytes in binary units.
impl fmt::Display for BufferStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (line, (label, count)) in self.counts().enumerate() {
            let separator = if line == 0 { "" } else { "\n" };
            write!(f, "{separator}{label:13} {count:>14}")?;
        }
        for (label, bytes) in self.sizes() {
            write!(f, "\n{label:13} {:>14}", Bytes(bytes).to_string())?;
        }
        Ok(())
    }
}

impl Home {
    /// What the pool has done.
    pub(super) fn stats(&self) -> BufferStats {
        let counters = &self.counters;
        let (mut local_hits, mut returns) = (0, counters.returns());
        for slot in self.slots() {
            let counts = slot.counts();
            local_hits += counts.hits;
            returns += counts.returns;
        }
        let (bytes_cached, bytes_shared) = (self.bytes_cached(), self.bytes_shared());
        BufferStats {
            local_hits,
            shared_hits: counters.shared_hits(),
            allocations: counters.allocations(),
            returns,
            discards: counters.discards(),
            evictions: counters.evictions(),
            waits: counters.waits(),
            timeouts: counters.timeouts(),
            lock_failures: counters.lock_failures(),
            bytes_cached,
            bytes_shared,
            bytes_in_flight: self.bytes_in_flight(),
            bytes_mapped: self.ledger.mapped(),
            bytes_pinned: self.ledger.pinned(),
            peak_bytes: self.ledger.peak(),
        }
    }

    fn bytes_cached(&self) -> usize {
        self.slots()
            .flat_map(Slot::lengths)
            .map(|(class, blocks)| blocks * self.layout.cut(class).block)
            .sum()
    }

    fn bytes_shared(&self) -> usize {
        self.store.bytes()
    }

    /// What is neither cached nor in the store.
    pub(super) fn bytes_in_flight(&self) -> usize {
        let at_rest = self.bytes_cached() + self.bytes_shared();
        self.ledger.mapped().saturating_sub(at_rest)
    }
}

/// Prints at least three digits and the unit.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let Self(bytes) = *self;
        if bytes < 10_000 {
            return write!(f, "{bytes} B");
        }
        let power = (bytes.ilog2() / 10) as usize;
        let unit = 1_u128 << (power * 10);
        let tenths = bytes as u128 * 10 / unit;
        write!(f, "{}.{} {}", tenths / 10, tenths % 10, UNITS[power - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stats_print_one_aligned_line_for_each_value() {
        let stats = BufferStats {
            local_hits: 1_234_567,
            bytes_mapped: 64 << 20,
            ..BufferStats::default()
        };
        let text = stats.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 15);
        assert_eq!(lines[0], "local hits           1234567");
        assert!(lines.contains(&"mapped              64.0 MiB"), "{text}");
        assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    }

    #[test]
    fn bytes_are_printed_in_the_unit_that_fits() {
        for (bytes, text) in [
            (0, "0 B"),
            (9999, "9999 B"),
            (10_240, "10.0 KiB"),
            ((1 << 20) - 1, "1023.9 KiB"),
            (1 << 20, "1.0 MiB"),
            (3 << 29, "1.5 GiB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        #[cfg(target_pointer_width = "64")]
        assert_eq!(Bytes(usize::MAX).to_string(), "15.9 EiB");
    }
}
