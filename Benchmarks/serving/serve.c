// Answers once as a serving process would, and stays until its input ends, so that its memory can be looked at:
//   serve LIBRARY NAME WEIGHTS IMAGE DIMS INPUTS OUTPUTS BYTE
// DIMS are the sizes of predict's dimensions, INPUTS and OUTPUTS the bytes of its tensors, each joined by commas; inputs are
// filled with BYTE. IMAGE is mapped; "-" loads WEIGHTS instead, and "+FILE" loads them and writes the image FILE.
// Prints the milliseconds until the first answer from the start of main, those of later ones (least), and a checksum.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    uint32_t size;
    int32_t threads, variant;
    uint32_t error_bytes;
    char *error;
} Options;

static void *library;
static const char *name;

static void *symbol(const char *function) {
    char text[512];
    snprintf(text, sizeof text, "%s_%s", name, function);
    return dlsym(library, text);
}

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/// Numbers joined by commas; returns how many.
static int numbers(const char *text, int64_t *values) {
    int count = 0;
    for (char *end; *text && count < 8; text = *end ? end + 1 : end) values[count++] = strtoll(text, &end, 10);
    return count;
}

int main(int argc, char **argv) {
    if (argc != 9) return fprintf(stderr, "serve: arguments: LIBRARY NAME WEIGHTS IMAGE DIMS INPUTS OUTPUTS BYTE\n"), 2;
    double start = milliseconds();
    name = argv[2];
    library = dlopen(argv[1], RTLD_NOW);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 3;
    int (*create)(const Options *, void **) = (int (*)(const Options *, void **))symbol("create");
    int (*load)(void *, const char *) = (int (*)(void *, const char *))symbol("load");
    int (*save_image)(void *, const char *, const char *) =
        (int (*)(void *, const char *, const char *))symbol("save_image");
    int (*map_image)(void *, const char *, const char *) =
        (int (*)(void *, const char *, const char *))symbol("map_image");
    int (*call)(void *, const char *, const int64_t *, void **, void **) =
        (int (*)(void *, const char *, const int64_t *, void **, void **))symbol("call");
    const char *(*error)(void *) = (const char *(*)(void *))symbol("error");

    int64_t dims[8], bytes[2][8];
    void *tensors[2][8];
    numbers(argv[5], dims);
    for (int kind = 0; kind < 2; kind++) {
        int count = numbers(argv[6 + kind], bytes[kind]);
        for (int index = 0; index < count; index++) {
            tensors[kind][index] = malloc((size_t)bytes[kind][index] + 1);
            memset(tensors[kind][index], kind ? 0 : atoi(argv[8]), (size_t)bytes[kind][index]);
        }
    }
    void *context = NULL;
    if (create(NULL, &context)) return 4;
    int loads = argv[4][0] == '-' || argv[4][0] == '+';
    if (loads ? load(context, argv[3]) : map_image(context, argv[4], NULL))
        return fprintf(stderr, "%s\n", error(context)), 5;
    if (argv[4][0] == '+') {
        if (save_image(context, argv[4] + 1, NULL)) return fprintf(stderr, "%s\n", error(context)), 6;
        printf("written after %.1f ms\n", milliseconds() - start);
        return 0;
    }
    if (call(context, "predict", dims, tensors[0], tensors[1])) return fprintf(stderr, "%s\n", error(context)), 7;
    double first = milliseconds() - start, least = 1e9;
    for (int round = 0; round < 20; round++) {
        double before = milliseconds();
        call(context, "predict", dims, tensors[0], tensors[1]);
        double taken = milliseconds() - before;
        if (taken < least) least = taken;
    }
    uint64_t sum = 0;
    for (int64_t at = 0; at < bytes[1][0]; at++) sum = sum * 31 + ((unsigned char *)tensors[1][0])[at];
    printf("first %.1f ms  later %.1f ms  checksum %016llx\n", first, least, (unsigned long long)sum);
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
}
