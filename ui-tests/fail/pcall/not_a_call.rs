fn f(x: u8) -> u8 {
    x
}

fn main() {
    let x = 1;
    zp::scope(|s| {
        zp::pcall!(s, x + 1);
        zp::pcall!(s, { f(x) });
        zp::pcall!(s, 5);
        zp::pcall!(s, f);
        zp::pcall!(s, (f(x)));
        zp::pcall!(s, || f(x));
        zp::pcall!(s, move |x| f(x));
        zp::pcall!(s, standard, vec!(1, 2));
        zp::pcall!(s, f(x) + f(x));
        zp::pcall!(s, -f(x));
        zp::pcall!(s, &f(x));
        zp::pcall!(s, minimal, return f(x));
        zp::pcall!(s, Some(f(x))?);
        zp::pcall!(s, unsafe { f(x) });
        zp::pcall!(s, if x > 0 { f(x) } else { 1 });
    });
}
