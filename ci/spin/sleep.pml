/* Sleep and wake: posts, posts near, calls, seats, searches.
 *
 * CODE: zeropool/src/runtime/sleep.rs and sleep.md; the look and the push of queue/segments.rs; the worker's loop of worker.rs; the wait for a
 * seat of wait.rs.
 * BOUNDS, each given with -D: WORKERS (up to 2), SEATS; POSTERS of one task each; NEAR posters of one task near worker 0;
 * EXCHANGE posters of one task each by an exchange, without a fence (leave it out for none); CALLERS of worker 0 (up to 1); HELD callers that
 * have a seat at first and give it back; KEPT seats that nobody gives back; WAITERS that want a seat for work of their own (up to 1).
 * MEMORY MODEL: see sleep.inc.
 *
 * PROPERTIES
 * - no lost wake-up: when nothing can happen any more, every task and every call is done (`monitor`)
 * - every task is run once; seats in use never exceed SEATS; the count of searchers never wraps, and is 0 at rest; all seats
 *   come back
 * - ltl finish: under weak fairness all tasks are done in the end
 * - ltl rest_at_last: under weak fairness all workers sleep for ever in the end
 */

#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef SEATS
#define SEATS 1
#endif
#ifndef POSTERS
#define POSTERS 0
#endif
#ifndef NEAR
#define NEAR 0
#endif
#ifndef CALLERS
#define CALLERS 0
#endif
#ifndef WAITERS
#define WAITERS 0
#endif
#ifndef HELD
#define HELD 0
#endif
#ifndef KEPT
#define KEPT 0
#endif
#ifdef EXCHANGE
#define WORK (POSTERS + NEAR + CALLERS + WAITERS + EXCHANGE)
#else
#define WORK (POSTERS + NEAR + CALLERS + WAITERS)
#endif

/* Worker i has slot i; a caller has slot WORKERS. */
#define SLOTS (WORKERS + 1)

#define EXTRA_VIEW byte queued; bit called;
#define EXTRA_COPY v.queued = queued; v.called = called
#define EXTRA_CLEAR v.queued = 0; v.called = 0
/* zeropool/src/runtime/registry.rs: fn has_tasks */
#define HAS_TASKS (LD(queued) > 0)
/* zeropool/src/runtime/registry.rs: fn has_work */
#define HAS_WORK (LD(queued) > 0)
/* zeropool/src/runtime/registry.rs: fn is_called */
#define IS_CALLED(me) ((me) == 0 && LD(called))
#define ASK_ALL skip

#ifdef EXCHANGE
/* zeropool/src/queue/segments.rs: fn is_empty_for_sleeper, and behind it the places where posts have a fence (registry.rs, `has_work`).
 * The exchange of "empty" for itself releases what the looker knows to whoever fills the place. */
#ifdef BROKEN_segments_look_without_exchange
#define EXCHANGED skip
#else
#define EXCHANGED RELEASE(IN_QUEUE)
#endif
#define LOOK(out) \
    atomic { \
        late(); \
        if \
        :: injected > 0 -> out = 1 \
        :: else -> EXCHANGED; out = 0 \
        fi \
    }; \
    if \
    :: !out -> atomic { late(); out = LD(queued) > 0 } \
    :: else \
    fi
#endif

/* Tasks in queues, which any worker may take; a call for worker 0; tasks of the owner that run (ScopeCounts). */
byte queued = 0;
bit called = 0;
#ifdef EXCHANGE
/* Tasks in the global queue without a bound. */
byte injected = 0;
#endif

#include "sleep.inc"

/* Ghost: tasks and calls that are done. */
byte done = 0;

#define DO(what) atomic { done++; assert(done <= WORK) }

/* A queue, as far as it matters here: it gives out each task once. */
inline take(got) {
    atomic {
        if
        :: queued > 0 -> CLEAR; queued--; got = 1
#ifdef EXCHANGE
        :: injected > 0 -> CLEAR; injected--; got = 1
        :: queued == 0 && injected == 0 -> CLEAR; got = 0
#else
        :: else -> CLEAR; got = 0
#endif
        fi
    }
}

/* A post is a plain store, as the push of a deque is. */
#define ENQUEUE(fence, fenced) d_step { queued++; OWN(queued, queued); fence } fenced

/* zeropool/src/runtime/look.rs: fn sees_work. Loads, which may overlook what is pushed by exchange. */
#ifdef EXCHANGE
#ifdef NO_MONITOR
#define MISS false
#else
#define MISS (injected > 0)
#endif
#define SEES_WORK(out) \
    atomic { \
        late(); \
        if \
        :: out = LD(queued) > 0 || injected > 0 \
        :: MISS -> out = LD(queued) > 0 \
        fi }
#else
#define SEES_WORK(out) atomic { late(); out = HAS_WORK }
#endif

/* zeropool/src/runtime/worker.rs: fn give_seat_back */
inline give_seat_back() {
    if
    :: has_seat -> has_seat = 0; release_seat()
    :: else
    fi
}

/* zeropool/src/runtime/worker.rs: fn take_seat */
inline take_seat() {
    if
    :: !has_seat -> try_seat(has_seat)
    :: else
    fi
}

proctype worker(byte me) {
    LOCALS;
    bit is_searching; bit has_seat; bit got;

    /* zeropool/src/runtime/worker.rs: fn main_loop. One look, or one more, stands for a worker that lingers. */
    do
    ::  if
        :: !is_searching -> begin_search(); is_searching = 1
        :: else
        fi;
look:
        /* zeropool/src/runtime/worker.rs: fn answer_calls */
        atomic { late(); b = IS_CALLED(me) };
        if
        :: b -> b = 0;
            take_seat();
            d_step { CLEAR; got = called; called = 0 };
            if
            :: got -> got = 0; end_search(); DO(call); begin_search()
            :: else
            fi;
            give_seat_back();
            goto look
        :: else
        fi;
        SEES_WORK(b);
        if
        :: b -> b = 0; take_seat();
            if
            :: has_seat ->
                /* zeropool/src/runtime/worker.rs: fn work_off */
                take(got);
                if
                :: got -> got = 0;
                    end_search();
                    DO(task);
                    begin_search()
                :: else
                fi;
                give_seat_back();
                goto look
            :: else
            fi
        :: else
        fi;
        rest(me, 0);
        is_searching = ok; ok = 0
    od
}

/* Somebody outside who posts one task. */
proctype poster() {
    LOCALS;
    POST_EARLY;
    ENQUEUE(POST_FENCE, POST_FENCED);
    posted()
}

#ifdef EXCHANGE
/* Somebody outside who posts one task to the queue without a bound, without a fence. */
proctype exchanger() {
    LOCALS;
#ifdef BROKEN_sleep_looks_before_push
    bit none;
    atomic { none = asleep == 0; SEEN_asleep };
#endif
    /* zeropool/src/queue/segments.rs: fn fill. The exchange acquires what looks at this place, and pushes before, have released. */
    atomic {
#ifndef BROKEN_segments_fill_by_store
        ACQUIRE(IN_QUEUE);
#endif
        injected++;
        RELEASE(IN_QUEUE);
        settle()
    };
#ifdef BROKEN_sleep_looks_before_push
    if
    :: none -> atomic { readers_word = readers_word & ~ME; readers_asleep = readers_asleep & ~ME; settle() }
    :: else -> posted_by_exchange()
    fi;
#else
    posted_by_exchange();
#endif
}
#endif

proctype near_poster() {
    LOCALS;
    NEAR_EARLY;
    ENQUEUE(NEAR_FENCE, NEAR_FENCED);
    posted_near(0)
}

proctype caller() {
    LOCALS;
    CALL_EARLY;
    d_step { called = 1; OWN(called, 1); CALL_FENCE } CALL_FENCED;
    call(0)
}

/* A caller that has had a seat since the beginning. */
proctype holder() {
    LOCALS;
    release_seat()
}

/* zeropool/src/runtime/wait.rs: fn sleep_for_seat. It has work of its own, and does it in a seat. */
proctype waiter() {
    LOCALS;
    bit has_seat;
    do
    ::  take_seat();
        if
        :: has_seat -> break
        :: else
        fi;
        want_seat(WORKERS);
        take_seat();
        if
        :: !has_seat -> atomic { token[WORKERS] -> token[WORKERS] = 0 }
        :: else
        fi;
        stop_wanting_seat(WORKERS);
        if
        :: ok -> ok = 0;
            take_seat();
            if
            :: !has_seat ->
                pass_seat_on()
            :: else
            fi
        :: else
        fi
    od;
    DO(own);
    give_seat_back()
}

/* Nothing can happen any more. */
#ifndef NO_MONITOR
active proctype monitor() {
    timeout;
    assert(done == WORK);
    assert(searching == 0);
    assert(free == SEATS - KEPT && seated == KEPT);
    assert(parked == WORKERS)
}
#endif

init {
    atomic {
        byte i = 0;
        do
        :: i < WORKERS -> run worker(i); i++
        :: else -> break
        od;
        i = 0;
#define RUN(what, times) do :: i < times -> run what(); i++ :: else -> break od; i = 0
        RUN(poster, POSTERS);
#ifdef EXCHANGE
        do
        :: i < EXCHANGE -> readers_word = readers_word | (1 << (run exchanger())); i++
        :: else -> break
        od;
        i = 0;
        readers_asleep = readers_word;
#endif
        RUN(near_poster, NEAR);
        RUN(caller, CALLERS);
        RUN(waiter, WAITERS);
        RUN(holder, HELD);
        free = free - HELD - KEPT; seated = HELD + KEPT
    }
}

ltl finish { <> (done == WORK) }
ltl rest_at_last { <> [] (parked == WORKERS) }
