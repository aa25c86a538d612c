// Writing a whole file: to a neighbour first, which then takes the name.
#include "internal.h"

/// Whether there is a device or a pipe at `path`, which a file that took its name would remove: they have no disk to flush to.
static int32_t strata_rt_is_device(const char *path) {
    void *file = fopen(path, "r+be");
    if (!file) return 0;
    int32_t is_device = fsync(fileno(file)) != 0;
    fclose(file);
    return is_device;
}

/// Opens the folder that `path` is in.
static void *strata_rt_open_folder(const char *path) {
    int64_t bytes = strata_rt_length(path) + 2;
    char *folder = strata_rt_allocate(bytes);
    if (!folder) return NULL;
    const char *const whole[] = {path, NULL};
    strata_rt_join(folder, bytes, whole);
    int64_t length = bytes - 2;
    while (length > 0 && folder[length - 1] != '/') length--;
    // The last slash is kept, for it may be the first.
    if (length == 0) folder[length++] = '.';
    folder[length] = 0;
    void *opened = fopen(folder, "re");
    free(folder);
    return opened;
}

int32_t strata_rt_replace_file(
    strata_rt_context *context, const char *caller, const char *path, strata_rt_writer writer, const char *note) {
    if (strata_rt_is_device(path)) {
        const char *const parts[] = {caller, " '", path, "': expected the name of a file, got a device or a pipe", NULL};
        return strata_rt_fail(context, STRATA_RT_FILE, parts);
    }
    // Who has locked the folder writes to one and the same neighbour, so that what a killed process left of it is gone with the
    // next; who hasn't, since others are writing there or its file system has no locks, to one of its own.
    void *folder = strata_rt_open_folder(path);
    int32_t is_locked = folder && flock(fileno(folder), 2 /* exclusive */ | 4 /* without waiting */) == 0;
    long time[2] = {0, 0};
    char number[24];
    clock_gettime(0 /* since 1970 */, time);
    strata_rt_decimal(number, (int64_t)time[0] * 1000000000 + time[1]);
    const char *const name[] = {path, is_locked ? "" : ".", is_locked ? "" : number, ".partial", NULL};
    int64_t bytes = strata_rt_length(path) + 40;
    char *partial = strata_rt_allocate(bytes);
    strata_rt_join(partial, bytes, name);
    if (is_locked && partial) remove(partial);
    void *file = partial ? fopen(partial, "wbxe") : NULL;
    const char *problem = partial ? "cannot be created" : "out of memory";
    if (file) {
        int32_t ok = writer(context, file, note) && fflush(file) == 0 && fsync(fileno(file)) == 0;
        ok = fclose(file) == 0 && ok;
        problem = ok && rename(partial, path) == 0 ? NULL : "cannot be written; is the disk full?";
        if (problem) remove(partial);
    }
    free(partial);
    if (folder) {
        // The new name reaches the disk with the folder; a file system that cannot do this still has the file.
        fsync(fileno(folder));
        fclose(folder);
    }
    if (!problem) return STRATA_RT_OK;
    const char *const parts[] = {caller, " '", path, "': ", problem, NULL};
    return strata_rt_fail(context, STRATA_RT_FILE, parts);
}
