// Aligned memory and mappings, in huge pages where that pays.
#include "internal.h"

enum { cache_line = 64, huge_page = 2 << 20, advise_huge_page = 14 };

void *strata_rt_allocate(int64_t bytes) {
    const int64_t limit = (int64_t)1 << 46;
    if (bytes < 0 || bytes > limit) return NULL;
    int64_t alignment = bytes >= 2 * huge_page ? huge_page : cache_line;
    // Whole lines, not whole huge pages: up to 2 MiB would lie idle.
    int64_t rounded = (bytes + cache_line - 1) / cache_line * cache_line;
    if (rounded == 0) rounded = cache_line;
    void *memory = aligned_alloc((size_t)alignment, (size_t)rounded);
    // Advice only: a system without huge pages refuses, and nothing is lost.
    if (memory && alignment == huge_page) (void)madvise(memory, (size_t)rounded, advise_huge_page);
    return memory;
}

enum { reads_and_writes = 3, is_private = 2, is_anonymous = 0x20 };

int32_t strata_rt_map(strata_rt_mapping *mapping, void *file, int64_t bytes) {
    int64_t count = bytes ? bytes : cache_line;
    void *memory = mmap(
        NULL, (size_t)count, reads_and_writes, is_private | (file ? 0 : is_anonymous), file ? fileno(file) : -1, 0);
    // The address -1 says that it failed.
    if ((int64_t)(uint64_t)memory == -1) return 0;
    mapping->memory = memory;
    mapping->bytes = count;
    if (!file && bytes >= 2 * huge_page) (void)madvise(memory, (size_t)bytes, advise_huge_page);
    return 1;
}

void strata_rt_unmap(const strata_rt_mapping *mapping) {
    if (mapping->memory) (void)munmap(mapping->memory, (size_t)mapping->bytes);
}

int32_t strata_rt_is_mapped(const strata_rt_context *context, const void *memory) {
    const char *start = context->mapping.memory;
    return (const char *)memory >= start && (const char *)memory < start + context->mapping.bytes;
}
