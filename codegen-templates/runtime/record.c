// Recording when kernels run. A text of its own, so that libraries that do not record hold none of it.
#include "internal.h"

extern strata_rt_thread pthread_self(void);

/// A kernel call that is being recorded: what its chunks need to know.
typedef struct {
    strata_rt_recorder *recorder;
    int64_t number;
    strata_rt_task task;
    void *arguments;
} strata_rt_recorded;

static int64_t strata_rt_clock(void) {
    long time[2] = {0, 0};
    clock_gettime(1 /* monotonic */, time);
    return (int64_t)time[0] * 1000000000 + time[1];
}

/// Appends the event that began at `start` and ends now.
static void strata_rt_append(strata_rt_recorder *recorder, int64_t number, int64_t chunk, int64_t start) {
    int64_t end = strata_rt_clock();
    int64_t slot = __atomic_fetch_add(&recorder->count, 1, __ATOMIC_RELAXED);
    if (slot >= recorder->capacity) return;
    strata_rt_event *event = &recorder->events[slot];
    event->call = number;
    event->chunk = chunk;
    event->thread = (int64_t)pthread_self();
    event->start = start;
    event->end = end;
}

static void strata_rt_recorded_chunks(void *argument, int64_t begin, int64_t end) {
    const strata_rt_recorded *recorded = argument;
    int64_t start = strata_rt_clock();
    recorded->task(recorded->arguments, begin, end);
    strata_rt_append(recorded->recorder, recorded->number, begin, start);
}

void strata_rt_recorded_for(
    const strata_rt_call *call, int64_t number, strata_rt_task task, void *arguments, int64_t begin, int64_t end,
    int32_t divides) {
    int64_t start = call->recorder ? strata_rt_clock() : 0;
    if (!divides) {
        task(arguments, begin, end);
        if (call->recorder) strata_rt_append(call->recorder, number, begin, start);
        return;
    }
    if (!call->recorder) {
        strata_rt_parallel_for(call->pool, task, arguments, end);
        return;
    }
    strata_rt_recorded recorded;
    recorded.recorder = call->recorder;
    recorded.number = number;
    recorded.task = task;
    recorded.arguments = arguments;
    strata_rt_parallel_for(call->pool, strata_rt_recorded_chunks, &recorded, end);
    strata_rt_append(call->recorder, number, -1, start);
}

int32_t strata_rt_record(strata_rt_context *context, strata_rt_recorder *recorder) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    context->recorder = recorder;
    return STRATA_RT_OK;
}
