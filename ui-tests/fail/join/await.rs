fn main() {
    let _ = async {
        let _ = zp::join!(std::future::ready(1).await, 2);
    };
}
