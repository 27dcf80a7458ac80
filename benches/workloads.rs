//! Work that several benches share, in its sequential form.

/// A binary tree of boxes, built depth first, the left half as large as the right one or one smaller.
#[derive(Debug)]
pub struct Node {
    /// How many nodes this subtree has.
    pub size: u64,
    /// The first child.
    pub left: Option<Box<Node>>,
    /// The second child.
    pub right: Option<Box<Node>>,
}

impl Node {
    /// A tree of `size` nodes; `None` for 0.
    pub fn tree(size: u64) -> Option<Box<Self>> {
        let below = size.checked_sub(1)?;
        Some(Box::new(Self {
            size,
            left: Self::tree(below / 2),
            right: Self::tree(below - below / 2),
        }))
    }

    /// The sum of all sizes; 9 217 for 1 023 nodes, 983 041 for 65 535.
    pub fn sum(&self) -> u64 {
        let child = |node: &Option<Box<Self>>| node.as_deref().map_or(0, Self::sum);
        self.size + child(&self.left) + child(&self.right)
    }
}

/// The Fibonacci numbers by the definition.
pub fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_have_the_known_sums() {
        assert_eq!(Node::tree(1023).map(|tree| tree.sum()), Some(9217));
        assert_eq!(Node::tree(65535).map(|tree| tree.sum()), Some(983_041));
    }

    #[test]
    fn fib_is_right() {
        assert_eq!(fib(20), 6765);
    }
}
