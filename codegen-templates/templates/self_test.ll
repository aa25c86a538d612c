%struct.strata_rt_options = type { i32, i32, i32, i32, ptr }
%struct.strata_rt_trial = type { ptr, ptr, ptr, ptr, i64, i64, i64, %struct.strata_rt_test_result }
%struct.strata_rt_test_result = type { ptr, ptr, ptr, ptr, i32, i32, double, double }
%struct.strata_rt_level = type { ptr, i64, ptr }
%struct.strata_rt_test_case = type { i64, ptr, ptr, i64, ptr, i64, ptr }
%struct.strata_rt_function = type { ptr, i64, ptr, i64, i64, ptr, ptr, ptr, ptr }
%struct.strata_rt_tensor = type { ptr, ptr, i64 }
%struct.strata_rt_filling = type { i64, i64, double, double, i64 }
%struct.strata_rt_golden = type { ptr, i64, i64, i64, i64, double, double, double, i64, ptr, ptr }
%struct.strata_rt_state = type { ptr, ptr, i64, ptr, i64, i64, ptr }
@.str = private unnamed_addr constant [25 x i8] c"self_test: out of memory\00", align 1
@__const.strata_rt_run_case.parts = private unnamed_addr constant [2 x ptr] [ptr @.str, ptr null], align 16
@.str.1 = private unnamed_addr constant [12 x i8] c"self_test: \00", align 1
@.str.2 = private unnamed_addr constant [3 x i8] c": \00", align 1
@.str.3 = private unnamed_addr constant [7 x i8] c" with \00", align 1
@.str.4 = private unnamed_addr constant [1 x i8] zeroinitializer, align 1
@.str.5 = private unnamed_addr constant [10 x i8] c": state '\00", align 1
@.str.6 = private unnamed_addr constant [11 x i8] c": output '\00", align 1
@.str.7 = private unnamed_addr constant [10 x i8] c"': error \00", align 1
@.str.8 = private unnamed_addr constant [11 x i8] c", allowed \00", align 1
@.str.9 = private unnamed_addr constant [3 x i8] c"; \00", align 1
@.str.10 = private unnamed_addr constant [5 x i8] c" of \00", align 1
@.str.11 = private unnamed_addr constant [33 x i8] c" results are beyond their bounds\00", align 1
@.str.12 = private unnamed_addr constant [9 x i8] c"infinite\00", align 1
@.str.13 = private unnamed_addr constant [13 x i8] c"not a number\00", align 1
define hidden i32 @strata_rt_self_test(ptr %0, ptr %1, ptr %2, ptr %3, i64 %4, ptr %5) #0 {
  %7 = alloca %struct.strata_rt_options, align 8
  %8 = alloca %struct.strata_rt_trial, align 8
  %9 = call ptr @memset(ptr %7, i32 0, i64 24) #3
  store i32 24, ptr %7, align 8
  %10 = getelementptr inbounds nuw i8, ptr %7, i64 8
  store i32 -1, ptr %10, align 8
  %.not = icmp eq ptr %2, null
  br i1 %.not, label %.critedge33, label %11
11:
  %12 = load i32, ptr %2, align 8
  %13 = icmp ult i32 %12, 12
  br i1 %13, label %66, label %14
14:
  br i1 %.not, label %.critedge33, label %.critedge
.critedge:
  %15 = load i32, ptr %2, align 8
  %16 = icmp ult i32 %15, 24
  %17 = zext i32 %15 to i64
  %18 = select i1 %16, i64 %17, i64 24
  %19 = call ptr @memcpy(ptr %7, ptr %2, i64 %18) #3
  %20 = load i32, ptr %2, align 8
  %21 = icmp ult i32 %20, 24
  br i1 %21, label %22, label %.critedge33
22:
  %23 = getelementptr inbounds nuw i8, ptr %7, i64 16
  store ptr null, ptr %23, align 8
  br label %.critedge33
.critedge33:
  store i32 24, ptr %7, align 8
  %24 = call ptr @memset(ptr %8, i32 0, i64 112) #3
  store ptr %0, ptr %8, align 8
  %25 = getelementptr inbounds nuw i8, ptr %8, i64 8
  store ptr %1, ptr %25, align 8
  %26 = getelementptr inbounds nuw i8, ptr %8, i64 16
  store ptr %7, ptr %26, align 8
  %27 = getelementptr inbounds nuw i8, ptr %8, i64 24
  store ptr %3, ptr %27, align 8
  %28 = getelementptr inbounds nuw i8, ptr %8, i64 32
  store i64 %4, ptr %28, align 8
  %29 = call i32 @strata_rt_cpu_rank() #3
  %30 = sext i32 %29 to i64
  %31 = load i32, ptr %10, align 8
  %.not29 = icmp eq i32 %31, -1
  br i1 %.not29, label %32, label %38
32:
  %33 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %34 = load ptr, ptr %33, align 8
  %35 = getelementptr inbounds nuw i8, ptr %34, i64 8
  %36 = load i64, ptr %35, align 8
  %37 = icmp sgt i64 %36, %30
  br i1 %37, label %38, label %41
38:
  %39 = load i32, ptr %10, align 8
  %40 = call i32 @strata_rt_run_level(ptr %8, i32 %39) #4
  br label %55
41:
  %.027 = phi i32 [ %.1, %53 ], [ 0, %32 ]
  %.0 = phi i64 [ %54, %53 ], [ 0, %32 ]
  %42 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %43 = load i64, ptr %42, align 8
  %44 = icmp slt i64 %.0, %43
  %45 = icmp eq i32 %.027, 0
  %spec.select = select i1 %44, i1 %45, i1 false
  br i1 %spec.select, label %46, label %55
46:
  %47 = load ptr, ptr %33, align 8
  %48 = getelementptr inbounds %struct.strata_rt_level, ptr %47, i64 %.0, i32 1
  %49 = load i64, ptr %48, align 8
  %.not30 = icmp sgt i64 %49, %30
  br i1 %.not30, label %53, label %50
50:
  %51 = trunc i64 %49 to i32
  %52 = call i32 @strata_rt_run_level(ptr %8, i32 %51) #4
  br label %53
53:
  %.1 = phi i32 [ %52, %50 ], [ %.027, %46 ]
  %54 = add nuw nsw i64 %.0, 1
  br label %41
55:
  %.2 = phi i32 [ %40, %38 ], [ %.027, %41 ]
  %.not31 = icmp eq ptr %5, null
  br i1 %.not31, label %59, label %56
56:
  %57 = getelementptr inbounds nuw i8, ptr %8, i64 40
  %58 = load i64, ptr %57, align 8
  store i64 %58, ptr %5, align 8
  br label %59
59:
  %60 = icmp eq i32 %.2, 0
  br i1 %60, label %61, label %66
61:
  %62 = getelementptr inbounds nuw i8, ptr %8, i64 48
  %63 = load i64, ptr %62, align 8
  %.not32 = icmp eq i64 %63, 0
  br i1 %.not32, label %66, label %64
64:
  %65 = call i32 @strata_rt_report_failure(ptr %8) #4
  br label %66
66:
  %.028 = phi i32 [ 1, %11 ], [ %65, %64 ], [ %.2, %61 ], [ %.2, %59 ]
  ret i32 %.028
}
declare ptr @memset(ptr, i32, i64) #1
declare ptr @memcpy(ptr, ptr, i64) #1
declare i32 @strata_rt_cpu_rank() #1
define internal i32 @strata_rt_run_level(ptr %0, i32 %1) #0 {
  %3 = alloca %struct.strata_rt_options, align 8
  %4 = alloca ptr, align 8
  %5 = alloca [2 x ptr], align 16
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %7 = load ptr, ptr %6, align 8
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 dereferenceable(24) %3, ptr align 8 dereferenceable(24) %7, i64 24, i1 false)
  %8 = getelementptr inbounds nuw i8, ptr %3, i64 8
  store i32 %1, ptr %8, align 8
  %9 = load ptr, ptr %0, align 8
  %10 = call i32 @strata_rt_create(ptr %9, ptr %3, ptr %4) #3
  %.not = icmp eq i32 %10, 0
  br i1 %.not, label %11, label %38
11:
  %.014 = phi i32 [ %24, %18 ], [ %10, %2 ]
  %.0 = phi i64 [ %25, %18 ], [ 0, %2 ]
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds nuw i8, ptr %13, i64 8
  %15 = load i64, ptr %14, align 8
  %16 = icmp slt i64 %.0, %15
  %17 = icmp eq i32 %.014, 0
  %spec.select = select i1 %16, i1 %17, i1 false
  br i1 %spec.select, label %18, label %26
18:
  %19 = load ptr, ptr %4, align 8
  %20 = load ptr, ptr %12, align 8
  %21 = getelementptr inbounds nuw i8, ptr %20, i64 16
  %22 = load ptr, ptr %21, align 8
  %23 = getelementptr inbounds %struct.strata_rt_test_case, ptr %22, i64 %.0
  %24 = call i32 @strata_rt_run_case(ptr %0, ptr %19, ptr %23) #4
  %25 = add nuw nsw i64 %.0, 1
  br label %11
26:
  %.not16 = icmp eq i32 %.014, 0
  br i1 %.not16, label %36, label %27
27:
  %28 = load ptr, ptr %4, align 8
  %29 = call ptr @strata_rt_error(ptr %28) #3
  store ptr %29, ptr %5, align 8
  %30 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr null, ptr %30, align 8
  %31 = getelementptr inbounds nuw i8, ptr %3, i64 16
  %32 = load ptr, ptr %31, align 8
  %33 = getelementptr inbounds nuw i8, ptr %3, i64 12
  %34 = load i32, ptr %33, align 4
  %35 = zext i32 %34 to i64
  call void @strata_rt_join(ptr %32, i64 %35, ptr %5) #3
  br label %36
36:
  %37 = load ptr, ptr %4, align 8
  call void @strata_rt_destroy(ptr %37) #3
  br label %38
38:
  %.015 = phi i32 [ %.014, %36 ], [ %10, %2 ]
  ret i32 %.015
}
define internal i32 @strata_rt_report_failure(ptr %0) #0 {
  %2 = alloca [24 x i8], align 16
  %3 = alloca [24 x i8], align 16
  %4 = alloca [24 x i8], align 16
  %5 = alloca [24 x i8], align 16
  %6 = alloca [18 x ptr], align 16
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 56
  store ptr @.str.1, ptr %6, align 8
  %8 = getelementptr inbounds i8, ptr %6, i64 8
  %9 = load ptr, ptr %7, align 8
  store ptr %9, ptr %8, align 8
  %10 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr @.str.2, ptr %10, align 8
  %11 = getelementptr inbounds i8, ptr %6, i64 24
  %12 = getelementptr inbounds i8, ptr %0, i64 64
  %13 = load ptr, ptr %12, align 8
  store ptr %13, ptr %11, align 8
  %14 = getelementptr inbounds i8, ptr %6, i64 32
  %15 = getelementptr inbounds i8, ptr %0, i64 72
  %16 = load ptr, ptr %15, align 8
  %17 = load i8, ptr %16, align 1
  %.not = icmp eq i8 %17, 0
  %18 = select i1 %.not, ptr @.str.4, ptr @.str.3
  store ptr %18, ptr %14, align 8
  %19 = getelementptr inbounds i8, ptr %6, i64 40
  store ptr %16, ptr %19, align 8
  %20 = getelementptr inbounds i8, ptr %6, i64 48
  %21 = getelementptr inbounds i8, ptr %0, i64 88
  %22 = load i32, ptr %21, align 8
  %.not13 = icmp eq i32 %22, 0
  %23 = select i1 %.not13, ptr @.str.6, ptr @.str.5
  store ptr %23, ptr %20, align 8
  %24 = getelementptr inbounds i8, ptr %6, i64 56
  %25 = getelementptr inbounds i8, ptr %0, i64 80
  %26 = load ptr, ptr %25, align 8
  store ptr %26, ptr %24, align 8
  %27 = getelementptr inbounds i8, ptr %6, i64 64
  store ptr @.str.7, ptr %27, align 8
  %28 = getelementptr inbounds i8, ptr %6, i64 72
  %29 = getelementptr inbounds i8, ptr %0, i64 96
  %30 = load double, ptr %29, align 8
  %31 = call ptr @strata_rt_scientific(ptr %2, double %30) #4
  store ptr %31, ptr %28, align 8
  %32 = getelementptr inbounds i8, ptr %6, i64 80
  store ptr @.str.8, ptr %32, align 8
  %33 = getelementptr inbounds i8, ptr %6, i64 88
  %34 = getelementptr inbounds i8, ptr %0, i64 104
  %35 = load double, ptr %34, align 8
  %36 = call ptr @strata_rt_scientific(ptr %3, double %35) #4
  store ptr %36, ptr %33, align 8
  %37 = getelementptr inbounds i8, ptr %6, i64 96
  store ptr @.str.9, ptr %37, align 8
  %38 = getelementptr inbounds i8, ptr %6, i64 104
  %39 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %40 = load i64, ptr %39, align 8
  %41 = call ptr @strata_rt_decimal(ptr %4, i64 %40) #3
  store ptr %41, ptr %38, align 8
  %42 = getelementptr inbounds i8, ptr %6, i64 112
  store ptr @.str.10, ptr %42, align 8
  %43 = getelementptr inbounds i8, ptr %6, i64 120
  %44 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %45 = load i64, ptr %44, align 8
  %46 = call ptr @strata_rt_decimal(ptr %5, i64 %45) #3
  store ptr %46, ptr %43, align 8
  %47 = getelementptr inbounds i8, ptr %6, i64 128
  store ptr @.str.11, ptr %47, align 8
  %48 = getelementptr inbounds i8, ptr %6, i64 136
  store ptr null, ptr %48, align 8
  %49 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %50 = load ptr, ptr %49, align 8
  %51 = getelementptr inbounds nuw i8, ptr %50, i64 16
  %52 = load ptr, ptr %51, align 8
  %53 = getelementptr inbounds nuw i8, ptr %50, i64 12
  %54 = load i32, ptr %53, align 4
  %55 = zext i32 %54 to i64
  call void @strata_rt_join(ptr %52, i64 %55, ptr %6) #3
  ret i32 5
}
declare void @llvm.memcpy.p0.p0.i64(ptr noalias nocapture writeonly, ptr noalias nocapture readonly, i64, i1 immarg) #2
declare i32 @strata_rt_create(ptr, ptr, ptr) #1
define internal i32 @strata_rt_run_case(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [2 x ptr], align 16
  %5 = load ptr, ptr %0, align 8
  %6 = getelementptr inbounds nuw i8, ptr %5, i64 72
  %7 = load ptr, ptr %6, align 8
  %8 = load i64, ptr %2, align 8
  %9 = getelementptr inbounds %struct.strata_rt_function, ptr %7, i64 %8
  %10 = getelementptr inbounds nuw i8, ptr %9, i64 24
  %11 = load i64, ptr %10, align 8
  %12 = getelementptr inbounds nuw i8, ptr %9, i64 32
  %13 = load i64, ptr %12, align 8
  %14 = add nsw i64 %11, %13
  %15 = shl nsw i64 %14, 3
  %16 = add nsw i64 %15, 63
  %17 = sdiv i64 %16, 64
  %18 = shl nsw i64 %17, 6
  %19 = add nsw i64 %18, 64
  br label %20
20:
  %.061 = phi i64 [ 0, %3 ], [ %29, %22 ]
  %.060 = phi i64 [ %19, %3 ], [ %28, %22 ]
  %21 = icmp slt i64 %.061, %14
  br i1 %21, label %22, label %30
22:
  %23 = getelementptr inbounds nuw i8, ptr %9, i64 40
  %24 = load ptr, ptr %23, align 8
  %25 = getelementptr inbounds %struct.strata_rt_tensor, ptr %24, i64 %.061
  %26 = call i64 @strata_rt_tensor_count(ptr %2, ptr %9, i64 %.061) #4
  %27 = call i64 @strata_rt_tensor_bytes(ptr %25, i64 %26) #4
  %28 = add nsw i64 %.060, %27
  %29 = add nuw nsw i64 %.061, 1
  br label %20
30:
  %31 = call ptr @strata_rt_allocate(i64 %.060) #3
  %.not = icmp eq ptr %31, null
  br i1 %.not, label %32, label %34
32:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %4, ptr align 16 dereferenceable(16) @__const.strata_rt_run_case.parts, i64 16, i1 false)
  %33 = call i32 @strata_rt_fail(ptr %1, i32 2, ptr %4) #3
  br label %74
34:
  %35 = call ptr @memset(ptr %31, i32 0, i64 %.060) #3
  %36 = getelementptr inbounds i8, ptr %31, i64 %18
  br label %37
37:
  %.059 = phi ptr [ %36, %34 ], [ %46, %57 ]
  %.058 = phi i64 [ 0, %34 ], [ %58, %57 ]
  %38 = icmp slt i64 %.058, %14
  br i1 %38, label %39, label %59
39:
  %40 = getelementptr inbounds ptr, ptr %31, i64 %.058
  store ptr %.059, ptr %40, align 8
  %41 = getelementptr inbounds nuw i8, ptr %9, i64 40
  %42 = load ptr, ptr %41, align 8
  %43 = getelementptr inbounds %struct.strata_rt_tensor, ptr %42, i64 %.058
  %44 = call i64 @strata_rt_tensor_count(ptr %2, ptr %9, i64 %.058) #4
  %45 = call i64 @strata_rt_tensor_bytes(ptr %43, i64 %44) #4
  %46 = getelementptr inbounds i8, ptr %.059, i64 %45
  %47 = load i64, ptr %10, align 8
  %48 = icmp slt i64 %.058, %47
  br i1 %48, label %49, label %57
49:
  %50 = getelementptr inbounds nuw i8, ptr %2, i64 32
  %51 = load ptr, ptr %50, align 8
  %52 = getelementptr inbounds %struct.strata_rt_filling, ptr %51, i64 %.058
  %53 = getelementptr inbounds nuw i8, ptr %2, i64 24
  %54 = load i64, ptr %53, align 8
  %55 = trunc i64 %.058 to i32
  %56 = load ptr, ptr %40, align 8
  call void @strata_rt_fill_tensor(ptr %52, i64 %54, i32 %55, ptr %56) #4
  br label %57
57:
  %58 = add nuw nsw i64 %.058, 1
  br label %37
59:
  %60 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %61 = load ptr, ptr %60, align 8
  %62 = getelementptr inbounds nuw i8, ptr %2, i64 24
  %63 = load i64, ptr %62, align 8
  call void @strata_rt_fill_states(ptr %1, ptr %61, i64 %63) #4
  %64 = load i64, ptr %2, align 8
  %65 = trunc i64 %64 to i32
  %66 = getelementptr inbounds nuw i8, ptr %2, i64 8
  %67 = load ptr, ptr %66, align 8
  %68 = call i32 @strata_rt_invoke(ptr %1, i32 %65, ptr %67, ptr %31) #3
  %69 = icmp eq i32 %68, 0
  br i1 %69, label %70, label %73
70:
  %71 = load i64, ptr %10, align 8
  %72 = getelementptr inbounds ptr, ptr %31, i64 %71
  call void @strata_rt_note_results(ptr %0, ptr %1, ptr %2, ptr %72) #4
  br label %73
73:
  call void @free(ptr %31) #3
  br label %74
74:
  %.0 = phi i32 [ %68, %73 ], [ %33, %32 ]
  ret i32 %.0
}
declare ptr @strata_rt_error(ptr) #1
declare void @strata_rt_join(ptr, i64, ptr) #1
declare void @strata_rt_destroy(ptr) #1
define internal i64 @strata_rt_tensor_bytes(ptr %0, i64 %1) #0 {
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %4 = load i64, ptr %3, align 8
  %5 = mul nsw i64 %4, %1
  %6 = add nsw i64 %5, 63
  %7 = sdiv i64 %6, 64
  %8 = shl nsw i64 %7, 6
  ret i64 %8
}
define internal i64 @strata_rt_tensor_count(ptr %0, ptr %1, i64 %2) #0 {
  %4 = getelementptr inbounds nuw i8, ptr %1, i64 24
  %5 = load i64, ptr %4, align 8
  %6 = icmp sgt i64 %5, %2
  br i1 %6, label %7, label %12
7:
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %9 = load ptr, ptr %8, align 8
  %10 = getelementptr inbounds %struct.strata_rt_filling, ptr %9, i64 %2
  %11 = load i64, ptr %10, align 8
  br label %34
12:
  %13 = sub nsw i64 %2, %5
  br label %14
14:
  %.0 = phi i64 [ 0, %12 ], [ %33, %32 ]
  %15 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %16 = load i64, ptr %15, align 8
  %17 = icmp slt i64 %.0, %16
  br i1 %17, label %18, label %34
18:
  %19 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %20 = load ptr, ptr %19, align 8
  %21 = getelementptr inbounds %struct.strata_rt_golden, ptr %20, i64 %.0
  %22 = getelementptr inbounds nuw i8, ptr %21, i64 8
  %23 = load i64, ptr %22, align 8
  %24 = icmp slt i64 %23, 0
  br i1 %24, label %25, label %32
25:
  %26 = getelementptr inbounds nuw i8, ptr %21, i64 16
  %27 = load i64, ptr %26, align 8
  %28 = icmp eq i64 %27, %13
  br i1 %28, label %29, label %32
29:
  %30 = getelementptr inbounds nuw i8, ptr %21, i64 24
  %31 = load i64, ptr %30, align 8
  br label %34
32:
  %33 = add nuw nsw i64 %.0, 1
  br label %14
34:
  %.016 = phi i64 [ %11, %7 ], [ %31, %29 ], [ 0, %14 ]
  ret i64 %.016
}
declare ptr @strata_rt_allocate(i64) #1
declare i32 @strata_rt_fail(ptr, i32, ptr) #1
define internal void @strata_rt_fill_tensor(ptr %0, i64 %1, i32 %2, ptr %3) #0 {
  %5 = alloca [64 x i32], align 16
  br label %6
6:
  %.0 = phi i64 [ 0, %4 ], [ %17, %14 ]
  %7 = load i64, ptr %0, align 8
  %8 = icmp slt i64 %.0, %7
  br i1 %8, label %9, label %18
9:
  %10 = and i64 %.0, 63
  %11 = icmp eq i64 %10, 0
  br i1 %11, label %12, label %14
12:
  %13 = lshr exact i64 %.0, 6
  call void @strata_rt_group_words(i64 %1, i32 %2, i64 %13, ptr %5) #4
  br label %14
14:
  %15 = getelementptr inbounds [64 x i32], ptr %5, i64 0, i64 %10
  %16 = load i32, ptr %15, align 4
  call void @strata_rt_fill_element(ptr %0, ptr %3, i64 %.0, i32 %16) #4
  %17 = add nuw nsw i64 %.0, 1
  br label %6
18:
  ret void
}
define internal void @strata_rt_fill_states(ptr %0, ptr %1, i64 %2) #0 {
  %4 = load ptr, ptr %0, align 8
  br label %5
5:
  %.0 = phi i64 [ 0, %3 ], [ %37, %36 ]
  %6 = getelementptr inbounds nuw i8, ptr %4, i64 48
  %7 = load i64, ptr %6, align 8
  %8 = icmp slt i64 %.0, %7
  br i1 %8, label %9, label %38
9:
  %10 = getelementptr inbounds nuw i8, ptr %4, i64 56
  %11 = load ptr, ptr %10, align 8
  %12 = getelementptr inbounds %struct.strata_rt_state, ptr %11, i64 %.0
  %13 = load ptr, ptr %1, align 8
  %14 = getelementptr inbounds %struct.strata_rt_filling, ptr %13, i64 %.0, i32 4
  %15 = load i64, ptr %14, align 8
  %.not = icmp eq i64 %15, 0
  br i1 %.not, label %27, label %16
16:
  %17 = getelementptr inbounds nuw i8, ptr %12, i64 48
  %18 = load ptr, ptr %17, align 8
  %.not19 = icmp eq ptr %18, null
  br i1 %.not19, label %27, label %19
19:
  %20 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %21 = load ptr, ptr %20, align 8
  %22 = getelementptr inbounds ptr, ptr %21, i64 %.0
  %23 = load ptr, ptr %22, align 8
  %24 = getelementptr inbounds nuw i8, ptr %12, i64 32
  %25 = load i64, ptr %24, align 8
  %26 = call ptr @memcpy(ptr %23, ptr %18, i64 %25) #3
  br label %36
27:
  %28 = load ptr, ptr %1, align 8
  %29 = getelementptr inbounds %struct.strata_rt_filling, ptr %28, i64 %.0
  %30 = trunc i64 %.0 to i32
  %31 = add i32 %30, 65536
  %32 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %33 = load ptr, ptr %32, align 8
  %34 = getelementptr inbounds ptr, ptr %33, i64 %.0
  %35 = load ptr, ptr %34, align 8
  call void @strata_rt_fill_tensor(ptr %29, i64 %2, i32 %31, ptr %35) #4
  br label %36
36:
  %37 = add nuw nsw i64 %.0, 1
  br label %5
38:
  %39 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %40 = load i64, ptr %39, align 8
  %41 = add nsw i64 %40, 1
  store i64 %41, ptr %39, align 8
  ret void
}
declare i32 @strata_rt_invoke(ptr, i32, ptr, ptr) #1
define internal void @strata_rt_note_results(ptr %0, ptr %1, ptr %2, ptr %3) #0 {
  br label %5
5:
  %.0 = phi i64 [ 0, %4 ], [ %75, %71 ]
  %6 = getelementptr inbounds nuw i8, ptr %2, i64 40
  %7 = load i64, ptr %6, align 8
  %8 = icmp slt i64 %.0, %7
  br i1 %8, label %9, label %76
9:
  %10 = getelementptr inbounds nuw i8, ptr %2, i64 48
  %11 = load ptr, ptr %10, align 8
  %12 = getelementptr inbounds %struct.strata_rt_golden, ptr %11, i64 %.0
  %13 = getelementptr inbounds nuw i8, ptr %12, i64 8
  %14 = load i64, ptr %13, align 8
  %15 = icmp sgt i64 %14, -1
  br i1 %15, label %16, label %20
16:
  %17 = getelementptr inbounds nuw i8, ptr %1, i64 48
  %18 = load ptr, ptr %17, align 8
  %19 = getelementptr inbounds ptr, ptr %18, i64 %14
  br label %24
20:
  %21 = getelementptr inbounds nuw i8, ptr %12, i64 16
  %22 = load i64, ptr %21, align 8
  %23 = getelementptr inbounds ptr, ptr %3, i64 %22
  br label %24
24:
  %.in = phi ptr [ %19, %16 ], [ %23, %20 ]
  %25 = load ptr, ptr %.in, align 8
  %26 = load ptr, ptr %1, align 8
  %27 = getelementptr inbounds nuw i8, ptr %26, i64 24
  %28 = load ptr, ptr %27, align 8
  %29 = getelementptr inbounds nuw i8, ptr %1, i64 64
  %30 = load i64, ptr %29, align 8
  %31 = getelementptr inbounds %struct.strata_rt_level, ptr %28, i64 %30
  %32 = load ptr, ptr %31, align 8
  %33 = getelementptr inbounds nuw i8, ptr %26, i64 72
  %34 = load ptr, ptr %33, align 8
  %35 = load i64, ptr %2, align 8
  %36 = getelementptr inbounds %struct.strata_rt_function, ptr %34, i64 %35
  %37 = load ptr, ptr %36, align 8
  %38 = getelementptr inbounds nuw i8, ptr %2, i64 16
  %39 = load ptr, ptr %38, align 8
  %40 = load ptr, ptr %12, align 8
  %41 = load i64, ptr %13, align 8
  %42 = icmp sgt i64 %41, -1
  %43 = zext i1 %42 to i32
  %44 = getelementptr inbounds nuw i8, ptr %2, i64 24
  %45 = load i64, ptr %44, align 8
  %46 = trunc i64 %.0 to i32
  %47 = add i32 %46, 131072
  %48 = call double @strata_rt_golden_error(ptr %12, ptr %25, i64 %45, i32 %47) #4
  %49 = getelementptr inbounds nuw i8, ptr %12, i64 56
  %50 = load double, ptr %49, align 8
  %51 = fcmp ole double %48, %50
  %52 = zext i1 %51 to i32
  br i1 %51, label %60, label %53
53:
  %54 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %55 = load i64, ptr %54, align 8
  %56 = add nsw i64 %55, 1
  store i64 %56, ptr %54, align 8
  %57 = icmp eq i64 %55, 0
  br i1 %57, label %58, label %60
58:
  %59 = getelementptr inbounds nuw i8, ptr %0, i64 56
  store ptr %32, ptr %59, align 8
  %.sroa.3.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 64
  store ptr %37, ptr %.sroa.3.0..sroa_idx, align 8
  %.sroa.4.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 72
  store ptr %39, ptr %.sroa.4.0..sroa_idx, align 8
  %.sroa.5.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 80
  store ptr %40, ptr %.sroa.5.0..sroa_idx, align 8
  %.sroa.6.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 88
  store i32 %43, ptr %.sroa.6.0..sroa_idx, align 8
  %.sroa.7.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 92
  store i32 %52, ptr %.sroa.7.0..sroa_idx, align 4
  %.sroa.9.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 96
  store double %48, ptr %.sroa.9.0..sroa_idx, align 8
  %.sroa.11.0..sroa_idx = getelementptr inbounds i8, ptr %0, i64 104
  store double %50, ptr %.sroa.11.0..sroa_idx, align 8
  br label %60
60:
  %61 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %62 = load ptr, ptr %61, align 8
  %.not = icmp eq ptr %62, null
  br i1 %.not, label %71, label %63
63:
  %64 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %65 = load i64, ptr %64, align 8
  %66 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %67 = load i64, ptr %66, align 8
  %68 = icmp slt i64 %65, %67
  br i1 %68, label %69, label %71
69:
  %70 = getelementptr inbounds %struct.strata_rt_test_result, ptr %62, i64 %65
  store ptr %32, ptr %70, align 8
  %.sroa.3.0..sroa_idx2 = getelementptr inbounds i8, ptr %70, i64 8
  store ptr %37, ptr %.sroa.3.0..sroa_idx2, align 8
  %.sroa.4.0..sroa_idx4 = getelementptr inbounds i8, ptr %70, i64 16
  store ptr %39, ptr %.sroa.4.0..sroa_idx4, align 8
  %.sroa.5.0..sroa_idx6 = getelementptr inbounds i8, ptr %70, i64 24
  store ptr %40, ptr %.sroa.5.0..sroa_idx6, align 8
  %.sroa.6.0..sroa_idx8 = getelementptr inbounds i8, ptr %70, i64 32
  store i32 %43, ptr %.sroa.6.0..sroa_idx8, align 8
  %.sroa.7.0..sroa_idx10 = getelementptr inbounds i8, ptr %70, i64 36
  store i32 %52, ptr %.sroa.7.0..sroa_idx10, align 4
  %.sroa.9.0..sroa_idx12 = getelementptr inbounds i8, ptr %70, i64 40
  store double %48, ptr %.sroa.9.0..sroa_idx12, align 8
  %.sroa.11.0..sroa_idx14 = getelementptr inbounds i8, ptr %70, i64 48
  store double %50, ptr %.sroa.11.0..sroa_idx14, align 8
  br label %71
71:
  %72 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %73 = load i64, ptr %72, align 8
  %74 = add nsw i64 %73, 1
  store i64 %74, ptr %72, align 8
  %75 = add nuw nsw i64 %.0, 1
  br label %5
76:
  ret void
}
declare void @free(ptr) #1
define internal void @strata_rt_group_words(i64 %0, i32 %1, i64 %2, ptr %3) #0 {
  %5 = alloca [4 x i32], align 16
  br label %6
6:
  %.011 = phi i64 [ 0, %4 ], [ %23, %22 ]
  %7 = icmp ult i64 %.011, 16
  br i1 %7, label %8, label %24
8:
  %9 = shl nsw i64 %2, 4
  %10 = or disjoint i64 %9, %.011
  call void @strata_rt_philox(i64 %0, i64 %10, i32 %1, ptr %5) #4
  br label %11
11:
  %.0 = phi i32 [ 0, %8 ], [ %21, %13 ]
  %12 = icmp ult i32 %.0, 4
  br i1 %12, label %13, label %22
13:
  %14 = zext nneg i32 %.0 to i64
  %15 = getelementptr inbounds [4 x i32], ptr %5, i64 0, i64 %14
  %16 = load i32, ptr %15, align 4
  %17 = shl nuw nsw i32 %.0, 4
  %18 = zext nneg i32 %17 to i64
  %19 = or disjoint i64 %.011, %18
  %20 = getelementptr inbounds i32, ptr %3, i64 %19
  store i32 %16, ptr %20, align 4
  %21 = add nuw nsw i32 %.0, 1
  br label %11
22:
  %23 = add nuw nsw i64 %.011, 1
  br label %6
24:
  ret void
}
define internal void @strata_rt_fill_element(ptr %0, ptr %1, i64 %2, i32 %3) #0 {
  %5 = alloca double, align 8
  %6 = alloca float, align 4
  %7 = alloca i16, align 2
  %8 = alloca i64, align 8
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %10 = load i64, ptr %9, align 8
  %11 = icmp slt i64 %10, 4
  br i1 %11, label %12, label %53
12:
  %13 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %14 = load double, ptr %13, align 8
  %15 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %16 = load double, ptr %15, align 8
  %17 = fsub double %14, %16
  %18 = lshr i32 %3, 8
  %19 = uitofp nneg i32 %18 to double
  %20 = fmul double %19, 0x3E70000000000000
  %21 = fmul double %17, %20
  %22 = fadd double %16, %21
  store double %22, ptr %5, align 8
  %23 = fptrunc double %22 to float
  store float %23, ptr %6, align 4
  %24 = load i64, ptr %9, align 8
  %25 = icmp eq i64 %24, 2
  br i1 %25, label %26, label %28
26:
  %27 = call zeroext i16 @strata_rt_half_bits(float %23) #4
  br label %32
28:
  %29 = call i32 @strata_rt_float_bits(float %23) #4
  %30 = lshr i32 %29, 16
  %31 = trunc nuw i32 %30 to i16
  br label %32
32:
  %33 = phi i16 [ %27, %26 ], [ %31, %28 ]
  store i16 %33, ptr %7, align 2
  %34 = load i64, ptr %9, align 8
  %35 = icmp eq i64 %34, 0
  br i1 %35, label %36, label %40
36:
  %37 = shl nsw i64 %2, 3
  %38 = getelementptr inbounds i8, ptr %1, i64 %37
  %39 = call ptr @memcpy(ptr %38, ptr %5, i64 8) #3
  br label %40
40:
  %41 = load i64, ptr %9, align 8
  %42 = icmp eq i64 %41, 1
  br i1 %42, label %43, label %47
43:
  %44 = shl nsw i64 %2, 2
  %45 = getelementptr inbounds i8, ptr %1, i64 %44
  %46 = call ptr @memcpy(ptr %45, ptr %6, i64 4) #3
  br label %47
47:
  %48 = load i64, ptr %9, align 8
  switch i64 %48, label %77 [
    i64 2, label %49
    i64 3, label %49
  ]
49:
  %50 = shl nsw i64 %2, 1
  %51 = getelementptr inbounds i8, ptr %1, i64 %50
  %52 = call ptr @memcpy(ptr %51, ptr %7, i64 2) #3
  br label %77
53:
  %54 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %55 = load double, ptr %54, align 8
  %56 = fptosi double %55 to i64
  %57 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %58 = load double, ptr %57, align 8
  %59 = fptosi double %58 to i64
  %60 = sub nsw i64 %59, %56
  %61 = add i64 %60, 1
  %62 = zext i32 %3 to i64
  %63 = urem i64 %62, %61
  %64 = add nsw i64 %63, %56
  store i64 %64, ptr %8, align 8
  %65 = load i64, ptr %9, align 8
  %66 = sub i64 %65, 5
  %switch.and = and i64 %66, -5
  %switch.selectcmp = icmp eq i64 %switch.and, 0
  %67 = select i1 %switch.selectcmp, i64 4, i64 8
  %68 = load i64, ptr %9, align 8
  switch i64 %68, label %70 [
    i64 6, label %69
    i64 10, label %69
  ]
69:
  br label %70
70:
  %.1 = phi i64 [ 2, %69 ], [ %67, %53 ]
  %71 = load i64, ptr %9, align 8
  switch i64 %71, label %73 [
    i64 7, label %72
    i64 11, label %72
    i64 12, label %72
  ]
72:
  br label %73
73:
  %.2 = phi i64 [ 1, %72 ], [ %.1, %70 ]
  %74 = mul nsw i64 %.2, %2
  %75 = getelementptr inbounds i8, ptr %1, i64 %74
  %76 = call ptr @memcpy(ptr %75, ptr %8, i64 %.2) #3
  br label %77
77:
  ret void
}
define internal void @strata_rt_philox(i64 %0, i64 %1, i32 %2, ptr %3) #0 {
  %5 = trunc i64 %0 to i32
  %6 = lshr i64 %0, 32
  %7 = trunc nuw i64 %6 to i32
  %8 = trunc i64 %1 to i32
  %9 = lshr i64 %1, 32
  br label %10
10:
  %.033 = phi i32 [ 0, %4 ], [ %21, %12 ]
  %.032 = phi i32 [ %2, %4 ], [ %17, %12 ]
  %.031 = phi i32 [ 0, %4 ], [ %28, %12 ]
  %.030.in = phi i64 [ %9, %4 ], [ %23, %12 ]
  %.029 = phi i32 [ %8, %4 ], [ %27, %12 ]
  %.028 = phi i32 [ %7, %4 ], [ %13, %12 ]
  %.0 = phi i32 [ %5, %4 ], [ %14, %12 ]
  %11 = icmp ult i32 %.031, 10
  br i1 %11, label %12, label %29
12:
  %13 = add i32 %.028, -1150833019
  %14 = add i32 %.0, -1640531527
  %15 = zext i32 %.029 to i64
  %16 = mul nuw i64 %15, 3528531795
  %17 = trunc i64 %16 to i32
  %18 = lshr i64 %16, 32
  %19 = trunc nuw i64 %18 to i32
  %20 = xor i32 %.032, %19
  %21 = xor i32 %20, %.028
  %22 = zext i32 %.033 to i64
  %23 = mul nuw i64 %22, 3449720151
  %24 = lshr i64 %23, 32
  %25 = xor i64 %24, %.030.in
  %26 = trunc i64 %25 to i32
  %27 = xor i32 %.0, %26
  %28 = add nuw nsw i32 %.031, 1
  br label %10
29:
  %.030 = trunc i64 %.030.in to i32
  store i32 %.029, ptr %3, align 4
  %30 = getelementptr inbounds i8, ptr %3, i64 4
  store i32 %.030, ptr %30, align 4
  %31 = getelementptr inbounds i8, ptr %3, i64 8
  store i32 %.033, ptr %31, align 4
  %32 = getelementptr inbounds i8, ptr %3, i64 12
  store i32 %.032, ptr %32, align 4
  ret void
}
define internal zeroext i16 @strata_rt_half_bits(float %0) #0 {
  %2 = call i32 @strata_rt_float_bits(float %0) #4
  %3 = lshr i32 %2, 16
  %4 = and i32 %3, 32768
  %5 = and i32 %2, 2147483647
  %6 = icmp ult i32 %5, 947912704
  br i1 %6, label %7, label %9
7:
  %8 = trunc nuw i32 %4 to i16
  br label %19
9:
  %10 = icmp ugt i32 %5, 1199570943
  br i1 %10, label %11, label %14
11:
  %12 = trunc nuw i32 %4 to i16
  %13 = or disjoint i16 %12, 31743
  br label %19
14:
  %15 = add i32 %2, 134217728
  %16 = lshr i32 %15, 13
  %17 = or i32 %4, %16
  %18 = trunc i32 %17 to i16
  br label %19
19:
  %.0 = phi i16 [ %8, %7 ], [ %13, %11 ], [ %18, %14 ]
  ret i16 %.0
}
define internal i32 @strata_rt_float_bits(float %0) #0 {
  %2 = alloca float, align 4
  %3 = alloca i32, align 4
  store float %0, ptr %2, align 4
  %4 = call ptr @memcpy(ptr %3, ptr %2, i64 4) #3
  %5 = load i32, ptr %3, align 4
  ret i32 %5
}
define internal double @strata_rt_golden_error(ptr %0, ptr %1, i64 %2, i32 %3) #0 {
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %6 = load ptr, ptr %5, align 8
  %.not = icmp eq ptr %6, null
  br i1 %.not, label %7, label %10
7:
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %9 = load i64, ptr %8, align 8
  br label %10
10:
  %11 = phi i64 [ %9, %7 ], [ 32, %4 ]
  br label %12
12:
  %.028 = phi i64 [ 0, %10 ], [ %37, %23 ]
  %.0 = phi double [ 0.000000e+00, %10 ], [ %.1, %23 ]
  %13 = icmp slt i64 %.028, %11
  br i1 %13, label %14, label %38
14:
  %15 = load ptr, ptr %5, align 8
  %.not30 = icmp eq ptr %15, null
  br i1 %.not30, label %23, label %16
16:
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %18 = load i64, ptr %17, align 8
  %19 = add nsw i64 %18, -1
  %20 = mul nsw i64 %.028, %19
  %21 = add nsw i64 %11, -1
  %22 = sdiv i64 %20, %21
  br label %23
23:
  %24 = phi i64 [ %22, %16 ], [ %.028, %14 ]
  %25 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %26 = load i64, ptr %25, align 8
  %27 = call double @strata_rt_element(ptr %1, i64 %26, i64 %24) #4
  %28 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %29 = load ptr, ptr %28, align 8
  %30 = getelementptr inbounds double, ptr %29, i64 %.028
  %31 = load double, ptr %30, align 8
  %32 = call double @strata_rt_difference(double %27, double %31) #4
  %33 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %34 = load double, ptr %33, align 8
  %35 = fdiv double %32, %34
  %36 = fcmp ogt double %35, %.0
  %.1 = select i1 %36, double %35, double %.0
  %37 = add nuw nsw i64 %.028, 1
  br label %12
38:
  %39 = load ptr, ptr %5, align 8
  %.not29 = icmp eq ptr %39, null
  br i1 %.not29, label %42, label %40
40:
  %41 = call double @strata_rt_sum_error(ptr %0, ptr %1, i64 %2, i32 %3) #4
  br label %42
42:
  %43 = phi double [ %41, %40 ], [ 0.000000e+00, %38 ]
  %44 = fcmp ogt double %43, %.0
  %..0 = select i1 %44, double %43, double %.0
  ret double %..0
}
define internal double @strata_rt_element(ptr %0, i64 %1, i64 %2) #0 {
  %4 = alloca double, align 8
  %5 = alloca float, align 4
  %6 = alloca i64, align 8
  %7 = alloca i16, align 2
  store i64 0, ptr %6, align 8
  switch i64 %1, label %78 [
    i64 0, label %8
    i64 1, label %13
    i64 2, label %19
    i64 3, label %25
    i64 4, label %34
    i64 8, label %40
    i64 5, label %46
    i64 9, label %53
    i64 6, label %59
    i64 10, label %66
    i64 7, label %72
  ]
8:
  %9 = shl nsw i64 %2, 3
  %10 = getelementptr inbounds i8, ptr %0, i64 %9
  %11 = call ptr @memcpy(ptr %4, ptr %10, i64 8) #3
  %12 = load double, ptr %4, align 8
  br label %83
13:
  %14 = shl nsw i64 %2, 2
  %15 = getelementptr inbounds i8, ptr %0, i64 %14
  %16 = call ptr @memcpy(ptr %5, ptr %15, i64 4) #3
  %17 = load float, ptr %5, align 4
  %18 = fpext float %17 to double
  br label %83
19:
  %20 = shl nsw i64 %2, 1
  %21 = getelementptr inbounds i8, ptr %0, i64 %20
  %22 = call ptr @memcpy(ptr %7, ptr %21, i64 2) #3
  %23 = load i16, ptr %7, align 2
  %24 = call double @strata_rt_half_value(i16 zeroext %23) #4
  br label %83
25:
  %26 = shl nsw i64 %2, 1
  %27 = getelementptr inbounds i8, ptr %0, i64 %26
  %28 = call ptr @memcpy(ptr %7, ptr %27, i64 2) #3
  %29 = load i16, ptr %7, align 2
  %30 = zext i16 %29 to i32
  %31 = shl nuw i32 %30, 16
  %32 = call float @strata_rt_float_of_bits(i32 %31) #4
  %33 = fpext float %32 to double
  br label %83
34:
  %35 = shl nsw i64 %2, 3
  %36 = getelementptr inbounds i8, ptr %0, i64 %35
  %37 = call ptr @memcpy(ptr %6, ptr %36, i64 8) #3
  %38 = load i64, ptr %6, align 8
  %39 = sitofp i64 %38 to double
  br label %83
40:
  %41 = shl nsw i64 %2, 3
  %42 = getelementptr inbounds i8, ptr %0, i64 %41
  %43 = call ptr @memcpy(ptr %6, ptr %42, i64 8) #3
  %44 = load i64, ptr %6, align 8
  %45 = uitofp i64 %44 to double
  br label %83
46:
  %47 = shl nsw i64 %2, 2
  %48 = getelementptr inbounds i8, ptr %0, i64 %47
  %49 = call ptr @memcpy(ptr %6, ptr %48, i64 4) #3
  %50 = load i64, ptr %6, align 8
  %51 = trunc i64 %50 to i32
  %52 = sitofp i32 %51 to double
  br label %83
53:
  %54 = shl nsw i64 %2, 2
  %55 = getelementptr inbounds i8, ptr %0, i64 %54
  %56 = call ptr @memcpy(ptr %6, ptr %55, i64 4) #3
  %57 = load i64, ptr %6, align 8
  %58 = sitofp i64 %57 to double
  br label %83
59:
  %60 = shl nsw i64 %2, 1
  %61 = getelementptr inbounds i8, ptr %0, i64 %60
  %62 = call ptr @memcpy(ptr %6, ptr %61, i64 2) #3
  %63 = load i64, ptr %6, align 8
  %64 = trunc i64 %63 to i16
  %65 = sitofp i16 %64 to double
  br label %83
66:
  %67 = shl nsw i64 %2, 1
  %68 = getelementptr inbounds i8, ptr %0, i64 %67
  %69 = call ptr @memcpy(ptr %6, ptr %68, i64 2) #3
  %70 = load i64, ptr %6, align 8
  %71 = sitofp i64 %70 to double
  br label %83
72:
  %73 = getelementptr inbounds i8, ptr %0, i64 %2
  %74 = call ptr @memcpy(ptr %6, ptr %73, i64 1) #3
  %75 = load i64, ptr %6, align 8
  %76 = trunc i64 %75 to i8
  %77 = sitofp i8 %76 to double
  br label %83
78:
  %79 = getelementptr inbounds i8, ptr %0, i64 %2
  %80 = call ptr @memcpy(ptr %6, ptr %79, i64 1) #3
  %81 = load i64, ptr %6, align 8
  %82 = sitofp i64 %81 to double
  br label %83
83:
  %.0 = phi double [ %82, %78 ], [ %77, %72 ], [ %71, %66 ], [ %65, %59 ], [ %58, %53 ], [ %52, %46 ], [ %45, %40 ], [ %39, %34 ], [ %33, %25 ], [ %24, %19 ], [ %18, %13 ], [ %12, %8 ]
  ret double %.0
}
define internal double @strata_rt_difference(double %0, double %1) #0 {
  %3 = fcmp oeq double %0, %1
  br i1 %3, label %14, label %4
4:
  %5 = fcmp uno double %0, 0.000000e+00
  %6 = fcmp uno double %1, 0.000000e+00
  %or.cond = and i1 %5, %6
  br i1 %or.cond, label %14, label %7
7:
  %8 = fcmp olt double %0, %1
  %9 = fsub double %1, %0
  %10 = fsub double %0, %1
  %11 = select i1 %8, double %9, double %10
  %12 = call i32 @strata_rt_is_finite(double %11) #4
  %.not = icmp eq i32 %12, 0
  %13 = select i1 %.not, double 0x7FF0000000000000, double %11
  br label %14
14:
  %.0 = phi double [ %13, %7 ], [ 0.000000e+00, %4 ], [ 0.000000e+00, %2 ]
  ret double %.0
}
define internal double @strata_rt_sum_error(ptr %0, ptr %1, i64 %2, i32 %3) #0 {
  %5 = alloca [8 x double], align 16
  %6 = alloca [64 x i32], align 16
  br label %7
7:
  %.039 = phi i32 [ 0, %4 ], [ %12, %9 ]
  %8 = icmp ult i32 %.039, 8
  br i1 %8, label %9, label %13
9:
  %10 = zext nneg i32 %.039 to i64
  %11 = getelementptr inbounds [8 x double], ptr %5, i64 0, i64 %10
  store double 0.000000e+00, ptr %11, align 8
  %12 = add nuw nsw i32 %.039, 1
  br label %7
13:
  %.040 = phi i64 [ %45, %44 ], [ 0, %7 ]
  %.038 = phi i64 [ %.1, %44 ], [ 0, %7 ]
  %14 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %15 = load i64, ptr %14, align 8
  %16 = icmp slt i64 %.040, %15
  br i1 %16, label %17, label %46
17:
  %18 = and i64 %.040, 63
  %19 = icmp eq i64 %18, 0
  br i1 %19, label %20, label %22
20:
  %21 = lshr exact i64 %.040, 6
  call void @strata_rt_group_words(i64 %2, i32 %3, i64 %21, ptr %6) #4
  br label %22
22:
  %23 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %24 = load i64, ptr %23, align 8
  %25 = call double @strata_rt_element(ptr %1, i64 %24, i64 %.040) #4
  %26 = call i32 @strata_rt_is_finite(double %25) #4
  %.not41 = icmp eq i32 %26, 0
  br i1 %.not41, label %27, label %29
27:
  %28 = add nsw i64 %.038, 1
  br label %44
29:
  %30 = getelementptr inbounds [64 x i32], ptr %6, i64 0, i64 %18
  %31 = load i32, ptr %30, align 4
  br label %32
32:
  %.037 = phi i32 [ 0, %29 ], [ %43, %34 ]
  %33 = icmp ult i32 %.037, 8
  br i1 %33, label %34, label %44
34:
  %35 = shl nuw nsw i32 1, %.037
  %36 = and i32 %31, %35
  %.not42 = icmp eq i32 %36, 0
  %37 = fneg double %25
  %38 = select i1 %.not42, double %37, double %25
  %39 = zext nneg i32 %.037 to i64
  %40 = getelementptr inbounds [8 x double], ptr %5, i64 0, i64 %39
  %41 = load double, ptr %40, align 8
  %42 = fadd double %41, %38
  store double %42, ptr %40, align 8
  %43 = add nuw nsw i32 %.037, 1
  br label %32
44:
  %.1 = phi i64 [ %28, %27 ], [ %.038, %32 ]
  %45 = add nuw nsw i64 %.040, 1
  br label %13
46:
  %47 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %48 = load i64, ptr %47, align 8
  %.not = icmp eq i64 %.038, %48
  br i1 %.not, label %49, label %69
49:
  %.036 = phi double [ %61, %51 ], [ 0.000000e+00, %46 ]
  %.035 = phi i32 [ %62, %51 ], [ 0, %46 ]
  %50 = icmp ult i32 %.035, 8
  br i1 %50, label %51, label %63
51:
  %52 = zext nneg i32 %.035 to i64
  %53 = getelementptr inbounds [8 x double], ptr %5, i64 0, i64 %52
  %54 = load double, ptr %53, align 8
  %55 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %56 = load ptr, ptr %55, align 8
  %57 = getelementptr inbounds double, ptr %56, i64 %52
  %58 = load double, ptr %57, align 8
  %59 = call double @strata_rt_difference(double %54, double %58) #4
  %60 = fmul double %59, %59
  %61 = fadd double %.036, %60
  %62 = add nuw nsw i32 %.035, 1
  br label %49
63:
  %64 = fmul double %.036, 1.250000e-01
  %65 = call double @strata_rt_root(double %64) #4
  %66 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %67 = load double, ptr %66, align 8
  %68 = fdiv double %65, %67
  br label %69
69:
  %.0 = phi double [ %68, %63 ], [ 0x7FF0000000000000, %46 ]
  ret double %.0
}
define internal double @strata_rt_half_value(i16 zeroext %0) #0 {
  %2 = zext i16 %0 to i32
  %.signext = sext i16 %0 to i32
  %3 = and i32 %.signext, -2147483648
  %4 = lshr i32 %2, 10
  %5 = and i32 %4, 31
  %6 = and i32 %2, 1023
  switch i32 %5, label %13 [
    i32 31, label %7
    i32 0, label %21
  ]
7:
  %8 = shl nuw nsw i32 %2, 13
  %9 = or disjoint i32 %3, %8
  %10 = or i32 %9, 2139095040
  %11 = call float @strata_rt_float_of_bits(i32 %10) #4
  %12 = fpext float %11 to double
  br label %26
13:
  %14 = shl nuw nsw i32 %5, 23
  %15 = add nuw nsw i32 %14, 939524096
  %16 = shl nuw nsw i32 %6, 13
  %17 = or disjoint i32 %15, %16
  %18 = or disjoint i32 %3, %17
  %19 = call float @strata_rt_float_of_bits(i32 %18) #4
  %20 = fpext float %19 to double
  br label %26
21:
  %22 = uitofp nneg i32 %6 to double
  %23 = fmul double %22, 0x3E70000000000000
  %.not14 = icmp eq i32 %3, 0
  %24 = fneg double %23
  %25 = select i1 %.not14, double %23, double %24
  br label %26
26:
  %.0 = phi double [ %12, %7 ], [ %20, %13 ], [ %25, %21 ]
  ret double %.0
}
define internal float @strata_rt_float_of_bits(i32 %0) #0 {
  %2 = alloca i32, align 4
  %3 = alloca float, align 4
  store i32 %0, ptr %2, align 4
  %4 = call ptr @memcpy(ptr %3, ptr %2, i64 4) #3
  %5 = load float, ptr %3, align 4
  ret float %5
}
define internal i32 @strata_rt_is_finite(double %0) #0 {
  %2 = fsub double %0, %0
  %3 = fcmp oeq double %2, 0.000000e+00
  %4 = zext i1 %3 to i32
  ret i32 %4
}
define internal double @strata_rt_root(double %0) #0 {
  %2 = fcmp ogt double %0, 0.000000e+00
  br i1 %2, label %3, label %12
3:
  %4 = call i32 @strata_rt_is_finite(double %0) #4
  %.not = icmp eq i32 %4, 0
  br i1 %.not, label %12, label %5
5:
  %6 = fcmp ogt double %0, 1.000000e+00
  %. = select i1 %6, double %0, double 1.000000e+00
  br label %7
7:
  %.013 = phi double [ %., %5 ], [ %10, %7 ]
  %8 = fdiv double %0, %.013
  %9 = fadd double %.013, %8
  %10 = fmul double %9, 5.000000e-01
  %11 = fcmp olt double %10, %.013
  br i1 %11, label %7, label %12
12:
  %.0 = phi double [ %0, %3 ], [ %0, %1 ], [ %.013, %7 ]
  ret double %.0
}
define internal ptr @strata_rt_scientific(ptr %0, double %1) #0 {
  %3 = call i32 @strata_rt_is_finite(double %1) #4
  %.not = icmp eq i32 %3, 0
  br i1 %.not, label %4, label %7
4:
  %5 = fcmp ord double %1, 0.000000e+00
  %6 = select i1 %5, ptr @.str.12, ptr @.str.13
  br label %41
7:
  %.028 = phi double [ %12, %11 ], [ %1, %2 ]
  %.027 = phi i32 [ %13, %11 ], [ 0, %2 ]
  %8 = fcmp ult double %.028, 1.000000e+01
  %9 = icmp ult i32 %.027, 400
  %10 = select i1 %8, i1 false, i1 %9
  br i1 %10, label %11, label %14
11:
  %12 = fdiv double %.028, 1.000000e+01
  %13 = add nuw nsw i32 %.027, 1
  br label %7
14:
  %.129 = phi double [ %19, %18 ], [ %.028, %7 ]
  %.1 = phi i32 [ %20, %18 ], [ %.027, %7 ]
  %15 = fcmp ogt double %.129, 0.000000e+00
  %16 = fcmp olt double %.129, 1.000000e+00
  %or.cond = and i1 %15, %16
  %17 = icmp sgt i32 %.1, -400
  %or.cond30 = select i1 %or.cond, i1 %17, i1 false
  br i1 %or.cond30, label %18, label %.critedge
18:
  %19 = fmul double %.129, 1.000000e+01
  %20 = add nsw i32 %.1, -1
  br label %14
.critedge:
  %21 = fmul double %.129, 1.000000e+01
  %22 = fadd double %21, 5.000000e-01
  %23 = fptosi double %22 to i32
  %24 = icmp sgt i32 %23, 99
  br i1 %24, label %25, label %28
25:
  %26 = udiv i32 %23, 10
  %27 = add nsw i32 %.1, 1
  br label %28
28:
  %.2 = phi i32 [ %27, %25 ], [ %.1, %.critedge ]
  %.026 = phi i32 [ %26, %25 ], [ %23, %.critedge ]
  %29 = sdiv i32 %.026, 10
  %30 = trunc i32 %29 to i8
  %31 = add i8 %30, 48
  %32 = getelementptr inbounds nuw i8, ptr %0, i64 1
  store i8 %31, ptr %0, align 1
  %33 = getelementptr inbounds i8, ptr %0, i64 2
  store i8 46, ptr %32, align 1
  %34 = srem i32 %.026, 10
  %35 = trunc nsw i32 %34 to i8
  %36 = add nsw i8 %35, 48
  %37 = getelementptr inbounds i8, ptr %0, i64 3
  store i8 %36, ptr %33, align 1
  %38 = getelementptr inbounds i8, ptr %0, i64 4
  store i8 101, ptr %37, align 1
  %39 = sext i32 %.2 to i64
  %40 = call ptr @strata_rt_decimal(ptr %38, i64 %39) #3
  br label %41
41:
  %.0 = phi ptr [ %0, %28 ], [ %6, %4 ]
  ret ptr %.0
}
declare ptr @strata_rt_decimal(ptr, i64) #1
attributes #0 = { nounwind "no-builtins" }
attributes #1 = { "no-builtins" }
attributes #2 = { nocallback nofree nounwind willreturn memory(argmem: readwrite) }
attributes #3 = { nobuiltin nounwind "no-builtins" }
attributes #4 = { nobuiltin "no-builtins" }
