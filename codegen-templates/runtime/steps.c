// Running a graph function: its kernels in order, as its table of steps says.
#include "internal.h"

/// The value of the polynomial at `at`: a constant, the number of further terms, and for each its coefficient, how many
/// dimensions it is multiplied with, and which.
static int64_t strata_rt_number(const strata_rt_steps *steps, const int64_t *dims, int64_t at) {
    const int64_t *word = steps->numbers + at;
    int64_t sum = *word++;
    for (int64_t terms = *word++; terms > 0; terms--) {
        int64_t product = *word++;
        for (int64_t factors = *word++; factors > 0; factors--) product *= dims[*word++];
        sum += product;
    }
    return sum;
}

/// For what a step is taken: the item of a chain, the thread's slot, and the sizes that the kernel is to see.
typedef struct {
    const int64_t *dims;
    int64_t item;
    int64_t slot;
} strata_rt_share;

/// Where a place's memory begins: a buffer of the call or, below 0, a constant, and a number of bytes from there. A place in a slot
/// is so far before the slot's memory that `item` is at its beginning; one of examples begins with that of `item`.
static void *strata_rt_place(
    const strata_rt_call *call, const strata_rt_steps *steps, int32_t at, const strata_rt_share *share) {
    const int32_t *place = steps->places + 4 * at;
    if (place[0] < 0) return (void *)(uint64_t)steps->constants[-1 - place[0]];
    int64_t bytes;
    if (place[2] >= 0) {
        bytes = strata_rt_number(steps, share->dims, place[1]);
        bytes += strata_rt_number(steps, call->dims, steps->slots);
        bytes += share->slot * strata_rt_number(steps, share->dims, steps->slot_bytes);
        bytes -= share->item * strata_rt_number(steps, share->dims, place[2]);
    } else {
        bytes = strata_rt_number(steps, call->dims, place[1]);
    }
    if (place[3] >= 0) bytes += share->item * strata_rt_number(steps, call->dims, place[3]);
    return (char *)call->buffers[place[0]] + bytes;
}

/// Whether a step is taken: `words` begin behind the number of words.
static int32_t strata_rt_holds(const strata_rt_steps *steps, const int64_t *dims, const int32_t *words) {
    if (words[4] < 0) return 1;
    int64_t size = strata_rt_number(steps, dims, words[4]);
    return size >= strata_rt_number(steps, dims, words[5]) && size < strata_rt_number(steps, dims, words[6]);
}

/// Writes what a step gives its kernel to `block`, and gives the number of its chunks.
static int64_t strata_rt_arguments(
    const strata_rt_call *call, const strata_rt_steps *steps, const int32_t *words, const int32_t *end,
    const strata_rt_share *share, int64_t *block) {
    const int32_t *word = words + (words[4] < 0 ? 5 : 7);
    for (int32_t places = words[1]; places > 0; places--)
        *block++ = (int64_t)(uint64_t)strata_rt_place(call, steps, *word++, share);
    for (int64_t dim = 0; dim < steps->dim_count; dim++) *block++ = share->dims[dim];
    while (word < end) *block++ = strata_rt_number(steps, share->dims, *word++);
    if (words[2] < 0) return 1;
    int64_t size = strata_rt_number(steps, share->dims, words[3]);
    return (strata_rt_number(steps, share->dims, words[2]) + size - 1) / size;
}

/// Takes one step, divided among threads where its kernel is.
static void strata_rt_take(
    const strata_rt_call *call, const strata_rt_steps *steps, int64_t number, const int32_t *words, const int32_t *end,
    const strata_rt_share *share, int64_t *block, strata_rt_runner recorded) {
    if (!strata_rt_holds(steps, share->dims, words)) return;
    int64_t chunks = strata_rt_arguments(call, steps, words, end, share, block);
    strata_rt_task kernel = steps->kernels[words[0]];
    if (recorded) {
        recorded(call, number, kernel, block, 0, chunks, 1);
    } else if (words[2] >= 0) {
        strata_rt_parallel_for(call->pool, kernel, block, chunks);
    } else {
        kernel(block, 0, 1);
    }
}

/// Steps that are taken one after another for each item, and the items divided among threads.
typedef struct {
    const strata_rt_call *call;
    const strata_rt_steps *steps;
    const int32_t *words;  ///< Those of the first step.
    int64_t number;        ///< Its number.
    int64_t count;         ///< How many steps.
    const int64_t *dims;   ///< The sizes that kernels are to see.
    int32_t is_of_examples;
    int64_t ordered;  ///< Items that are one after another, in one thread.
    strata_rt_runner recorded;
    char *busy;  ///< By slot, whether a thread works in it; there are as many as threads.
} strata_rt_chain;

static void strata_rt_run_items(void *argument, int64_t begin, int64_t end) {
    const strata_rt_chain *chain = argument;
    int64_t slot = 0;
    int64_t slots = strata_rt_pool_threads(chain->call->pool);
    while (__atomic_exchange_n(&chain->busy[slot], 1, __ATOMIC_ACQUIRE)) slot = (slot + 1) % slots;
    int64_t block[STRATA_RT_CHAIN_WORDS];
    for (int64_t item = begin * chain->ordered; item < end * chain->ordered; item++) {
        const strata_rt_share share = {chain->dims, item, slot};
        const int32_t *word = chain->words;
        for (int64_t step = 0; step < chain->count; step++) {
            const int32_t *next = word + word[0];
            int64_t chunks = strata_rt_arguments(chain->call, chain->steps, word + 1, next, &share, block);
            // An example is all that its kernels see.
            int64_t first = chain->is_of_examples ? 0 : item * chunks;
            strata_rt_task kernel = chain->steps->kernels[word[1]];
            if (chain->recorded) {
                chain->recorded(chain->call, chain->number + step, kernel, block, first, first + chunks, 0);
            } else {
                kernel(block, first, first + chunks);
            }
            word = next;
        }
    }
    __atomic_store_n(&chain->busy[slot], 0, __ATOMIC_RELEASE);
}

/// Runs a chain over examples: every thread has as many examples for itself as the others, and on what is left all work together.
static void strata_rt_run_examples(strata_rt_chain *chain, int64_t count, int32_t dimension, int64_t *block) {
    int64_t threads = strata_rt_pool_threads(chain->call->pool);
    int64_t alone = count / threads * threads;
    int64_t dims[STRATA_RT_CHAIN_WORDS];
    memcpy(dims, chain->call->dims, (size_t)chain->steps->dim_count * sizeof *dims);
    chain->dims = dims;
    dims[dimension] = 1;
    if (alone > 0) strata_rt_parallel_for(chain->call->pool, strata_rt_run_items, chain, alone);
    if (alone == count) return;
    dims[dimension] = count - alone;
    const strata_rt_share share = {dims, alone, 0};
    const int32_t *word = chain->words;
    for (int64_t step = 0; step < chain->count; step++) {
        const int32_t *next = word + word[0];
        strata_rt_take(
            chain->call, chain->steps, chain->number + step, word + 1, next, &share, block, chain->recorded);
        word = next;
    }
}

void strata_rt_run_steps(
    const strata_rt_call *call, const strata_rt_steps *steps, int64_t *block, strata_rt_runner recorded) {
    const int32_t *word = steps->words;
    int64_t count = call->renews == STRATA_RT_RENEWS_ONLY ? steps->kept : steps->count;
    const strata_rt_share whole = {call->dims, 0, 0};
    for (int64_t step = 0; step < count;) {
        const int32_t *words = word + 1;
        word += word[0];
        if (words[0] < 0) {
            char busy[STRATA_RT_MAX_THREADS];
            memset(busy, 0, sizeof busy);
            strata_rt_chain chain = {call,           steps,         word,     step,    words[1],
                                     call->dims, words[3] >= 0, words[4], recorded, busy};
            int64_t items = strata_rt_number(steps, call->dims, words[2]);
            if (words[3] >= 0) {
                strata_rt_run_examples(&chain, items, words[3], block);
            } else {
                strata_rt_parallel_for(call->pool, strata_rt_run_items, &chain, items / chain.ordered);
            }
            for (int32_t left = words[1]; left > 0; left--) word += word[0];
            step += words[1];
            continue;
        }
        int64_t number = step++;
        if (number < steps->kept && !call->renews) continue;
        strata_rt_take(call, steps, number, words, word, &whole, block, recorded);
    }
}
