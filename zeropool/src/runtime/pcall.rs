//! `pcall!`: a call that runs at once or is offered to others.
//!
//! Offering a call costs what spawning a task costs, some hundreds of nanoseconds; running it at once costs a count and a look
//! at who is idle, some 20 ns. It is offered only if somebody is idle, and
//!
//! * at level *standard*, if the thread can pay for it: time pays, offers cost, and offering may take one part in
//!   `promotion_threshold` of the time (token accounting);
//! * at level *adaptive*, if the calls at this place have been long enough on average to be worth it; a place without
//!   history behaves as standard. Calls are timed now and then, so that the answer follows the work.
//!
//! How many offers may wait depends on how long a call takes: the shorter it is, the more are needed to keep a thread busy
//! until the next one.

use super::call_site::CallSite;
use super::current;
use super::registry::Registry;
use super::scope::Scope;
use crate::task::Handle;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What an offer costs, about: a block, a queue, a list, a claim.
const OFFER_COST: Duration = Duration::from_nanos(300);

/// For how long the offers that wait should last an idle thread.
const AHEAD: Duration = Duration::from_micros(20);

/// At most so many offers wait for each idle thread.
const AHEAD_MAX: u128 = 32;

/// How many offers a thread can save up for.
const SAVINGS: u32 = 32;

/// Of so many refusals in a row one looks at the clock.
const REFUSALS: u32 = 16;

/// What a thread may spend on offers.
struct Account {
    balance: Cell<Duration>,
    /// When its earnings were last added; `None` before its first offer.
    since: Cell<Option<Instant>>,
    refusals: Cell<u32>,
}

thread_local! {
    static ACCOUNT: Account = const {
        Account {
            balance: Cell::new(Duration::ZERO),
            since: Cell::new(None),
            refusals: Cell::new(0),
        }
    };
}

/// How a `pcall!` decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// By the history of the call site.
    Adaptive,
    /// By token accounting.
    Standard,
    /// Never offered, never counted.
    Plain,
}

/// The outcome of a [`pcall!`](crate::pcall!): there already, or on its way.
///
/// Dropping it drops the value if it is there; a call on its way still runs, and its scope waits for it.
///
/// # Examples
///
/// ```
/// let text = String::from("one two");
/// let length = zp::scope(|s| {
///     let length: zp::PCall<'_, usize> = zp::pcall!(s, str::len(&text));
///     // … something else …
///     length.get()
/// });
/// assert_eq!(length, 7);
/// ```
pub struct PCall<'scope, T>(State<'scope, T>);

enum State<'scope, T> {
    Ready(T),
    Offered(Handle<'scope, T>),
}

impl<T> PCall<'_, T> {
    /// The value. If the call was offered and nobody has begun it, the calling thread runs it now; if somebody has, it blocks,
    /// and helps only with what belongs to the call. Does not allocate.
    ///
    /// # Panics
    /// Resumes the panic of an offered call. (A call that ran at once has panicked there.)
    #[track_caller]
    pub fn get(self) -> T {
        match self.0 {
            State::Ready(value) => value,
            State::Offered(handle) => handle.join(),
        }
    }

    /// True if [`PCall::get`] will not wait. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// zp::scope(|s| {
    ///     let power = zp::pcall!(s, u32::pow(2, 10));
    ///     if !power.is_ready() {
    ///         println!("on its way");
    ///     }
    ///     assert_eq!(power.get(), 1024);
    /// });
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match &self.0 {
            State::Ready(_) => true,
            State::Offered(handle) => handle.is_complete(),
        }
    }
}

impl<T> fmt::Debug for PCall<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PCall")
            .field("ready", &self.is_ready())
            .finish_non_exhaustive()
    }
}

/// Makes the call of a `pcall!`, or offers it.
#[inline]
pub fn pcall<'scope, F, T>(
    s: &'scope Scope<'scope, '_>,
    site: &'static CallSite,
    level: Level,
    call: F,
) -> PCall<'scope, T>
where
    F: FnOnce() -> T + Send + 'scope,
    T: Send + 'scope,
{
    if level == Level::Plain {
        return PCall(State::Ready(call()));
    }
    site.list();
    let caller = Caller::here(s.registry());
    if caller.offers(s.registry(), site, level) {
        return offer(s, site, caller, call);
    }
    let _sample = site.inlined(caller.lane).then(|| Sample::begin(site));
    PCall(State::Ready(call()))
}

#[cold]
#[inline(never)]
fn offer<'scope, F, T>(
    s: &'scope Scope<'scope, '_>,
    site: &'static CallSite,
    caller: Caller,
    call: F,
) -> PCall<'scope, T>
where
    F: FnOnce() -> T + Send + 'scope,
    T: Send + 'scope,
{
    site.offered(caller.lane);
    let handle = s.spawn(move || {
        if this_thread() != caller.thread {
            let slot = current::with(|place| Some(place?.worker()?.index()));
            site.taken(lane_of(slot));
        }
        let _sample = Sample::begin(site);
        call()
    });
    PCall(State::Offered(handle))
}

/// Who makes a call.
#[derive(Debug, Clone, Copy)]
struct Caller {
    /// Names the thread.
    thread: usize,
    /// Where it counts.
    lane: usize,
    /// The slot of its desk, if it has one.
    slot: Option<usize>,
}

impl Caller {
    fn here(registry: &Arc<Registry>) -> Self {
        let slot = current::with(|place| Some(place?.worker_of(registry)?.index()));
        Self {
            thread: this_thread(),
            lane: lane_of(slot),
            slot,
        }
    }

    /// Is a call at `site` to be offered?
    fn offers(self, registry: &Registry, site: &CallSite, level: Level) -> bool {
        let idle = registry.sleep.idle();
        if idle == 0 {
            return false;
        }
        let price = OFFER_COST * registry.forking.promotion_threshold;
        let mean = site.mean();
        let waiting = match self.slot {
            Some(slot) => registry.slots[slot].spawns.len(),
            None => registry.injector.len(),
        };
        let ahead = mean.map_or(1, |mean| {
            (AHEAD.as_nanos() / mean.as_nanos().max(1)).clamp(1, AHEAD_MAX)
        });
        if waiting as u128 >= idle as u128 * ahead {
            return false;
        }
        match (level, mean) {
            (Level::Adaptive, Some(mean)) => mean >= price,
            _ => spend(price),
        }
    }
}

/// Threads are told apart by where their accounts lie.
fn this_thread() -> usize {
    ACCOUNT.with(|account| std::ptr::from_ref(account).addr())
}

fn lane_of(slot: Option<usize>) -> usize {
    slot.unwrap_or(usize::MAX)
}

/// Pays `price` if the savings of this thread allow it; time is what it earns.
fn spend(price: Duration) -> bool {
    let savings = price * SAVINGS;
    ACCOUNT.with(|account| {
        let Some(since) = account.since.get() else {
            account.since.set(Some(Instant::now()));
            account.balance.set(savings.saturating_sub(price));
            return true;
        };
        if account.balance.get() < price {
            // The clock is asked at some of the refusals only.
            let refusals = account.refusals.get();
            account.refusals.set(refusals.wrapping_add(1));
            if !refusals.is_multiple_of(REFUSALS) {
                return false;
            }
            let now = Instant::now();
            account.since.set(Some(now));
            let earned = account.balance.get() + now.duration_since(since);
            account.balance.set(earned.min(savings));
        }
        match account.balance.get().checked_sub(price) {
            Some(rest) => {
                account.balance.set(rest);
                true
            }
            None => false,
        }
    })
}

/// Times a call, also if it panics.
struct Sample {
    site: &'static CallSite,
    begun: Instant,
}

impl Sample {
    fn begin(site: &'static CallSite) -> Self {
        Self {
            site,
            begun: Instant::now(),
        }
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.site.sample(self.begun.elapsed());
    }
}
