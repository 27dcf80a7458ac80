//! Who waits for whom: a node may only run on a thread that does nothing, or waits for it.

use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    /// The innermost node that the thread has begun and not ended.
    static INNERMOST: Cell<u64> = const { Cell::new(0) };
}

/// A node and those that wait for it.
#[derive(Debug, Clone)]
pub(super) struct Path(Arc<Link>);

#[derive(Debug)]
struct Link {
    id: u64,
    parent: Option<Path>,
}

impl Path {
    pub(super) fn root(id: u64) -> Self {
        Self(Arc::new(Link { id, parent: None }))
    }

    pub(super) fn child(&self, id: u64) -> Self {
        let parent = Some(self.clone());
        Self(Arc::new(Link { id, parent }))
    }

    fn contains(&self, id: u64) -> bool {
        let mut link = Some(self);
        while let Some(path) = link {
            if path.0.id == id {
                return true;
            }
            link = path.0.parent.as_ref();
        }
        false
    }
}

/// Restores what the thread was at, also on unwinding.
pub(super) struct Enter(u64);

impl Enter {
    pub(super) fn node(path: &Path) -> Self {
        let outer = INNERMOST.replace(path.0.id);
        assert!(
            outer == 0 || path.contains(outer),
            "a stranger ran on a thread that waits for something else"
        );
        Self(outer)
    }
}

impl Drop for Enter {
    fn drop(&mut self) {
        INNERMOST.set(self.0);
    }
}
