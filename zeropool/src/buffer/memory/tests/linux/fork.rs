//! What the child of a fork finds. Covers E13.

use super::*;

#[test]
fn a_child_finds_zeros_where_wiping_was_asked_for_and_only_there() {
    alone(|| {
        let wiped = Protection {
            wipe_on_fork: true,
            lock: Lock::Try,
            guard_pages: true,
            ..NONE
        };
        let mut secret = Region::map(5 * page_size(), 64, &wiped).unwrap();
        let mut plain = map(5 * page_size());
        bytes(&mut secret).fill(0xAB);
        bytes(&mut plain).fill(0xAB);

        // SAFETY: this process has one thread, so the child may do what it likes.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let mut good = all(bytes(&mut secret), 0) && all(bytes(&mut plain), 0xAB);
            // It is the child's to use.
            bytes(&mut secret).fill(1);
            good &= all(bytes(&mut secret), 1);
            // SAFETY: ends the child.
            unsafe { libc::_exit(i32::from(!good)) };
        }
        assert!(child > 0, "no child");
        let mut status = 0;
        // SAFETY: `status` is valid for writing.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0, "in the child");
        assert!(all(bytes(&mut secret), 0xAB));
    });
}
