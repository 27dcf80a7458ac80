//! What a configuration has to be.

use super::super::memory::{Protections, page_size};
use super::{Pinning, PoolConfig, Settings};
use crate::build_error::{BuildError, in_range, power_of_two};
use std::time::Duration;

const TLS_CACHE_SIZE_MAX: usize = 1024;
const MIN_BUFFER_SIZE_MAX: usize = 16 << 20;
const BUFFERS_PER_SHARD_MAX: usize = 1 << 20;
const SHARDS_MAX: usize = 256;
const ALIGNMENT_MIN: usize = 64;
const ALIGNMENT_MAX: usize = 1 << 30;
const IDLE_DECAY_MIN: Duration = Duration::from_millis(1);
/// So that a point in time plus this is still one.
const IDLE_DECAY_MAX: Duration = Duration::from_secs(24 * 60 * 60);
const WORKER_WAIT_MAX: Duration = Duration::from_secs(60 * 60);

impl PoolConfig {
    /// What the pool is built from.
    pub(super) fn validated(self) -> Result<Settings, BuildError> {
        self.check_each()?;
        self.check_together()?;
        self.check_system()?;
        let mut settings = Settings::from(self);
        if let Some(max_bytes) = &mut settings.max_bytes {
            *max_bytes = in_pages(*max_bytes);
            settings.max_idle_bytes = settings.max_idle_bytes.min(*max_bytes);
        }
        Ok(settings)
    }

    fn check_each(&self) -> Result<(), BuildError> {
        let tls = self.tls_cache_size;
        in_range("tls_cache_size", tls, 0, TLS_CACHE_SIZE_MAX)?;
        let min = self.min_buffer_size;
        in_range("min_buffer_size", min, 0, MIN_BUFFER_SIZE_MAX)?;
        let blocks = self.max_buffers_per_shard;
        in_range("max_buffers_per_shard", blocks, 0, BUFFERS_PER_SHARD_MAX)?;
        power_of_two("shards", self.shards, 1, SHARDS_MAX)?;
        power_of_two("alignment", self.alignment, ALIGNMENT_MIN, ALIGNMENT_MAX)?;
        let page = page_size();
        if let Some(max) = self.max_bytes.filter(|max| *max < page) {
            let valid = format!("{page} or more, or none");
            return Err(BuildError::invalid("max_bytes", max, valid));
        }
        if let Some(decay) = self.idle_decay {
            in_range("idle_decay", decay, IDLE_DECAY_MIN, IDLE_DECAY_MAX)?;
        }
        in_range(
            "worker_wait",
            self.worker_wait,
            Duration::ZERO,
            WORKER_WAIT_MAX,
        )
    }

    /// Asks the system only for what is wanted.
    fn check_system(&self) -> Result<(), BuildError> {
        let wants_locking = self.pinned == Pinning::Require;
        let protects = self.guard_pages || self.exclude_from_dumps || self.wipe_on_fork;
        if !wants_locking && !protects {
            return Ok(());
        }
        let here = Protections::available();
        let missing = [
            (
                "pinned",
                wants_locking && !here.locking(),
                "no call that locks memory",
            ),
            (
                "guard_pages",
                self.guard_pages && !here.guard_pages(),
                "no pages that fault when they are touched",
            ),
            (
                "exclude_from_dumps",
                self.exclude_from_dumps && !here.dump_exclusion(),
                "no call that keeps memory out of core dumps",
            ),
            (
                "wipe_on_fork",
                self.wipe_on_fork && !here.fork_wiping(),
                "no call that wipes memory in the child of a fork",
            ),
        ];
        match missing.into_iter().find(|&(_, is_missing, _)| is_missing) {
            None => Ok(()),
            Some((field, _, what)) => Err(BuildError::Unavailable {
                field,
                reason: format!("this system has {what}; see `zp::Protections`"),
            }),
        }
    }

    /// No block is smaller than `min_buffer_size` or `alignment`: if one of them is above the cap, nothing can be lent.
    fn check_together(&self) -> Result<(), BuildError> {
        let Some(max_bytes) = self.max_bytes.map(in_pages) else {
            return Ok(());
        };
        if self.min_buffer_size > max_bytes {
            let valid = format!("0 to {max_bytes}, which is `max_bytes` in whole pages");
            return Err(BuildError::invalid(
                "min_buffer_size",
                self.min_buffer_size,
                valid,
            ));
        }
        if self.alignment > max_bytes {
            let valid = format!(
                "a power of two from {ALIGNMENT_MIN} to {max_bytes}, which is `max_bytes` in whole pages"
            );
            return Err(BuildError::invalid("alignment", self.alignment, valid));
        }
        Ok(())
    }
}

/// Memory comes in whole pages.
fn in_pages(bytes: usize) -> usize {
    bytes - bytes % page_size()
}
