// How fast processors are just now: a fixed amount of work on each, timed again and again.
//
//     processor_rate N …        prints, for each processor N, the time of a burst in microseconds: the median, and what 97 % stay below
//
// On a machine that is shared, a neighbour on the other thread of a core takes part of what the core can do, above all
// of products of tiles, and for seconds to minutes. The work is such products in registers where the processor has
// them, else multiply-adds on numbers in the first cache.
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { bursts = 400 };

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void multiply_adds(void) {
  static float x[2048], y[2048];
  for (int round = 0; round < 64; round++) {
    for (int i = 0; i < 2048; i++) y[i] = x[i] * 0.5f + y[i];
    __asm__ volatile("" ::"r"(x), "r"(y) : "memory");
  }
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static int has_tiles(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 24 & 1) || !(d >> 22 & 1)) return 0;
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;  // ARCH_REQ_XCOMP_PERM of the tiles' data
}

__attribute__((target("amx-tile,amx-bf16"))) static void begin_tiles(void) {
  struct { uint8_t palette, start, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } shape;
  memset(&shape, 0, sizeof shape);
  shape.palette = 1;
  for (int i = 0; i < 8; i++) shape.bytes[i] = 64, shape.rows[i] = 16;
  __asm__ volatile("" ::"r"(&shape) : "memory");  // or GCC leaves out what it thinks nobody reads
  _tile_loadconfig(&shape);
}

__attribute__((target("amx-tile,amx-bf16"))) static void products(void) {
  for (int i = 0; i < 3072; i++) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
}

__attribute__((target("amx-tile,amx-bf16"))) static void end_tiles(void) { _tile_release(); }
#else
static int has_tiles(void) { return 0; }
static void begin_tiles(void) {}
static void products(void) {}
static void end_tiles(void) {}
#endif

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **names) {
  int tiles = has_tiles();
  for (int at = 1; at < count; at++) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(atoi(names[at]), &only);
    if (sched_setaffinity(0, sizeof only, &only)) return perror(names[at]), 1;
    static double times[bursts];
    if (tiles) begin_tiles();
    for (int i = 0; i < bursts; i++) {
      double begin = microseconds();
      tiles ? products() : multiply_adds();
      times[i] = microseconds() - begin;
    }
    if (tiles) end_tiles();
    qsort(times, bursts, sizeof *times, by_size);
    printf("%.2f %.2f\n", times[bursts / 2], times[bursts * 97 / 100]);
  }
  return 0;
}
