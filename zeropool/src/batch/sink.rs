//! Where the results of a batch go.

use super::live::{Live, Places};
use crate::panic::{self, LeftOver};
use crate::task::stop::Stop;
use std::convert::Infallible;
use std::mem;

/// Places for the results of a range of items; splits as the range does.
pub(super) trait Sink<T>: Send + Sized {
    /// What a finished range leaves behind.
    type Done: Send;
    /// What an item can fail with.
    type Error: Send;

    fn split_at(self, at: usize) -> (Self, Self);

    /// Takes the results of all items, of which the first has the index `first`.
    fn fill(
        self,
        first: usize,
        results: impl Iterator<Item = T>,
        stop: &Stop,
    ) -> Result<Self::Done, Self::Error>;

    /// What two adjoining ranges leave behind.
    fn merge(left: Self::Done, right: Self::Done) -> Self::Done;
}

/// Results that nobody wants.
#[derive(Debug)]
pub(super) struct Discard;

impl<T> Sink<T> for Discard {
    type Done = ();
    type Error = Infallible;

    fn split_at(self, _at: usize) -> (Self, Self) {
        (Self, Self)
    }

    fn fill(
        self,
        _first: usize,
        results: impl Iterator<Item = T>,
        _stop: &Stop,
    ) -> Result<(), Infallible> {
        results.for_each(drop);
        Ok(())
    }

    fn merge((): (), (): ()) {}
}

/// Variables that have values already.
impl<T: Send> Sink<T> for &mut [T] {
    type Done = ();
    type Error = Infallible;

    fn split_at(self, at: usize) -> (Self, Self) {
        self.split_at_mut(at)
    }

    fn fill(
        self,
        _first: usize,
        results: impl Iterator<Item = T>,
        _stop: &Stop,
    ) -> Result<(), Infallible> {
        for (place, result) in self.iter_mut().zip(results) {
            // The old value goes after the new one is in place, whatever its destructor does.
            drop(mem::replace(place, result));
        }
        Ok(())
    }

    fn merge((): (), (): ()) {}
}

impl<'a, T: Send> Sink<T> for Places<'a, T> {
    type Done = Live<'a, T>;
    type Error = Infallible;

    fn split_at(self, at: usize) -> (Self, Self) {
        self.split_at(at)
    }

    fn fill(
        self,
        _first: usize,
        results: impl Iterator<Item = T>,
        _stop: &Stop,
    ) -> Result<Live<'a, T>, Infallible> {
        Ok(self.fill(results))
    }

    fn merge(left: Live<'a, T>, right: Live<'a, T>) -> Live<'a, T> {
        left.and(right)
    }
}

/// The values of results, up to the first error.
#[derive(Debug)]
pub(super) struct Try<K>(pub(super) K);

impl<T, E, K> Sink<Result<T, E>> for Try<K>
where
    K: Sink<T, Error = Infallible>,
    E: Send,
{
    type Done = K::Done;
    type Error = E;

    fn split_at(self, at: usize) -> (Self, Self) {
        let (left, right) = self.0.split_at(at);
        (Self(left), Self(right))
    }

    fn fill(
        self,
        first: usize,
        results: impl Iterator<Item = Result<T, E>>,
        stop: &Stop,
    ) -> Result<K::Done, E> {
        // What is left after an error is dropped without a panic: the error came first.
        let mut results = LeftOver::new(results);
        let mut error = LeftOver::new(None);
        let mut next = first;
        let values = results.get_mut().map_while(|result| {
            next += 1;
            result
                .map_err(|failed| *error.get_mut() = Some(failed))
                .ok()
        });
        let Ok(done) = self.0.fill(first, values, stop);
        match error.take() {
            None => Ok(done),
            Some(error) => {
                stop.from(next);
                panic::skip(done);
                Err(error)
            }
        }
    }

    fn merge(left: K::Done, right: K::Done) -> K::Done {
        K::merge(left, right)
    }
}
