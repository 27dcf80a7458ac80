// An arm does not suspend; what is awaited before may be used in it.
async fn load(n: u8) -> u8 {
    n
}

async fn both() -> (u8, u8) {
    let a = load(1).await;
    let _ = zp::join!(load(2).await, a);
    zp::join!(a, { let b = load(3).await; b + 1 })
}

fn main() {
    drop(both());
}
