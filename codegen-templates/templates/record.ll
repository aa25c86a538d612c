%struct.strata_rt_recorded = type { ptr, i64, ptr, ptr }
%struct.strata_rt_event = type { i64, i64, i64, i64, i64 }
define hidden void @strata_rt_recorded_for(ptr %0, i64 %1, ptr %2, ptr %3, i64 %4) #0 {
  %6 = alloca %struct.strata_rt_recorded, align 8
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %8 = load ptr, ptr %7, align 8
  %.not = icmp eq ptr %8, null
  br i1 %.not, label %9, label %12
9:
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %11 = load ptr, ptr %10, align 8
  call void @strata_rt_parallel_for(ptr %11, ptr %2, ptr %3, i64 %4) #3
  br label %20
12:
  store ptr %8, ptr %6, align 8
  %13 = getelementptr inbounds nuw i8, ptr %6, i64 8
  store i64 %1, ptr %13, align 8
  %14 = getelementptr inbounds nuw i8, ptr %6, i64 16
  store ptr %2, ptr %14, align 8
  %15 = getelementptr inbounds nuw i8, ptr %6, i64 24
  store ptr %3, ptr %15, align 8
  %16 = call i64 @strata_rt_clock() #4
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %18 = load ptr, ptr %17, align 8
  call void @strata_rt_parallel_for(ptr %18, ptr @strata_rt_recorded_chunks, ptr %6, i64 %4) #3
  %19 = load ptr, ptr %7, align 8
  call void @strata_rt_append(ptr %19, i64 %1, i64 -1, i64 %16) #4
  br label %20
20:
  ret void
}
declare void @strata_rt_parallel_for(ptr, ptr, ptr, i64) #1
define internal i64 @strata_rt_clock() #0 {
  %1 = alloca [2 x i64], align 16
  call void @llvm.memset.p0.i64(ptr align 16 dereferenceable(16) %1, i8 0, i64 16, i1 false)
  %2 = call i32 @clock_gettime(i32 1, ptr %1) #3
  %3 = load i64, ptr %1, align 16
  %4 = mul nsw i64 %3, 1000000000
  %5 = getelementptr inbounds i8, ptr %1, i64 8
  %6 = load i64, ptr %5, align 8
  %7 = add nsw i64 %4, %6
  ret i64 %7
}
define internal void @strata_rt_recorded_chunks(ptr %0, i64 %1, i64 %2) #0 {
  %4 = call i64 @strata_rt_clock() #4
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %6 = load ptr, ptr %5, align 8
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %8 = load ptr, ptr %7, align 8
  call void %6(ptr %8, i64 %1, i64 %2) #3
  %9 = load ptr, ptr %0, align 8
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %11 = load i64, ptr %10, align 8
  call void @strata_rt_append(ptr %9, i64 %11, i64 %1, i64 %4) #4
  ret void
}
define internal void @strata_rt_append(ptr %0, i64 %1, i64 %2, i64 %3) #0 {
  %5 = call i64 @strata_rt_clock() #4
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
  %14 = call i64 @pthread_self() #3
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
define hidden i32 @strata_rt_record(ptr %0, ptr %1) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %5, label %3
3:
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 80
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
attributes #3 = { nobuiltin nounwind "no-builtins" }
attributes #4 = { nobuiltin "no-builtins" }
