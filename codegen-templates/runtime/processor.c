// What this machine offers: processors and instruction sets.
#include "internal.h"

int32_t strata_rt_processor_count(void) {
    enum { mask_words = 64, processors_online = 84 };
    uint64_t mask[mask_words];
    memset(mask, 0, sizeof mask);
    if (sched_getaffinity(0, sizeof mask, mask) == 0) {
        int32_t count = 0;
        for (int32_t word = 0; word < mask_words; word++)
            for (uint64_t bits = mask[word]; bits; bits &= bits - 1) count++;
        if (count > 0) return count;
    }
    long online = sysconf(processors_online);
    return online < 1 ? 1 : (int32_t)online;
}

static int32_t strata_rt_has(uint32_t bits, uint32_t wanted) { return (bits & wanted) == wanted; }

int32_t strata_rt_rank_of_features(
    const uint32_t leaf1[4], const uint32_t leaf7[4], const uint32_t leaf7sub1[4], const uint32_t extended1[4],
    uint64_t enabled) {
    // Bit numbers are those of the processor manuals; the levels are those of the x86-64 psABI.
    const uint32_t sse3 = 1u << 0, ssse3 = 1u << 9, fma = 1u << 12, sse41 = 1u << 19, sse42 = 1u << 20;
    const uint32_t movbe = 1u << 22, popcnt = 1u << 23, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
    const uint32_t bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8, lzcnt = 1u << 5;
    const uint32_t avx512f = 1u << 16, avx512dq = 1u << 17, avx512cd = 1u << 28, avx512bw = 1u << 30;
    const uint32_t avx512vl = 1u << 31;
    const uint64_t ymm_enabled = 0x06, zmm_enabled = 0xe6;
    int32_t v3 =
        strata_rt_has(
            leaf1[2], sse3 | ssse3 | fma | sse41 | sse42 | movbe | popcnt | osxsave | avx | f16c) &&
        strata_rt_has(leaf7[1], bmi1 | avx2 | bmi2) && strata_rt_has(extended1[2], lzcnt) &&
        (enabled & ymm_enabled) == ymm_enabled;
    if (!v3) return 0;
    int32_t v4 = strata_rt_has(leaf7[1], avx512f | avx512dq | avx512cd | avx512bw | avx512vl) &&
                 (enabled & zmm_enabled) == zmm_enabled;
    if (!v4) return 1;
    const uint32_t avx512_vnni = 1u << 11, avx512_bf16 = 1u << 5;
    if (!strata_rt_has(leaf7[2], avx512_vnni) || !strata_rt_has(leaf7sub1[0], avx512_bf16)) return 2;
    const uint32_t amx_bf16 = 1u << 22, amx_tile = 1u << 24, amx_int8 = 1u << 25;
    const uint64_t tiles_enabled = 0x60000;
    int32_t amx = strata_rt_has(leaf7[3], amx_bf16 | amx_tile | amx_int8) &&
                  (enabled & tiles_enabled) == tiles_enabled;
    return amx ? 4 : 3;
}

int32_t strata_rt_cpu_rank(void) {
    const uint32_t extended = 0x80000000u;
    uint32_t highest[4], leaf1[4], leaf7[4], leaf7sub1[4], extended1[4];
    strata_rt_cpuid(0, 0, highest);
    if (highest[0] < 7) return 0;
    strata_rt_cpuid(1, 0, leaf1);
    strata_rt_cpuid(7, 0, leaf7);
    memset(leaf7sub1, 0, sizeof leaf7sub1);
    if (leaf7[0] > 0) strata_rt_cpuid(7, 1, leaf7sub1);
    strata_rt_cpuid(extended, 0, highest);
    memset(extended1, 0, sizeof extended1);
    if (highest[0] > extended) strata_rt_cpuid(extended + 1, 0, extended1);
    // xgetbv may be executed only if the system has switched it on.
    uint64_t enabled = (leaf1[2] >> 27) & 1 ? strata_rt_xgetbv() : 0;
    int32_t rank = strata_rt_rank_of_features(leaf1, leaf7, leaf7sub1, extended1, enabled);
    // Tile registers are given to a process that asks for them, once.
    return rank == 4 && !strata_rt_request_tiles() ? 3 : rank;
}
