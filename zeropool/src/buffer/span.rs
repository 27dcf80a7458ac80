#![allow(unsafe_code)] // Fences: the parts of a mapping, as addresses.
//! A span: one mapping, and the blocks it is cut into.

use super::class::{COUNT, Class};
use super::config::Settings;
use super::cut::Cut;
use super::frame::Frame;
use super::memory::{MapError, Protection, Region, page_size};
use crate::sync::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::ptr::NonNull;

/// What the spans of one pool have in common.
#[derive(Debug)]
pub(super) struct Layout {
    /// For each class.
    cuts: [Cut; COUNT],
    align: usize,
    protection: Protection,
}

impl Layout {
    pub(super) fn new(settings: &Settings) -> Self {
        let (page, align) = (page_size(), settings.alignment);
        // A guarded block shares no page with another.
        let grain = if settings.guard_pages {
            align.max(page)
        } else {
            align
        };
        let cap = settings.max_bytes.unwrap_or(usize::MAX);
        let cut = |class: Class| {
            // No overflow: a class is at most 16 MiB, an alignment 1 GiB.
            let block = class.size().next_multiple_of(grain);
            // As few blocks as fill whole pages. They are multiples of 64, so no more than a page has lines.
            let mut blocks = 1;
            while !(block * blocks).is_multiple_of(page) {
                blocks *= 2;
            }
            if block * blocks > cap {
                // The cap is small: not more than is asked for.
                let block = block.next_multiple_of(page);
                return Cut {
                    block,
                    blocks: 1,
                    bytes: block,
                };
            }
            Cut {
                block,
                blocks,
                bytes: block * blocks,
            }
        };
        let mut cuts = [cut(Class::SMALLEST); COUNT];
        for (place, class) in cuts.iter_mut().zip(Class::all()) {
            *place = cut(class);
        }
        Self {
            cuts,
            align,
            protection: settings.protection(),
        }
    }

    /// How spans for blocks of `class` are cut.
    #[inline]
    pub(super) fn cut(&self, class: Class) -> Cut {
        self.cuts[class.index()]
    }

    /// A span of one block of `len` bytes, which may be too many.
    pub(super) fn cut_one(&self, len: usize) -> Option<Cut> {
        let bytes = len.checked_next_multiple_of(page_size())?;
        (isize::try_from(bytes).is_ok() && len > 0).then_some(Cut {
            block: len,
            blocks: 1,
            bytes,
        })
    }

    /// Asks the system for a span. All zero.
    pub(super) fn map(&self, cut: Cut) -> Result<Span, MapError> {
        let region = Region::map(cut.bytes, self.align, &self.protection)?;
        debug_assert_eq!(region.len(), cut.bytes);
        Ok(Span {
            region,
            cut,
            gathered: AtomicUsize::new(0),
            chosen: AtomicBool::new(false),
        })
    }
}

/// A mapping whose blocks are lent and kept one by one, and given back together.
#[derive(Debug)]
pub(super) struct Span {
    region: Region,
    cut: Cut,
    /// How many of its blocks whoever does the upkeep has in hand at the moment.
    gathered: AtomicUsize,
    /// It is about to go back.
    chosen: AtomicBool,
}

impl Span {
    pub(super) fn cut(&self) -> Cut {
        self.cut
    }

    /// Every byte is zero. The caller holds all blocks.
    #[cfg(test)]
    pub(super) fn is_zero(&self) -> bool {
        // Miri would take minutes to look at the largest.
        let len = if cfg!(miri) {
            self.cut.bytes.min(64 << 10)
        } else {
            self.cut.bytes
        };
        let bytes = NonNull::slice_from_raw_parts(self.region.start(), len);
        // SAFETY: the region is so long, all of it initialised since it came from the system zeroed and no guard has it.
        let bytes = unsafe { bytes.as_ref() };
        let (chunks, rest) = bytes.as_chunks::<4096>();
        rest.is_empty() && chunks.iter().all(|chunk| *chunk == [0; 4096])
    }

    pub(super) fn is_locked(&self) -> bool {
        self.region.locked()
    }

    /// Where block number `n` begins.
    pub(super) fn block(&self, n: usize) -> Option<NonNull<u8>> {
        if n >= self.cut.blocks {
            return None;
        }
        // SAFETY: within the region, which is as long as its blocks together.
        Some(unsafe { self.region.start().add(n * self.cut.block) })
    }

    /// Is this the frame of its first block?
    pub(super) fn begins_with(&self, frame: &Frame) -> bool {
        frame.start() == self.region.start()
    }

    // Ordering: Relaxed in all of these; under the pool's lock.

    pub(super) fn gather(&self) {
        self.gathered.fetch_add(1, Relaxed);
    }

    pub(super) fn is_gathered(&self) -> bool {
        self.gathered.load(Relaxed) == self.cut.blocks
    }

    pub(super) fn is_chosen(&self) -> bool {
        self.chosen.load(Relaxed)
    }

    pub(super) fn choose(&self) {
        self.chosen.store(true, Relaxed);
    }

    /// One of the gathered blocks is let go; true if it was the last.
    pub(super) fn let_go(&self) -> bool {
        self.gathered.fetch_sub(1, Relaxed) == 1
    }

    pub(super) fn scatter(&self) {
        self.gathered.store(0, Relaxed);
    }
}
