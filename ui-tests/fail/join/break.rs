fn main() {
    for n in 0..3 {
        zp::join!(if n == 1 { break }, ());
    }
    for n in 0..3 {
        zp::join!((), if n == 1 { continue });
    }
    let _ = 'all: loop {
        zp::join!({ break 'all 1 }, ());
    };
    for n in 0..3 {
        zp::join!({ while n > 1 {} break }, ());
    }
}
