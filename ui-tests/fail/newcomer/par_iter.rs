// There are no iterators here: a loop is a batch.
fn main() {
    let squares: Vec<i32> = [1, 2, 3].par_iter().map(|x| x * x).collect();
    println!("{squares:?}");
}
