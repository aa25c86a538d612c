// A small thread pool: one job at a time, unit chunks claimed atomically, the caller works too.
//
// A job's chunks are in as many stretches as there are threads. Each thread begins with its own stretch, the same one in
// every job, and so finds in its cache what it wrote in the job before; then it helps with the others'.
//
// What is left of a stretch and the job's number share one 64-bit word, so a claim (compare and swap of that word) succeeds
// only while that very job has chunks left there. A worker that wakes late therefore claims nothing, and the caller waits
// for claimed chunks only, never for a sleeping thread: the pool stays fast with more threads than processors.
#include "internal.h"

// A thread that sleeps takes 10 microseconds or more to wake: a wait that is not much longer than that spins.
enum { STRATA_RT_SPIN_NANOSECONDS = 100000, STRATA_RT_MAX_CHUNKS = 1 << 30 };

/// A thread and its stretch of a job. The first is the caller of the job, whichever thread that is.
typedef struct {
    _Alignas(64) uint64_t claim;  ///< Job number in the high half, chunks left in the low half.
    strata_rt_pool *pool;
    int64_t number;
    strata_rt_thread thread;
} strata_rt_worker;

struct strata_rt_pool {
    _Alignas(64) uint64_t job;     ///< The number of the job there was last, once all its stretches are there.
    _Alignas(64) int64_t pending;  ///< Chunks of the job not yet finished.
    // The job. Written only while no chunk of any job is left, read before a claim that confirms it.
    _Alignas(64) strata_rt_task task;
    void *arguments;
    int64_t base;
    int64_t count;
    int64_t stretches;  ///< As many as threads were wanted when the pool was made.
    _Alignas(64) int32_t sleepers;
    int32_t caller_sleeps;
    int32_t stop;
    int32_t wanted;   ///< Worker threads to have.
    int32_t started;  ///< Worker threads there are: none before the first job that is divided.
    int32_t spins;    ///< Whether waiting may spin first.
    strata_rt_mutex mutex;
    strata_rt_condition wake;
    strata_rt_condition done;
    strata_rt_worker workers[];  ///< By stretch.
};

static int64_t strata_rt_now(void) {
    long time[2] = {0, 0};
    clock_gettime(1 /* monotonic */, time);
    return (int64_t)time[0] * 1000000000 + time[1];
}

static int32_t strata_rt_has_news(strata_rt_pool *pool, uint64_t seen) {
    return __atomic_load_n(&pool->job, __ATOMIC_SEQ_CST) != seen || __atomic_load_n(&pool->stop, __ATOMIC_SEQ_CST);
}

static int32_t strata_rt_is_done(strata_rt_pool *pool, uint64_t seen) {
    (void)seen;
    return __atomic_load_n(&pool->pending, __ATOMIC_SEQ_CST) == 0;
}

/// Waits a moment for `condition`, if there are processors to spare.
static void strata_rt_spin(strata_rt_pool *pool, int32_t (*condition)(strata_rt_pool *, uint64_t), uint64_t seen) {
    if (!pool->spins) return;
    int64_t until = strata_rt_now() + STRATA_RT_SPIN_NANOSECONDS;
    do {
        for (int32_t round = 0; round < 16; round++) {
            if (condition(pool, seen)) return;
            strata_rt_pause();
        }
    } while (strata_rt_now() < until);
}

/// Where a stretch of a job begins.
static int64_t strata_rt_begin(const strata_rt_pool *pool, int64_t stretch, int64_t count) {
    return (stretch * count + pool->stretches - 1) / pool->stretches;
}

/// Runs what is left of a stretch of the present job, and gives the number of chunks it ran.
static int64_t strata_rt_drain_stretch(strata_rt_pool *pool, int64_t number) {
    int64_t finished = 0;
    uint64_t *claim = &pool->workers[number].claim;
    uint64_t seen = __atomic_load_n(claim, __ATOMIC_ACQUIRE);
    while ((uint32_t)seen != 0) {
        strata_rt_task task = __atomic_load_n(&pool->task, __ATOMIC_RELAXED);
        void *arguments = __atomic_load_n(&pool->arguments, __ATOMIC_RELAXED);
        int64_t base = __atomic_load_n(&pool->base, __ATOMIC_RELAXED);
        int64_t count = __atomic_load_n(&pool->count, __ATOMIC_RELAXED);
        if (!__atomic_compare_exchange_n(claim, &seen, seen - 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) continue;
        int64_t chunk = base + strata_rt_begin(pool, number + 1, count) - (int64_t)(uint32_t)seen;
        task(arguments, chunk, chunk + 1);
        finished++;
        seen = __atomic_load_n(claim, __ATOMIC_ACQUIRE);
    }
    return finished;
}

/// Runs chunks of the present job, those of its own stretch first, until none is left to claim.
static void strata_rt_drain(strata_rt_pool *pool, int64_t own) {
    int64_t finished = 0;
    for (int64_t next = 0; next < pool->stretches; next++)
        finished += strata_rt_drain_stretch(pool, (own + next) % pool->stretches);
    if (finished == 0) return;
    if (__atomic_sub_fetch(&pool->pending, finished, __ATOMIC_SEQ_CST) != 0) return;
    if (!__atomic_load_n(&pool->caller_sleeps, __ATOMIC_SEQ_CST)) return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->mutex);
}

static void *strata_rt_work(void *argument) {
    const strata_rt_worker *worker = argument;
    strata_rt_pool *pool = worker->pool;
    while (!__atomic_load_n(&pool->stop, __ATOMIC_SEQ_CST)) {
        uint64_t seen = __atomic_load_n(&pool->job, __ATOMIC_SEQ_CST);
        strata_rt_drain(pool, worker->number);
        strata_rt_spin(pool, strata_rt_has_news, seen);
        if (strata_rt_has_news(pool, seen)) continue;
        pthread_mutex_lock(&pool->mutex);
        __atomic_add_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
        while (!strata_rt_has_news(pool, seen)) pthread_cond_wait(&pool->wake, &pool->mutex);
        __atomic_sub_fetch(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
        pthread_mutex_unlock(&pool->mutex);
    }
    return NULL;
}

/// Wakes as many sleeping workers as there is work for beside the caller's.
static void strata_rt_wake(strata_rt_pool *pool, int64_t count) {
    int32_t sleepers = __atomic_load_n(&pool->sleepers, __ATOMIC_SEQ_CST);
    if (sleepers == 0) return;
    pthread_mutex_lock(&pool->mutex);
    if (count > sleepers) {
        pthread_cond_broadcast(&pool->wake);
    } else {
        for (int64_t worker = 1; worker < count; worker++) pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->mutex);
}

static void strata_rt_run_job(
    strata_rt_pool *pool, strata_rt_task task, void *arguments, int64_t base, int64_t count) {
    __atomic_store_n(&pool->task, task, __ATOMIC_RELAXED);
    __atomic_store_n(&pool->arguments, arguments, __ATOMIC_RELAXED);
    __atomic_store_n(&pool->base, base, __ATOMIC_RELAXED);
    __atomic_store_n(&pool->count, count, __ATOMIC_RELAXED);
    __atomic_store_n(&pool->pending, count, __ATOMIC_RELAXED);
    uint64_t job = __atomic_load_n(&pool->job, __ATOMIC_RELAXED) + 1;
    for (int64_t number = 0; number < pool->stretches; number++) {
        int64_t chunks = strata_rt_begin(pool, number + 1, count) - strata_rt_begin(pool, number, count);
        __atomic_store_n(&pool->workers[number].claim, job << 32 | (uint64_t)chunks, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&pool->job, job, __ATOMIC_SEQ_CST);
    strata_rt_wake(pool, count);
    strata_rt_drain(pool, 0);
    if (strata_rt_is_done(pool, 0)) return;
    strata_rt_spin(pool, strata_rt_is_done, 0);
    if (strata_rt_is_done(pool, 0)) return;
    pthread_mutex_lock(&pool->mutex);
    __atomic_store_n(&pool->caller_sleeps, 1, __ATOMIC_SEQ_CST);
    while (!strata_rt_is_done(pool, 0)) pthread_cond_wait(&pool->done, &pool->mutex);
    __atomic_store_n(&pool->caller_sleeps, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&pool->mutex);
}

/// Starts the workers. A program that never divides work pays for no thread; one that does, when it first does.
static void strata_rt_start_workers(strata_rt_pool *pool) {
    // A worker never reads the number of workers, so it may still grow while the first ones wait.
    while (pool->started < pool->wanted) {
        strata_rt_worker *worker = &pool->workers[pool->started + 1];
        worker->pool = pool;
        worker->number = pool->started + 1;
        if (pthread_create(&worker->thread, NULL, strata_rt_work, worker) != 0) pool->wanted = pool->started;
        else pool->started++;
    }
}

void strata_rt_parallel_for(strata_rt_pool *pool, strata_rt_task task, void *arguments, int64_t count) {
    if (count <= 0) return;
    if (count > 1 && pool && pool->started < pool->wanted) strata_rt_start_workers(pool);
    if (count == 1 || !pool || pool->started == 0) {
        task(arguments, 0, count);
        return;
    }
    for (int64_t base = 0; base < count; base += STRATA_RT_MAX_CHUNKS) {
        int64_t left = count - base;
        strata_rt_run_job(pool, task, arguments, base, left < STRATA_RT_MAX_CHUNKS ? left : STRATA_RT_MAX_CHUNKS);
    }
}

strata_rt_pool *strata_rt_pool_create(int32_t threads) {
    if (threads < 1) threads = 1;
    if (threads > STRATA_RT_MAX_THREADS) threads = STRATA_RT_MAX_THREADS;
    int64_t bytes = (int64_t)sizeof(strata_rt_pool) + threads * (int64_t)sizeof(strata_rt_worker);
    strata_rt_pool *pool = strata_rt_allocate(bytes);
    if (!pool) return NULL;
    memset(pool, 0, (size_t)bytes);
    pool->stretches = threads;
    pool->spins = threads <= strata_rt_processor_count();
    pool->wanted = threads - 1;
    return pool;
}

void strata_rt_pool_destroy(strata_rt_pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    __atomic_store_n(&pool->stop, 1, __ATOMIC_SEQ_CST);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int32_t worker = 1; worker <= pool->started; worker++) pthread_join(pool->workers[worker].thread, NULL);
    free(pool);
}

int32_t strata_rt_pool_threads(const strata_rt_pool *pool) { return pool ? pool->wanted + 1 : 1; }
