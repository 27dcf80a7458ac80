//! Result slots: places in the caller's memory that a task writes.

use crate::task::{Context, Priority, Task};
use std::fmt;
use std::mem::{self, MaybeUninit};

/// A place in the caller's memory that takes a task's result of type `T`; see
/// [`Scope::spawn_into`](crate::Scope::spawn_into).
///
/// | slot | after success | the handle yields |
/// |---|---|---|
/// | `&mut T` | the value; the old one is dropped | `()` |
/// | `&mut Option<T>` | `Some(value)` | `()` |
/// | `&mut MaybeUninit<T>` | the value | `&mut T` to it, so that nobody writes `assume_init` |
/// | [`Out<T>`](Out) | as the place it was made from | `&mut T` to the value |
///
/// A task that panics or is cancelled leaves its slot untouched. The type of the variable has to be known already: write
/// `let mut sums = vec![0_u64; n]` rather than `vec![Default::default(); n]`.
///
/// # Examples
///
/// ```
/// use std::mem::MaybeUninit;
///
/// let (mut value, mut option, mut place) = (0, None, MaybeUninit::uninit());
/// let in_place = zp::scope(|s| {
///     s.spawn_into(|| 1, &mut value);
///     s.spawn_into(|| 2, &mut option);
///     *s.spawn_into(|| 3, &mut place).join()
/// });
/// assert_eq!((value, option, in_place), (1, Some(2), 3));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take a result of type `{T}`",
    label = "not a slot for `{T}`",
    note = "a slot is `&mut T`, `&mut Option<T>`, `&mut MaybeUninit<T>` or `zp::Out<'_, T>`, where `T` is what the task returns"
)]
pub trait Slot<T>: Send {
    /// What the handle of the task yields once the slot is written.
    type Written: Send;

    /// Writes the slot.
    fn fill(self, value: T) -> Self::Written;
}

impl<T: Send> Slot<T> for &mut T {
    type Written = ();

    fn fill(self, value: T) {
        // The old value goes after the new one is in place, whatever its destructor does.
        drop(mem::replace(self, value));
    }
}

impl<T: Send> Slot<T> for &mut Option<T> {
    type Written = ();

    fn fill(self, value: T) {
        drop(self.replace(value));
    }
}

impl<'a, T: Send> Slot<T> for &'a mut MaybeUninit<T> {
    type Written = &'a mut T;

    fn fill(self, value: T) -> &'a mut T {
        self.write(value)
    }
}

impl<'a, T: Send> Slot<T> for Out<'a, T> {
    type Written = &'a mut T;

    fn fill(self, value: T) -> &'a mut T {
        self.set(value)
    }
}

/// A result parameter: a place in the caller's memory that can be written once.
///
/// For functions in the style "the result goes where the last parameter says". Writing, with [`Out::set`] or
/// [`zp::write!`](crate::write!), consumes the `Out`, so a second write does not compile.
///
/// The place is a `&mut T` ([`Out::new`]), or a `&mut Option<T>` or `&mut MaybeUninit<T>` (`Out::from`).
///
/// # Examples
///
/// ```
/// #[zp::task]
/// fn square(x: u64, out: zp::Out<'_, u64>) {
///     zp::write!(out, x * x);
/// }
///
/// let mut nine = 0;
/// zp::scope(|s| {
///     s.spawn(square { x: 3, out: zp::Out::new(&mut nine) });
/// });
/// assert_eq!(nine, 9);
/// ```
///
/// A function that returns the reference from `set` proves that it has written, so nobody writes `assume_init`:
///
/// ```
/// use std::mem::MaybeUninit;
///
/// #[zp::task]
/// fn squares<'a>(n: u64, out: zp::Out<'a, Vec<u64>>) -> &'a mut Vec<u64> {
///     out.set((0..n).map(|x| x * x).collect())
/// }
///
/// let mut place = MaybeUninit::uninit();
/// let taken = zp::scope(|s| {
///     let written = s.spawn(squares { n: 4, out: zp::Out::from(&mut place) }).join();
///     std::mem::take(written) // what stays in a `MaybeUninit` is not dropped
/// });
/// assert_eq!(taken, [0, 1, 4, 9]);
/// ```
#[must_use = "an `Out` that is never set leaves the caller's slot as it was"]
pub struct Out<'a, T> {
    place: Place<'a, T>,
}

enum Place<'a, T> {
    Value(&'a mut T),
    Option(&'a mut Option<T>),
    Uninit(&'a mut MaybeUninit<T>),
}

impl<'a, T> Out<'a, T> {
    /// A result parameter for a variable that has a value already.
    pub fn new(place: &'a mut T) -> Self {
        Self {
            place: Place::Value(place),
        }
    }

    /// Writes the result, and returns where it is. The former value, if there is one, is dropped after the new one is
    /// in place.
    ///
    /// # Panics
    ///
    /// If the destructor of the former value does. The result is written then.
    pub fn set(self, value: T) -> &'a mut T {
        match self.place {
            Place::Value(place) => {
                drop(mem::replace(place, value));
                place
            }
            Place::Option(place) => {
                let former = mem::take(place);
                let place = place.insert(value);
                drop(former);
                place
            }
            Place::Uninit(place) => place.write(value),
        }
    }
}

impl<'a, T> From<&'a mut Option<T>> for Out<'a, T> {
    /// A result parameter for a variable that is `None` until the result is there.
    fn from(place: &'a mut Option<T>) -> Self {
        Self {
            place: Place::Option(place),
        }
    }
}

impl<'a, T> From<&'a mut MaybeUninit<T>> for Out<'a, T> {
    /// A result parameter for a place without a value. What is written is not dropped, unless who gets the reference
    /// from [`Out::set`] takes it out.
    fn from(place: &'a mut MaybeUninit<T>) -> Self {
        Self {
            place: Place::Uninit(place),
        }
    }
}

impl<T> fmt::Debug for Out<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").finish_non_exhaustive()
    }
}

/// A task together with the slot of its result.
#[derive(Debug)]
pub(crate) struct IntoSlot<K, S> {
    pub(crate) task: K,
    pub(crate) slot: S,
}

impl<K: Task, S: Slot<K::Output>> Task for IntoSlot<K, S> {
    type Output = S::Written;

    const NAME: &'static str = K::NAME;
    const PRIORITY: Priority = K::PRIORITY;

    fn run(self, cx: &mut Context<'_>) -> S::Written {
        let value = self.task.run(cx);
        self.slot.fill(value)
    }
}
