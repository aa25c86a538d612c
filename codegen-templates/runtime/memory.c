// Aligned memory, in huge pages where that pays.
#include "internal.h"

void *strata_rt_allocate(int64_t bytes) {
    enum { cache_line = 64, huge_page = 2 << 20, advise_huge_page = 14 };
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
