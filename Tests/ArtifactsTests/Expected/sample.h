/* sample: a compiled model. Generated: change the model and compile it again.
 *
 * Tensors are row-major and contiguous; the caller owns every input and output, which must be aligned to its elements
 * and must not overlap. One context is used by one thread at a time; different contexts are independent.
 * Every function that returns int32_t returns a status; sample_error says what was wrong. On a status other than
 * SAMPLE_OK the function has done nothing, unless its comment says otherwise.
 *
 * Dimensions:
 *   B in 1...4096
 *   N in 4...64, a multiple of 4
 *
 * States (zero in a new context):
 *   "hidden/weight": f32[4], parameter, 16 bytes
 *   "step": i64[], counter, 8 bytes
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface; sample_abi_version() returns the one of the library. */
#define SAMPLE_ABI_VERSION 1

/** What calls return. */
enum {
    SAMPLE_OK = 0,
    SAMPLE_INVALID_ARGUMENT = 1,
    SAMPLE_OUT_OF_MEMORY = 2,
    SAMPLE_FILE = 3,
    SAMPLE_UNSUPPORTED = 4
};

/** The CPU levels that the library has code for. */
enum {
    SAMPLE_VARIANT_BEST = -1,
    SAMPLE_VARIANT_BASELINE = 0,
    SAMPLE_VARIANT_V3 = 1,
    SAMPLE_VARIANT_V4 = 2,
    SAMPLE_VARIANT_DOT = 3,
    SAMPLE_VARIANT_AMX = 4
};

/** States, workspace and threads of one user of the model. */
typedef struct sample_context sample_context;

/** How a context is made. Start from SAMPLE_OPTIONS_DEFAULT. */
typedef struct sample_options {
    uint32_t size;        /**< sizeof(sample_options) */
    int32_t threads;      /**< threads to use, 1...256; 0: one for each processor this process may run on */
    int32_t variant;      /**< a CPU level from above; -1: the best that this machine can run */
    uint32_t error_bytes; /**< size of the text at error */
    char *error;          /**< where a failing create writes why; may be NULL */
} sample_options;

#define SAMPLE_OPTIONS_DEFAULT { sizeof(sample_options), 0, -1, 0, NULL }

/** The version of the library's interface. */
int32_t sample_abi_version(void);

/** The manifest as JSON: levels, dimensions, states, functions. Valid for as long as the library is loaded. */
const char *sample_info(void);

/** Makes a context; options may be NULL for the defaults. *context is NULL on failure. */
int32_t sample_create(const sample_options *options, sample_context **context);

/** Ends a context and its threads; NULL is allowed. */
void sample_destroy(sample_context *context);

/** The message of the last call that failed on this context. */
const char *sample_error(const sample_context *context);

/** The name of the CPU level in use. */
const char *sample_variant(const sample_context *context);

/** The number of threads in use, the caller's among them. */
int32_t sample_threads(const sample_context *context);

/** Bytes of one state, or of all together when state is NULL. */
int32_t sample_state_bytes(sample_context *context, const char *state, int64_t *bytes);

/** Bytes of scratch memory that a function needs; dims as the function takes them. The context grows its own on demand. */
int32_t sample_workspace_bytes(
    sample_context *context, const char *function, const int64_t *dims, int64_t *bytes);

/** Copies a state out, in row-major order; bytes must be its size. */
int32_t sample_get(sample_context *context, const char *state, void *data, size_t bytes);

/** Copies a state in, in row-major order; bytes must be its size. */
int32_t sample_set(sample_context *context, const char *state, const void *data, size_t bytes);

/** Reads states from a safetensors file. It must hold every parameter and buffer; slots and counters that it lacks keep
 *  their values, tensors that are no states are passed over. The file is checked before any state changes. */
int32_t sample_load(sample_context *context, const char *path);

/** Writes all states to a safetensors file, which is complete or not there. */
int32_t sample_save(sample_context *context, const char *path);

/** Writes an image of the context to a file, which is complete or as it was: all states and all that functions keep, to be
 *  mapped by contexts of the same library and CPU level. source, of at most 1023 bytes, says where the states are from in
 *  the caller's own words; it may be NULL. */
int32_t sample_save_image(sample_context *context, const char *path, const char *source);

/** Maps an image in place of the context's own memory: nothing is computed again, and processes that map the same file
 *  share its pages until they write to them; the file never changes. If source is not NULL, it must be the one the image
 *  was saved with. SAMPLE_UNSUPPORTED says that the image is whole, but of another library, CPU level or source. */
int32_t sample_map_image(sample_context *context, const char *path, const char *source);

/** Calls a function by name: its dimensions, its inputs, its outputs, in the order of its declaration below. */
int32_t sample_call(
    sample_context *context, const char *function, const int64_t *dims, const void *const *inputs,
    void *const *outputs);

/** Calls a function by its number, from 0 in the order of the declarations below: its dimensions, then one list of its
 *  inputs and outputs. */
int32_t sample_invoke(
    sample_context *context, int32_t function, const int64_t *dims, void *const *tensors);

/** Runs the graph function predict.
 *  @param context made by sample_create
 *  @param B dimension, 1...4096
 *  @param image input, f32[B, 4]
 *  @param probabilities output, f32[B, 4]
 */
int32_t sample_predict(sample_context *context, int64_t B, const float *image, float *probabilities);

/** Runs the graph function train.
 *  @param context made by sample_create
 *  @param loss output, f32[]
 */
int32_t sample_train(sample_context *context, float *loss);

/** Runs the graph function level.
 *  @param context made by sample_create
 *  @param N dimension, 4...64, a multiple of 4
 *  @param class_ input 'class', bool[N] (0 or 1 each)
 *  @param rank output, i32[]
 */
int32_t sample_level(sample_context *context, int64_t N, const uint8_t *class_, int32_t *rank);

#ifdef __cplusplus
}
#endif
#endif
