//! Everything that is pushed is taken once, as it was pushed.
#![allow(unsafe_code)] // The elements of the models.

use super::*;
use crate::sync::{UnsafeCell, model, thread};
use std::sync::Arc;

/// An element with a plain number in it.
struct Element(Box<Node>);

struct Node {
    link: AtomicPtr<Node>,
    number: UnsafeCell<u32>,
}

// SAFETY: an element has one owner at a time; loom and Miri check that the stack hands it over.
unsafe impl Send for Element {}
// SAFETY: as above.
unsafe impl Sync for Element {}

impl Element {
    fn new(number: u32) -> Self {
        Self(Box::new(Node {
            link: AtomicPtr::new(ptr::null_mut()),
            number: UnsafeCell::new(number),
        }))
    }

    fn number(&self) -> u32 {
        // SAFETY: the element is the caller's.
        self.0.number.with(|number| unsafe { *number })
    }
}

// SAFETY: 1. a box stays where it is. 2. nobody else uses the link. 3. while threads push, each of them makes one
// element, before it reads `head`: no address comes back that a push knows.
unsafe impl Linked for Element {
    type Node = Node;

    fn into_raw(self) -> NonNull<Node> {
        let raw = Box::into_raw(self.0);
        // SAFETY: a box's pointer is not null.
        unsafe { NonNull::new_unchecked(raw) }
    }

    unsafe fn from_raw(raw: NonNull<Node>) -> Self {
        // SAFETY: 1. from `Box::into_raw`, taken back once.
        Self(unsafe { Box::from_raw(raw.as_ptr()) })
    }

    unsafe fn link<'a>(raw: NonNull<Node>) -> &'a AtomicPtr<Node> {
        // SAFETY: 1. the box has not been taken back, so it lives.
        unsafe { &(*raw.as_ptr()).link }
    }
}

fn numbers(taken: Taken<Element>) -> Vec<u32> {
    taken.map(|element| element.number()).collect()
}

#[test]
fn the_newest_comes_first() {
    model(|| {
        let stack = Stack::new();
        assert!(stack.is_empty());
        (1..=3).for_each(|number| stack.push(Element::new(number)));
        stack.retain(|element| element.number() != 2);
        // Kept ones are pushed anew.
        assert_eq!(numbers(stack.take_all()), [1, 3]);
        assert!(stack.is_empty());
        // What is left on a stack or in a chain is dropped with it; Miri sees leaks.
        (1..=3).for_each(|number| stack.push(Element::new(number)));
        let mut taken = stack.take_all();
        stack.push(Element::new(4));
        assert_eq!(taken.next().map(|element| element.number()), Some(3));
    });
}

/// Two threads push while a third one takes.
#[test]
fn what_is_pushed_is_taken_once() {
    model(|| {
        let stack = Arc::new(Stack::new());
        let pushers = [1, 2].map(|number| {
            let stack = Arc::clone(&stack);
            thread::spawn(move || stack.push(Element::new(number)))
        });
        let mut seen = numbers(stack.take_all());
        for pusher in pushers {
            pusher.join().unwrap();
        }
        seen.extend(numbers(stack.take_all()));
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
    });
}

/// One thread takes elements out and puts others back while another one pushes.
#[test]
fn what_is_kept_is_not_lost() {
    model(|| {
        let stack = Arc::new(Stack::new());
        (1..=2).for_each(|number| stack.push(Element::new(number)));
        let pusher = {
            let stack = Arc::clone(&stack);
            thread::spawn(move || stack.push(Element::new(3)))
        };
        stack.retain(|element| element.number() != 1);
        pusher.join().unwrap();
        let mut seen = numbers(stack.take_all());
        seen.sort_unstable();
        assert_eq!(seen, [2, 3]);
    });
}
