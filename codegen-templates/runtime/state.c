// Reading and writing one state by its path name.
#include "internal.h"

int64_t strata_rt_find_state(const strata_rt_library *library, const char *name) {
    for (int64_t index = 0; index < library->state_count; index++)
        if (strata_rt_equal(library->states[index].name, name)) return index;
    return -1;
}

/// The index of a state that `data` of `bytes` fits, or -1 after setting the error text.
static int64_t strata_rt_match_state(
    strata_rt_context *context, const char *caller, const char *name, const void *data, int64_t bytes) {
    int64_t index = name ? strata_rt_find_state(context->library, name) : -1;
    if (index < 0) {
        const char *const parts[] = {caller, ": no state '", name ? name : "NULL", "'", NULL};
        strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
        return -1;
    }
    const strata_rt_state *state = &context->library->states[index];
    if (!data && bytes) {
        const char *const parts[] = {caller, ": state '", name, "': the data is NULL", NULL};
        strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
        return -1;
    }
    if (bytes != state->byte_count) {
        char type[256], expected[24], got[24];
        const char *const parts[] = {
            caller,
            ": state '",
            name,
            "', ",
            strata_rt_type_text(type, sizeof type, state->dtype, state->shape, state->rank),
            ": got ",
            strata_rt_decimal(got, bytes),
            " bytes, expected ",
            strata_rt_decimal(expected, state->byte_count),
            NULL};
        strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
        return -1;
    }
    return index;
}

int32_t strata_rt_get(strata_rt_context *context, const char *name, void *data, size_t bytes) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    int64_t index = strata_rt_match_state(context, "get", name, data, (int64_t)bytes);
    if (index < 0) return STRATA_RT_INVALID_ARGUMENT;
    memcpy(data, context->buffers[index], bytes);
    return STRATA_RT_OK;
}

int32_t strata_rt_set(strata_rt_context *context, const char *name, const void *data, size_t bytes) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    int64_t index = strata_rt_match_state(context, "set", name, data, (int64_t)bytes);
    if (index < 0) return STRATA_RT_INVALID_ARGUMENT;
    memcpy(context->buffers[index], data, bytes);
    context->version++;
    return STRATA_RT_OK;
}

int32_t strata_rt_state_bytes(strata_rt_context *context, const char *name, int64_t *bytes) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    const strata_rt_library *library = context->library;
    if (!bytes) {
        const char *const parts[] = {"state_bytes: 'bytes' is NULL", NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    int64_t total = 0, found = 0;
    for (int64_t index = 0; index < library->state_count; index++) {
        if (name && !strata_rt_equal(library->states[index].name, name)) continue;
        total += library->states[index].byte_count;
        found++;
    }
    if (name && !found) {
        const char *const parts[] = {"state_bytes: no state '", name, "'", NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    *bytes = total;
    return STRATA_RT_OK;
}
