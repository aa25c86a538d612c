// Calling a graph function: every argument is checked before anything runs.
#include "internal.h"

/// Gives every dimension its minimum.
static void strata_rt_take_least_dims(strata_rt_context *context) {
    const strata_rt_library *library = context->library;
    for (int64_t index = 0; index < library->dim_count; index++) context->dims[index] = library->dims[index].minimum;
}

/// Checks the caller's dimensions and spreads them over all symbols; those not given take their minimum.
static int32_t strata_rt_take_dims(
    strata_rt_context *context, const strata_rt_function *function, const int64_t *given) {
    const strata_rt_library *library = context->library;
    if (function->dim_count && !given) {
        const char *const parts[] = {function->name, ": the dimensions are NULL", NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    strata_rt_take_least_dims(context);
    for (int64_t index = 0; index < function->dim_count; index++) {
        const strata_rt_dim *dim = &library->dims[function->dims[index]];
        int64_t value = given[index];
        char got[24], minimum[24], maximum[24], multiple[24];
        if (value < dim->minimum || value > dim->maximum) {
            const char *const parts[] = {function->name,
                                         ": dimension ",
                                         dim->name,
                                         ": got ",
                                         strata_rt_decimal(got, value),
                                         ", allowed ",
                                         strata_rt_decimal(minimum, dim->minimum),
                                         "...",
                                         strata_rt_decimal(maximum, dim->maximum),
                                         NULL};
            return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
        }
        if (dim->multiple > 1 && value % dim->multiple != 0) {
            const char *const parts[] = {function->name,
                                         ": dimension ",
                                         dim->name,
                                         ": got ",
                                         strata_rt_decimal(got, value),
                                         ", allowed multiples of ",
                                         strata_rt_decimal(multiple, dim->multiple),
                                         NULL};
            return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
        }
        context->dims[function->dims[index]] = value;
    }
    return STRATA_RT_OK;
}

static int32_t strata_rt_check_tensor(
    strata_rt_context *context, const strata_rt_function *function, int64_t index, const void *pointer) {
    const strata_rt_tensor *tensor = &function->tensors[index];
    const char *kind = index < function->input_count ? ": input '" : ": output '";
    if (!pointer) {
        const char *const parts[] = {function->name, kind, tensor->name, "' is NULL", NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    // Elements are powers of two long; a division would be a seventh of a short call.
    if (((uint64_t)pointer & (uint64_t)(tensor->element_bytes - 1)) != 0) {
        char bytes[24];
        const char *const parts[] = {function->name,
                                     kind,
                                     tensor->name,
                                     "' is not aligned to its elements of ",
                                     strata_rt_decimal(bytes, tensor->element_bytes),
                                     " bytes",
                                     NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    return STRATA_RT_OK;
}

/// Makes the workspace at least as large as this call needs; it never shrinks.
static int32_t strata_rt_grow_workspace(strata_rt_context *context, const strata_rt_function *function) {
    int64_t bytes = function->workspaces[context->level](
        context->dims, strata_rt_pool_threads(context->pool));
    if (bytes >= 0 && bytes <= context->workspace_bytes) return STRATA_RT_OK;
    free(context->workspace);
    context->workspace_bytes = 0;
    context->workspace = strata_rt_allocate(bytes);
    if (!context->workspace) {
        char number[24];
        const char *const parts[] = {
            function->name, ": out of memory: a workspace of ", strata_rt_decimal(number, bytes), " bytes", NULL};
        return strata_rt_fail(context, STRATA_RT_OUT_OF_MEMORY, parts);
    }
    context->workspace_bytes = bytes;
    return STRATA_RT_OK;
}

/// Memory for what a function keeps, once.
static int32_t strata_rt_allocate_kept(
    strata_rt_context *context, const strata_rt_function *function, strata_rt_keeping *keeping) {
    int64_t bytes = function->kept[context->level]->bytes;
    if (!bytes || keeping->memory) return STRATA_RT_OK;
    keeping->memory = strata_rt_allocate(bytes);
    if (keeping->memory) return STRATA_RT_OK;
    char number[24];
    const char *const parts[] = {
        function->name, ": out of memory: ", strata_rt_decimal(number, bytes), " bytes to keep between calls", NULL};
    return strata_rt_fail(context, STRATA_RT_OUT_OF_MEMORY, parts);
}

/// Runs a function's plan: all of it, or, where `renews` says so, no more than what computes what it keeps.
static void strata_rt_execute(strata_rt_context *context, const strata_rt_function *function, int64_t renews) {
    strata_rt_keeping *keeping = &context->keeping[function - context->library->functions];
    void **slot = context->buffers + context->library->state_count + function->input_count + function->output_count;
    slot[0] = context->workspace;
    slot[1] = keeping->memory;
    strata_rt_call call;
    call.buffers = context->buffers;
    call.dims = context->dims;
    call.pool = context->pool;
    call.recorder = renews == STRATA_RT_RENEWS_ONLY ? NULL : context->recorder;
    call.renews = renews;
    function->plans[context->level](&call);
    keeping->version = context->version;
}

int32_t strata_rt_keep(strata_rt_context *context, int64_t index) {
    const strata_rt_function *function = &context->library->functions[index];
    strata_rt_keeping *keeping = &context->keeping[index];
    int64_t bytes = function->kept[context->level]->bytes;
    if (!bytes) return STRATA_RT_OK;
    if (keeping->version == context->version && strata_rt_is_mapped(context, keeping->memory)) return STRATA_RT_OK;
    // What is kept depends on no dimension, so that the least do.
    strata_rt_take_least_dims(context);
    int32_t status = strata_rt_grow_workspace(context, function);
    if (status == STRATA_RT_OK) status = strata_rt_allocate_kept(context, function, keeping);
    if (status != STRATA_RT_OK) return status;
    memset(keeping->memory, 0, (size_t)bytes);
    void **slot = context->buffers + context->library->state_count;
    for (int64_t tensor = 0; tensor < function->input_count + function->output_count; tensor++) slot[tensor] = NULL;
    strata_rt_execute(context, function, STRATA_RT_RENEWS_ONLY);
    return STRATA_RT_OK;
}

/// Runs a function whose tensors stand in the context's buffers behind the states.
static int32_t strata_rt_run(strata_rt_context *context, const strata_rt_function *function, const int64_t *dims) {
    int64_t states = context->library->state_count;
    int64_t tensors = function->input_count + function->output_count;
    int32_t status = strata_rt_take_dims(context, function, dims);
    for (int64_t index = 0; index < tensors && status == STRATA_RT_OK; index++)
        status = strata_rt_check_tensor(context, function, index, context->buffers[states + index]);
    if (status == STRATA_RT_OK) status = strata_rt_grow_workspace(context, function);
    strata_rt_keeping *keeping = &context->keeping[function - context->library->functions];
    if (status == STRATA_RT_OK) status = strata_rt_allocate_kept(context, function, keeping);
    if (status != STRATA_RT_OK) return status;
    strata_rt_execute(
        context, function, keeping->version == context->version ? STRATA_RT_RENEWS_NOTHING : STRATA_RT_RENEWS_FIRST);
    if (function->kept[context->level]->changes) context->version++;
    return STRATA_RT_OK;
}

int32_t strata_rt_invoke(strata_rt_context *context, int32_t index, const int64_t *dims, void *const *tensors) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    if (index < 0 || index >= context->library->function_count) {
        char got[24], count[24];
        const char *const parts[] = {"invoke: function: got ",
                                     strata_rt_decimal(got, index),
                                     ", expected an index below ",
                                     strata_rt_decimal(count, context->library->function_count),
                                     NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    const strata_rt_function *function = &context->library->functions[index];
    int64_t states = context->library->state_count;
    for (int64_t slot = 0; slot < function->input_count + function->output_count; slot++)
        context->buffers[states + slot] = tensors ? tensors[slot] : NULL;
    return strata_rt_run(context, function, dims);
}

/// The function of a name, or NULL after setting the error text, which starts with `caller`.
static const strata_rt_function *strata_rt_find_function(
    strata_rt_context *context, const char *caller, const char *name) {
    const strata_rt_library *library = context->library;
    for (int64_t index = 0; name && index < library->function_count; index++)
        if (strata_rt_equal(library->functions[index].name, name)) return &library->functions[index];
    const char *const parts[] = {caller, ": no function '", name ? name : "NULL", "'", NULL};
    strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    return NULL;
}

int32_t strata_rt_call_named(
    strata_rt_context *context, const char *name, const int64_t *dims, const void *const *inputs,
    void *const *outputs) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    const strata_rt_function *function = strata_rt_find_function(context, "call", name);
    if (!function) return STRATA_RT_INVALID_ARGUMENT;
    void **slot = context->buffers + context->library->state_count;
    for (int64_t index = 0; index < function->input_count; index++)
        *slot++ = inputs ? (void *)(uint64_t)inputs[index] : NULL;
    for (int64_t index = 0; index < function->output_count; index++) *slot++ = outputs ? outputs[index] : NULL;
    return strata_rt_run(context, function, dims);
}

int32_t strata_rt_workspace_bytes(
    strata_rt_context *context, const char *name, const int64_t *dims, int64_t *bytes) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    const strata_rt_function *function = strata_rt_find_function(context, "workspace_bytes", name);
    if (!function) return STRATA_RT_INVALID_ARGUMENT;
    if (!bytes) {
        const char *const parts[] = {"workspace_bytes: 'bytes' is NULL", NULL};
        return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    int32_t status = strata_rt_take_dims(context, function, dims);
    if (status == STRATA_RT_OK)
        *bytes = function->workspaces[context->level](context->dims, strata_rt_pool_threads(context->pool)) +
                 function->kept[context->level]->bytes;
    return status;
}
