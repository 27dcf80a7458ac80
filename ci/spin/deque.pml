/* The work-stealing deque, with growth and the arrays it leaves behind.
 *
 * CODE: zeropool/src/queue/deque.rs.
 * BOUNDS: one owner that does any sequence of PUSHES pushes and POPS pops and then pops until nothing is left; thieves of THEFTS
 * attempts each (THIEVES of them); arrays of 1, 2 and 4 slots, so the deque grows twice; a store buffer of BUFFER stores.
 *
 * MEMORY MODEL. The owner has a store buffer: its stores reach memory later, in any order but that stores to one place stay in
 * order, and that a Release store waits for all before it (so weaker than x86, where all stay in order). A SeqCst
 * read-modify-write of the owner waits until the buffer is empty; its loads see its own buffer. Thieves write by compare-exchange only. Their loads
 * happen in program order, as do the owner's.
 * NOT MODELLED, and left to loom and Miri: loads that are reordered although one of them acquires, SeqCst against acquiring loads
 * (`deque_pop_acqrel`, `deque_steal_acquire`), tagged steals, the wrap-around of indices.
 *
 * PROPERTIES
 * - each item is taken once, by the owner or one thief; a pop that finds nothing means that all were taken
 * - both words of an item that is taken are of the same item, the one that was pushed at that index last
 * - thieves take the oldest: in the order of pushes, over all thieves; the owner takes the newest of what it still has
 * - no array is read before its copy is complete, or after it is freed; all are freed once, when the last end is gone
 * - ltl finish: under weak fairness all items are taken and all threads end
 */

#ifndef PUSHES
#define PUSHES 3
#endif
#ifndef POPS
#define POPS 2
#endif
#ifndef THIEVES
#define THIEVES 2
#endif
#ifndef THEFTS
#define THEFTS 1
#endif
#ifndef BUFFER
#define BUFFER 4
#endif

/* Array a has 1 << a slots, from this place on. */
#define ARRAYS 3
#define FIRST(a) ((1 << (a)) - 1)
#define SLOT(a, i) (FIRST(a) + ((i) & ((1 << (a)) - 1)))
#define PLACES 7

/* Memory. Items are 1, 2, …; 0 is a slot never written. */
byte top = 0;
byte bottom = 0;
byte array = 0;
byte ptr[PLACES];
byte tag[PLACES];

/* The owner's store buffer, oldest first. What is written: ptr of place p is p, tag of it PLACES + p, then these. */
#define BOTTOM (2 * PLACES)
#define ARRAY (2 * PLACES + 1)
byte where[BUFFER];
byte what[BUFFER];
bit release[BUFFER];
byte buffered = 0;

/* Ghosts. */
byte pushed = 0;
byte taken = 0;
bit taken_by[PUSHES + 1];
/* The item that was pushed last at an index. */
byte at_index[PUSHES + 1];
byte last_stolen = 0;
bit freed[ARRAYS];
/* The `Arc` around `Shared`. */
byte ends = THIEVES + 1;

inline commit(w, x) {
    if
    :: w < PLACES -> ptr[w] = x
    :: w >= PLACES && w < 2 * PLACES -> tag[w - PLACES] = x
    :: w == BOTTOM -> bottom = x
    :: w == ARRAY -> array = x
    fi
}

/* Part of a step: takes store k out of the buffer. */
inline flush(k) {
    commit(where[k], what[k]);
    j = k;
    do
    :: j + 1 < buffered -> where[j] = where[j + 1]; what[j] = what[j + 1]; release[j] = release[j + 1]; j++
    :: else -> break
    od;
    buffered--;
    where[buffered] = 0; what[buffered] = 0; release[buffered] = 0; j = 0
}

/* May store k reach memory now? No store to the same place is before it, and a Release has none before it. */
#define MAY(k) \
    (buffered > k && (k == 0 || !release[k]) && \
    (k < 1 || where[0] != where[k]) && (k < 2 || where[1] != where[k]) && (k < 3 || where[2] != where[k]))

/* The hardware. */
active proctype memory() {
    byte j;
end:
    do
    :: atomic { MAY(0) -> flush(0) }
    :: atomic { MAY(1) -> flush(1) }
    :: atomic { MAY(2) -> flush(2) }
    :: atomic { MAY(3) -> flush(3) }
    od
}

/* A store of the owner; RELAXED or RELEASE. */
#define RELAXED 0
#define RELEASE 1
inline store(w, x, order) {
    atomic {
        buffered < BUFFER ->
        where[buffered] = w; what[buffered] = x; release[buffered] = order; buffered++
    }
}

/* What follows is a SeqCst read-modify-write. */
#define DRAINED buffered == 0

/* A load of the owner: the newest buffered store, else memory. The owner knows bottom and array anyway (`my_bottom`, `my_array`). */
inline own_load(w, memory_value, x) {
    atomic {
        x = memory_value;
        j = 0;
        do
        :: j < buffered ->
            if
            :: where[j] == w -> x = what[j]
            :: else
            fi;
            j++
        :: else -> break
        od;
        j = 0
    }
}

/* zeropool/src/queue/deque.rs: fn write */
inline write(a, i, item_ptr, item_tag) {
    assert(!freed[a]);
    store(SLOT(a, i), item_ptr, RELAXED);
    store(PLACES + SLOT(a, i), item_tag, RELEASE)
}

/* zeropool/src/queue/deque.rs: fn grow */
inline grow() {
    atomic { my_array++; assert(my_array < ARRAYS) };
#ifdef BROKEN_deque_grow_early_publish
    store(ARRAY, my_array, RELEASE);
#endif
    i = top_seen;
    do
    :: i < my_bottom ->
        own_load(SLOT(my_array - 1, i), ptr[SLOT(my_array - 1, i)], x);
        own_load(PLACES + SLOT(my_array - 1, i), tag[SLOT(my_array - 1, i)], y);
        write(my_array, i, x, y);
        i++
    :: else -> break
    od;
    atomic { i = 0; x = 0; y = 0 };
#ifdef BROKEN_deque_grow_relaxed
    store(ARRAY, my_array, RELAXED);
#else
    store(ARRAY, my_array, RELEASE);
#endif
#ifdef BROKEN_deque_grow_frees
    freed[my_array - 1] = 1
#endif
}

/* zeropool/src/queue/deque.rs: fn push_newest */
inline push_newest() {
    if
    :: my_bottom - top_seen >= (1 << my_array) ->
        top_seen = top;
        if
        :: my_bottom - top_seen >= (1 << my_array) -> grow()
        :: else
        fi
    :: else
    fi;
    atomic { pushed++; at_index[my_bottom] = pushed };
    write(my_array, my_bottom, pushed, pushed);
    atomic { my_bottom++ };
#ifdef BROKEN_deque_push_relaxed
    store(BOTTOM, my_bottom, RELAXED)
#else
    store(BOTTOM, my_bottom, RELEASE)
#endif
}

/* One item leaves the deque. */
inline take(x, y) {
    assert(x == y && x > 0 && x <= pushed);
    assert(!taken_by[x]);
    taken_by[x] = 1;
    taken++
}

/* zeropool/src/queue/deque.rs: fn pop_newest. `found`: something was there. */
inline pop_newest(found) {
    if
    :: my_bottom == top_seen ->
        found = 0;
        assert(taken == pushed)
    :: else ->
        /* P1 */
#ifdef BROKEN_deque_pop_fence
        store(BOTTOM, my_bottom - 1, RELEASE);
#else
        atomic { DRAINED -> bottom = my_bottom - 1 };
#endif
        /* P2 */
        top_seen = top;
        if
        :: top_seen < my_bottom - 1 ->
            my_bottom--;
            own_load(SLOT(my_array, my_bottom), ptr[SLOT(my_array, my_bottom)], x);
            own_load(PLACES + SLOT(my_array, my_bottom), tag[SLOT(my_array, my_bottom)], y);
            atomic { assert(x == at_index[my_bottom]); take(x, y); x = 0; y = 0 };
            found = 1
        :: else ->
            /* C */
#ifdef BROKEN_deque_last_item_by_store
            atomic {
                found = top_seen == my_bottom - 1;
                if :: found -> DRAINED; top = my_bottom :: else fi
            };
#else
            atomic {
                if
                :: top_seen == my_bottom - 1 ->
                    DRAINED;
                    if
                    :: top == top_seen -> top = my_bottom; found = 1
                    :: else -> found = 0
                    fi
                :: else -> found = 0
                fi
            };
#endif
            top_seen = my_bottom;
#ifdef BROKEN_deque_pop_without_restore
            my_bottom--;
#else
            store(BOTTOM, my_bottom, RELAXED);
#endif
            if
            :: found ->
                own_load(SLOT(my_array, top_seen - 1), ptr[SLOT(my_array, top_seen - 1)], x);
                own_load(PLACES + SLOT(my_array, top_seen - 1), tag[SLOT(my_array, top_seen - 1)], y);
                atomic { take(x, y); x = 0; y = 0 }
            :: else -> assert(taken == pushed)
            fi
        fi
    fi
}

/* zeropool/src/queue/deque.rs: fn drop (of Shared, by the last of the ends) */
inline drop_end(is_owner) {
    atomic {
        ends--;
        if
#ifdef BROKEN_deque_drop_uncounted
        :: is_owner ->
#else
        :: ends == 0 ->
#endif
            k = 0;
            do
            :: k <= array ->
#ifndef BROKEN_deque_grow_frees
                assert(!freed[k]);
#endif
                freed[k] = 1; k++
            :: else -> break
            od;
            k = 0
        :: else
        fi
    }
}

active proctype owner() {
    byte my_bottom; byte my_array; byte top_seen;
    byte pops; byte i; byte j; byte k; byte x; byte y;
    bit found;
    do
    :: pushed < PUSHES -> push_newest()
    :: pushed < PUSHES && pops < POPS -> pops++; pop_newest(found); found = 0
    :: pushed == PUSHES -> break
    od;
    do
    ::  pop_newest(found);
        if
        :: found -> found = 0
        :: else -> break
        fi
    od;
    /* The end of the thread: what it wrote is visible to whoever drops the rest. */
    atomic { DRAINED; drop_end(1) }
}

/* zeropool/src/queue/deque.rs: fn steal */
active [THIEVES] proctype thief() {
    byte t; byte a; byte x; byte y; byte k; byte thefts;
    bit some;
    do
#ifdef PATIENT
    :: taken < PUSHES ->
#else
    :: thefts < THEFTS -> thefts++;
#endif
#ifdef BROKEN_deque_steal_order
        k = bottom;
        t = top;
        some = k > t; k = 0;
#else
        /* S1 */
        t = top;
        /* S2 */
        some = bottom > t;
#endif
        if
        :: some ->
            some = 0;
            a = array;
#ifndef BROKEN_deque_read_after_cas
            atomic { assert(!freed[a]); y = tag[SLOT(a, t)] };
            atomic { assert(!freed[a]); x = ptr[SLOT(a, t)] };
#endif
            /* C */
            atomic {
                if
                :: top == t ->
                    top = t + 1;
#ifndef BROKEN_deque_read_after_cas
                    assert(x == at_index[t]);
                    assert(x > last_stolen);
                    last_stolen = x;
                    take(x, y);
#else
                    some = 1
#endif
                :: else
                fi;
                x = 0; y = 0
            };
#ifdef BROKEN_deque_read_after_cas
            if
            :: some -> some = 0;
                x = ptr[SLOT(a, t)];
                y = tag[SLOT(a, t)];
                atomic { take(x, y); x = 0; y = 0 }
            :: else
            fi;
#endif
            atomic { a = 0; t = 0 }
        :: else -> t = 0
        fi
    :: else -> break
    od;
    drop_end(0)
}

/* Nothing can happen any more. */
#ifndef NO_MONITOR
active proctype monitor() {
    timeout;
    assert(pushed == PUSHES && taken == PUSHES);
#ifndef BROKEN_deque_pop_without_restore
    assert(top == bottom);
#endif
    assert(ends == 0);
    byte a = 0;
    do
    :: a <= array -> assert(freed[a]); a++
    :: else -> break
    od
}
#endif

ltl finish { <> (ends == 0 && taken == PUSHES) }
