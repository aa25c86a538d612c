// Calls a function of a compiled library and prints the most bytes that the library had allocated at once:
//   count_memory LIBRARY NAME FUNCTION THREADS DIM... -- INPUT_BYTES... -- OUTPUT_BYTES...
// The library's allocations go through the functions below, since a program's symbols come before the C library's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 4096 };
static struct {
    void *start;
    size_t bytes;
} blocks[MOST];
static size_t current, peak;

/// Counts a block; gives its start, or NULL if there are too many.
static void *begin(void *start, size_t bytes) {
    for (int at = 0; at < MOST; at++) {
        if (blocks[at].start) continue;
        blocks[at].start = start;
        blocks[at].bytes = bytes;
        current += bytes;
        if (current > peak) peak = current;
        return start;
    }
    return NULL;
}

static void end(void *start) {
    for (int at = 0; start && at < MOST; at++) {
        if (blocks[at].start != start) continue;
        current -= blocks[at].bytes;
        blocks[at].start = NULL;
    }
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    void *start = NULL;
    return posix_memalign(&start, alignment, bytes) ? NULL : begin(start, bytes);
}

void free(void *start) {
    static void (*real)(void *);
    if (!real) real = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    end(start);
    real(start);
}

void *mmap(void *place, size_t bytes, int access, int flags, int file, off_t offset) {
    void *start = (void *)syscall(SYS_mmap, place, bytes, access, flags, file, offset);
    return start == MAP_FAILED ? start : begin(start, bytes);
}

int munmap(void *start, size_t bytes) {
    end(start);
    return (int)syscall(SYS_munmap, start, bytes);
}

typedef struct {
    uint32_t size;
    int32_t threads, variant;
    uint32_t error_bytes;
    char *error;
} Options;

static void *symbol(void *library, const char *name, const char *function) {
    char text[512];
    snprintf(text, sizeof text, "%s_%s", name, function);
    return dlsym(library, text);
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    void *library = dlopen(argv[1], RTLD_NOW);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 3;
    int (*create)(const Options *, void **) = (int (*)(const Options *, void **))symbol(library, argv[2], "create");
    int (*call)(void *, const char *, const int64_t *, void **, void **) =
        (int (*)(void *, const char *, const int64_t *, void **, void **))symbol(library, argv[2], "call");
    void (*destroy)(void *) = (void (*)(void *))symbol(library, argv[2], "destroy");
    int64_t dims[8] = {0};
    void *tensors[2][64] = {{0}};
    int at = 5, count = 0;
    for (; at < argc && strcmp(argv[at], "--"); at++) dims[count++] = atoll(argv[at]);
    for (int kind = 0; kind < 2; kind++) {
        count = 0;
        for (at++; at < argc && strcmp(argv[at], "--"); at++) tensors[kind][count++] = calloc(1, (size_t)atoll(argv[at]) + 1);
    }
    Options options = {sizeof options, atoi(argv[4]), -1, 0, NULL};
    void *context = NULL;
    if (create(&options, &context)) return 4;
    for (int round = 0; round < 3; round++)
        if (call(context, argv[3], dims, tensors[0], tensors[1])) return 5;
    size_t most = peak;
    destroy(context);
    printf("peak %zu left %zu\n", most, current);
    return 0;
}
