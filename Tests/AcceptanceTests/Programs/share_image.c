// Shares an image between contexts and processes, and prints what it sees:
//   share_image IMAGE VARIANT write|map
// Declares what it needs of the C library itself, so that it is compiled for targets whose headers are not installed.
#include "kept.h"

extern int printf(const char *format, ...);
extern int fflush(void *stream);
extern int strcmp(const char *left, const char *right);
extern int memcmp(const void *left, const void *right, size_t bytes);
extern int setrlimit(int resource, const unsigned long *limits);
extern void (*signal(int number, void (*handler)(int)))(int);

enum { rows = 7, inner = 48, outer = 40 };

static float w[outer * inner], variance[outer], x[rows * inner];
static float first[rows * outer], y[rows * outer], z[rows * outer];

static kept_context *make(int variant) {
    kept_options options = KEPT_OPTIONS_DEFAULT;
    kept_context *context = NULL;
    char why[256];
    options.threads = 2;
    options.variant = variant;
    options.error = why;
    options.error_bytes = sizeof why;
    if (kept_create(&options, &context) != KEPT_OK) printf("%s\n", why);
    return context;
}

static void show(const char *what, int32_t status, const kept_context *context) {
    printf("%s: %d %s\n", what, status, status ? kept_error(context) : "");
}

/// Whether a context's answer is `expected`, bit by bit.
static const char *compare(kept_context *context, const float *expected) {
    if (kept_predict(context, rows, x, z) != KEPT_OK) return kept_error(context);
    return memcmp(expected, z, sizeof z) == 0 ? "the same" : "different";
}

static void map(const char *what, kept_context *context, const char *path) {
    show(what, kept_map_image(context, path, "numbers"), context);
}

static void show_checksum(const float *values) {
    unsigned long sum = 0xcbf29ce484222325u;
    for (size_t at = 0; at < sizeof first; at++) sum = (sum ^ ((const unsigned char *)values)[at]) * 0x100000001b3u;
    printf("checksum %lx\n", sum);
}

/// What another process does with the image: it answers, trains and answers again.
static void map_elsewhere(const char *path, int variant) {
    kept_context *context = make(variant);
    map("map", context, path);
    kept_predict(context, rows, x, first);
    show_checksum(first);
    kept_train(context, rows, x, y);
    printf("after training: %s\n", compare(context, first));
    kept_destroy(context);
}

static void write_here(const char *path, int variant) {
    kept_context *one = make(variant), *two = make(variant), *three = make(variant);
    kept_set(one, "w", w, sizeof w);
    kept_set(one, "variance", variance, sizeof variance);
    kept_predict(one, rows, x, first);
    show_checksum(first);
    show("save", kept_save_image(one, path, "numbers"), one);
    printf("after saving: %s\n", compare(one, first));

    map("map in a second context", two, path);
    printf("mapped: %s\n", compare(two, first));
    kept_train(one, rows, x, y);
    kept_train(two, rows, x, y);
    kept_predict(one, rows, x, y);
    printf("trained, to the first: %s\n", compare(two, first));
    printf("trained, to what is trained without an image: %s\n", compare(two, y));

    map("map in a third context", three, path);
    printf("mapped: %s\n", compare(three, first));
    for (int index = 0; index < outer; index++) variance[index] += 1;
    kept_set(three, "variance", variance, sizeof variance);
    kept_destroy(one);
    one = make(variant);
    kept_set(one, "w", w, sizeof w);
    kept_set(one, "variance", variance, sizeof variance);
    kept_predict(one, rows, x, y);
    printf("a state set, to the first: %s\n", compare(three, first));
    printf("a state set, to what is set without an image: %s\n", compare(three, y));

    // As on a full disk, writing fails after some bytes.
    const unsigned long limits[] = {6000, 6000};
    signal(25 /* the limit's signal */, (void (*)(int))1 /* ignored */);
    setrlimit(1 /* the size of files */, limits);
    show("save on a full disk", kept_save_image(one, path, "numbers"), one);
    printf("after that: %s\n", compare(one, y));
    show("save in a folder that takes no files", kept_save_image(one, "/proc/image", "numbers"), one);
    map("map what was there", one, path);
    printf("mapped: %s\n", compare(one, first));
    show("map from elsewhere", kept_map_image(one, path, "other numbers"), one);
    printf("after that: %s\n", compare(one, first));
    kept_destroy(one);
    kept_destroy(two);
    kept_destroy(three);
}

static int run(char **arguments) {
    for (int index = 0; index < outer * inner; index++) w[index] = (float)(index * 37 % 101 - 50) * 0.0173f;
    for (int index = 0; index < rows * inner; index++) x[index] = (float)(index * 53 % 97 - 48) * 0.0311f;
    for (int index = 0; index < outer; index++) variance[index] = (float)(index % 5 + 1) * 0.37f;
    int variant = arguments[1][0] - '0';
    if (strcmp(arguments[2], "write") == 0) write_here(arguments[0], variant);
    else map_elsewhere(arguments[0], variant);
    fflush(NULL);
    return 0;
}

#ifdef STANDALONE
extern void exit(int status);
// The stack holds the argument count, then the program's name and its arguments.
__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl start\n");
void start(long *stack) { exit(stack[0] == 4 ? run((char **)(stack + 2)) : 2); }
#else
int main(int count, char **arguments) { return count == 4 ? run(arguments + 1) : 2; }
#endif
