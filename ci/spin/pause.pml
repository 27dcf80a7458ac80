/* Offers of forks against threads that look for them: quiet, paused, asked, watched.
 *
 * CODE: zeropool/src/runtime/fork/ends.rs, zeropool/src/runtime/sleep.rs and sleep.md, zeropool/src/runtime/worker.rs, zeropool/src/runtime/wait.rs.
 * BOUNDS, each given with -D: one owner in a seat, which offers a small fork, pauses or not if it comes back, goes on with plain calls until its flag is
 * clear, and offers a large fork, which somebody has to take; WORKERS (up to 2), which search at first, watch for BEATS heartbeats, and
 * sleep; SEATS; HELD other seats that are given back; WATCHERS (up to 1) that end their watch; PAUSES: offering never
 * pays, a small fork that is taken is the end of it, and nobody asks before it watches; WAITERS (up to 1) for what the owner executes. ON_OFFER is 1, as in the loom models.
 * MEMORY MODEL: see sleep.inc. The fork deque is a place for one fork; each operation on it is one step (deque.pml).
 *
 * PROPERTIES
 * - the large fork is taken: no owner is paused for ever, no offer is overlooked (`monitor`)
 * - no fork is taken twice; seats and searchers as in sleep.pml
 * - ltl finish: under weak fairness the large fork is taken in the end
 * - ltl rest_at_last: after that, under weak fairness, all workers sleep for ever
 */

#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef SEATS
#define SEATS 2
#endif
#ifndef BEATS
#define BEATS 1
#endif
#ifndef WAITERS
#define WAITERS 0
#endif
#ifndef HELD
#define HELD 0
#endif
#ifndef WATCHERS
#define WATCHERS 0
#endif
#define FORKS

/* Worker i has slot i, the waiter slot WORKERS. */
#define SLOTS (WORKERS + 1)

#define SMALL 1
#define LARGE 2

#define EXTRA_VIEW byte fork; bit quiet; bit wanted;
#define EXTRA_COPY v.fork = fork; v.quiet = quiet; v.wanted = wanted
#define EXTRA_CLEAR v.fork = 0; v.quiet = 0; v.wanted = 0
/* zeropool/src/runtime/registry.rs: fn has_tasks */
#define HAS_TASKS 0
/* zeropool/src/runtime/registry.rs: fn has_work */
#define HAS_WORK (LD(fork) != 0)
#define IS_CALLED(me) 0
/* zeropool/src/runtime/registry.rs: fn ask_all */
#define ASK_ALL ask()

/* The owner's fork deque, its flag, and what its executing latch says: registered, and wants forks. */
byte fork = 0;
bit quiet = 0;
bit wanted = 0;

#include "sleep.inc"

/* zeropool/src/runtime/fork/ends.rs: fn ask */
inline ask() {
    atomic { late(); b = LD(quiet) };
    if
    :: b ->
        atomic { late(); b = LD(fork) == 0 };
        if
        :: b -> atomic { b = 0; quiet = 0; OWN(quiet, 0) }
        :: else
        fi
    :: else
    fi
}

/* Ghosts. */
bit done = 0;

/* zeropool/src/runtime/fork/ends.rs: fn steal_oldest */
inline steal(got) {
    atomic { got = fork; fork = 0; CLEAR };
    if
    :: got ->
        atomic {
            quiet = 0;
            if
            :: got == LARGE -> assert(!done); done = 1
            :: else
            fi
        }
    :: else
    fi
}

/* zeropool/src/runtime/fork/ends.rs: fn offer, and zeropool/src/runtime/sleep.rs: fn offered */
inline offer(what) {
    OFFER_EARLY;
    d_step { assert(fork == 0); fork = what; OWN(fork, what) };
    d_step { quiet = 1; OWN(quiet, 1); OFFER_FENCE };
    atomic { late(); b = LD(searching) == 0 && LD(free) > 0 };
    if
    :: b ->
        atomic { late(); b = !LD(watched) };
        if
        :: b -> b = 0; wake_one(); won = 0
        :: else
        fi
    :: else
    fi;
    /* zeropool/src/task/latch.rs: fn nudge */
    atomic { late(); b = LD(wanted) };
    if
    :: b -> b = 0; unpark(WORKERS)
    :: else
    fi;
    /* zeropool/src/runtime/fork/ends.rs: fn resume_if_taken */
#ifndef BROKEN_fork_no_second_look
    atomic { late(); b = LD(fork) == 0 };
    if
    :: b -> b = 0; atomic { quiet = 0; OWN(quiet, 0) }
    :: else
    fi
#endif
}

/* zeropool/src/runtime/fork/ends.rs: fn returned, when offering has not paid */
inline returned() {
    PAUSE_EARLY;
    d_step { quiet = 1; OWN(quiet, 1) };
    /* zeropool/src/runtime/sleep.rs: fn may_pause */
    d_step { paused = 1; OWN(paused, 1); PAUSE_FENCE };
    atomic { late(); ok = LD(asleep) == 0 };
    if
    :: !ok ->
        atomic { late(); ok = LD(searching) != 0 || LD(free) == 0 };
        if
        :: !ok -> atomic { late(); ok = LD(watched) }
        :: else
        fi
    :: else
    fi;
    /* zeropool/src/task/latch.rs: fn is_wanted */
#ifndef BROKEN_fork_pause_unseen
    if
    :: ok -> atomic { late(); ok = !LD(wanted) }
    :: else
    fi;
#endif
    if
    :: !ok -> atomic { quiet = 0; OWN(quiet, 0) }
    :: else -> ok = 0
    fi
}

/* zeropool/src/runtime/sleep.rs: fn end_watch */
inline end_watch() {
    WATCH_EARLY;
    d_step { watched = 0; OWN(watched, 0); WATCH_FENCE };
    ask_if_paused()
}

proctype owner() {
    LOCALS;
    bit back;
    offer(SMALL);
    /* zeropool/src/runtime/fork/ends.rs: fn take_back */
    atomic { back = fork != 0; fork = 0; CLEAR };
    if
    :: back -> back = 0;
        if
        :: returned()
#ifndef PAUSES
        :: quiet = 0
#endif
        fi;
        /* Plain calls, as long as the flag says so. */
        quiet == 0
    :: else
#ifdef PAUSES
        -> done = 1; goto leave
#else
#ifndef BROKEN_fork_no_second_look
        ->
        /* zeropool/src/runtime/fork/join.rs: fn offer: "the thief clears the flag as well, but perhaps not yet" */
        quiet = 0
#else
        -> quiet == 0
#endif
#endif
    fi;
    offer(LARGE);
    done;
leave:
    release_seat()
}

proctype worker(byte me) {
    LOCALS;
    byte got; byte beats;
    bit is_searching = 1; bit has_seat; bit nap; bit found;

    /* zeropool/src/runtime/worker.rs: fn main_loop */
    do
    ::  if
        :: !is_searching -> begin_search(); is_searching = 1
        :: else
        fi;
look:
        atomic { late(); b = HAS_WORK };
        if
        :: b -> b = 0;
            try_seat(has_seat);
            if
            :: has_seat ->
                /* zeropool/src/runtime/worker.rs: fn work_off */
                steal(got);
                if
                :: got -> got = 0; end_search(); begin_search()
                :: else
                fi;
                has_seat = 0;
                release_seat();
                goto look
            :: else
            fi
        :: else ->
            /* It may ask, if it is time to. */
            if
#ifndef PAUSES
            :: ask()
#endif
            :: true
            fi
        fi;
        /* zeropool/src/runtime/sleep.rs: fn begin_watch */
        atomic { late(); nap = LD(free) > 0 && LD(free) < SEATS };
        if
        :: nap -> d_step { nap = !watched; watched = 1; OWN(watched, 1) }
        :: else
        fi;
        /* zeropool/src/runtime/worker.rs: fn rest */
again:
        rest(me, nap);
        if
        :: nap ->
            if
            :: ok -> found = 1; is_searching = 1; ok = 0
            :: !ok && !won -> found = 1; is_searching = 0
            :: !ok && won -> won = 0;
                begin_search();
                is_searching = 1;
                /* zeropool/src/runtime/worker.rs: fn beat */
                atomic { late(); found = HAS_WORK };
                if
                :: !found -> ask(); beats++;
                    atomic { late(); b = LD(free) < SEATS };
                    if
                    :: b && beats < BEATS -> b = 0; goto again
                    :: else -> b = 0
                    fi
                :: else
                fi
            fi;
            won = 0; beats = 0; nap = 0;
            end_watch();
            if
            :: found -> found = 0
            :: else -> goto again
            fi
        :: else -> is_searching = ok; ok = 0
        fi
    od
}

/* Somebody else's seat. */
proctype holder() {
    LOCALS;
    release_seat()
}

/* One who watches at first, and looks once more after the watch, as every worker does. With PAUSES it does not: then it is only
 * about what `end_watch` does. */
proctype watcher() {
    LOCALS;
    end_watch();
#ifndef PAUSES
#ifndef BROKEN_sleep_end_watch_blind
    begin_search();
    end_search()
#endif
#endif
}

/* zeropool/src/runtime/wait.rs: fn wait_for, on the latch of what the owner executes, which is never complete */
proctype waiter() {
    LOCALS;
    byte got;
    do
    ::  WAIT_EARLY;
        d_step { wanted = 1; OWN(wanted, 1); WAIT_FENCE };
        /* zeropool/src/runtime/wait.rs: fn ask_for_part_of */
        ask();
        steal(got);
        if
        :: got == LARGE -> got = 0; break
        :: got == SMALL -> got = 0
        :: else ->
end_wait:   atomic { token[WORKERS] -> token[WORKERS] = 0 }
        fi;
        atomic { wanted = 0; OWN(wanted, 0) }
    od;
    wanted = 0
}

/* Nothing can happen any more. */
#ifndef NO_MONITOR
active proctype monitor() {
    timeout;
    assert(done);
    assert(searching == 0 && watched == 0 && parked == WORKERS);
    assert(free == SEATS && seated == 0)
}
#endif

init {
    atomic {
        byte i = 0;
        do
        :: i < WORKERS -> searching++; run worker(i); i++
        :: else -> break
        od;
        i = 0;
        free = free - 1 - HELD; seated = 1 + HELD;
        run owner();
        do :: i < HELD -> run holder(); i++ :: else -> break od;
        i = 0;
        watched = WATCHERS;
        do :: i < WATCHERS -> run watcher(); i++ :: else -> break od;
        i = 0;
        do :: i < WAITERS -> run waiter(); i++ :: else -> break od;
        i = 0
    }
}

ltl finish { <> done }
ltl rest_at_last { <> [] (parked == WORKERS) }
