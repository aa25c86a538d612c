// Has the sample library test itself, and prints what it says. Declares what it needs of the C library itself, so that it is
// compiled for targets whose headers are not installed.
#include "sample.h"

extern int printf(const char *format, ...);
extern int fflush(void *stream);

static int run(void) {
    char why[512] = "";
    sample_options options = SAMPLE_OPTIONS_DEFAULT;
    options.error = why;
    options.error_bytes = sizeof why;
    sample_self_test_result results[SAMPLE_SELF_TEST_RESULTS];
    int64_t count = 0;
    int32_t status = sample_self_test(&options, results, SAMPLE_SELF_TEST_RESULTS, &count);
    for (int64_t index = 0; index < count; index++) {
        const sample_self_test_result *result = &results[index];
        printf("%s %s %s %s %s %s\n", result->variant, result->function, result->sizes,
               result->is_state ? "state" : "output", result->tensor, result->passed ? "passed" : "failed");
    }
    printf("%d %s\n", status, why);
    int64_t again = 0;
    int same = sample_self_test(NULL, NULL, 0, &again) == status && again == count;
    fflush(NULL);
    return same && status == SAMPLE_OK ? 0 : 1;
}

#ifdef STANDALONE
extern void exit(int status);
void _start(void) { exit(run()); }
#else
int main(void) { return run(); }
#endif
