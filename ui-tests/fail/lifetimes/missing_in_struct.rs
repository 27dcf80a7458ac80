// A struct that keeps a task names its lifetime.
#[zp::task]
fn length(text: &str) -> usize {
    text.len()
}

struct Queue {
    tasks: Vec<length>,
}

fn main() {}
