// A context cannot be kept with one that lives longer.
fn keep<'a>(kept: &mut Vec<&'a mut zp::Context<'a>>, cx: &'a mut zp::Context<'_>) {
    kept.push(cx);
}

fn main() {}
