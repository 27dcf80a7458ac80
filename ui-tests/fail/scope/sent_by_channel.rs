// Nor can it be sent away.
use std::sync::mpsc;

fn main() {
    let (sender, receiver) = mpsc::channel();
    zp::scope(|s| sender.send(s).unwrap());
    receiver.recv().unwrap().spawn(|| ());
}
