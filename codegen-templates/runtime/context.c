// Making and ending a context: CPU level, state memory, threads.
#include "internal.h"

/// Options as this version knows them, whatever size the caller's structure has.
static int32_t strata_rt_read_options(const strata_rt_options *given, strata_rt_options *options) {
    memset(options, 0, sizeof *options);
    options->variant = -1;
    if (!given) return 1;
    uint32_t size = given->size;
    if (size < offsetof(strata_rt_options, error_bytes)) return 0;
    memcpy(options, given, size < sizeof *options ? size : sizeof *options);
    if (size < sizeof *options) options->error = NULL;
    return 1;
}

static int32_t strata_rt_refuse(const strata_rt_options *options, int32_t status, const char *const *parts) {
    strata_rt_join(options->error, options->error_bytes, parts);
    return status;
}

static const char *strata_rt_level_of_rank(const strata_rt_library *library, int64_t rank) {
    for (int64_t level = 0; level < library->level_count; level++)
        if (library->levels[level].rank == rank) return library->levels[level].name;
    return NULL;
}

/// Says which variants this library has and up to which one this machine goes.
static int32_t strata_rt_refuse_variant(
    const strata_rt_library *library, const strata_rt_options *options, int64_t machine) {
    char present[128], wanted[24], rank[24];
    present[0] = 0;
    for (int64_t level = 0; level < library->level_count; level++) {
        const char *const part[] = {level ? ", " : "", library->levels[level].name, NULL};
        int64_t used = strata_rt_length(present);
        strata_rt_join(present + used, (int64_t)sizeof present - used, part);
    }
    const char *name = strata_rt_level_of_rank(library, options->variant);
    const char *const parts[] = {"create: variant ",
                                 options->variant == -1 ? "best" : strata_rt_decimal(wanted, options->variant),
                                 name ? " (" : "",
                                 name ? name : "",
                                 name ? ")" : "",
                                 name || options->variant == -1 ? ": not supported by this machine, of rank "
                                                              : ": not in this library; this machine is of rank ",
                                 strata_rt_decimal(rank, machine),
                                 "; present: ",
                                 present,
                                 NULL};
    return strata_rt_refuse(options, STRATA_RT_UNSUPPORTED, parts);
}

/// The index of the level to use, or -1.
static int64_t strata_rt_choose_level(const strata_rt_library *library, int32_t variant, int64_t machine) {
    int64_t chosen = -1;
    for (int64_t level = 0; level < library->level_count; level++) {
        int64_t rank = library->levels[level].rank;
        if (rank <= machine && (variant == -1 || rank == variant)) chosen = level;
    }
    return chosen;
}

static int64_t strata_rt_padded(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// The most tensors any one function takes and gives.
static int64_t strata_rt_most_tensors(const strata_rt_library *library) {
    int64_t most = 0;
    for (int64_t index = 0; index < library->function_count; index++) {
        const strata_rt_function *function = &library->functions[index];
        int64_t count = function->input_count + function->output_count;
        if (count > most) most = count;
    }
    return most;
}

int64_t strata_rt_all_state_bytes(const strata_rt_library *library) {
    int64_t bytes = 0;
    for (int64_t index = 0; index < library->state_count; index++)
        bytes += strata_rt_padded(library->states[index].byte_count);
    return bytes;
}

void strata_rt_place_states(strata_rt_context *context, char *memory) {
    const strata_rt_library *library = context->library;
    for (int64_t index = 0; index < library->state_count; index++) {
        context->buffers[index] = memory;
        memory += strata_rt_padded(library->states[index].byte_count);
    }
}

/// State memory: each state with its initial bytes or zeros.
static int32_t strata_rt_make_states(strata_rt_context *context) {
    const strata_rt_library *library = context->library;
    if (!strata_rt_map(&context->mapping, NULL, strata_rt_all_state_bytes(library))) return 0;
    strata_rt_place_states(context, context->mapping.memory);
    for (int64_t index = 0; index < library->state_count; index++) {
        const strata_rt_state *state = &library->states[index];
        if (state->initial) memcpy(context->buffers[index], state->initial, (size_t)state->byte_count);
    }
    return 1;
}

void strata_rt_release(strata_rt_context *context) {
    for (int64_t index = 0; context->keeping && index < context->library->function_count; index++) {
        strata_rt_keeping *keeping = &context->keeping[index];
        if (!strata_rt_is_mapped(context, keeping->memory)) free(keeping->memory);
        keeping->memory = NULL;
        keeping->version = 0;
    }
    strata_rt_unmap(&context->mapping);
}

/// Everything of a context that takes memory or threads; 0 if either is out.
static int32_t strata_rt_fill(strata_rt_context *context, int32_t threads) {
    const strata_rt_library *library = context->library;
    int64_t slots = library->state_count + strata_rt_most_tensors(library) + 2;
    context->buffers = strata_rt_allocate(slots * (int64_t)sizeof(void *));
    context->dims = strata_rt_allocate((library->dim_count + 1) * (int64_t)sizeof(int64_t));
    int64_t keeping = (library->function_count + 1) * (int64_t)sizeof *context->keeping;
    context->keeping = strata_rt_allocate(keeping);
    if (context->keeping) memset(context->keeping, 0, (size_t)keeping);
    if (!context->buffers || !context->dims || !context->keeping || !strata_rt_make_states(context)) return 0;
    context->version = 1;
    context->pool = strata_rt_pool_create(threads);
    return context->pool != NULL;
}

int32_t strata_rt_create(const strata_rt_library *library, const strata_rt_options *given, strata_rt_context **out) {
    strata_rt_options options;
    if (!out) return STRATA_RT_INVALID_ARGUMENT;
    *out = NULL;
    if (!strata_rt_read_options(given, &options)) return STRATA_RT_INVALID_ARGUMENT;
    if (options.threads < 0 || options.threads > STRATA_RT_MAX_THREADS) {
        char number[24];
        const char *const parts[] = {
            "create: threads: got ", strata_rt_decimal(number, options.threads), ", allowed 0...256", NULL};
        return strata_rt_refuse(&options, STRATA_RT_INVALID_ARGUMENT, parts);
    }
    int64_t machine = strata_rt_cpu_rank();
    int64_t level = strata_rt_choose_level(library, options.variant, machine);
    if (level < 0) return strata_rt_refuse_variant(library, &options, machine);

    strata_rt_context *context = strata_rt_allocate(sizeof *context);
    if (context) {
        memset(context, 0, sizeof *context);
        context->library = library;
        context->level = level;
        int32_t threads = options.threads ? options.threads : strata_rt_processor_count();
        if (strata_rt_fill(context, threads)) {
            *out = context;
            return STRATA_RT_OK;
        }
        strata_rt_destroy(context);
    }
    const char *const parts[] = {"create: out of memory", NULL};
    return strata_rt_refuse(&options, STRATA_RT_OUT_OF_MEMORY, parts);
}

void strata_rt_destroy(strata_rt_context *context) {
    if (!context) return;
    strata_rt_pool_destroy(context->pool);
    strata_rt_release(context);
    free(context->workspace);
    free(context->keeping);
    free(context->buffers);
    free(context->dims);
    free(context);
}

const char *strata_rt_error(const strata_rt_context *context) {
    return context ? context->error : "the context is NULL";
}

const char *strata_rt_variant(const strata_rt_context *context) {
    return context ? context->library->levels[context->level].name : "";
}

int32_t strata_rt_threads(const strata_rt_context *context) {
    return context ? strata_rt_pool_threads(context->pool) : 0;
}
