//! `#[zp::task]`, `#[zp::batch]`, `zp::join!`, `zp::try_join!`, `zp::pcall!`, `zp::write!` and `zp::write_indexed!`, as users meet them.
//!
//! The macros name nothing but `zp::join`, `zp::Out` and `zp::__private`; what the first five do is in `zeropool-macros`.

/// Makes a function a task.
///
/// The function stays as it is and can be called as ever. Beside it there is a struct of the same name, with one
/// field for each parameter, that is a [`Task`]: the call, not yet made. Field names make calls with named
/// arguments; `new` takes them in order. A task without arguments of its own is `tick::new()`.
///
/// ```
/// #[zp::task]
/// pub fn checksum(data: &[u8], seed: u64) -> u64 {
///     data.iter().fold(seed, |sum, &byte| sum.rotate_left(5) ^ u64::from(byte))
/// }
///
/// let bytes = [1, 2, 3];
/// let here = checksum(&bytes, 1); // the plain function
///
/// let (a, b) = zp::scope(|s| {
///     let a = s.spawn(checksum { data: &bytes, seed: 1 }); // a task, its arguments by name
///     let b = s.spawn(checksum::new(&bytes, 1)); // the same, by position
///     (a.join(), b.join())
/// });
/// assert_eq!((a, b), (here, here));
/// ```
///
/// # What the worker supplies
///
/// A parameter with a mark is neither a field nor an argument of `new`; the worker that runs the task supplies it.
///
/// * `#[buf(LEN)]`: a buffer from the executing pool, `LEN` bytes long. The type says how it is lent:
///   `&mut [u8]` (zeroed), `&mut zp::Buf`, `zp::Buf` (given away: it may be returned or kept) or `zp::BufUninit`.
///   `LEN` is an expression over the other parameters, those that are plain names. It is evaluated before they
///   are moved into the call and may use them by reference, or by value if they are `Copy`.
/// * `#[cx]`, on a `&mut zp::Context<'_>`: where the task runs, and whether it has been cancelled.
///
/// ```
/// #[zp::task]
/// fn reversed(text: &str, #[buf(text.len())] scratch: &mut [u8]) -> String {
///     scratch.copy_from_slice(text.as_bytes());
///     scratch.reverse();
///     String::from_utf8_lossy(scratch).into_owned()
/// }
///
/// let out = zp::scope(|s| s.spawn(reversed { text: "abc" }).join());
/// assert_eq!(out, "cba");
/// assert_eq!(reversed("abc", &mut [0; 3]), "cba"); // without a pool
/// ```
///
/// # Options
///
/// `#[zp::task(struct = Checksum, name = "checksum/v1", priority = high, crate = path::to::zp)]`
///
/// * `struct`: the struct's name, where the function's would hide a type, a module or a crate.
/// * `name`: the name that `Debug` of a handle shows, [`Task::NAME`]. Without it, the function's name.
/// * `priority`: `low`, `normal` or `high`, [`Task::PRIORITY`].
/// * `crate`: where this library is, for crates that re-export it. Without it, `::zp`.
///
/// # Rules
///
/// * The struct is as visible as the function, and so are its fields.
/// * Generics, `where` clauses, lifetimes, `impl Trait` arguments, patterns and `#[cfg]` on parameters may be used.
///   A parameter that is a pattern has the field `argN`, where `N` is its position from 0.
/// * A type with a lifetime shows it: `Name<'_>`, not `Name`.
/// * Struct literals need every generic to occur in a field (in one without `#[cfg]`); where one does not, there
///   is only `new`.
/// * To the struct, each `impl Trait` argument is one more generic, behind the others: `work::<u8, _>::new(…)`.
/// * Parameters and output are `Send`. The output may borrow from parameters, but not from what the worker lends.
/// * No `self`, `async`, `unsafe`, `extern` or `-> impl Trait`. Not inside an `impl` or a `trait`, where the compiler says that a
///   struct is not supported: a task is a free function, and may be inside another one.
/// * Without its attributes the function compiles and means the same.
///
/// [`Task`]: crate::Task
/// [`Task::NAME`]: crate::Task::NAME
/// [`Task::PRIORITY`]: crate::Task::PRIORITY
pub use zeropool_macros::task;

/// Makes a function a batch: one call for each item of a list, in parallel.
///
/// The function stays as it is and can be called as ever. Marks on its parameters say which of them differ from call to call;
/// all calls share the rest. Beside the function there is a struct of the same name, and `over` of that takes the whole lists,
/// and what is shared, in the order of the parameters. It returns a [`Batch`], which runs when it is told what to do
/// with the results.
///
/// ```
/// #[zp::batch]
/// fn shade(#[each] pixel: &mut u32, #[index] i: usize, table: &[u32]) -> u32 {
///     *pixel += table[i % table.len()];
///     *pixel
/// }
///
/// let mut pixels = vec![1; 1000];
/// let brightest = shade::over(&mut pixels, &[10, 20]).reduce(0, u32::max);
/// assert_eq!((pixels[0], pixels[1], brightest), (11, 21, 21));
///
/// let mut one = 1;
/// assert_eq!(shade(&mut one, 0, &[5]), 6); // the plain function
/// ```
///
/// # Marks
///
/// | parameter | each call gets | `over` takes |
/// |---|---|---|
/// | `#[each] x: &T` | an item | `&[T]` |
/// | `#[each] x: &mut T` | an item, to be changed | `&mut [T]` |
/// | `#[each] x: T` | an item, given away | `Vec<T>` |
/// | `#[each] x: &String` | an item of a `Vec<String>` | `&[String]` (with `x: &str` it takes `&[&str]`) |
/// | `#[each] x: &str`, `&[T]`, `&dyn Trait` | an item that is a reference | `&[&str]`, `&[&[T]]`, `&[&dyn Trait]` |
/// | `#[each] x: &mut [T]`, `&mut dyn Trait` | the same, to be changed | `&mut [&mut [T]]`, … |
/// | `#[chunk(N)] rows: &[T]` or `&mut [T]` | `N` items in a row, or fewer at the end | the whole slice |
/// | `#[index] i: usize` | the position of the item or chunk, from 0 | |
/// | `#[buf(LEN)] tmp: &mut [u8]`, `zp::Buf`, … | a buffer, lent by the worker | |
/// | `#[cx] cx: &mut zp::Context<'_>` | the worker's context | |
/// | `x: T`, without a mark | what all calls share | `T`, which is `Copy + Send + Sync` |
///
/// * Several `#[each]` and `#[chunk(N)]` parameters go side by side. There must be as many items, or chunks, of one as of the
///   other; otherwise `over` panics and names both. Then there is `try_over` too, which returns that as a [`LengthError`].
/// * A function with `#[index]` and without items has `times` in the place of `over`: `f::times(n, shared…)`
///   makes `n` calls.
/// * `N` is an expression over shared parameters and const generics, evaluated once, by `over`.
/// * `#[buf(LEN)]` and `#[cx]` are as in [`#[zp::task]`](macro@crate::task). `LEN` may use items and the index too.
/// * References are `Copy`: what is not is shared as `&T`. What the calls change together is shared as `&Mutex<T>` or `&AtomicU64`; mostly it is
///   better to return a value, and to [`reduce`](crate::Batch::reduce).
///
/// ```
/// #[zp::batch]
/// fn row_sum(#[chunk(width)] row: &[f32], #[each] sum: &mut f32, width: usize) {
///     *sum = row.iter().sum();
/// }
///
/// let image = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let mut sums = [0.0; 2];
/// row_sum::over(&image, &mut sums, 3).run();
/// assert_eq!(sums, [6.0, 15.0]);
///
/// let error = row_sum::try_over(&image, &mut sums, 2).err().map(|error| error.lengths());
/// assert_eq!(error, Some([3, 2]));
/// ```
///
/// ```
/// #[zp::batch]
/// fn word_count(#[each] line: &str, #[buf(line.len())] lower: &mut [u8]) -> usize {
///     lower.copy_from_slice(line.as_bytes());
///     lower.make_ascii_lowercase();
///     lower.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count()
/// }
///
/// #[zp::batch]
/// fn is_prime(#[index] n: usize) -> bool {
///     n > 1 && (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0)
/// }
///
/// #[zp::batch]
/// fn length(#[each] name: &String) -> usize {
///     name.len()
/// }
///
/// let names = vec![String::from("Ada"), String::from("Grace")];
/// assert_eq!(length::over(&names).collect(), [3, 5]);
///
/// let text = "One fish\nTwo fish\n";
/// let lines: Vec<&str> = text.lines().collect();
/// assert_eq!(word_count::over(&lines).collect(), [2, 2]);
/// assert_eq!(is_prime::times(6).collect(), [false, false, true, true, false, true]);
/// ```
///
/// # Options
///
/// `#[zp::batch(struct = Shade, name = "shade/v1", priority = high, crate = path::to::zp)]`, as in
/// [`#[zp::task]`](macro@crate::task#options). The priority is that of a [spawned](crate::Scope::spawn_batch) batch.
///
/// # Rules
///
/// * Generics, `where` clauses, lifetimes, `impl Trait` arguments and patterns may be used, and `#[cfg]` on parameters, but not
///   on `#[each]` and `#[chunk(N)]`. In messages and in `over`, a parameter that is a pattern is called `argN`, where `N` is its position
///   from 0.
/// * To the struct, each `impl Trait` argument is one more generic, behind the others.
/// * A type with a lifetime shows it: `Name<'_>`, not `Name`.
/// * Items seen by `&T` are `Sync`; items that are changed or given away are `Send`, and so is the output. Where that depends on a type
///   parameter, `over` has a bound for it.
/// * The output may borrow from the items and from what is shared, but not from what the worker lends.
/// * No `self`, `async`, `unsafe`, `extern` or `-> impl Trait`; not inside an `impl` or a `trait`.
/// * Without its attributes the function compiles and means the same.
///
/// # Panics
///
/// `over` panics if lengths differ, or if `N` is 0. What a panicking item does is said at [`Batch`].
///
/// # Cost
///
/// A batch is a value on the stack; `over` starts, blocks and allocates nothing. A call costs what the plain one does, and `LEN` costs a
/// buffer from the worker's cache. How the calls are shared out, and when others are woken for them, is said at [`Batch`].
///
/// [`Batch`]: crate::Batch
/// [`LengthError`]: crate::LengthError
pub use zeropool_macros::batch;

/// Evaluates its arms, potentially in parallel, and returns their values as a tuple in the order written.
///
/// An arm is an expression. It may borrow and move local variables as a closure would, and its value may be
/// anything that is `Send`. There may be 0 to 12 arms. They run on the current pool, or the global one, with the
/// calling thread among those who work; the order in which they run is not specified, and it is never certain that two of
/// them run at the same time, so arms must not wait for each other. Joins nest without limit. [`join`](crate::join()) says
/// what they cost.
///
/// ```
/// fn sum(tree: &[u64]) -> u64 {
///     match tree {
///         [] => 0,
///         [leaf] => *leaf,
///         _ => {
///             let (left, right) = tree.split_at(tree.len() / 2);
///             let (left, right) = zp::join!(sum(left), sum(right));
///             left + right
///         }
///     }
/// }
///
/// assert_eq!(sum(&[1, 2, 3, 4, 5]), 15);
///
/// let mut names = vec!["b", "a"];
/// let text = String::from("moved");
/// let ((), length, three) = zp::join!(names.sort(), { text.into_bytes().len() }, 1 + 2);
/// assert_eq!((names, length, three), (vec!["a", "b"], 5, 3));
/// ```
///
/// # Buffers in arms
///
/// An arm that is a call of a [task](macro@crate::task) function may have `_` in the place of a parameter that
/// the worker supplies. Such a call names the struct, not the function: that matters for a task with `struct = Name`,
/// which is written `Name(argument, _)` here, and for generics given explicitly.
///
/// ```
/// #[zp::task]
/// fn pad(text: &str, #[buf(8)] scratch: &mut [u8]) -> usize {
///     scratch[..text.len()].copy_from_slice(text.as_bytes());
///     scratch.len()
/// }
///
/// assert_eq!(zp::join!(pad("a", _), pad("b", _)), (8, 8));
/// ```
///
/// # Leaving an arm
///
/// `return`, `?`, `break` and `continue` cannot leave an arm: they would look as if they left the function, and end
/// the arm alone. An arm may have a `Result` for its value, and `?` goes on that; or see
/// [`try_join!`](crate::try_join!). A function called by an arm is free to use `?`, and so is a closure that the arm
/// calls. The arm itself is not a closure: write `f()`, not `|| f()`.
///
/// # Panics
///
/// 1. If arms panic, every arm that has started ends first; then the leftmost panic goes on in the caller.
/// 2. On a thread outside every pool, if the global pool cannot be started: see [`global`](crate::global).
#[macro_export]
macro_rules! join {
    ($($arm:expr),* $(,)?) => {
        $crate::__private::join_arms! { [$crate] $(($arm))* }
    };
}

/// [`join!`](crate::join!) for arms that can fail: `Ok` with a tuple of all values, or the leftmost failure.
///
/// Every arm is a `Result`, and all have the same error type. The leftmost failure wins, whether it is an error or
/// a panic; a failure may keep arms to its right from being started. Those that have started end first.
///
/// ```
/// use std::num::ParseIntError;
///
/// fn add(a: &str, b: &str) -> Result<i32, ParseIntError> {
///     let (a, b) = zp::try_join!(a.parse::<i32>(), b.parse::<i32>())?;
///     Ok(a + b)
/// }
///
/// assert_eq!(add("1", "2"), Ok(3));
/// assert!(add("1", "two").is_err());
/// ```
///
/// What is said of [`join!`](crate::join!) about arms holds here too. In particular `?` cannot leave an arm: an arm
/// of several steps is a function, or a closure that the arm calls.
///
/// ```
/// # fn main() -> Result<(), std::num::ParseIntError> {
/// let doubled = |text: &str| -> Result<i32, std::num::ParseIntError> { Ok(text.parse::<i32>()? * 2) };
/// let (a, b) = zp::try_join!(doubled("1"), doubled("2"))?;
/// assert_eq!((a, b), (2, 4));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// That of the leftmost arm that has failed, if it has not panicked. The values of the other arms are dropped.
///
/// # Panics
///
/// 1. If the leftmost failure is a panic, it goes on in the caller.
/// 2. As [`join!`](crate::join!), on a thread outside every pool.
///
/// # Cost
///
/// That of [`join`](crate::join()). It blocks until every arm that has started has ended.
#[macro_export]
macro_rules! try_join {
    ($($arm:expr),* $(,)?) => {
        $crate::__private::try_join_arms! { [$crate] $(($arm))* }
    };
}

/// Makes a call that may run at once or on another thread, as the place in the program decides: a *potentially
/// parallel call*.
///
/// `zp::pcall!(s, f(x, y))` inside a scope `s` is a [`PCall`], from which `get()` takes what `f` returned. Every such
/// place learns from its own calls whether offering them to other threads is worth while; where it is not, they are run
/// at once.
///
/// ```
/// fn count(words: &[&str], letter: char) -> usize {
///     words.iter().filter(|word| word.contains(letter)).count()
/// }
///
/// let words = ["one", "three", "five"];
/// let (e_count, n_count) = zp::scope(|s| {
///     let e_count = zp::pcall!(s, count(&words, 'e')); // perhaps elsewhere
///     let n_count = count(&words, 'n'); // meanwhile, here
///     (e_count.get(), n_count)
/// });
/// assert_eq!((e_count, n_count), (3, 1));
/// ```
///
/// # Which one to use
///
/// * [`join!`](crate::join!) where all calls stand side by side and all results are wanted together. It costs the least.
/// * `pcall!` where a call is begun here and its result wanted further down, and nobody knows beforehand whether it is
///   long enough to be worth another thread.
/// * [`Scope::spawn`] for what certainly is, and for closures.
///
/// # The call
///
/// The scope and the arguments are evaluated at once, in this order and in the caller's frame: they are coerced and
/// inferred as in a plain call, and `?`, `return` and `break` in them leave what they would leave there. Arguments and
/// result are `Send`, and borrow from outside the scope if they borrow: the call may run until the scope ends.
///
/// What is called is a path: a function, generic or not, an associated function, a constructor. A method is called as one,
/// `Type::method(&x, y)`. A closure in a variable is moved into the call, or copied if it can be. Anything
/// else that can be called, such as `(self.callback)(x)` or `(&closure)(x)`, is evaluated at once too, before
/// the arguments. There may be any number of arguments; the call of a [task](macro@crate::task) function has `_` for what the
/// worker supplies.
///
/// ```
/// #[zp::task]
/// fn pad(text: &str, #[buf(8)] scratch: &mut [u8]) -> usize {
///     scratch[..text.len()].copy_from_slice(text.as_bytes());
///     scratch.len()
/// }
///
/// fn lengths(numbers: &[&str]) -> Result<u32, std::num::ParseIntError> {
///     zp::scope(|s| {
///         let padded = zp::pcall!(s, pad("a", _));
///         let power = zp::pcall!(s, u32::pow(2, numbers[0].parse()?)); // `?` leaves the closure of `scope`
///         Ok(u32::try_from(padded.get()).unwrap_or(0) + power.get())
///     })
/// }
///
/// assert_eq!(lengths(&["3"]), Ok(16));
/// assert!(lengths(&["three"]).is_err());
/// ```
///
/// # Levels
///
/// No level offers anything while no thread of the pool is idle.
///
/// * `zp::pcall!(s, f(x))` adapts: calls are offered if those made here so far have been long enough to be worth it.
/// * `zp::pcall!(s, standard, f(x))` does not look at the place: calls are offered as long as this thread can pay for
///   it. What it runs earns, an offer costs.
/// * `zp::pcall!(s, minimal, f(x))` is a plain call in release builds, and is neither counted nor listed there. With debug
///   assertions it is as `standard`, so that tests notice what would be wrong with it if it ran elsewhere.
///
/// All of them demand the same of the arguments: a call can change its level and nothing else.
///
/// # Panics
///
/// A call that is run at once panics here, as a plain one does. The panic of one that is run later is resumed by `get()`, or
/// at the end of the scope if nobody calls that. If several are left, the first is resumed.
///
/// # Cost
///
/// A call that is run at once costs some 20 ns more than a plain one. One that is offered costs what a
/// [`spawn`](crate::Scope::spawn) costs, and never blocks. A [`PCall`] that is dropped leaves the call to
/// the scope, which does not end before it. [`call_sites`](crate::call_sites()) lists what each place has decided.
///
/// [`PCall`]: crate::PCall
/// [`Scope::spawn`]: crate::Scope::spawn
#[macro_export]
macro_rules! pcall {
    ($s:expr, $call:expr $(,)?) => {
        $crate::__private::pcall_call! { [$crate] ($s) ($call) }
    };
    ($s:expr, $level:ident, $call:expr $(,)?) => {
        $crate::__private::pcall_call! { [$crate] ($s) ($level) ($call) }
    };
    // Anything else is refused, with what to write instead.
    ($($part:expr),* $(,)?) => {
        $crate::__private::pcall_call! { [$crate] $(($part))* }
    };
}

/// Writes a result parameter: `zp::write!(out, value)` is `out.set(value)`, as a statement.
///
/// `out` is a [`zp::Out`](crate::Out), and is consumed: a second write does not compile. [`Out::set`](crate::Out::set) also
/// returns where the value is. Write the macro with its path: imported under its own name it would hide the `write!` of the
/// standard library, and after `use zp::*;` the compiler refuses `write!` as ambiguous.
///
/// ```
/// #[zp::task]
/// fn divide(a: u64, b: u64, quotient: zp::Out<'_, u64>, remainder: zp::Out<'_, u64>) {
///     zp::write!(quotient, a / b);
///     zp::write!(remainder, a % b);
/// }
///
/// let (mut quotient, mut remainder) = (0, None);
/// zp::scope(|s| {
///     s.spawn(divide {
///         a: 17,
///         b: 5,
///         quotient: zp::Out::new(&mut quotient),
///         remainder: zp::Out::from(&mut remainder),
///     });
/// });
/// assert_eq!((quotient, remainder), (3, Some(2)));
/// ```
///
/// # Panics
///
/// If the destructor of the former value does, as [`Out::set`](crate::Out::set). The result is written then.
///
/// # Cost
///
/// That of an assignment.
#[macro_export]
macro_rules! write {
    ($out:expr, $value:expr $(,)?) => {{
        $crate::Out::set($out, $value);
    }};
    ($($other:tt)*) => {
        ::core::compile_error!("write a place and a value: `zp::write!(out, value)`; for formatted text there is `std::write!`")
    };
}

/// Writes a result by index: `zp::write_indexed!(slots, i, value)` is [`slots.write(i, value)`](crate::Slots::write) with a panic
/// for an error.
///
/// `slots` is a [`zp::Slots`](crate::Slots) or a reference to one.
///
/// ```
/// #[zp::task]
/// fn squares(numbers: std::ops::Range<usize>, slots: &zp::Slots<'_, usize>) {
///     for n in numbers {
///         zp::write_indexed!(slots, n, n * n);
///     }
/// }
///
/// let mut results = [0; 6];
/// let slots = zp::Slots::new(&mut results);
/// zp::scope(|s| {
///     s.spawn(squares { numbers: 0..3, slots: &slots });
///     s.spawn(squares { numbers: 3..6, slots: &slots });
/// });
/// assert_eq!(results, [0, 1, 4, 9, 16, 25]);
/// ```
///
/// # Panics
///
/// If the index is out of bounds, or the slot has been written before. The message names the index, the place is that of the
/// macro call, and the value is dropped before.
///
/// ```should_panic
/// let mut results = [0; 6];
/// let slots = zp::Slots::new(&mut results);
/// zp::write_indexed!(slots, 6, 36); // there is no slot 6: the last one is 5
/// ```
#[macro_export]
macro_rules! write_indexed {
    ($slots:expr, $index:expr, $value:expr $(,)?) => {
        $crate::__private::write_indexed(&$slots, $index, $value)
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "write the slots, an index and a value: `zp::write_indexed!(slots, i, value)`"
        )
    };
}
