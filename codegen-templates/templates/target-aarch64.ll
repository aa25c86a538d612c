; What AArch64 supplies to the runtime. It has one CPU level, so there is nothing to ask the processor for.

define hidden void @strata_rt_cpuid(i32 %leaf, i32 %subleaf, ptr %registers) {
  store i128 0, ptr %registers, align 4
  ret void
}

define hidden i64 @strata_rt_xgetbv() {
  ret i64 0
}

define hidden i32 @strata_rt_request_tiles() {
  ret i32 0
}

define hidden void @strata_rt_pause() {
  call void asm sideeffect "yield", ""()
  ret void
}
