// How long a program takes from its start to the first answer of a compiled model.
//
//   first_answer REPETITIONS [WEIGHTS]
//
// starts itself that many times and prints the times from before `fork` until the answer is there: least, median, and
// 90th percentile, in milliseconds. WEIGHTS is a safetensors file; without it the library has to hold the weights.
#include "mlp.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { inputs = 784, outputs = 10, answer_descriptor = 3 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

/// Makes a context, asks once, and sends the answer to the parent.
static int answer(const char *weights) {
    char error[256] = "";
    mlp_options options = {sizeof options, 0, -1, sizeof error, error};
    mlp_context *context = NULL;
    if (mlp_create(&options, &context) != MLP_OK) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    float image[inputs], logits[outputs];
    for (int at = 0; at < inputs; at++) image[at] = (float)(at % 17) / 17;
    if ((*weights && mlp_load(context, weights) != MLP_OK) || mlp_predict(context, 1, image, logits) != MLP_OK) {
        fprintf(stderr, "%s\n", mlp_error(context));
        return 1;
    }
    if (write(answer_descriptor, logits, sizeof logits) != sizeof logits) return 1;
    mlp_destroy(context);
    return 0;
}

/// Starts the program once; the time until its answer, or a negative number if there is none.
static double start(const char *program, const char *weights, float *logits) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    double begin = now();
    pid_t child = fork();
    if (child == 0) {
        if (ends[1] != answer_descriptor && dup2(ends[1], answer_descriptor) < 0) _exit(1);
        execl(program, program, "answer", weights, (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    ssize_t count = read(ends[0], logits, outputs * sizeof *logits);
    double end = now();
    close(ends[0]);
    int status = 1;
    waitpid(child, &status, 0);
    return count == outputs * (ssize_t)sizeof *logits && status == 0 ? end - begin : -1;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
    const char *weights = count > 2 ? arguments[2] : "";
    if (count > 1 && strcmp(arguments[1], "answer") == 0) return answer(weights);
    int repetitions = count > 1 ? atoi(arguments[1]) : 0;
    if (repetitions < 1) {
        fprintf(stderr, "usage: first_answer REPETITIONS [WEIGHTS]\n");
        return 64;
    }
    double *times = calloc((size_t)repetitions, sizeof *times);
    if (!times) return 1;
    float logits[outputs];
    for (int at = 0; at < repetitions; at++) {
        times[at] = start("/proc/self/exe", weights, logits);
        if (times[at] < 0) return 1;
    }
    qsort(times, (size_t)repetitions, sizeof *times, ascending);
    printf(
        "least %.2f  median %.2f  p90 %.2f ms  (logits %g %g ...)\n", times[0], times[repetitions / 2],
        times[repetitions * 9 / 10], (double)logits[0], (double)logits[1]);
    free(times);
    return 0;
}
