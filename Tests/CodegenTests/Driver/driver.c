// Runs function 0 of a library named `sample` on data from a file, without C headers and start-up code.
//
// usage: driver REQUEST RESPONSE
//
// REQUEST is 64-bit numbers and data: the number of dimensions and their sizes; the number of states, each as the size of
// its name, name, size, data; the number of inputs, each as size and data; the number of outputs, each as its size.
// RESPONSE is the outputs' data, then the states'.
typedef unsigned long size_t;
typedef long int64_t;
typedef int int32_t;
typedef struct file FILE;
typedef struct sample_context sample_context;

extern FILE *fopen(const char *path, const char *mode);
extern size_t fread(void *data, size_t size, size_t count, FILE *file);
extern size_t fwrite(const void *data, size_t size, size_t count, FILE *file);
extern int fclose(FILE *file);
extern int puts(const char *text);
extern int fflush(FILE *file);
extern void exit(int status);

extern int32_t sample_create(const void *options, sample_context **context);
extern const char *sample_error(sample_context *context);
extern int32_t sample_set(sample_context *context, const char *state, const void *data, size_t bytes);
extern int32_t sample_get(sample_context *context, const char *state, void *data, size_t bytes);
extern int32_t sample_invoke(sample_context *context, int32_t function, const int64_t *dims, void *const *tensors);

enum { limit = 256 };
static unsigned char memory[1 << 24] __attribute__((aligned(64)));
static size_t used;
static FILE *request;

/// Memory for `bytes` bytes, on a cache line of its own; filled from the request where `fills` is not 0.
static void *block(size_t bytes, int fills) {
    void *start = memory + used;
    used += (bytes + 64) / 64 * 64;
    if (used > sizeof memory) exit(3);
    if (fills && bytes && fread(start, 1, bytes, request) != bytes) exit(4);
    return start;
}

static int64_t number(void) { return *(int64_t *)block(8, 1); }

static int fail(sample_context *context) {
    puts(sample_error(context));
    fflush(0);
    return 1;
}

static int run(char **paths) {
    static int64_t dims[limit], state_bytes[limit], tensor_bytes[limit];
    static void *states[limit], *tensors[limit];
    static char *names[limit];
    sample_context *context;
    if (sample_create(0, &context)) return 2;
    request = fopen(paths[0], "rb");
    if (!request) return 4;
    int64_t dim_count = number();
    for (int64_t index = 0; index < dim_count; index++) dims[index] = number();
    int64_t state_count = number();
    for (int64_t index = 0; index < state_count; index++) {
        names[index] = block(number(), 1);
        state_bytes[index] = number();
        states[index] = block(state_bytes[index], 1);
        if (sample_set(context, names[index], states[index], state_bytes[index])) return fail(context);
    }
    int64_t input_count = number();
    for (int64_t index = 0; index < input_count; index++) tensors[index] = block(number(), 1);
    int64_t tensor_count = input_count + number();
    for (int64_t index = input_count; index < tensor_count; index++) {
        tensor_bytes[index] = number();
        tensors[index] = block(tensor_bytes[index], 0);
    }
    fclose(request);
    if (sample_invoke(context, 0, dims, tensors)) return fail(context);
    FILE *response = fopen(paths[1], "wb");
    if (!response) return 5;
    for (int64_t index = input_count; index < tensor_count; index++)
        fwrite(tensors[index], 1, tensor_bytes[index], response);
    for (int64_t index = 0; index < state_count; index++) {
        if (sample_get(context, names[index], states[index], state_bytes[index])) return fail(context);
        fwrite(states[index], 1, state_bytes[index], response);
    }
    return fclose(response);
}

// The stack holds the argument count, then the program's name and its arguments.
__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl start\n");
void start(long *stack) { exit(stack[0] == 3 ? run((char **)(stack + 2)) : 6); }
