// A method that borrows all of `self` twice.
struct Tree {
    left: Vec<u8>,
    right: Vec<u8>,
}

impl Tree {
    fn sort_left(&mut self) {
        self.left.sort();
    }

    fn sort_right(&mut self) {
        self.right.sort();
    }

    fn sort(&mut self) {
        zp::join!(self.sort_left(), self.sort_right());
    }
}

fn main() {}
