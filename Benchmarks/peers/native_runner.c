/* Times ONNX Runtime, OpenVINO and Strata through their C interfaces, without Python.
 *
 *   cc -O2 native_runner.c -o native_runner -ldl -lm
 *   native_runner ort|openvino|strata LIBRARY MODEL INPUT.bin DIMS THREADS SECONDS OUTPUTS
 *
 * LIBRARY is libonnxruntime.so or libopenvino_c.so and MODEL an ONNX file; or
 * LIBRARY is a compiled libNAME.so and MODEL its parameters (see read_parameters).
 * INPUT.bin is the raw float32 input "x", DIMS its shape as 1x784, OUTPUTS the
 * number of elements of the result.  Prints one JSON object.  The ONNX Runtime
 * interface is a table of functions whose order never changes; the positions
 * used here are named below, so no header is needed.
 */
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "native_runner: %s\n", what);
    exit(1);
}

static void *symbol(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (!found) fail(name);
    return found;
}

/* What a backend offers: run one inference, the output ends in `output`. */
typedef struct {
    void (*run)(void);
    float *output;
} Backend;

static float *input_data;
static size_t input_count;
static int64_t dims[8];
static size_t rank;

/* ONNX Runtime ------------------------------------------------------------ */

enum {
    ORT_GET_ERROR_MESSAGE = 2, ORT_CREATE_ENV = 3, ORT_CREATE_SESSION = 7, ORT_RUN = 9,
    ORT_CREATE_SESSION_OPTIONS = 10, ORT_SET_OPTIMIZATION_LEVEL = 23,
    ORT_SET_INTRA_THREADS = 24, ORT_SET_INTER_THREADS = 25, ORT_CREATE_TENSOR_WITH_DATA = 49,
    ORT_GET_TENSOR_DATA = 51, ORT_CREATE_CPU_MEMORY_INFO = 69
};

static void **ort;
static void *ort_session, *ort_input, *ort_output;
static Backend backend;

static void ort_check(void *status) {
    if (status) fail(((const char *(*)(void *))ort[ORT_GET_ERROR_MESSAGE])(status));
}

static void ort_run(void) {
    const char *inputs[] = {"x"}, *outputs[] = {"y"};
    void *values[] = {ort_input};
    typedef void *(*Run)(void *, void *, const char *const *, void **, size_t,
                         const char *const *, size_t, void **);
    ort_check(((Run)ort[ORT_RUN])(ort_session, NULL, inputs, values, 1, outputs, 1, &ort_output));
}

static void ort_open(void *library, const char *model, int threads) {
    struct Base { void **(*get_api)(uint32_t); const char *(*version)(void); };
    struct Base *base = ((struct Base *(*)(void))symbol(library, "OrtGetApiBase"))();
    ort = base->get_api(16);
    if (!ort) fail("no such interface version");
    void *environment, *options, *memory;
    ort_check(((void *(*)(int, const char *, void **))ort[ORT_CREATE_ENV])(3, "peer", &environment));
    ort_check(((void *(*)(void **))ort[ORT_CREATE_SESSION_OPTIONS])(&options));
    ort_check(((void *(*)(void *, int))ort[ORT_SET_OPTIMIZATION_LEVEL])(options, 99));
    ort_check(((void *(*)(void *, int))ort[ORT_SET_INTRA_THREADS])(options, threads));
    ort_check(((void *(*)(void *, int))ort[ORT_SET_INTER_THREADS])(options, 1));
    ort_check(((void *(*)(void *, const char *, void *, void **))ort[ORT_CREATE_SESSION])(
        environment, model, options, &ort_session));
    ort_check(((void *(*)(int, int, void **))ort[ORT_CREATE_CPU_MEMORY_INFO])(1, 0, &memory));
    typedef void *(*Create)(void *, void *, size_t, const int64_t *, size_t, int, void **);
    ort_check(((Create)ort[ORT_CREATE_TENSOR_WITH_DATA])(
        memory, input_data, input_count * sizeof(float), dims, rank, 1, &ort_input));
    ort_run();
    ort_check(((void *(*)(void *, void **))ort[ORT_GET_TENSOR_DATA])(ort_output,
                                                                     (void **)&backend.output));
    backend.run = ort_run;
}

/* OpenVINO ---------------------------------------------------------------- */

static int (*ov_infer)(void *);
static void *ov_request;

static void ov_check(int status) {
    if (status) fail("OpenVINO call failed");
}

static void ov_run(void) { ov_check(ov_infer(ov_request)); }

static void ov_open(void *library, const char *model_path, int threads) {
    void *core, *model, *compiled, *tensor, *data;
    char count[16];
    snprintf(count, sizeof count, "%d", threads);
    ov_check(((int (*)(void **))symbol(library, "ov_core_create"))(&core));
    ov_check(((int (*)(void *, const char *, const char *, void **))symbol(
        library, "ov_core_read_model"))(core, model_path, NULL, &model));
    typedef int (*Compile)(void *, void *, const char *, size_t, void **, ...);
    ov_check(((Compile)symbol(library, "ov_core_compile_model"))(
        core, model, "CPU", 8, &compiled, "INFERENCE_NUM_THREADS", count, "NUM_STREAMS", "1",
        "PERFORMANCE_HINT", "LATENCY", "INFERENCE_PRECISION_HINT", "f32"));
    ov_check(((int (*)(void *, void **))symbol(
        library, "ov_compiled_model_create_infer_request"))(compiled, &ov_request));
    ov_infer = (int (*)(void *))symbol(library, "ov_infer_request_infer");
    int (*get_data)(void *, void **) = (int (*)(void *, void **))symbol(library, "ov_tensor_data");
    ov_check(((int (*)(void *, void **))symbol(library, "ov_infer_request_get_input_tensor"))(
        ov_request, &tensor));
    ov_check(get_data(tensor, &data));
    memcpy(data, input_data, input_count * sizeof(float));
    ov_run();
    ov_check(((int (*)(void *, void **))symbol(library, "ov_infer_request_get_output_tensor"))(
        ov_request, &tensor));
    ov_check(get_data(tensor, &data));
    backend.output = data;
    backend.run = ov_run;
}

/* Strata ------------------------------------------------------------------ */

typedef struct {
    uint32_t size;
    int32_t threads, variant;
    uint32_t error_bytes;
    char *error;
} StrataOptions;
typedef int (*StrataCall)(void *, const char *, const int64_t *, const void *const *, void *const *);

static StrataCall strata_call;
static void *strata_context;

static void strata_run(void) {
    const void *inputs[] = {input_data};
    void *outputs[] = {backend.output};
    if (strata_call(strata_context, "predict", dims, inputs, outputs)) fail("Strata: predict failed");
}

/* Sets every state of a file: for each a line "name bytes", then its bytes. */
static void read_parameters(const char *path, int (*set)(void *, const char *, const void *, size_t)) {
    char name[512];
    size_t bytes;
    FILE *f = fopen(path, "rb");
    if (!f) fail(path);
    while (fscanf(f, "%500s %zu", name, &bytes) == 2 && fgetc(f) == '\n') {
        void *data = malloc(bytes);
        if (fread(data, 1, bytes, f) != bytes || set(strata_context, name, data, bytes)) fail(name);
        free(data);
    }
    fclose(f);
}

static void *strata_symbol(void *library, const char *name, const char *function) {
    char symbol_name[512];
    snprintf(symbol_name, sizeof symbol_name, "%s_%s", name, function);
    return symbol(library, symbol_name);
}

static void strata_open(void *library, const char *path, const char *parameters, int threads, size_t count) {
    char name[256], error[512] = "";
    const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (sscanf(file, "lib%250[^.]", name) != 1) fail("LIBRARY is not named libNAME.so");
    StrataOptions options = {sizeof options, threads, -1, sizeof error, error};
    int (*create)(const StrataOptions *, void **) =
        (int (*)(const StrataOptions *, void **))strata_symbol(library, name, "create");
    if (create(&options, &strata_context)) fail(error);
    read_parameters(parameters, (int (*)(void *, const char *, const void *, size_t))strata_symbol(library, name, "set"));
    strata_call = (StrataCall)strata_symbol(library, name, "call");
    backend.output = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    backend.run = strata_run;
    strata_run();
}

/* Measuring --------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double peak_mib(void) {
    char line[256];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1) break;
    if (f) fclose(f);
    return (double)kib / 1024.0;
}

int main(int argc, char **argv) {
    if (argc != 9) fail("usage: native_runner ort|openvino|strata LIBRARY MODEL INPUT DIMS THREADS SECONDS OUTPUTS");
    const char *start = getenv("PEER_T0");
    double begin = now();
    int threads = atoi(argv[6]);
    double seconds = atof(argv[7]);
    size_t outputs = (size_t)atoll(argv[8]);
    input_count = 1;
    char *shape = strdup(argv[5]);
    for (char *part = strtok(shape, "x"); part; part = strtok(NULL, "x")) {
        dims[rank] = atoll(part);
        input_count *= (size_t)dims[rank++];
    }
    input_data = aligned_alloc(64, (input_count * sizeof(float) + 63) / 64 * 64);
    FILE *f = fopen(argv[4], "rb");
    if (!f || fread(input_data, sizeof(float), input_count, f) != input_count) fail(argv[4]);
    fclose(f);
    void *library = dlopen(argv[2], RTLD_NOW | RTLD_GLOBAL);
    if (!library) fail(dlerror());
    if (!strcmp(argv[1], "ort")) ort_open(library, argv[3], threads);
    else if (!strcmp(argv[1], "strata")) strata_open(library, argv[2], argv[3], threads, outputs);
    else ov_open(library, argv[3], threads);
    double first = now();

    enum { MOST = 200000 };
    double *samples = malloc(MOST * sizeof(double));
    size_t count = 0;
    double until = now() + 0.25 * seconds;
    while (now() < until) backend.run();
    until = now() + seconds;
    while (count < MOST && (count < 5 || now() < until)) {
        double t = now();
        backend.run();
        samples[count++] = now() - t;
    }
    qsort(samples, count, sizeof(double), ascending);
    double sum = 0, absolute = 0;
    for (size_t at = 0; at < outputs; at++) {
        sum += backend.output[at];
        absolute += fabs(backend.output[at]);
    }
    printf("{\"first\": %.9g, \"sum\": %.9g, \"abs_sum\": %.9g, \"load_to_first_s\": %.6f, \"process_to_first_s\": %.6f, "
           "\"median_us\": %.3f, \"min_us\": %.3f, \"repetitions\": %zu, \"peak_rss_mib\": %.1f}\n",
           (double)backend.output[0], sum, absolute, first - begin, start ? first - atof(start) : -1.0,
           samples[count / 2] * 1e6, samples[0] * 1e6, count, peak_mib());
    fflush(stdout);
    _Exit(0);
}
