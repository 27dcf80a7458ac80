// What is written into a shared slice lives as long as the slice's own values.
fn main() {
    let mut names = ["a", "b"];
    {
        let text = String::from("local");
        let slots = zp::Slots::new(&mut names);
        zp::write_indexed!(slots, 0, text.as_str());
    }
    println!("{names:?}");
}
