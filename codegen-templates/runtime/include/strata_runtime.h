/// The runtime that every generated library carries: contexts, checks, state, weights, threads.
///
/// The same text is compiled in two ways: natively, as a target of this package, so that it can be tested; and once
/// into target-neutral LLVM IR (generate-ir.sh), which the artifact builder completes with a model's tables. In a
/// library called NAME every `strata_rt_` reads `NAME_rt_` and is hidden, so that several libraries live in one program.
///
/// Freestanding: no hosted header, no variadic function, no structure passed by value.
#ifndef STRATA_RUNTIME_H
#define STRATA_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Changes whenever a caller compiled against an older header could misbehave.
#define STRATA_RT_ABI_VERSION 1

/// What every call answers: 0 for success, else one of these; the context's error text says more.
enum {
    STRATA_RT_OK = 0,
    STRATA_RT_INVALID_ARGUMENT = 1,
    STRATA_RT_OUT_OF_MEMORY = 2,
    STRATA_RT_FILE = 3,
    STRATA_RT_UNSUPPORTED = 4,
    STRATA_RT_SELF_TEST_FAILED = 5,
};

typedef struct strata_rt_pool strata_rt_pool;
typedef struct strata_rt_context strata_rt_context;
typedef struct strata_rt_recorder strata_rt_recorder;

// ---- What the code generator emits and calls ----

/// What a call does about what is kept: nothing, computes it before all else, computes it and nothing else.
enum { STRATA_RT_RENEWS_NOTHING = 0, STRATA_RT_RENEWS_FIRST = 1, STRATA_RT_RENEWS_ONLY = 2 };

/// One call of one graph function.
typedef struct {
    void **buffers;       ///< States in module order, then inputs, outputs, the workspace, and what is kept.
    const int64_t *dims;  ///< The value of every dimension symbol, in module order.
    strata_rt_pool *pool;
    strata_rt_recorder *recorder;  ///< Where a library that records kernels writes; NULL for nowhere.
    int64_t renews;       ///< What is done about what is kept, as below.
} strata_rt_call;

/// The driver of one graph function at one CPU level.
typedef void (*strata_rt_plan)(const strata_rt_call *call);
/// Bytes of workspace one graph function needs for these dimensions and that many threads.
typedef int64_t (*strata_rt_workspace)(const int64_t *dims, int64_t threads);
/// A kernel's share of work: chunks [begin, end).
typedef void (*strata_rt_task)(void *arguments, int64_t begin, int64_t end);

/// Calls `task` on each unit chunk of [0, count), on the pool's threads and the caller's, and returns when all are done.
///
/// Chunks are claimed one by one, so no result depends on the number of threads; the caller waits only for chunks that
/// a worker has claimed. Serial, as one call of [0, count), when the pool has one thread or count is 1.
void strata_rt_parallel_for(strata_rt_pool *pool, strata_rt_task task, void *arguments, int64_t count);

/// How a graph function runs at one CPU level, as a table.
///
/// `numbers` holds polynomials over the dimensions, known by where they begin: a constant, the number of further terms, and
/// for each its coefficient, how many dimensions it is multiplied with, and which. `places` holds four words each: a
/// buffer of the call, or a constant as −1 − its index, the number of bytes from its beginning, −1 or for a
/// place in a slot the number of bytes that each item has there, and −1 or the number of bytes of one example. `words` holds the steps: how many words this one takes,
/// the kernel, how many places it is given, the number of its iterations (−1: it is
/// not divided) and that of how many make a chunk, the number of a condition (−1: none) and, if there is one, the numbers that
/// it must reach and be below; then the places, and the kernel's own numbers.
///
/// A chain is steps that are all taken for one item before the next, by one thread, which has a slot of the workspace for
/// what only they use. It begins with the words 6, −1, how many steps, the number of its items, −1, and how many items one thread takes
/// in order; the iterations of its steps are those of one item, and none has a condition. In a chain over examples the last word but
/// one is a dimension, and the items are its size: kernels see a size of 1, and what all examples have is where the example's is.
typedef struct {
    int64_t count;  ///< Steps.
    const int32_t *words;
    const int32_t *places;
    const int64_t *numbers;
    const strata_rt_task *kernels;
    const void *const *constants;
    int64_t dim_count;  ///< Dimension symbols of the model; every kernel is given all, after its places.
    int64_t kept;       ///< As many steps, the first, compute what is kept: passed over unless the call renews it.
    int64_t slots;      ///< The number of bytes of workspace before the slots, one for each thread.
    int64_t slot_bytes; ///< The number of bytes of a slot.
} strata_rt_steps;

/// The most words that a kernel in a chain is given.
enum { STRATA_RT_CHAIN_WORDS = 64 };

/// Runs one kernel, `number` among the steps, on chunks [begin, end): divided among threads, or by the calling one.
typedef void (*strata_rt_runner)(
    const strata_rt_call *call, int64_t number, strata_rt_task task, void *arguments, int64_t begin, int64_t end,
    int32_t divides);

/// Runs the steps in order. `block` has room for the most words any kernel is given; `recorded` runs kernels where they
/// are recorded, and is NULL elsewhere.
void strata_rt_run_steps(
    const strata_rt_call *call, const strata_rt_steps *steps, int64_t *block, strata_rt_runner recorded);

// ---- The tables of a model (constants beside the generated code) ----

/// A CPU level: its name, the rank `strata_rt_cpu_rank` must reach, and a text that differs wherever the code or the
/// states of the library do.
typedef struct {
    const char *name;
    int64_t rank;
    const char *identity;
} strata_rt_level;

/// A dimension symbol: its inclusive range, and the number it must be a multiple of.
typedef struct {
    const char *name;
    int64_t minimum, maximum, multiple;
} strata_rt_dim;

/// A state: its path name, element type in graph text ("f32"), shape, and initial bytes (NULL: zeros).
typedef struct {
    const char *name;
    const char *dtype;
    int64_t rank;
    const int64_t *shape;
    int64_t byte_count;
    int64_t required;  ///< Not 0 if a weights file must hold it.
    const void *initial;
} strata_rt_state;

/// An input or output: its name, type in graph text ("f32[B, 784]"), and bytes of one element.
typedef struct {
    const char *name;
    const char *type;
    int64_t element_bytes;
} strata_rt_tensor;

/// What a graph function computes from states alone, at one CPU level: kept between calls for as long as the states stay
/// as they are.
typedef struct {
    int64_t bytes;    ///< Memory for it.
    int64_t changes;  ///< Not 0 if a call changes states from which some function of the library keeps something.
} strata_rt_kept;

/// A graph function; `plans`, `workspaces` and `kept` have one entry a level.
typedef struct {
    const char *name;
    int64_t dim_count;
    const int64_t *dims;  ///< Indices of the dimension symbols that the caller gives, ascending.
    int64_t input_count;
    int64_t output_count;
    const strata_rt_tensor *tensors;  ///< Inputs, then outputs.
    const strata_rt_plan *plans;
    const strata_rt_workspace *workspaces;
    const strata_rt_kept *const *kept;
} strata_rt_function;

/// A whole model; levels ascend in rank.
typedef struct {
    const char *name;
    const char *manifest;
    int64_t level_count;
    const strata_rt_level *levels;
    int64_t dim_count;
    const strata_rt_dim *dims;
    int64_t state_count;
    const strata_rt_state *states;
    int64_t function_count;
    const strata_rt_function *functions;
} strata_rt_library;

// ---- Contexts ----

/// How a context is made; `size` is the size of this structure as the caller knows it.
typedef struct {
    uint32_t size;
    int32_t threads;       ///< 0: as many as this process may use.
    int32_t variant;       ///< Rank of the CPU level to use; -1: the best this machine can run.
    uint32_t error_bytes;  ///< Bytes at `error`.
    char *error;           ///< Where a failing create writes its message; may be NULL.
} strata_rt_options;

int32_t strata_rt_create(const strata_rt_library *library, const strata_rt_options *options, strata_rt_context **out);
void strata_rt_destroy(strata_rt_context *context);
const char *strata_rt_error(const strata_rt_context *context);
const char *strata_rt_variant(const strata_rt_context *context);
int32_t strata_rt_threads(const strata_rt_context *context);

/// Checks everything, then runs function `index`; `dims` as the function lists them, `tensors` inputs then outputs.
int32_t strata_rt_invoke(strata_rt_context *context, int32_t index, const int64_t *dims, void *const *tensors);
/// The same by name, with inputs and outputs apart.
int32_t strata_rt_call_named(
    strata_rt_context *context, const char *function, const int64_t *dims, const void *const *inputs,
    void *const *outputs);
int32_t strata_rt_workspace_bytes(
    strata_rt_context *context, const char *function, const int64_t *dims, int64_t *bytes);

int32_t strata_rt_state_bytes(strata_rt_context *context, const char *state, int64_t *bytes);
int32_t strata_rt_get(strata_rt_context *context, const char *state, void *data, size_t bytes);
int32_t strata_rt_set(strata_rt_context *context, const char *state, const void *data, size_t bytes);
int32_t strata_rt_load(strata_rt_context *context, const char *path);
int32_t strata_rt_save(strata_rt_context *context, const char *path);
/// An image: all states and all that functions keep, to be mapped; `source` is the caller's word for where they are from.
int32_t strata_rt_save_image(strata_rt_context *context, const char *path, const char *source);
int32_t strata_rt_map_image(strata_rt_context *context, const char *path, const char *source);

// ---- Recording kernels: in libraries compiled for that, and in no others ----

/// A stretch of work: one kernel call from start to end on the calling thread, or chunks of it on one thread.
typedef struct {
    int64_t call;        ///< The number of the kernel call in its function.
    int64_t chunk;       ///< The first chunk, or -1 for the call as a whole.
    int64_t thread;      ///< What the system calls the thread.
    int64_t start, end;  ///< Nanoseconds of the monotonic clock.
} strata_rt_event;

/// Memory of the caller's for events, which calls append to.
struct strata_rt_recorder {
    strata_rt_event *events;
    int64_t capacity;
    int64_t count;  ///< Events there were; those beyond the capacity are lost.
};

/// Makes the calls of a context append to `recorder`, which must outlive them; NULL ends that.
int32_t strata_rt_record(strata_rt_context *context, strata_rt_recorder *recorder);
/// Runs kernel call `number` on chunks [begin, end), with its events; `divides` says whether on the call's pool, from chunk 0.
void strata_rt_recorded_for(
    const strata_rt_call *call, int64_t number, strata_rt_task task, void *arguments, int64_t begin, int64_t end,
    int32_t divides);

// ---- Testing oneself: in libraries compiled for that, and in no others ----

/// Element types by number.
enum {
    STRATA_RT_F64, STRATA_RT_F32, STRATA_RT_F16, STRATA_RT_BF16, STRATA_RT_I64, STRATA_RT_I32, STRATA_RT_I16, STRATA_RT_I8,
    STRATA_RT_U64, STRATA_RT_U32, STRATA_RT_U16, STRATA_RT_U8, STRATA_RT_BOOL
};

/// How a tensor is filled with random numbers: reals uniform in [low, high), integers and truth values in low...high.
typedef struct {
    int64_t count;  ///< Elements.
    int64_t dtype;
    double low, high;
    int64_t keeps;  ///< Of a state, not 0 if it stays as it is in a new context, where the library holds its value.
} strata_rt_filling;

/// What an output, or a state after the call, has to be. Of more than STRATA_RT_MOST_SAMPLES elements, some are
/// there themselves, evenly from the first to the last, and all of them in sums under random signs.
typedef struct {
    const char *name;
    int64_t state;  ///< The index of the state, or -1.
    int64_t output; ///< The index of the output, or -1.
    int64_t count, dtype;
    double scale;   ///< What differences of elements are relative to.
    double norm;    ///< What the root of the sum of their squares is relative to.
    double bound;   ///< The largest error that is allowed.
    int64_t strange;  ///< Elements that are infinite or not a number.
    const double *samples;
    const double *sums;  ///< STRATA_RT_SUMS of them; NULL where every element is a sample.
} strata_rt_golden;

enum { STRATA_RT_MOST_SAMPLES = 64, STRATA_RT_FEW_SAMPLES = 32, STRATA_RT_SUMS = 8 };

/// A call of a function: its dimensions, and "B=3" of them; its inputs are filled.
typedef struct {
    int64_t function;
    const int64_t *dims;
    const char *sizes;
    uint64_t seed;
    const strata_rt_filling *inputs;
    int64_t golden_count;
    const strata_rt_golden *goldens;
} strata_rt_test_case;

/// All that a library tests itself with; `states` has one entry a state.
typedef struct {
    const strata_rt_filling *states;
    int64_t case_count;
    const strata_rt_test_case *cases;
} strata_rt_test;

/// What came out of one output or state at one CPU level.
typedef struct {
    const char *variant;
    const char *function;
    const char *sizes;
    const char *tensor;
    int32_t is_state;
    int32_t passed;
    double error;
    double bound;
} strata_rt_test_result;

/// Runs every case at every CPU level that this machine can run, or the one of the options, in contexts of its own.
/// `count` takes the number of results, of which the first `capacity` are written. STRATA_RT_SELF_TEST_FAILED says that
/// some did not pass; the options' error text names the first.
int32_t strata_rt_self_test(
    const strata_rt_library *library, const strata_rt_test *test, const strata_rt_options *options,
    strata_rt_test_result *results, int64_t capacity, int64_t *count);

// ---- Threads and processors ----

/// A pool of `threads` threads, the caller's among them; NULL if memory is out. The others are started by the first job
/// that is divided, fewer if the system refuses.
strata_rt_pool *strata_rt_pool_create(int32_t threads);
void strata_rt_pool_destroy(strata_rt_pool *pool);
int32_t strata_rt_pool_threads(const strata_rt_pool *pool);
/// Processors this process may run on, at least 1.
int32_t strata_rt_processor_count(void);

/// The rank of this machine: 0 baseline, 1 x86-64-v3, 2 x86-64-v4, 3 the same with AMX for bf16.
int32_t strata_rt_cpu_rank(void);
/// The same from what `cpuid` and `xgetbv` answer (registers in order a, b, c, d), so that it can be tested anywhere.
int32_t strata_rt_rank_of_features(
    const uint32_t leaf1[4], const uint32_t leaf7[4], const uint32_t leaf7sub1[4], const uint32_t extended1[4],
    uint64_t enabled);

// ---- What each architecture supplies ----

/// The registers a, b, c, d after `cpuid`; zeros where there is no such instruction.
void strata_rt_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]);
/// Extended control register 0: which register files the system saves; 0 where there is none.
uint64_t strata_rt_xgetbv(void);
/// Asks the system for this process's tile registers; 1 if they are granted.
int32_t strata_rt_request_tiles(void);
/// Tells the processor that a loop is waiting.
void strata_rt_pause(void);

#ifdef __cplusplus
}
#endif
#endif
