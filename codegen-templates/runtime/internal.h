// What the runtime's own files share. Declares the few C library functions it may use itself, so that the same text
// compiles for every target without a sysroot.
#ifndef STRATA_RUNTIME_INTERNAL_H
#define STRATA_RUNTIME_INTERNAL_H

#include "strata_runtime.h"

// An all-zero object of these is a valid initialised one in glibc and musl; theirs take at most 48 bytes.
typedef struct {
    _Alignas(64) char bytes[64];
} strata_rt_mutex;
typedef struct {
    _Alignas(64) char bytes[64];
} strata_rt_condition;
typedef unsigned long strata_rt_thread;

// A stream is an untyped pointer here: <stdio.h> is not to be had without a sysroot.
#pragma clang diagnostic ignored "-Wbuiltin-requires-header"

extern int pthread_create(strata_rt_thread *, const void *, void *(*)(void *), void *);
extern int pthread_join(strata_rt_thread, void **);
extern int pthread_mutex_lock(strata_rt_mutex *);
extern int pthread_mutex_unlock(strata_rt_mutex *);
extern int pthread_cond_wait(strata_rt_condition *, strata_rt_mutex *);
extern int pthread_cond_signal(strata_rt_condition *);
extern int pthread_cond_broadcast(strata_rt_condition *);
extern int sched_getaffinity(int, size_t, void *);
extern long sysconf(int);
extern int clock_gettime(int, long *);
extern void *aligned_alloc(size_t, size_t);
extern void free(void *);
extern int madvise(void *, size_t, int);
extern void *memcpy(void *restrict, const void *restrict, size_t);
extern void *memset(void *, int, size_t);
extern void *mmap(void *, size_t, int, int, int, long);
extern int munmap(void *, size_t);
extern void *fopen(const char *, const char *);
extern int fclose(void *);
extern size_t fread(void *, size_t, size_t, void *);
extern size_t fwrite(const void *, size_t, size_t, void *);
extern int fseek(void *, long, int);
extern long ftell(void *);
extern int fflush(void *);
extern int fileno(void *);
extern int fsync(int);
extern int flock(int, int);
extern int rename(const char *, const char *);
extern int remove(const char *);

enum { STRATA_RT_MAX_THREADS = 256, STRATA_RT_MAX_RANK = 16, STRATA_RT_ERROR_BYTES = 1024 };

/// What a context keeps for one function.
typedef struct {
    void *memory;     ///< Its own, or within the context's mapping.
    int64_t version;  ///< The context's `version` when it was computed; 0 for never.
} strata_rt_keeping;

/// Pages of this process: zeros at first, or those of an image.
typedef struct {
    char *memory;
    int64_t bytes;
} strata_rt_mapping;

struct strata_rt_context {
    const strata_rt_library *library;
    strata_rt_pool *pool;
    strata_rt_mapping mapping;  ///< Holds the states; and, of an image, what functions keep.
    void *workspace;
    int64_t workspace_bytes;
    void **buffers;  ///< States first; the rest is filled in for each call.
    int64_t *dims;
    int64_t level;
    strata_rt_keeping *keeping;  ///< One a function.
    int64_t version;             ///< Grows whenever states change from which something may be kept.
    strata_rt_recorder *recorder;
    char error[STRATA_RT_ERROR_BYTES];
};

// text.c
int64_t strata_rt_length(const char *text);
int32_t strata_rt_equal(const char *left, const char *right);
/// Joins `parts` (ended by NULL) into `buffer`, cut at `bytes` with its terminator.
void strata_rt_join(char *buffer, int64_t bytes, const char *const *parts);
/// Writes `value` in decimal and returns `buffer`.
const char *strata_rt_decimal(char buffer[24], int64_t value);
/// Writes "f32[3,4]" and returns `buffer`.
const char *strata_rt_type_text(
    char *buffer, int64_t bytes, const char *dtype, const int64_t *shape, int64_t rank);
/// Sets the context's error text to the joined parts and returns `status`.
int32_t strata_rt_fail(strata_rt_context *context, int32_t status, const char *const *parts);

// memory.c
/// Memory aligned to a cache line, in huge pages if it is large; NULL if it is out or `bytes` is negative.
void *strata_rt_allocate(int64_t bytes);
/// Maps the file's first `bytes`, shared with everybody who maps them for as long as they are not written to, or, without a
/// file, zeros that take no memory before they are touched; returns 0 if memory is out.
int32_t strata_rt_map(strata_rt_mapping *mapping, void *file, int64_t bytes);
void strata_rt_unmap(const strata_rt_mapping *mapping);
/// Whether `memory` is part of the context's mapping.
int32_t strata_rt_is_mapped(const strata_rt_context *context, const void *memory);

// context.c
/// Bytes of all states, each on its own cache lines.
int64_t strata_rt_all_state_bytes(const strata_rt_library *library);
/// Puts the states at `memory`.
void strata_rt_place_states(strata_rt_context *context, char *memory);
/// Gives back the mapping and what functions keep.
void strata_rt_release(strata_rt_context *context);

// invoke.c
/// Computes what function `index` keeps, anew and with nothing else in its memory, unless that is part of the mapping and
/// up to date.
int32_t strata_rt_keep(strata_rt_context *context, int64_t index);

// file.c
/// Writes what a file is to hold; returns 0 on failure.
typedef int32_t (*strata_rt_writer)(const strata_rt_context *context, void *file, const char *note);
/// Writes a file to a neighbour, which then takes its name: it is complete, or as it was. A device or a pipe is refused.
/// `caller` begins messages.
int32_t strata_rt_replace_file(
    strata_rt_context *context, const char *caller, const char *path, strata_rt_writer writer, const char *note);

// state.c
/// The index of a state by name, or -1.
int64_t strata_rt_find_state(const strata_rt_library *library, const char *name);

#endif
