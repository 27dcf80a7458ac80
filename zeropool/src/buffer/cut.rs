//! How a mapping is cut into blocks.

/// How a span is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// Bytes of a block.
    pub(super) block: usize,
    pub(super) blocks: usize,
    /// Bytes of the span: whole pages.
    pub(super) bytes: usize,
}

impl Cut {
    /// How many blocks the spans of `bytes` bytes have.
    pub(super) fn blocks_in(&self, bytes: usize) -> usize {
        bytes / self.bytes * self.blocks
    }
}
