// The self-test. A text of its own, so that libraries without one hold none of it.
#include "internal.h"

// What is computed here must be what the compiler computed, on every machine.
#pragma STDC FP_CONTRACT OFF

/// Streams of random numbers: inputs from 0, states, signs of goldens.
enum { STRATA_RT_STATE_STREAMS = 1 << 16, STRATA_RT_SIGN_STREAMS = 2 << 16 };

/// The elements that one group of random words is for.
enum { STRATA_RT_GROUP = 64 };

/// Everything that a run of the test needs to know.
typedef struct {
    const strata_rt_library *library;
    const strata_rt_test *test;
    const strata_rt_options *options;
    strata_rt_test_result *results;
    int64_t capacity;
    int64_t count;
    int64_t failed;
    strata_rt_test_result first;  ///< The first that did not pass.
} strata_rt_trial;

/// One block of Philox 4×32-10.
static void strata_rt_philox(uint64_t seed, uint64_t block, uint32_t stream, uint32_t words[4]) {
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    uint32_t a = (uint32_t)block, b = (uint32_t)(block >> 32), c = 0, d = stream;
    for (int32_t round = 0; round < 10; round++) {
        uint64_t first = (uint64_t)a * 0xD2511F53u, second = (uint64_t)c * 0xCD9E8D57u;
        uint32_t next0 = (uint32_t)(second >> 32) ^ b ^ key0, next2 = (uint32_t)(first >> 32) ^ d ^ key1;
        b = (uint32_t)second;
        d = (uint32_t)first;
        a = next0;
        c = next2;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
}

/// The random words of the elements from 64 · `group` on, in the order that `random` has.
static void strata_rt_group_words(uint64_t seed, uint32_t stream, int64_t group, uint32_t words[STRATA_RT_GROUP]) {
    for (int64_t lane = 0; lane < 16; lane++) {
        uint32_t block[4];
        strata_rt_philox(seed, (uint64_t)(group * 16 + lane), stream, block);
        for (int32_t word = 0; word < 4; word++) words[word * 16 + lane] = block[word];
    }
}

static uint32_t strata_rt_float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float strata_rt_float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// The bits of the half-precision number next to a float towards 0; 0 for what is too small, the largest for what is too
/// large.
static uint16_t strata_rt_half_bits(float value) {
    uint32_t bits = strata_rt_float_bits(value);
    uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
    if (magnitude < 0x38800000) return (uint16_t)sign;
    if (magnitude >= 0x47800000) return (uint16_t)(sign | 0x7BFF);
    return (uint16_t)(sign | (magnitude - 0x38000000) >> 13);
}

/// The value of a half-precision number.
static double strata_rt_half_value(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 31) return strata_rt_float_of_bits(sign | 0x7F800000 | fraction << 13);
    if (exponent) return strata_rt_float_of_bits(sign | ((exponent + 112) << 23 | fraction << 13));
    double value = (double)fraction * 0x1p-24;
    return sign ? -value : value;
}

/// Writes element `at`, which a random word makes.
static void strata_rt_fill_element(const strata_rt_filling *filling, char *data, int64_t at, uint32_t word) {
    if (filling->dtype <= STRATA_RT_BF16) {
        double span = filling->high - filling->low;
        double part = span * ((double)(word >> 8) * 0x1p-24);
        double real = filling->low + part;
        float single = (float)real;
        uint16_t narrow = filling->dtype == STRATA_RT_F16 ? strata_rt_half_bits(single)
                                                          : (uint16_t)(strata_rt_float_bits(single) >> 16);
        if (filling->dtype == STRATA_RT_F64) memcpy(data + at * 8, &real, 8);
        if (filling->dtype == STRATA_RT_F32) memcpy(data + at * 4, &single, 4);
        if (filling->dtype == STRATA_RT_F16 || filling->dtype == STRATA_RT_BF16) memcpy(data + at * 2, &narrow, 2);
        return;
    }
    int64_t low = (int64_t)filling->low;
    uint64_t choices = (uint64_t)((int64_t)filling->high - low) + 1;
    int64_t whole = low + (int64_t)(word % choices);
    // The low bytes come first.
    int64_t bytes = 8;
    if (filling->dtype == STRATA_RT_I32 || filling->dtype == STRATA_RT_U32) bytes = 4;
    if (filling->dtype == STRATA_RT_I16 || filling->dtype == STRATA_RT_U16) bytes = 2;
    if (filling->dtype == STRATA_RT_I8 || filling->dtype == STRATA_RT_U8 || filling->dtype == STRATA_RT_BOOL) bytes = 1;
    memcpy(data + at * bytes, &whole, (size_t)bytes);
}

static void strata_rt_fill_tensor(const strata_rt_filling *filling, uint64_t seed, uint32_t stream, char *data) {
    uint32_t words[STRATA_RT_GROUP];
    for (int64_t at = 0; at < filling->count; at++) {
        if (at % STRATA_RT_GROUP == 0) strata_rt_group_words(seed, stream, at / STRATA_RT_GROUP, words);
        strata_rt_fill_element(filling, data, at, words[at % STRATA_RT_GROUP]);
    }
}

/// Element `at` as a real number; of 64-bit integers as near as can be.
static double strata_rt_element(const char *data, int64_t dtype, int64_t at) {
    double real;
    float single;
    int64_t whole = 0;
    uint16_t half;
    switch (dtype) {
        case STRATA_RT_F64: memcpy(&real, data + at * 8, 8); return real;
        case STRATA_RT_F32: memcpy(&single, data + at * 4, 4); return single;
        case STRATA_RT_F16: memcpy(&half, data + at * 2, 2); return strata_rt_half_value(half);
        case STRATA_RT_BF16:
            memcpy(&half, data + at * 2, 2);
            return strata_rt_float_of_bits((uint32_t)half << 16);
        case STRATA_RT_I64: memcpy(&whole, data + at * 8, 8); return (double)whole;
        case STRATA_RT_U64: memcpy(&whole, data + at * 8, 8); return (double)(uint64_t)whole;
        case STRATA_RT_I32: memcpy(&whole, data + at * 4, 4); return (double)(int32_t)whole;
        case STRATA_RT_U32: memcpy(&whole, data + at * 4, 4); return (double)whole;
        case STRATA_RT_I16: memcpy(&whole, data + at * 2, 2); return (double)(int16_t)whole;
        case STRATA_RT_U16: memcpy(&whole, data + at * 2, 2); return (double)whole;
        case STRATA_RT_I8: memcpy(&whole, data + at, 1); return (double)(int8_t)whole;
        default: memcpy(&whole, data + at, 1); return (double)whole;
    }
}

/// Whether a number is neither infinite nor not a number.
static int32_t strata_rt_is_finite(double value) { return value - value == 0; }

/// |found − wanted|; 0 for two that are not a number, infinite where only one is finite.
static double strata_rt_difference(double found, double wanted) {
    if (found == wanted || (found != found && wanted != wanted)) return 0;
    double difference = found < wanted ? wanted - found : found - wanted;
    return strata_rt_is_finite(difference) ? difference : __builtin_inf();
}

/// The square root, by Newton's steps from above, which end where they no longer decrease.
static double strata_rt_root(double value) {
    if (!(value > 0) || !strata_rt_is_finite(value)) return value;
    double root = value > 1 ? value : 1;
    for (;;) {
        double next = 0.5 * (root + value / root);
        if (!(next < root)) return root;
        root = next;
    }
}

/// The error by sums under random signs: an estimate of the root of the sum of all squared differences, over the norm.
static double strata_rt_sum_error(const strata_rt_golden *golden, const char *data, uint64_t seed, uint32_t stream) {
    double sums[STRATA_RT_SUMS];
    uint32_t words[STRATA_RT_GROUP];
    int64_t strange = 0;
    for (int32_t sum = 0; sum < STRATA_RT_SUMS; sum++) sums[sum] = 0;
    for (int64_t at = 0; at < golden->count; at++) {
        if (at % STRATA_RT_GROUP == 0) strata_rt_group_words(seed, stream, at / STRATA_RT_GROUP, words);
        double value = strata_rt_element(data, golden->dtype, at);
        if (!strata_rt_is_finite(value)) {
            strange++;
            continue;
        }
        uint32_t signs = words[at % STRATA_RT_GROUP];
        for (int32_t sum = 0; sum < STRATA_RT_SUMS; sum++) sums[sum] += signs >> sum & 1 ? value : -value;
    }
    if (strange != golden->strange) return __builtin_inf();
    double squares = 0;
    for (int32_t sum = 0; sum < STRATA_RT_SUMS; sum++) {
        double difference = strata_rt_difference(sums[sum], golden->sums[sum]);
        squares += difference * difference;
    }
    return strata_rt_root(squares / STRATA_RT_SUMS) / golden->norm;
}

/// The largest error there is a sign of.
static double strata_rt_golden_error(
    const strata_rt_golden *golden, const char *data, uint64_t seed, uint32_t stream) {
    int64_t samples = golden->sums ? STRATA_RT_FEW_SAMPLES : golden->count;
    double error = 0;
    for (int64_t sample = 0; sample < samples; sample++) {
        int64_t at = golden->sums ? sample * (golden->count - 1) / (samples - 1) : sample;
        double found = strata_rt_element(data, golden->dtype, at);
        double difference = strata_rt_difference(found, golden->samples[sample]) / golden->scale;
        if (difference > error) error = difference;
    }
    double all = golden->sums ? strata_rt_sum_error(golden, data, seed, stream) : 0;
    return all > error ? all : error;
}

/// Gives every state what a case begins with.
static void strata_rt_fill_states(strata_rt_context *context, const strata_rt_test *test, uint64_t seed) {
    const strata_rt_library *library = context->library;
    for (int64_t index = 0; index < library->state_count; index++) {
        const strata_rt_state *state = &library->states[index];
        if (test->states[index].keeps && state->initial) {
            memcpy(context->buffers[index], state->initial, (size_t)state->byte_count);
        } else {
            strata_rt_fill_tensor(
                &test->states[index], seed, STRATA_RT_STATE_STREAMS + (uint32_t)index, context->buffers[index]);
        }
    }
    context->version++;
}

static void strata_rt_note_results(
    strata_rt_trial *trial, const strata_rt_context *context, const strata_rt_test_case *tested, void *const *outputs) {
    for (int64_t index = 0; index < tested->golden_count; index++) {
        const strata_rt_golden *golden = &tested->goldens[index];
        const char *data = golden->state >= 0 ? context->buffers[golden->state] : outputs[golden->output];
        strata_rt_test_result result;
        result.variant = context->library->levels[context->level].name;
        result.function = context->library->functions[tested->function].name;
        result.sizes = tested->sizes;
        result.tensor = golden->name;
        result.is_state = golden->state >= 0;
        result.error = strata_rt_golden_error(
            golden, data, tested->seed, STRATA_RT_SIGN_STREAMS + (uint32_t)index);
        result.bound = golden->bound;
        result.passed = result.error <= result.bound;
        if (!result.passed && trial->failed++ == 0) trial->first = result;
        if (trial->results && trial->count < trial->capacity) trial->results[trial->count] = result;
        trial->count++;
    }
}

/// The memory that a tensor of a case takes, on cache lines of its own.
static int64_t strata_rt_tensor_bytes(const strata_rt_tensor *tensor, int64_t elements) {
    return (elements * tensor->element_bytes + 63) / 64 * 64;
}

/// The number of elements of a function's tensor, inputs before outputs; 0 for an output that nothing is known of.
static int64_t strata_rt_tensor_count(
    const strata_rt_test_case *tested, const strata_rt_function *function, int64_t index) {
    if (index < function->input_count) return tested->inputs[index].count;
    int64_t output = index - function->input_count;
    for (int64_t at = 0; at < tested->golden_count; at++)
        if (tested->goldens[at].state < 0 && tested->goldens[at].output == output) return tested->goldens[at].count;
    return 0;
}

/// Runs one case and notes what came out; a failing call leaves its message in the context.
static int32_t strata_rt_run_case(
    strata_rt_trial *trial, strata_rt_context *context, const strata_rt_test_case *tested) {
    const strata_rt_function *function = &trial->library->functions[tested->function];
    int64_t count = function->input_count + function->output_count;
    int64_t pointers = (count * (int64_t)sizeof(void *) + 63) / 64 * 64;
    int64_t bytes = pointers + 64;
    for (int64_t index = 0; index < count; index++)
        bytes += strata_rt_tensor_bytes(&function->tensors[index], strata_rt_tensor_count(tested, function, index));
    char *memory = strata_rt_allocate(bytes);
    if (!memory) {
        const char *const parts[] = {"self_test: out of memory", NULL};
        return strata_rt_fail(context, STRATA_RT_OUT_OF_MEMORY, parts);
    }
    memset(memory, 0, (size_t)bytes);
    void **tensors = (void **)(void *)memory;
    char *next = memory + pointers;
    for (int64_t index = 0; index < count; index++) {
        tensors[index] = next;
        next += strata_rt_tensor_bytes(&function->tensors[index], strata_rt_tensor_count(tested, function, index));
        if (index < function->input_count)
            strata_rt_fill_tensor(&tested->inputs[index], tested->seed, (uint32_t)index, tensors[index]);
    }
    strata_rt_fill_states(context, trial->test, tested->seed);
    int32_t status = strata_rt_invoke(context, (int32_t)tested->function, tested->dims, tensors);
    if (status == STRATA_RT_OK) strata_rt_note_results(trial, context, tested, tensors + function->input_count);
    free(memory);
    return status;
}

/// Runs all cases with the code of one CPU level.
static int32_t strata_rt_run_level(strata_rt_trial *trial, int32_t rank) {
    strata_rt_options options = *trial->options;
    strata_rt_context *context;
    options.variant = rank;
    int32_t status = strata_rt_create(trial->library, &options, &context);
    if (status != STRATA_RT_OK) return status;
    for (int64_t index = 0; index < trial->test->case_count && status == STRATA_RT_OK; index++)
        status = strata_rt_run_case(trial, context, &trial->test->cases[index]);
    if (status != STRATA_RT_OK) {
        const char *const parts[] = {strata_rt_error(context), NULL};
        strata_rt_join(options.error, options.error_bytes, parts);
    }
    strata_rt_destroy(context);
    return status;
}

/// Writes a number from 0 up as "1.2e-05".
static const char *strata_rt_scientific(char buffer[24], double value) {
    if (!strata_rt_is_finite(value)) return value == value ? "infinite" : "not a number";
    int32_t exponent = 0;
    while (value >= 10 && exponent < 400) {
        value /= 10;
        exponent++;
    }
    while (value > 0 && value < 1 && exponent > -400) {
        value *= 10;
        exponent--;
    }
    int32_t tenths = (int32_t)(value * 10 + 0.5);
    if (tenths >= 100) {
        tenths /= 10;
        exponent++;
    }
    char *to = buffer;
    *to++ = (char)('0' + tenths / 10);
    *to++ = '.';
    *to++ = (char)('0' + tenths % 10);
    *to++ = 'e';
    strata_rt_decimal(to, exponent);
    return buffer;
}

/// Says in the caller's error text what failed first, and how much else.
static int32_t strata_rt_report_failure(const strata_rt_trial *trial) {
    char error[24], bound[24], failed[24], count[24];
    const strata_rt_test_result *first = &trial->first;
    const char *const parts[] = {"self_test: ",
                                 first->variant,
                                 ": ",
                                 first->function,
                                 first->sizes[0] ? " with " : "",
                                 first->sizes,
                                 first->is_state ? ": state '" : ": output '",
                                 first->tensor,
                                 "': error ",
                                 strata_rt_scientific(error, first->error),
                                 ", allowed ",
                                 strata_rt_scientific(bound, first->bound),
                                 "; ",
                                 strata_rt_decimal(failed, trial->failed),
                                 " of ",
                                 strata_rt_decimal(count, trial->count),
                                 " results are beyond their bounds",
                                 NULL};
    strata_rt_join(trial->options->error, trial->options->error_bytes, parts);
    return STRATA_RT_SELF_TEST_FAILED;
}

int32_t strata_rt_self_test(
    const strata_rt_library *library, const strata_rt_test *test, const strata_rt_options *given,
    strata_rt_test_result *results, int64_t capacity, int64_t *count) {
    strata_rt_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.variant = -1;
    if (given && given->size < offsetof(strata_rt_options, error_bytes)) return STRATA_RT_INVALID_ARGUMENT;
    if (given) memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    if (given && given->size < sizeof options) options.error = NULL;
    options.size = sizeof options;

    strata_rt_trial trial;
    memset(&trial, 0, sizeof trial);
    trial.library = library;
    trial.test = test;
    trial.options = &options;
    trial.results = results;
    trial.capacity = capacity;
    int64_t machine = strata_rt_cpu_rank();
    int32_t status = STRATA_RT_OK;
    // A variant that is named, and a machine that can run none, are answered as a context would be.
    if (options.variant != -1 || library->levels[0].rank > machine) {
        status = strata_rt_run_level(&trial, options.variant);
    } else {
        for (int64_t level = 0; level < library->level_count && status == STRATA_RT_OK; level++)
            if (library->levels[level].rank <= machine)
                status = strata_rt_run_level(&trial, (int32_t)library->levels[level].rank);
    }
    if (count) *count = trial.count;
    if (status == STRATA_RT_OK && trial.failed) status = strata_rt_report_failure(&trial);
    return status;
}
