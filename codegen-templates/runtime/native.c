// The architecture's part for the native build; generated libraries have it as LLVM IR (templates/target-*.ll).
#include "internal.h"

void strata_rt_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]) {
#if defined(__x86_64__)
    __asm__ volatile("cpuid"
                     : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                     : "0"(leaf), "2"(subleaf));
#else
    (void)leaf;
    (void)subleaf;
    memset(registers, 0, 16);
#endif
}

uint64_t strata_rt_xgetbv(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
#else
    return 0;
#endif
}

int32_t strata_rt_request_tiles(void) {
#if defined(__x86_64__)
    // arch_prctl(ARCH_REQ_XCOMP_PERM, 18): the state component of tile data.
    long answer;
    __asm__ volatile("syscall" : "=a"(answer) : "0"(158L), "D"(0x1023L), "S"(18L) : "rcx", "r11", "memory");
    return answer == 0;
#else
    return 0;
#endif
}

void strata_rt_pause(void) {
#if defined(__x86_64__)
    __asm__ volatile("pause");
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
