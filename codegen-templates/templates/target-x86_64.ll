; What x86-64 supplies to the runtime.

define hidden void @strata_rt_cpuid(i32 %leaf, i32 %subleaf, ptr %registers) {
  %answer = call { i32, i32, i32, i32 } asm sideeffect "cpuid", "={ax},={bx},={cx},={dx},0,2,~{dirflag},~{fpsr},~{flags}"(i32 %leaf, i32 %subleaf)
  %a = extractvalue { i32, i32, i32, i32 } %answer, 0
  %b = extractvalue { i32, i32, i32, i32 } %answer, 1
  %c = extractvalue { i32, i32, i32, i32 } %answer, 2
  %d = extractvalue { i32, i32, i32, i32 } %answer, 3
  store i32 %a, ptr %registers, align 4
  %b_place = getelementptr i8, ptr %registers, i64 4
  store i32 %b, ptr %b_place, align 4
  %c_place = getelementptr i8, ptr %registers, i64 8
  store i32 %c, ptr %c_place, align 4
  %d_place = getelementptr i8, ptr %registers, i64 12
  store i32 %d, ptr %d_place, align 4
  ret void
}

define hidden i64 @strata_rt_xgetbv() {
  %answer = call { i32, i32 } asm sideeffect "xgetbv", "={ax},={dx},{cx},~{dirflag},~{fpsr},~{flags}"(i32 0)
  %low = extractvalue { i32, i32 } %answer, 0
  %high = extractvalue { i32, i32 } %answer, 1
  %low_wide = zext i32 %low to i64
  %high_wide = zext i32 %high to i64
  %shifted = shl i64 %high_wide, 32
  %word = or i64 %shifted, %low_wide
  ret i64 %word
}

; arch_prctl(ARCH_REQ_XCOMP_PERM, 18): the state component of tile data.
define hidden i32 @strata_rt_request_tiles() {
  %answer = call i64 asm sideeffect "syscall", "={ax},0,{di},{si},~{rcx},~{r11},~{memory},~{dirflag},~{fpsr},~{flags}"(i64 158, i64 4131, i64 18)
  %granted = icmp eq i64 %answer, 0
  %result = zext i1 %granted to i32
  ret i32 %result
}

define hidden void @strata_rt_pause() {
  call void asm sideeffect "pause", "~{dirflag},~{fpsr},~{flags}"()
  ret void
}
