// What all calls share is copied for each of them: a reference would do.
use std::sync::Arc;

#[zp::batch]
fn find(#[each] x: &u8, table: Vec<u8>, name: String) -> bool {
    table.contains(x) && name.is_empty()
}

#[zp::batch]
fn counted(#[index] i: usize, table: Arc<[u8]>, mut counter: Option<&mut u8>) -> u8 {
    if let Some(counter) = &mut counter {
        **counter += 1;
    }
    table[i]
}

fn main() {}
