#[zp::task]
fn named<'a>(#[buf(8)] tmp: &'a mut [u8]) -> &'a [u8] {
    tmp
}

#[zp::task]
fn upper<'a>(text: &str, #[buf(text.len())] tmp: &'a mut [u8]) -> &'a [u8] {
    tmp.copy_from_slice(text.as_bytes());
    tmp
}

#[zp::task]
fn either<'a, T: Sync>(list: &'a [T], #[buf(8)] tmp: &'a mut [u8]) -> Option<(&'a T, &'a [u8])> {
    Some((list.first()?, tmp))
}

#[zp::task]
fn elided(n: u8, #[buf(8)] tmp: &mut [u8]) -> &[u8] {
    tmp[0] = n;
    tmp
}

#[zp::task]
fn generic<T: Send>(value: T, #[buf(8)] tmp: &mut [u8]) -> (T, &[u8]) {
    (value, tmp)
}

#[zp::task]
fn context<'a>(#[cx] cx: &'a mut zp::Context<'_>) -> Option<&'a u8> {
    let _ = cx;
    None
}

// The uses are no mistakes of their own.
fn main() {
    let list = [1];
    zp::scope(|s| {
        s.spawn(named {}).join().len();
        s.spawn(named::new()).join().len();
        s.spawn(upper { text: "a" }).join().len();
        s.spawn(upper::new("a")).join().len();
        s.spawn(either { list: &list }).join();
        s.spawn(elided { n: 1 }).join().len();
        s.spawn(generic { value: 1 }).join();
        s.spawn(context::new()).join().is_some();
    });
    let (a, b) = zp::join!(upper("a", _), elided(1, _));
    let _ = (a.len(), b.len());
}
