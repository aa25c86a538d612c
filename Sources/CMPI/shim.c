#define _GNU_SOURCE
#include "CMPI.h"

#include <dlfcn.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Both binary interfaces have the same functions. Only the type of a handle differs, so each has a table with its own.
#define FUNCTIONS_WITH_HANDLES(FUNCTION, HANDLE)                                                        \
    FUNCTION(Comm_rank, (HANDLE, int *))                                                                \
    FUNCTION(Comm_size, (HANDLE, int *))                                                                \
    FUNCTION(Comm_set_errhandler, (HANDLE, HANDLE))                                                     \
    FUNCTION(Allgather, (const void *, int, HANDLE, void *, int, HANDLE, HANDLE))                       \
    FUNCTION(Alltoall, (const void *, int, HANDLE, void *, int, HANDLE, HANDLE))                        \
    FUNCTION(Bcast, (void *, int, HANDLE, int, HANDLE))

#define FUNCTIONS(FUNCTION)                              \
    FUNCTION(Init_thread, (int *, char ***, int, int *)) \
    FUNCTION(Initialized, (int *))                       \
    FUNCTION(Finalized, (int *))                         \
    FUNCTION(Finalize, (void))                           \
    FUNCTION(Get_library_version, (char *, int *))       \
    FUNCTION(Error_string, (int, char *, int *))

#define MEMBER(name, parameters) int(*name) parameters;

struct open_mpi {
    FUNCTIONS_WITH_HANDLES(MEMBER, void *)
    void *world, *byte, *errors_return;
};

struct mpich {
    FUNCTIONS_WITH_HANDLES(MEMBER, int)
    int world, byte, errors_return;
};

struct strata_mpi {
    FUNCTIONS(MEMBER)
    bool is_mpich;
    struct open_mpi open_mpi;
    struct mpich mpich;
};

/// Evaluates a call with `t` as the table of the library's own interface.
#define CALL(mpi, call)                                                                 \
    ((mpi)->is_mpich ? ({ const struct mpich *t = &(mpi)->mpich; call; })                \
                     : ({ const struct open_mpi *t = &(mpi)->open_mpi; call; }))

enum { success = 0, out_of_memory = -1, thread_funneled = 1, thread_serialized = 2 };

/// Fills the table in, and gives the name of what the library lacks, or NULL.
static const char *look_up(void *library, struct strata_mpi *mpi) {
    const char *missing = NULL;
#define LOOK_UP_IN(table, name)                     \
    *(void **)&(table)->name = dlsym(library, "MPI_" #name); \
    if ((table)->name == NULL) missing = "MPI_" #name;
#define LOOK_UP(name, parameters) LOOK_UP_IN(mpi, name)
#define LOOK_UP_BOTH(name, parameters) LOOK_UP_IN(&mpi->open_mpi, name) LOOK_UP_IN(&mpi->mpich, name)
    FUNCTIONS(LOOK_UP)
    FUNCTIONS_WITH_HANDLES(LOOK_UP_BOTH, void *)
    if (missing != NULL) return missing;

    mpi->open_mpi.world = dlsym(library, "ompi_mpi_comm_world");
    mpi->open_mpi.byte = dlsym(library, "ompi_mpi_byte");
    mpi->open_mpi.errors_return = dlsym(library, "ompi_mpi_errors_return");
    mpi->is_mpich = mpi->open_mpi.world == NULL;
    if (!mpi->is_mpich) {
        return mpi->open_mpi.byte == NULL || mpi->open_mpi.errors_return == NULL ? "ompi_mpi_byte" : NULL;
    }
    // The numbers of the common interface of MPICH and its descendants, fixed since release 3.1.
    mpi->mpich.world = 0x44000000;
    mpi->mpich.byte = 0x4c00010d;
    mpi->mpich.errors_return = 0x54000001;
    return NULL;
}

const struct strata_mpi *strata_mpi_load(const char *file, char **message) {
    // Global, because both libraries load components that look for the library's symbols.
    void *library = dlopen(file, RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        *message = strdup(dlerror());
        return NULL;
    }
    struct strata_mpi *mpi = calloc(1, sizeof *mpi);
    const char *missing = mpi == NULL ? "enough memory" : look_up(library, mpi);
    if (missing == NULL) return mpi;
    if (asprintf(message, "%s: it has no %s", file, missing) < 0) *message = NULL;
    free(mpi);
    dlclose(library);
    return NULL;
}

void strata_mpi_free(char *message) { free(message); }

int strata_mpi_version(const struct strata_mpi *mpi, char *text) {
    int length = 0;
    return mpi->Get_library_version(text, &length);
}

enum strata_mpi_phase strata_mpi_phase(const struct strata_mpi *mpi) {
    int begun = 0, ended = 0;
    mpi->Initialized(&begun);
    mpi->Finalized(&ended);
    return ended ? strata_mpi_ended : begun ? strata_mpi_begun : strata_mpi_not_begun;
}

int strata_mpi_begin(const struct strata_mpi *mpi, int *allows_threads) {
    int provided = 0;
    int code = mpi->Init_thread(NULL, NULL, thread_serialized, &provided);
    *allows_threads = provided >= thread_funneled;
    return code;
}

int strata_mpi_world(const struct strata_mpi *mpi, int *rank, int *count) {
    int code = CALL(mpi, t->Comm_set_errhandler(t->world, t->errors_return));
    if (code == success) code = CALL(mpi, t->Comm_rank(t->world, rank));
    if (code == success) code = CALL(mpi, t->Comm_size(t->world, count));
    return code;
}

int strata_mpi_end(const struct strata_mpi *mpi) { return mpi->Finalize(); }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// How many bytes of each process go in one call.
static size_t piece_of(size_t bytes, int count, size_t limit) {
    size_t piece = limit / (size_t)count;
    return least(bytes, piece > 0 ? piece : 1);
}

/// Copies `count` runs of `bytes` bytes whose beginnings are some way apart.
static void copy_runs(char *to, size_t to_apart, const char *from, size_t from_apart, size_t bytes, int count) {
    for (int r = 0; r < count; ++r) memcpy(to + (size_t)r * to_apart, from + (size_t)r * from_apart, bytes);
}

static int gather_once(const struct strata_mpi *mpi, const void *mine, void *all, size_t bytes) {
    return CALL(mpi, t->Allgather(mine, (int)bytes, t->byte, all, (int)bytes, t->byte, t->world));
}

static int exchange_once(const struct strata_mpi *mpi, const void *parts, void *received, size_t bytes) {
    return CALL(mpi, t->Alltoall(parts, (int)bytes, t->byte, received, (int)bytes, t->byte, t->world));
}

int strata_mpi_all_gather(
    const struct strata_mpi *mpi, const void *mine, void *all, size_t bytes, int count, size_t limit) {
    size_t piece = piece_of(bytes, count, limit);
    if (piece == bytes) return bytes == 0 ? success : gather_once(mpi, mine, all, bytes);
    char *gathered = malloc(piece * (size_t)count);
    if (gathered == NULL) return out_of_memory;
    int code = success;
    for (size_t at = 0; at < bytes && code == success; at += piece) {
        size_t now = least(piece, bytes - at);
        code = gather_once(mpi, (const char *)mine + at, gathered, now);
        copy_runs((char *)all + at, bytes, gathered, now, now, count);
    }
    free(gathered);
    return code;
}

int strata_mpi_all_to_all(
    const struct strata_mpi *mpi, const void *parts, void *received, size_t bytes, int count, size_t limit) {
    size_t piece = piece_of(bytes, count, limit);
    if (piece == bytes) return bytes == 0 ? success : exchange_once(mpi, parts, received, bytes);
    char *sent = malloc(2 * piece * (size_t)count);
    if (sent == NULL) return out_of_memory;
    char *arrived = sent + piece * (size_t)count;
    int code = success;
    for (size_t at = 0; at < bytes && code == success; at += piece) {
        size_t now = least(piece, bytes - at);
        copy_runs(sent, now, (const char *)parts + at, bytes, now, count);
        code = exchange_once(mpi, sent, arrived, now);
        copy_runs((char *)received + at, bytes, arrived, now, now, count);
    }
    free(sent);
    return code;
}

int strata_mpi_broadcast(const struct strata_mpi *mpi, void *data, size_t bytes, size_t limit) {
    int code = success;
    for (size_t at = 0; at < bytes && code == success;) {
        size_t now = least(bytes - at, limit);
        code = CALL(mpi, t->Bcast((char *)data + at, (int)now, t->byte, 0, t->world));
        at += now;
    }
    return code;
}

void strata_mpi_error_text(const struct strata_mpi *mpi, int code, char *text) {
    int length = 0;
    text[0] = 0;
    if (code == out_of_memory) {
        strcpy(text, "there is no memory for a part of what is sent");
    } else if (mpi->Error_string(code, text, &length) != success) {
        snprintf(text, strata_mpi_text_bytes, "error %d", code);
    }
}

int strata_allowed_processors(unsigned char *mask, size_t bytes) {
    memset(mask, 0, bytes);
    return sched_getaffinity(getpid(), bytes, (cpu_set_t *)(void *)mask);
}
