// Running a graph function: its kernels in order, as its table of steps says.
#include "internal.h"

/// The value of the polynomial at `at`: a constant, the number of further terms, and for each its coefficient, how many
/// dimensions it is multiplied with, and which.
static int64_t strata_rt_number(const strata_rt_steps *steps, const int64_t *dims, int32_t at) {
    const int64_t *word = steps->numbers + at;
    int64_t sum = *word++;
    for (int64_t terms = *word++; terms > 0; terms--) {
        int64_t product = *word++;
        for (int64_t factors = *word++; factors > 0; factors--) product *= dims[*word++];
        sum += product;
    }
    return sum;
}

/// Where a place's memory begins: a buffer of the call or, below 0, a constant, and a number of bytes from there.
static void *strata_rt_place(const strata_rt_call *call, const strata_rt_steps *steps, int32_t at) {
    const int32_t *place = steps->places + 2 * at;
    if (place[0] < 0) return (void *)(uint64_t)steps->constants[-1 - place[0]];
    return (char *)call->buffers[place[0]] + strata_rt_number(steps, call->dims, place[1]);
}

void strata_rt_run_steps(
    const strata_rt_call *call, const strata_rt_steps *steps, int64_t *block, strata_rt_runner recorded) {
    const int32_t *word = steps->words;
    for (int64_t step = 0; step < steps->count; step++) {
        const int32_t *end = word + word[0];
        strata_rt_task kernel = steps->kernels[word[1]];
        int32_t places = word[2], extent = word[3], chunk = word[4], condition = word[5];
        if (step < steps->kept && !call->renews) {
            word = end;
            continue;
        }
        word += 6;
        if (condition >= 0) {
            int64_t size = strata_rt_number(steps, call->dims, condition);
            int64_t lower = strata_rt_number(steps, call->dims, *word++);
            int64_t upper = strata_rt_number(steps, call->dims, *word++);
            if (size < lower || size >= upper) {
                word = end;
                continue;
            }
        }
        int64_t *slot = block;
        for (; places > 0; places--) *slot++ = (int64_t)(uint64_t)strata_rt_place(call, steps, *word++);
        for (int64_t dim = 0; dim < steps->dim_count; dim++) *slot++ = call->dims[dim];
        while (word < end) *slot++ = strata_rt_number(steps, call->dims, *word++);
        int64_t chunks = 1;
        if (extent >= 0) {
            int64_t size = strata_rt_number(steps, call->dims, chunk);
            chunks = (strata_rt_number(steps, call->dims, extent) + size - 1) / size;
        }
        if (recorded) {
            recorded(call, step, kernel, block, chunks);
        } else if (extent >= 0) {
            strata_rt_parallel_for(call->pool, kernel, block, chunks);
        } else {
            kernel(block, 0, 1);
        }
    }
}
