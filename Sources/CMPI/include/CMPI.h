#pragma once
#include <stddef.h>

#pragma clang assume_nonnull begin

/// A loaded MPI library. There is no standard for what handles are in memory: in Open MPI they are addresses of objects that
/// the library exports, in MPICH and all that share its binary interface (Intel MPI, MVAPICH, Cray MPICH) they are numbers.
struct strata_mpi;

/// The room that texts of the library need.
enum { strata_mpi_text_bytes = 8192 };

/// How far MPI is in this process.
enum strata_mpi_phase { strata_mpi_not_begun = 0, strata_mpi_begun = 1, strata_mpi_ended = 2 };

/// Loads the shared library `file` as the dynamic linker finds it, and looks its functions up. The library stays loaded.
///
/// Gives a table that is never freed, or NULL and sets `message`, which is freed with `strata_mpi_free`.
const struct strata_mpi *_Nullable strata_mpi_load(const char *file, char *_Nullable *_Nonnull message);

/// Writes what the library calls itself. May be called before anything else; gives an MPI error code, as all that follow.
int strata_mpi_version(const struct strata_mpi *mpi, char *text);

/// How far MPI is in this process.
enum strata_mpi_phase strata_mpi_phase(const struct strata_mpi *mpi);

/// Begins MPI for calls by one thread at a time, and says whether the library allows several threads in the process.
int strata_mpi_begin(const struct strata_mpi *mpi, int *allows_threads);

/// Makes errors of communication codes that are returned, and gives this process's number and how many there are.
int strata_mpi_world(const struct strata_mpi *mpi, int *rank, int *count);

/// Ends MPI; waits for all processes.
int strata_mpi_end(const struct strata_mpi *mpi);

/// Gives every process everybody's `bytes` bytes of `mine`, in order of rank.
///
/// What is more than `limit` bytes in all goes in several calls of the library, whose counts are ints.
int strata_mpi_all_gather(
    const struct strata_mpi *mpi, const void *mine, void *all, size_t bytes, int count, size_t limit);

/// Gives process r part r of `parts`, each of which has `bytes` bytes; `received` has what came, in order of rank.
int strata_mpi_all_to_all(
    const struct strata_mpi *mpi, const void *parts, void *received, size_t bytes, int count, size_t limit);

/// Gives every process the bytes of process 0.
int strata_mpi_broadcast(const struct strata_mpi *mpi, void *data, size_t bytes, size_t limit);

/// Writes what an error code means.
void strata_mpi_error_text(const struct strata_mpi *mpi, int code, char *text);

/// Sets a bit of `mask`, which has `bytes` bytes, for each processor that this process may run on; gives 0, or -1 when they have
/// no room or are not known.
int strata_allowed_processors(unsigned char *mask, size_t bytes);

/// Frees a message of `strata_mpi_load`.
void strata_mpi_free(char *_Nullable message);

#pragma clang assume_nonnull end
