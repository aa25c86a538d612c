// Reading every state from a safetensors file. The whole file is checked before any state changes.
#include "safetensors.h"

/// A file being read.
typedef struct {
    strata_rt_context *context;
    const char *path;
    void *file;
    char *header;
    int64_t header_bytes;
    int64_t data_bytes;  ///< What follows the header.
    int64_t *begins;     ///< For each state where its data begins, or -1.
} strata_rt_loading;

static int32_t strata_rt_load_failure(strata_rt_loading *loading, const char *what) {
    const char *const parts[] = {"load '", loading->path, "': ", what, NULL};
    return strata_rt_fail(loading->context, STRATA_RT_FILE, parts);
}

static int32_t strata_rt_tensor_failure(
    strata_rt_loading *loading, const char *name, const char *problem, const char *expected, const char *got) {
    const char *const parts[] = {
        "load '", loading->path, "': tensor '", name, "'", problem, expected, ", got ", got, NULL};
    return strata_rt_fail(loading->context, STRATA_RT_FILE, parts);
}

/// Reads the header and learns the sizes.
static int32_t strata_rt_read_header(strata_rt_loading *loading) {
    enum { from_end = 2, from_start = 0 };
    unsigned char length[8];
    uint64_t bytes = 0;
    loading->file = fopen(loading->path, "rbe");
    if (!loading->file) return strata_rt_load_failure(loading, "cannot be opened");
    if (fseek(loading->file, 0, from_end) != 0) return strata_rt_load_failure(loading, "cannot be read");
    long size = ftell(loading->file);
    if (size < 8 || fseek(loading->file, 0, from_start) != 0 || fread(length, 1, 8, loading->file) != 8)
        return strata_rt_load_failure(loading, "expected a safetensors file, got fewer than 8 bytes");
    for (int32_t byte = 7; byte >= 0; byte--) bytes = bytes << 8 | length[byte];
    if (bytes > STRATA_RT_MAX_HEADER || (int64_t)bytes > size - 8) {
        char expected[24], got[24];
        const char *const parts[] = {"load '",
                                     loading->path,
                                     "': expected a header of ",
                                     strata_rt_decimal(expected, (int64_t)bytes),
                                     " bytes, got a file of ",
                                     strata_rt_decimal(got, size),
                                     " bytes: truncated, or not a safetensors file",
                                     NULL};
        return strata_rt_fail(loading->context, STRATA_RT_FILE, parts);
    }
    loading->header_bytes = (int64_t)bytes;
    loading->data_bytes = size - 8 - (int64_t)bytes;
    loading->header = strata_rt_allocate((int64_t)bytes);
    if (!loading->header) return strata_rt_load_failure(loading, "out of memory for its header");
    if (fread(loading->header, 1, (size_t)bytes, loading->file) != (size_t)bytes)
        return strata_rt_load_failure(loading, "its header cannot be read");
    return STRATA_RT_OK;
}

/// Checks one tensor against the state of its name; a tensor that is no state is left alone.
static int32_t strata_rt_check_entry(strata_rt_loading *loading, const strata_rt_entry *entry) {
    int64_t index = strata_rt_find_state(loading->context->library, entry->name);
    if (index < 0) return STRATA_RT_OK;
    const strata_rt_state *state = &loading->context->library->states[index];
    char expected[256], got[256];
    int32_t same = state->rank == entry->rank && strata_rt_equal(state->dtype, entry->dtype);
    for (int64_t axis = 0; same && axis < state->rank; axis++) same = state->shape[axis] == entry->shape[axis];
    if (!same)
        return strata_rt_tensor_failure(
            loading, entry->name, ": expected ",
            strata_rt_type_text(expected, sizeof expected, state->dtype, state->shape, state->rank),
            strata_rt_type_text(got, sizeof got, entry->dtype, entry->shape, entry->rank));
    if (entry->end - entry->begin != state->byte_count)
        return strata_rt_tensor_failure(
            loading, entry->name, ": bytes of data: expected ", strata_rt_decimal(expected, state->byte_count),
            strata_rt_decimal(got, entry->end - entry->begin));
    if (entry->end > loading->data_bytes)
        return strata_rt_tensor_failure(
            loading, entry->name, ": the file is truncated: bytes of data in the file: expected at least ",
            strata_rt_decimal(expected, entry->end), strata_rt_decimal(got, loading->data_bytes));
    loading->begins[index] = entry->begin;
    return STRATA_RT_OK;
}

static int32_t strata_rt_check_header(strata_rt_loading *loading) {
    const strata_rt_library *library = loading->context->library;
    strata_rt_entry entry;
    strata_rt_cursor cursor = {loading->header, loading->header, loading->header + loading->header_bytes, NULL};
    for (int64_t index = 0; index < library->state_count; index++) loading->begins[index] = -1;
    int32_t found;
    while ((found = strata_rt_next_entry(&cursor, &entry)) > 0) {
        int32_t status = strata_rt_check_entry(loading, &entry);
        if (status != STRATA_RT_OK) return status;
    }
    if (found < 0) {
        char byte[24];
        const char *const parts[] = {"load '",
                                     loading->path,
                                     "': malformed header at byte ",
                                     strata_rt_decimal(byte, 8 + (cursor.at - cursor.start)),
                                     ": expected ",
                                     cursor.failed,
                                     NULL};
        return strata_rt_fail(loading->context, STRATA_RT_FILE, parts);
    }
    for (int64_t index = 0; index < library->state_count; index++) {
        const strata_rt_state *state = &library->states[index];
        char expected[256];
        if (loading->begins[index] < 0 && state->required)
            return strata_rt_tensor_failure(
                loading, state->name, ": expected ",
                strata_rt_type_text(expected, sizeof expected, state->dtype, state->shape, state->rank),
                "no such tensor");
    }
    return STRATA_RT_OK;
}

static int32_t strata_rt_read_states(strata_rt_loading *loading) {
    const strata_rt_library *library = loading->context->library;
    loading->context->version++;
    for (int64_t index = 0; index < library->state_count; index++) {
        const strata_rt_state *state = &library->states[index];
        if (loading->begins[index] < 0) continue;
        int64_t offset = 8 + loading->header_bytes + loading->begins[index];
        size_t bytes = (size_t)state->byte_count;
        if (fseek(loading->file, (long)offset, 0) != 0 ||
            fread(loading->context->buffers[index], 1, bytes, loading->file) != bytes)
            return strata_rt_tensor_failure(
                loading, state->name, ": reading failed midway, the states are incomplete: expected ", "its data",
                "a read error");
    }
    return STRATA_RT_OK;
}

int32_t strata_rt_load(strata_rt_context *context, const char *path) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    if (!path) {
        const char *const parts[] = {"load: the path is NULL", NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    strata_rt_loading loading;
    memset(&loading, 0, sizeof loading);
    loading.context = context;
    loading.path = path;
    loading.begins = strata_rt_allocate(context->library->state_count * (int64_t)sizeof(int64_t));
    int32_t status = loading.begins ? strata_rt_read_header(&loading) : STRATA_RT_OUT_OF_MEMORY;
    if (!loading.begins) strata_rt_load_failure(&loading, "out of memory");
    if (status == STRATA_RT_OK) status = strata_rt_check_header(&loading);
    if (status == STRATA_RT_OK) status = strata_rt_read_states(&loading);
    if (loading.file) fclose(loading.file);
    free(loading.header);
    free(loading.begins);
    return status;
}
