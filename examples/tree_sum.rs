//! `zp::join!` at every node of a tree: the way to walk recursive data, however small its nodes are.
//!
//! `cargo run --release -p zeropool-examples --example tree_sum`

use std::time::Instant;

struct Node {
    value: u64,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}

/// A balanced tree of the values `low..high`.
fn tree(low: u64, high: u64) -> Option<Box<Node>> {
    if low == high {
        return None;
    }
    let value = low + (high - low) / 2;
    Some(Box::new(Node {
        value,
        left: tree(low, value),
        right: tree(value + 1, high),
    }))
}

fn sum(node: Option<&Node>) -> u64 {
    let Some(node) = node else { return 0 };
    let (left, right) = zp::join!(sum(node.left.as_deref()), sum(node.right.as_deref()));
    node.value + left + right
}

fn sum_alone(node: Option<&Node>) -> u64 {
    let Some(node) = node else { return 0 };
    node.value + sum_alone(node.left.as_deref()) + sum_alone(node.right.as_deref())
}

fn main() {
    let nodes = 1 << 22;
    let root = tree(0, nodes);
    println!("expected: {}", nodes * (nodes - 1) / 2);

    let start = Instant::now();
    println!(
        "alone:    {} in {:?}",
        sum_alone(root.as_deref()),
        start.elapsed()
    );

    // The first join starts the pool; that is not what this is about.
    zp::join!((), ());
    let start = Instant::now();
    println!(
        "joined:   {} in {:?}",
        sum(root.as_deref()),
        start.elapsed()
    );
}
