//! Memory from the system: whole pages of our own, zero when they are new, with what protects secrets.
//!
//! A [`Region`] is one mapping. Its pages are shared with nothing else, so locking, advice and unmapping touch no neighbour.
//!
//! | wish | Linux | other Unix | elsewhere, and under Miri |
//! |---|---|---|---|
//! | locked | `mlock` | `mlock` | not available |
//! | guard pages | `PROT_NONE` | `PROT_NONE` | not available |
//! | not in core dumps | `MADV_DONTDUMP` | not available | not available |
//! | wiped by a fork | `MADV_WIPEONFORK` (4.14) | not available | not available |
//! | huge pages | `MADV_HUGEPAGE` | not available | not available |
//!
//! What is not available is an error when asked for, except huge pages, which are advice, and locking that need not succeed.
//!
//! * Nothing here wipes memory that goes back to the system: **whoever let a byte be written wipes first.** (The kernel zeroes pages
//!   before anybody else gets them, but until then they lie about.)
//! * Locks are made once, over the whole region, and end with it. The child of a fork has the region but not the lock, whatever
//!   [`Region::locked`] says there.
//! * Unmapping fails if it would cut a mapping in two when the process has as many as it may (65 530 on Linux). Such
//!   pages are lost: they stay mapped, nobody has their address, so nobody can use them twice. On Linux their contents are thrown away
//!   and the memory behind them is freed all the same; only address space is lost, and the lock, if there was one, goes on counting.
//!
//! | file | what it has |
//! |---|---|
//! | `unix` ⚠ | mappings |
//! | `portable` ⚠ | the same from the standard allocator, without any protection |

#[cfg(any(not(unix), miri, test))]
mod portable;
#[cfg(all(unix, not(miri)))]
mod unix;

#[cfg(any(not(unix), miri))]
use portable as system;
#[cfg(all(unix, not(miri)))]
use unix as system;

use std::error::Error;
use std::io;
use std::ptr::NonNull;
use std::{cmp, fmt};

/// What a region should have beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Protection {
    pub(super) lock: Lock,
    /// Advice: the system may or may not follow it.
    pub(super) huge_pages: bool,
    /// A page before the first byte and one after the last that fault when touched.
    pub(super) guard_pages: bool,
    pub(super) exclude_from_dumps: bool,
    /// The child of a fork finds zeros.
    pub(super) wipe_on_fork: bool,
}

/// Whether a region is kept in memory, never written to swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lock {
    #[default]
    No,
    /// If the system allows it.
    Try,
    Must,
}

/// Owned memory from the system, all zero; unmapped on drop, **not** wiped by it.
#[derive(Debug)]
pub(super) struct Region {
    mapping: system::Mapping,
    locked: bool,
}

impl Region {
    /// New memory of at least `bytes` bytes (0 counts as 1), rounded up to whole pages, from a multiple of `align` and of the page size.
    ///
    /// A handful of system calls at most; what is locked is brought into memory at once, a page at a time.
    ///
    /// # Errors
    /// What the system refuses; then nothing stays mapped.
    ///
    /// # Panics
    /// If `align` is no power of two: that is checked when a pool is configured.
    pub(super) fn map(
        bytes: usize,
        align: usize,
        protection: &Protection,
    ) -> Result<Self, MapError> {
        assert!(
            align.is_power_of_two(),
            "alignment {align} is no power of two"
        );
        if protection.guard_pages && !system::GUARD_PAGES {
            return Err(MapError::unprotected("guard pages")(unavailable()));
        }
        let mapping = cmp::max(bytes, 1)
            .checked_next_multiple_of(page_size())
            .and_then(|len| system::Mapping::new(len, align, protection.guard_pages));
        let mut mapping = mapping.ok_or(MapError::OutOfMemory { bytes })?;

        if protection.exclude_from_dumps && !cfg!(zeropool_broken = "memory_dumped") {
            mapping
                .exclude_from_dumps()
                .map_err(MapError::unprotected("exclusion from core dumps"))?;
        }
        if protection.wipe_on_fork && !cfg!(zeropool_broken = "memory_forked") {
            mapping
                .wipe_on_fork()
                .map_err(MapError::unprotected("wiping on fork"))?;
        }
        // Before locking, which brings the pages in.
        if protection.huge_pages && !cfg!(zeropool_broken = "memory_small_pages") {
            // Advice: without it the memory is as good, only slower.
            let _ = mapping.prefer_huge_pages();
        }
        let locked = match protection.lock {
            Lock::No => false,
            Lock::Try => mapping.lock().is_ok() || cfg!(zeropool_broken = "memory_lock_claimed"),
            Lock::Must => match mapping.lock() {
                Err(source) if !cfg!(zeropool_broken = "memory_lock_claimed") => {
                    if cfg!(zeropool_broken = "memory_refused_stays") {
                        std::mem::forget(mapping);
                    }
                    return Err(MapError::Lock { bytes, source });
                }
                _ => true,
            },
        };
        Ok(Self { mapping, locked })
    }

    /// The first byte; good for all `len` of them.
    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        self.mapping.start()
    }

    /// Usable bytes: what was asked for, rounded up to whole pages. This is what the region can cost: guard pages take up address space
    /// but no memory, and what an alignment needed beyond them has been unmapped.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.mapping.len()
    }

    /// Whether it was locked. False after [`Lock::Try`] if the system refused.
    #[inline]
    pub(super) fn locked(&self) -> bool {
        self.locked
    }
}

/// Length of a page: what mappings are multiples of. A power of two.
#[inline]
pub(super) fn page_size() -> usize {
    system::page_size()
}

/// Why there is no region.
#[derive(Debug)]
pub(super) enum MapError {
    /// The system has no address space or memory for `bytes` more, or that many cannot exist.
    OutOfMemory { bytes: usize },
    /// There is memory, but it must be locked and was not.
    Lock { bytes: usize, source: io::Error },
    /// There is memory, but not with what was asked for.
    Protect {
        what: &'static str,
        source: io::Error,
    },
}

impl MapError {
    fn unprotected(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Protect { what, source }
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { bytes } => write!(f, "the system has no {bytes} bytes to map"),
            Self::Lock { bytes, source } => write!(
                f,
                "cannot lock {bytes} bytes into memory: {source} (see `ulimit -l`, and `Protections::available`)"
            ),
            Self::Protect { what, source } => write!(
                f,
                "cannot give memory {what}: {source} (see `Protections::available`)"
            ),
        }
    }
}

impl Error for MapError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::OutOfMemory { .. } => None,
            Self::Lock { source, .. } | Self::Protect { source, .. } => Some(source),
        }
    }
}

/// This system has no such thing.
fn unavailable() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// What a system has to protect buffers with, and to speed large ones up.
///
/// Everything here has to be asked for when a pool is built. What is not available is an error then, except huge pages, which are a
/// wish, and pinning that need not succeed.
///
/// | | Linux | other Unix | elsewhere, and under Miri |
/// |---|---|---|---|
/// | [`locking`](Self::locking) | yes | yes | no |
/// | [`guard_pages`](Self::guard_pages) | yes | yes | no |
/// | [`dump_exclusion`](Self::dump_exclusion) | yes | no | no |
/// | [`fork_wiping`](Self::fork_wiping) | since 4.14 | no | no |
/// | [`huge_pages`](Self::huge_pages) | if built into the kernel | no | no |
///
/// # Examples
///
/// ```
/// let here = zp::Protections::available();
/// if !here.locking() {
///     eprintln!("secrets may be written to swap");
/// }
/// # #[cfg(not(unix))]
/// # assert!(!here.locking());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Protections {
    locking: bool,
    guard_pages: bool,
    dump_exclusion: bool,
    fork_wiping: bool,
    huge_pages: bool,
}

impl Protections {
    /// What this system has.
    ///
    /// Tries each on a page of memory, at most a few dozen microseconds; does not block, wakes nobody, and keeps nothing. If the
    /// system has not even a page left, nothing is said to be available.
    #[must_use]
    pub fn available() -> Self {
        let none = Protection::default();
        let map = |protection| Region::map(1, 1, &protection);
        let lock = map(Protection {
            lock: Lock::Must,
            ..none
        });
        Self {
            // Anything but "no such call" is about how much may be locked.
            locking: match lock {
                Ok(_) => true,
                Err(MapError::Lock { source, .. }) => source.kind() != io::ErrorKind::Unsupported,
                Err(_) => false,
            },
            guard_pages: map(Protection {
                guard_pages: true,
                ..none
            })
            .is_ok(),
            dump_exclusion: map(Protection {
                exclude_from_dumps: true,
                ..none
            })
            .is_ok(),
            fork_wiping: map(Protection {
                wipe_on_fork: true,
                ..none
            })
            .is_ok(),
            huge_pages: map(none).is_ok_and(|mut page| page.mapping.prefer_huge_pages().is_ok()),
        }
    }

    /// Memory can be locked: it stays in memory and is not written to swap. How much, the system limits (`ulimit -l`).
    #[must_use]
    pub fn locking(&self) -> bool {
        self.locking
    }

    /// A page before each mapping and one after it can be made to fault when touched.
    #[must_use]
    pub fn guard_pages(&self) -> bool {
        self.guard_pages
    }

    /// Memory can be kept out of core dumps.
    #[must_use]
    pub fn dump_exclusion(&self) -> bool {
        self.dump_exclusion
    }

    /// Memory can be made to read as zeros in the child of a fork.
    #[must_use]
    pub fn fork_wiping(&self) -> bool {
        self.fork_wiping
    }

    /// The system takes the advice to use huge pages. Whether it follows is its own affair.
    #[must_use]
    pub fn huge_pages(&self) -> bool {
        self.huge_pages
    }
}

#[cfg(test)]
mod tests;
