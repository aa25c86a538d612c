/* Times one library's f32 matrix product, C[m,n] = A[m,k] · B[k,n], for several shapes.
 *
 *   cc -O2 gemm.c -o gemm -ldl -lm
 *   gemm cblas|dnnl LIBRARY SECONDS 16x16x16 512x512x512 ...
 *   gemm strata FOLDER SECONDS 16x16x16 ...          (FOLDER/libgemm_16x16x16.so)
 *
 * Shapes are MxNxK. LIBRARY is libmkl_rt.so, libopenblas.so, the one inside numpy, or libdnnl.so; nothing is linked, so that
 * nothing need be installed to build this. Threads are the caller's to set: by affinity and by the libraries' variables.
 * Prints one JSON object: for each shape median_us and min_us of a call, and a checksum.
 */
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    int64_t m, n, k;
    float *a, *b, *c;
} Problem;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const char *what, const char *more) {
    fprintf(stderr, "gemm: %s %s\n", what, more ? more : "");
    exit(1);
}

static void *open_library(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!library) fail("can't load", dlerror());
    return library;
}

/* Libraries ----------------------------------------------------------------- */

typedef void (*Run)(const Problem *);

typedef void (*Cblas32)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef void (*Cblas64)(int, int, int, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t,
                        float, float *, int64_t);
enum { ROW_MAJOR = 101, PLAIN = 111 };
static Cblas32 cblas32;
static Cblas64 cblas64;

static void run_cblas32(const Problem *p) {
    int m = (int)p->m, n = (int)p->n, k = (int)p->k;
    cblas32(ROW_MAJOR, PLAIN, PLAIN, m, n, k, 1.0f, p->a, k, p->b, n, 0.0f, p->c, n);
}

static void run_cblas64(const Problem *p) {
    cblas64(ROW_MAJOR, PLAIN, PLAIN, p->m, p->n, p->k, 1.0f, p->a, p->k, p->b, p->n, 0.0f, p->c, p->n);
}

typedef int (*Dnnl)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float,
                    float *, int64_t);
static Dnnl dnnl;

static void run_dnnl(const Problem *p) {
    if (dnnl('N', 'N', p->m, p->n, p->k, 1.0f, p->a, p->k, p->b, p->n, 0.0f, p->c, p->n)) fail("dnnl_sgemm failed", NULL);
}

/* A compiled graph's function `main` of a and b. */
typedef struct {
    uint32_t size;
    int32_t threads, variant;
    uint32_t error_bytes;
    char *error;
} StrataOptions;
typedef int (*StrataMain)(void *, const float *, const float *, float *);
static StrataMain strata_main;
static void *strata_context;

static void run_strata(const Problem *p) {
    if (strata_main(strata_context, p->a, p->b, p->c)) fail("the compiled graph refused", NULL);
}

static void open_strata(const char *folder, const char *shape) {
    char path[4096], name[256], error[512] = "";
    snprintf(path, sizeof path, "%s/libgemm_%s.so", folder, shape);
    void *library = open_library(path);
    snprintf(name, sizeof name, "gemm_%s_create", shape);
    int (*create)(const StrataOptions *, void **) = (int (*)(const StrataOptions *, void **))dlsym(library, name);
    snprintf(name, sizeof name, "gemm_%s_main", shape);
    strata_main = (StrataMain)dlsym(library, name);
    if (!create || !strata_main) fail("not a compiled graph:", path);
    StrataOptions options = {sizeof options, 0, -1, sizeof error, error};
    if (create(&options, &strata_context)) fail("no context:", error);
}

static Run open_kind(const char *kind, const char *path) {
    if (!strcmp(kind, "strata")) return run_strata;
    void *library = open_library(path);
    if (!strcmp(kind, "dnnl")) {
        dnnl = (Dnnl)dlsym(library, "dnnl_sgemm");
        if (!dnnl) fail("no dnnl_sgemm in", path);
        return run_dnnl;
    }
    cblas32 = (Cblas32)dlsym(library, "cblas_sgemm");
    if (cblas32) return run_cblas32;
    cblas64 = (Cblas64)dlsym(library, "scipy_cblas_sgemm64_");
    if (!cblas64) fail("no cblas_sgemm in", path);
    return run_cblas64;
}

/* Measuring ----------------------------------------------------------------- */

/* Memory with numbers in (-1, 1), the same in every process. */
static float *numbers(int64_t count, uint64_t seed) {
    float *memory = aligned_alloc(64, ((size_t)count * sizeof(float) + 63) / 64 * 64);
    for (int64_t at = 0; at < count; at++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        memory[at] = (float)(int32_t)(seed >> 32) * 0x1p-31f;
    }
    return memory;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *shape, Run run, const Problem *p, double seconds, int isFirst) {
    enum { MOST = 100000 };
    static double samples[MOST];
    for (int round = 0; round < 3; round++) run(p);
    double begin = now();
    run(p);
    double one = now() - begin;
    /* So many calls a sample that the clock does not matter. */
    int64_t calls = one > 2e-5 ? 1 : (int64_t)(2e-5 / (one > 1e-8 ? one : 1e-8)) + 1;
    for (double until = now() + 0.25 * seconds; now() < until;) run(p);
    size_t count = 0;
    for (double until = now() + seconds; count < 5 || (count < MOST && now() < until); count++) {
        double start = now();
        for (int64_t call = 0; call < calls; call++) run(p);
        samples[count] = (now() - start) / (double)calls;
    }
    qsort(samples, count, sizeof *samples, ascending);
    double sum = 0, absolute = 0;
    for (int64_t at = 0; at < p->m * p->n; at++) {
        sum += p->c[at];
        absolute += fabs(p->c[at]);
    }
    printf("%s\"%s\": {\"median_us\": %.4f, \"min_us\": %.4f, \"samples\": %zu, \"sum\": %.9g, \"abs_sum\": %.9g}",
           isFirst ? "{" : ", ", shape, samples[count / 2] * 1e6, samples[0] * 1e6, count, sum, absolute);
}

int main(int argc, char **argv) {
    if (argc < 5) fail("usage: gemm cblas|dnnl|strata LIBRARY SECONDS MxNxK...", NULL);
    Run run = open_kind(argv[1], argv[2]);
    double seconds = atof(argv[3]);
    for (int at = 4; at < argc; at++) {
        long long m, n, k;
        if (sscanf(argv[at], "%lldx%lldx%lld", &m, &n, &k) != 3) fail("not a shape:", argv[at]);
        Problem problem = {m, n, k, numbers(m * k, 1), numbers(k * n, 2), numbers(m * n, 3)};
        if (run == run_strata) open_strata(argv[2], argv[at]);
        measure(argv[at], run, &problem, seconds, at == 4);
        free(problem.a);
        free(problem.b);
        free(problem.c);
    }
    printf("}\n");
    fflush(stdout);
    _Exit(0);
}
