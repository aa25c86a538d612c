// Classifies Fashion-MNIST images with an exported library: needs its header and library, and nothing of Strata.
//
// usage: classify WEIGHTS IMAGES LABELS [COUNT [ANSWERS]]
//
// IMAGES and LABELS are uncompressed IDX files. Prints the share of right answers among the first COUNT images (all by
// default), and writes the answers, one digit a line, to the file ANSWERS.
#include "fashion.h"

#ifdef STANDALONE
// For machines whose C headers are not installed here.
typedef struct file FILE;
extern int printf(const char *format, ...);
extern int fprintf(FILE *file, const char *format, ...);
extern int fflush(FILE *file);
extern FILE *fopen(const char *path, const char *mode);
extern size_t fread(void *data, size_t size, size_t count, FILE *file);
extern int fclose(FILE *file);
extern int atoi(const char *text);
extern void exit(int status);
#else
#include <stdio.h>
#include <stdlib.h>
#endif

enum { pixels = 28 * 28, classes = 10, largest = 10000, batch = 250 };

static unsigned char bytes[largest * pixels], labels[largest];
static float images[batch * pixels], logits[batch * classes];

/// Reads an IDX file of unsigned bytes after `header` bytes; returns the number of bytes, or -1.
static long read_idx(const char *path, size_t header, unsigned char *data, size_t limit) {
    unsigned char skipped[16];
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    long count = fread(skipped, 1, header, file) == header ? (long)fread(data, 1, limit, file) : -1;
    fclose(file);
    return count;
}

/// The position of the largest of one image's logits, the first if there are several.
static int answer(const float *values) {
    int best = 0;
    for (int index = 1; index < classes; index++)
        if (values[index] > values[best]) best = index;
    return best;
}

/// Classifies `count` images; returns how many answers are right, or -1.
static int classify(fashion_context *context, int count, FILE *answers) {
    int right = 0;
    for (int first = 0; first < count; first += batch) {
        int size = count - first < batch ? count - first : batch;
        for (int index = 0; index < size * pixels; index++) images[index] = bytes[first * pixels + index] / 255.0f;
        if (fashion_predict(context, size, images, logits) != FASHION_OK) return -1;
        for (int index = 0; index < size; index++) {
            int found = answer(logits + index * classes);
            right += found == labels[first + index];
            if (answers) fprintf(answers, "%d\n", found);
        }
    }
    return right;
}

static int fail(const char *what, const char *reason) {
    printf("classify: %s: %s\n", what, reason);
    fflush(NULL);
    return 1;
}

static int run(int argc, char **argv) {
    if (argc < 4) return fail("usage", "classify WEIGHTS IMAGES LABELS [COUNT [ANSWERS]]");
    if (read_idx(argv[2], 16, bytes, sizeof bytes) != (long)sizeof bytes) return fail(argv[2], "not 10,000 images");
    if (read_idx(argv[3], 8, labels, sizeof labels) != (long)sizeof labels) return fail(argv[3], "not 10,000 labels");
    int count = argc > 4 ? atoi(argv[4]) : largest;
    if (count < 1 || count > largest) return fail(argv[4], "not a number from 1 to 10000");

    char error[256] = "";
    fashion_options options = FASHION_OPTIONS_DEFAULT;
    fashion_context *context = NULL;
    options.error = error;
    options.error_bytes = sizeof error;
    if (fashion_create(&options, &context) != FASHION_OK) return fail("library", error);
    if (fashion_load(context, argv[1]) != FASHION_OK) return fail(argv[1], fashion_error(context));
    FILE *answers = argc > 5 ? fopen(argv[5], "w") : NULL;
    int right = classify(context, count, answers);
    if (right < 0) return fail("predict", fashion_error(context));
    if (answers) fclose(answers);
    printf("accuracy %.4f (%d of %d, variant %s)\n", (double)right / count, right, count, fashion_variant(context));
    fashion_destroy(context);
    fflush(NULL);
    return 0;
}

#ifdef STANDALONE
// Without start-up code from outside: the stack holds the argument count, then the arguments.
__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl start\n");
void start(long *stack) { exit(run((int)stack[0], (char **)(stack + 1))); }
#else
int main(int argc, char **argv) { return run(argc, argv); }
#endif
