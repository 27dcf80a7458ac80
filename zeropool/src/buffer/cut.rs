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
