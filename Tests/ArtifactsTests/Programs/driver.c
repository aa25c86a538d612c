// Uses the sample library through its header alone, and prints what it sees. Arguments: a weights file, a scratch file.
// Declares what it needs of the C library itself, so that it is compiled for targets whose headers are not installed.
#include "sample.h"

extern int printf(const char *format, ...);
extern int fflush(void *stream);
extern int strcmp(const char *left, const char *right);

static float image[4 * 4096], probabilities[4 * 4096];

/// Runs predict on a batch; returns how many elements are wrong.
static int wrong(sample_context *context, int64_t batch, float offset) {
    int wrong = 0;
    for (int64_t index = 0; index < 4 * batch; index++) image[index] = (float)index;
    if (sample_predict(context, batch, image, probabilities) != SAMPLE_OK) return -1;
    for (int64_t index = 0; index < 4 * batch; index++)
        wrong += probabilities[index] != (float)index + 10.0f * (float)(index % 4 + 1) + offset;
    return wrong;
}

static void show_failures(sample_context *context) {
    int64_t bytes = 0;
    uint8_t classes[64] = {0};
    int32_t rank = 0;
    printf("%d ", sample_predict(context, 0, image, probabilities)), printf("%s\n", sample_error(context));
    printf("%d ", sample_predict(context, 5000, image, probabilities)), printf("%s\n", sample_error(context));
    printf("%d ", sample_predict(context, 1, NULL, probabilities)), printf("%s\n", sample_error(context));
    printf("%d ", sample_predict(context, 1, image, NULL)), printf("%s\n", sample_error(context));
    printf("%d ", sample_level(context, 6, classes, &rank)), printf("%s\n", sample_error(context));
    printf("%d ", sample_set(context, "hidden/bias", image, 16)), printf("%s\n", sample_error(context));
    printf("%d ", sample_get(context, "hidden/weight", image, 12)), printf("%s\n", sample_error(context));
    printf("%d ", sample_load(context, "/nowhere")), printf("%s\n", sample_error(context));
    printf("%d ", sample_workspace_bytes(context, "serve", NULL, &bytes)), printf("%s\n", sample_error(context));
    printf("%d %s\n", sample_predict(NULL, 1, image, probabilities), sample_error(NULL));
}

/// Each variant either runs its own code or is refused.
static void show_variants(void) {
    const int32_t variants[] = {0, 1, 2};
    for (int index = 0; index < 3; index++) {
        char error[256] = "";
        sample_options options = SAMPLE_OPTIONS_DEFAULT;
        sample_context *context = NULL;
        options.variant = variants[index];
        options.threads = 1;
        options.error = error;
        options.error_bytes = sizeof error;
        int32_t status = sample_create(&options, &context), rank = -1;
        uint8_t classes[4] = {0};
        if (status == SAMPLE_OK) sample_level(context, 4, classes, &rank);
        int agrees = status == SAMPLE_OK ? rank == variants[index] : status == SAMPLE_UNSUPPORTED && error[0];
        printf("variant %d %s\n", variants[index], agrees ? "agrees" : "differs");
        sample_destroy(context);
    }
}

static int run(const char *weights, const char *scratch) {
    const int64_t batches[] = {1, 7, 64, 4096, 3}, dims[] = {100};
    const int32_t threads[] = {1, 2, 5};
    int64_t bytes = 0;
    float loss = 0, state[4];
    sample_context *context = NULL;
    printf("version %d %d\n", SAMPLE_ABI_VERSION == sample_abi_version(), sample_info()[0]);
    for (int index = 0; index < 3; index++) {
        sample_options options = SAMPLE_OPTIONS_DEFAULT;
        options.threads = threads[index];
        if (sample_create(&options, &context) != SAMPLE_OK) return 1;
        if (strcmp(weights, "embedded") != 0 && sample_load(context, weights) != SAMPLE_OK) {
            printf("%s\n", sample_error(context));
            return 1;
        }
        printf("threads %d wrong", sample_threads(context));
        for (int batch = 0; batch < 5; batch++) printf(" %d", wrong(context, batches[batch], 0));
        printf("\n");
        sample_destroy(context);
    }
    if (sample_create(NULL, &context) != SAMPLE_OK) return 1;
    sample_workspace_bytes(context, "predict", dims, &bytes);
    printf("workspace %d", (int)bytes);
    sample_state_bytes(context, NULL, &bytes);
    printf(" states %d\n", (int)bytes);
    if (strcmp(weights, "embedded") != 0) sample_load(context, weights);
    for (int step = 0; step < 3; step++) sample_train(context, &loss);
    sample_get(context, "hidden/weight", state, sizeof state);
    printf("trained %d %d\n", (int)loss, (int)state[3]);
    if (sample_save(context, scratch) != SAMPLE_OK) printf("%s\n", sample_error(context));
    for (int index = 0; index < 4; index++) state[index] = 0;
    sample_set(context, "hidden/weight", state, sizeof state);
    sample_load(context, scratch);
    printf("restored, wrong %d\n", wrong(context, 5, 3));
    float *tensors[] = {image, probabilities};
    const int64_t one = 1;
    printf("called %d", sample_invoke(context, 0, &one, (void *const *)tensors));
    printf(" %d\n", sample_call(context, "train", NULL, NULL, (void *const *)tensors));
    show_failures(context);
    sample_destroy(context);
    show_variants();
    fflush(NULL);
    return 0;
}

#ifdef STANDALONE
extern void exit(int status);
/// Without start-up code from outside: the files have fixed names in the working folder's stead.
void _start(void) { exit(run(WEIGHTS, SCRATCH)); }
#else
int main(int count, char **arguments) { return count == 3 ? run(arguments[1], arguments[2]) : 2; }
#endif
