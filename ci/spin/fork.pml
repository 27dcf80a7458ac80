/* The hand-over of a join's second arm: on offer, taken back or stolen, run, completed, awaited.
 *
 * CODE: zeropool/src/runtime/fork/join.rs, fork/job.rs, zeropool/src/task/latch.rs, zeropool/src/runtime/wait.rs.
 * BOUNDS: one owner that makes ROUNDS times a join within the first arm of a join, in the same two frames each time; two thieves, whose
 * stolen arms may contain a join of their own each; a thread that waits helps with the forks of whoever it waits for, but what it helps with
 * contains no further join. At most FORKS forks are stolen that contain a join.
 * MEMORY MODEL: sequentially consistent, and each operation of a deque is one step (deque.pml shows why it may be). The races that rely on fences
 * are in sleep.pml and pause.pml. That a result is visible with completion is left to loom and Miri. The parker is a token
 * (zeropool/src/sync/park.rs: fn unpark); wake-ups may come late, so a later wait may find an old token.
 *
 * PROPERTIES
 * - each arm is run once, by its owner or by one thief; a result is there when it is taken
 * - nobody touches a frame after it was left, or after another join began in it (`TOUCH`)
 * - no lost wake-up: nobody waits for ever (`monitor`)
 * - a waiter takes nothing but what is part of what it waits for
 * - ltl finish: under weak fairness all joins end
 */

#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef FORKS
#define FORKS 1
#endif

/* Threads: 0 is the owner. Jobs: 0 and 1 are the owner's outer and inner join, 2 and 3 those of thieves 1 and 2. */
#define THREADS 3
#define JOBS 4
#define FRAME(thread) ((thread) + 1)
#define NONE 255

/* Latch::word */
#define PENDING 0
#define DONE 1
#define PARKER(thread) ((thread) + 2)

/* The job in each frame. `times` counts the joins in it: what a thief holds names it. */
byte times[JOBS];
bit live[JOBS];
bit arm[JOBS];
bit result[JOBS];
byte word[JOBS];
bit wants_forks[JOBS];
byte execution[JOBS];

/* The fork deques, oldest first, at most 2 long, and the tags in them (0: the owner's outermost execution). */
typedef Deque { byte length; byte job[2]; byte tag[2] }
Deque deque[THREADS];

bit token[THREADS];
/* zeropool/src/runtime/desk.rs: fn execute. Numbers of executions; which thread has one. */
byte executions = 0;
byte runs_at[16];

/* Ghosts. */
byte ended = 0;
byte joins = 0;
byte forks_left = FORKS;
bit inside[JOBS];

#define TOUCH(j, t) assert(live[j] && times[j] == t)

/* zeropool/src/runtime/fork/join.rs: fn offer, as far as the push */
inline offer(j, number) {
    atomic {
        assert(!live[j]);
        times[j]++; live[j] = 1; arm[j] = 1; result[j] = 0; word[j] = PENDING; wants_forks[j] = 0; execution[j] = 0;
        deque[me].job[deque[me].length] = j;
        deque[me].tag[deque[me].length] = number;
        deque[me].length++;
        joins++
    }
}

/* The frame is left. */
inline leave(j) {
    atomic {
        assert(live[j] && !arm[j] && !inside[j]);
        live[j] = 0; result[j] = 0; word[j] = 0; wants_forks[j] = 0; execution[j] = 0;
        joins--
    }
}

/* zeropool/src/runtime/fork/ends.rs: fn steal_oldest_of (from thread `from`; whatever the tag if `tag` is NONE) */
inline steal(from, wanted, j, t) {
    atomic {
        if
        :: deque[from].length > 0 && (wanted == NONE || deque[from].tag[0] == wanted) ->
            j = deque[from].job[0];
            t = times[j];
            deque[from].job[0] = deque[from].job[1]; deque[from].tag[0] = deque[from].tag[1];
            deque[from].job[1] = 0; deque[from].tag[1] = 0;
            deque[from].length--;
            inside[j] = 1
        :: else -> j = NONE
        fi
    }
}

/* zeropool/src/runtime/fork/ends.rs: fn take_back */
inline take_back(j, back) {
    atomic {
        if
        :: deque[me].length > 0 ->
            deque[me].length--;
            /* "fork deque out of order" */
            assert(deque[me].job[deque[me].length] == j);
            deque[me].job[deque[me].length] = 0; deque[me].tag[deque[me].length] = 0;
            back = 1
        :: else -> back = 0
        fi
    }
}

/* zeropool/src/runtime/fork/job.rs: fn run, first half: begins the execution, and moves the arm out */
inline begin(j, t) {
    atomic { executions++; runs_at[executions] = me; number = executions };
    atomic { TOUCH(j, t); execution[j] = number };
    atomic { TOUCH(j, t); assert(arm[j]); arm[j] = 0 }
}

/* zeropool/src/runtime/fork/job.rs: fn run, second half */
inline end(j, t) {
#ifndef BROKEN_fork_complete_early
    atomic { TOUCH(j, t); result[j] = 1 };
#endif
    /* zeropool/src/task/latch.rs: fn complete_awaited */
#ifdef BROKEN_latch_read_then_store
    atomic { TOUCH(j, t); w = word[j] };
    atomic { TOUCH(j, t); word[j] = DONE; inside[j] = 0 };
#else
    atomic { TOUCH(j, t); w = word[j]; word[j] = DONE; inside[j] = 0 };
#endif
#ifdef BROKEN_fork_complete_early
    atomic { TOUCH(j, t); result[j] = 1 };
#endif
#ifdef BROKEN_latch_late_read
    TOUCH(j, t);
#endif
    /* zeropool/src/task/latch.rs: fn wake */
    atomic {
        if
        :: w >= PARKER(0) -> token[w - PARKER(0)] = 1
        :: else
        fi;
        w = 0
    }
}

/* zeropool/src/task/latch.rs: fn nudge (on the latch of what this thread executes, which is not complete) */
inline nudge(j, t) {
    atomic { TOUCH(j, t); b = wants_forks[j] };
    if
    :: b -> b = 0;
        atomic { TOUCH(j, t); w = word[j] };
        atomic {
            if
            :: w >= PARKER(0) -> token[w - PARKER(0)] = 1
            :: else
            fi;
            w = 0
        }
    :: else
    fi
}

/* zeropool/src/runtime/wait.rs: fn steal_part_of. An execution that was not begun has no number. */
inline steal_part_of(j) {
    atomic { number = execution[j] };
    if
    :: number != 0 -> steal(runs_at[number], number, s, st)
    :: else -> s = NONE
    fi;
    number = 0;
    if
    :: s != NONE ->
        /* zeropool/src/runtime/wait.rs: fn help. A leaf. */
        assert(s == FRAME(runs_at[execution[j]]));
        begin(s, st);
        end(s, st);
        number = 0; st = 0; s = 0; b = 1
    :: else -> s = 0; b = 0
    fi
}

/* zeropool/src/runtime/wait.rs: fn wait_for. Thread `me` waits for the job in its frame j. */
inline wait_for(j) {
    do
    ::  if
        /* zeropool/src/task/latch.rs: fn is_done */
        :: word[j] == DONE -> break
        :: else
        fi;
        steal_part_of(j);
        if
        :: b -> b = 0
        :: else ->
            /* zeropool/src/task/latch.rs: fn register */
            atomic {
                if
#ifdef BROKEN_latch_register_by_store
                :: true -> word[j] = PARKER(me)
#else
                :: word[j] == PENDING -> word[j] = PARKER(me)
                :: else -> break
#endif
                fi
            };
            /* zeropool/src/task/latch.rs: fn want_forks */
            wants_forks[j] = 1;
            steal_part_of(j);
            if
            :: b -> b = 0
            /* zeropool/src/sync/park.rs: fn park */
            :: else -> atomic { token[me] -> token[me] = 0 }
            fi;
            /* zeropool/src/task/latch.rs: fn withdraw */
            atomic {
                if
#ifdef BROKEN_latch_withdraw_by_store
                :: true -> word[j] = PENDING
#else
                :: word[j] == PARKER(me) -> word[j] = PENDING
                :: else
#endif
                fi
            }
        fi
    od
}

/* zeropool/src/runtime/fork/join.rs: fn offer, after the first arm */
inline finish_join(j) {
    take_back(j, back);
    if
    :: back -> back = 0;
        /* zeropool/src/runtime/fork/job.rs: fn take_arm */
        atomic { assert(arm[j] && !inside[j]); arm[j] = 0 }
    :: else ->
#ifndef BROKEN_fork_wait_skipped
        wait_for(j);
#endif
        /* zeropool/src/runtime/fork/job.rs: fn take_result */
        atomic { assert(result[j] && !arm[j]); result[j] = 0 }
    fi;
    leave(j)
}

proctype owner(byte me) {
    byte round; byte number; byte s; byte st; byte w;
    bit b; bit back;
    do
    :: round < ROUNDS -> round++;
        offer(0, 0);
        offer(1, 0);
        finish_join(1);
        finish_join(0)
    :: else -> break
    od;
    ended = 1
}

proctype thief(byte me) {
    byte j; byte t; byte from; byte number; byte s; byte st; byte w; byte mine;
    bit b; bit back;
    do
    ::  atomic {
            /* It looks at all others. Once the owner has ended it may leave; else it waits, and is not to be needed. */
            if
            :: deque[0].length > 0 -> from = 0
            :: deque[3 - me].length > 0 -> from = 3 - me
            :: ended && joins == 0 -> break
            fi
        };
        steal(from, NONE, j, t);
        if
        :: j != NONE ->
            begin(j, t);
            mine = number; number = 0;
            /* The arm: a leaf, or a join. */
            if
            :: from == 0 && forks_left > 0 -> forks_left--;
                offer(FRAME(me), mine);
                nudge(j, t);
                finish_join(FRAME(me))
            :: true
            fi;
            end(j, t);
            mine = 0
        :: else
        fi;
        j = 0; t = 0; from = 0
    od
}

/* Nothing can happen any more. */
#ifndef NO_MONITOR
active proctype monitor() {
    timeout;
    assert(ended);
    assert(joins == 0)
}
#endif

init { atomic { run owner(0); run thief(1); run thief(2) } }

ltl finish { <> ended }
