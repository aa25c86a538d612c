// What reading and writing a safetensors file share.
#ifndef STRATA_RUNTIME_SAFETENSORS_H
#define STRATA_RUNTIME_SAFETENSORS_H

#include "internal.h"

enum { STRATA_RT_NAME_BYTES = 512, STRATA_RT_DTYPE_BYTES = 16, STRATA_RT_MAX_HEADER = 100 << 20 };

/// One tensor as a safetensors header describes it; the dtype in lower case.
typedef struct {
    char name[STRATA_RT_NAME_BYTES];
    char dtype[STRATA_RT_DTYPE_BYTES];
    int64_t rank;
    int64_t shape[STRATA_RT_MAX_RANK];
    int64_t begin, end;
} strata_rt_entry;

/// A place in the header; `at` moves towards `end`, and `failed` says what was expected where it stopped.
typedef struct {
    const char *start, *at, *end;
    const char *failed;
} strata_rt_cursor;

/// Reads the next tensor of a header, skipping metadata: 1 one was read, 0 the end, -1 the header is malformed.
/// The cursor starts at the header's first byte.
int32_t strata_rt_next_entry(strata_rt_cursor *cursor, strata_rt_entry *entry);

#endif
