%struct.strata_rt_recorded = type { ptr, i64, ptr, ptr }
%struct.strata_rt_event = type { i64, i64, i64, i64, i64 }
define hidden void @strata_rt_recorded_for(ptr %0, i64 %1, ptr %2, ptr %3, i64 %4, i64 %5, i32 %6) #0 {
  %8 = alloca %struct.strata_rt_recorded, align 8
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %10 = load ptr, ptr %9, align 8
  %.not = icmp eq ptr %10, null
  br i1 %.not, label %13, label %11
11:
  %12 = call i64 @strata_rt_clock() #3
  br label %13
13:
  %14 = phi i64 [ %12, %11 ], [ 0, %7 ]
  %.not24 = icmp eq i32 %6, 0
  br i1 %.not24, label %15, label %18
15:
  call void %2(ptr %3, i64 %4, i64 %5) #4
  %16 = load ptr, ptr %9, align 8
  %.not25 = icmp eq ptr %16, null
  br i1 %.not25, label %30, label %17
17:
  call void @strata_rt_append(ptr %16, i64 %1, i64 %4, i64 %14) #3
  br label %30
18:
  %19 = load ptr, ptr %9, align 8
  %.not26 = icmp eq ptr %19, null
  br i1 %.not26, label %20, label %23
20:
  %21 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %22 = load ptr, ptr %21, align 8
  call void @strata_rt_parallel_for(ptr %22, ptr %2, ptr %3, i64 %5) #4
  br label %30
23:
  store ptr %19, ptr %8, align 8
  %24 = getelementptr inbounds nuw i8, ptr %8, i64 8
  store i64 %1, ptr %24, align 8
  %25 = getelementptr inbounds nuw i8, ptr %8, i64 16
  store ptr %2, ptr %25, align 8
  %26 = getelementptr inbounds nuw i8, ptr %8, i64 24
  store ptr %3, ptr %26, align 8
  %27 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %28 = load ptr, ptr %27, align 8
  call void @strata_rt_parallel_for(ptr %28, ptr @strata_rt_recorded_chunks, ptr %8, i64 %5) #4
  %29 = load ptr, ptr %9, align 8
  call void @strata_rt_append(ptr %29, i64 %1, i64 -1, i64 %14) #3
  br label %30
30:
  ret void
}
define internal i64 @strata_rt_clock() #0 {
  %1 = alloca [2 x i64], align 16
  call void @llvm.memset.p0.i64(ptr align 16 dereferenceable(16) %1, i8 0, i64 16, i1 false)
  %2 = call i32 @clock_gettime(i32 1, ptr %1) #4
  %3 = load i64, ptr %1, align 16
  %4 = mul nsw i64 %3, 1000000000
  %5 = getelementptr inbounds i8, ptr %1, i64 8
  %6 = load i64, ptr %5, align 8
  %7 = add nsw i64 %4, %6
  ret i64 %7
}
define internal void @strata_rt_append(ptr %0, i64 %1, i64 %2, i64 %3) #0 {
  %5 = call i64 @strata_rt_clock() #3
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %7 = atomicrmw add ptr %6, i64 1 monotonic, align 8
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %9 = load i64, ptr %8, align 8
  %.not = icmp slt i64 %7, %9
  br i1 %.not, label %10, label %18
10:
  %11 = load ptr, ptr %0, align 8
  %12 = getelementptr inbounds %struct.strata_rt_event, ptr %11, i64 %7
  store i64 %1, ptr %12, align 8
  %13 = getelementptr inbounds nuw i8, ptr %12, i64 8
  store i64 %2, ptr %13, align 8
  %14 = call i64 @pthread_self() #4
  %15 = getelementptr inbounds nuw i8, ptr %12, i64 16
  store i64 %14, ptr %15, align 8
  %16 = getelementptr inbounds nuw i8, ptr %12, i64 24
  store i64 %3, ptr %16, align 8
  %17 = getelementptr inbounds nuw i8, ptr %12, i64 32
  store i64 %5, ptr %17, align 8
  br label %18
18:
  ret void
}
declare void @strata_rt_parallel_for(ptr, ptr, ptr, i64) #1
define internal void @strata_rt_recorded_chunks(ptr %0, i64 %1, i64 %2) #0 {
  %4 = call i64 @strata_rt_clock() #3
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %6 = load ptr, ptr %5, align 8
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %8 = load ptr, ptr %7, align 8
  call void %6(ptr %8, i64 %1, i64 %2) #4
  %9 = load ptr, ptr %0, align 8
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %11 = load i64, ptr %10, align 8
  call void @strata_rt_append(ptr %9, i64 %11, i64 %1, i64 %4) #3
  ret void
}
define hidden i32 @strata_rt_record(ptr %0, ptr %1) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %5, label %3
3:
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 88
  store ptr %1, ptr %4, align 8
  br label %5
5:
  %.0 = phi i32 [ 0, %3 ], [ 1, %2 ]
  ret i32 %.0
}
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #2
declare i32 @clock_gettime(i32, ptr) #1
declare i64 @pthread_self() #1
attributes #0 = { nounwind "no-builtins" }
attributes #1 = { "no-builtins" }
attributes #2 = { nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #3 = { nobuiltin "no-builtins" }
attributes #4 = { nobuiltin nounwind "no-builtins" }
