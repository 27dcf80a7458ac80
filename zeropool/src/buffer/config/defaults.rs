//! The defaults that depend on the number of cores. The same table, for people, is `defaults.md`.

use crate::sync::thread;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Defaults {
    /// The row is for machines with so many cores, up to the next row.
    pub(super) cores_min: usize,
    pub(super) tls_cache_size: usize,
    pub(super) shards: usize,
    pub(super) max_buffers_per_shard: usize,
    pub(super) max_idle_bytes: usize,
}

/// By rising `cores_min`, the first for the smallest machine there is.
///
/// Threads look into their own caches first, so one shard for two cores is enough. The blocks that one thread returns in
/// a burst go to its own shard: a shard has room for a thousand, and the bytes are what bounds them.
const TABLE: [Defaults; 6] = [
    row(1, 7, 2, 1024, 64),
    row(4, 7, 4, 1024, 128),
    row(8, 7, 8, 1024, 256),
    row(16, 15, 16, 2048, 512),
    row(32, 15, 32, 2048, 1024),
    row(128, 15, 64, 4096, 1024),
];

const fn row(
    cores_min: usize,
    tls_cache_size: usize,
    shards: usize,
    max_buffers_per_shard: usize,
    max_idle_mib: usize,
) -> Defaults {
    Defaults {
        cores_min,
        tls_cache_size,
        shards,
        max_buffers_per_shard,
        max_idle_bytes: max_idle_mib << 20,
    }
}

impl Defaults {
    pub(super) fn for_cores(cores: usize) -> Self {
        let fits = |row: &&Self| row.cores_min <= cores;
        *TABLE.iter().rev().find(fits).unwrap_or(&TABLE[0])
    }

    pub(super) fn for_this_machine() -> Self {
        Self::for_cores(thread::available_parallelism().map_or(1, |cores| cores.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers B16: what the documentation says is what the code does, for every number of cores.
    #[test]
    fn the_documented_table_is_the_one_in_use() {
        let mut documented = Vec::new();
        let mut covered_to = 0;
        for line in include_str!("defaults.md").lines().skip(2) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [cores, tls, shards, blocks, idle] = cells[..] else {
                panic!("{line:?} has not five cells");
            };
            let number = |cell: &str| cell.parse::<usize>().unwrap();
            let (from, to) = match cores.split_once('–') {
                Some((from, to)) => (number(from), number(to)),
                None => (number(cores.strip_suffix('+').unwrap()), 1000),
            };
            assert_eq!(from, covered_to + 1, "a gap before {line:?}");
            covered_to = to;
            let mib = number(idle.strip_suffix(" MiB").unwrap());
            let row = row(from, number(tls), number(shards), number(blocks), mib);
            for cores in from..=to {
                assert_eq!(Defaults::for_cores(cores), row, "{cores} cores");
            }
            documented.push(row);
        }
        assert_eq!(documented, TABLE);
        assert_eq!(covered_to, 1000, "the last row is open");
    }

    #[test]
    fn no_cores_at_all_are_taken_as_one() {
        assert_eq!(Defaults::for_cores(0), Defaults::for_cores(1));
    }

    #[test]
    fn a_burst_of_a_thousand_buffers_of_64_kib_may_stay() {
        for cores in [1, 2, 4, 8, 16, 64, 1000] {
            let row = Defaults::for_cores(cores);
            assert!(row.max_buffers_per_shard >= 1000, "{cores} cores");
            assert!(row.max_idle_bytes >= 1000 * (64 << 10), "{cores} cores");
        }
    }
}
