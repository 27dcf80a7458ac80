#![deny(warnings)]

struct Point {
    x: u32,
    y: u32,
}

#[zp::task]
fn area((w, h): (u32, u32), _: &str, mut n: u32, Point { x, y }: Point, [a, .., b]: [u32; 3]) -> u32 {
    n += w * h;
    n + x + y + a + b
}

#[zp::task]
#[allow(clippy::toplevel_ref_arg)]
fn by_ref(ref text: String, arg0: u8, _arg: u8, all @ (_, second): (u8, u8)) -> usize {
    text.len() + usize::from(arg0 + all.0 + second)
}

fn main() {
    let task = area { arg0: (2, 3), arg1: "", n: 1, arg3: Point { x: 1, y: 2 }, arg4: [1, 2, 3] };
    assert_eq!(zp::scope(|s| s.spawn(task).join()), 14);
    let task = by_ref { text: "abc".into(), arg0: 1, _arg: 2, arg3: (3, 4) };
    assert_eq!(zp::scope(|s| s.spawn(task).join()), 11);
}
