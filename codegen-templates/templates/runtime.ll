%struct.strata_rt_worker = type { i64, ptr, i64, i64, [32 x i8] }
%struct.strata_rt_share = type { ptr, i64, i64 }
%struct.strata_rt_chain = type { ptr, ptr, ptr, i64, i64, ptr, i32, i64, ptr, ptr }
%struct.strata_rt_state = type { ptr, ptr, i64, ptr, i64, i64, ptr }
%struct.strata_rt_keeping = type { ptr, i64 }
%struct.strata_rt_options = type { i32, i32, i32, i32, ptr }
%struct.strata_rt_level = type { ptr, i64, ptr }
%struct.strata_rt_function = type { ptr, i64, ptr, i64, i64, ptr, ptr, ptr, ptr }
%struct.strata_rt_dim = type { ptr, i64, i64, i64 }
%struct.strata_rt_call = type { ptr, ptr, ptr, ptr, i64 }
%struct.strata_rt_loading = type { ptr, ptr, ptr, ptr, i64, i64, ptr }
%struct.strata_rt_entry = type { [512 x i8], [16 x i8], i64, [16 x i64], i64, i64 }
%struct.strata_rt_cursor = type { ptr, ptr, ptr, ptr }
%struct.strata_rt_image_header = type { [16 x i8], i64, i64, [256 x i8], [32 x i8], [96 x i8], [1024 x i8], i64 }
%struct.strata_rt_mapping = type { ptr, i64 }
%struct.strata_rt_tensor = type { ptr, ptr, i64 }
@.str = private unnamed_addr constant [2 x i8] c"[\00", align 1
@.str.1 = private unnamed_addr constant [2 x i8] c",\00", align 1
@.str.2 = private unnamed_addr constant [1 x i8] zeroinitializer, align 1
@.str.3 = private unnamed_addr constant [2 x i8] c"]\00", align 1
@__const.strata_rt_type_text.tail = private unnamed_addr constant [2 x ptr] [ptr @.str.3, ptr null], align 16
@.str.4 = private unnamed_addr constant [22 x i8] c"create: threads: got \00", align 1
@.str.5 = private unnamed_addr constant [18 x i8] c", allowed 0...256\00", align 1
@.str.6 = private unnamed_addr constant [22 x i8] c"create: out of memory\00", align 1
@__const.strata_rt_create.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.6, ptr null], align 16
@.str.7 = private unnamed_addr constant [20 x i8] c"the context is NULL\00", align 1
@.str.8 = private unnamed_addr constant [23 x i8] c"invoke: function: got \00", align 1
@.str.9 = private unnamed_addr constant [27 x i8] c", expected an index below \00", align 1
@.str.10 = private unnamed_addr constant [5 x i8] c"call\00", align 1
@.str.11 = private unnamed_addr constant [16 x i8] c"workspace_bytes\00", align 1
@.str.12 = private unnamed_addr constant [33 x i8] c"workspace_bytes: 'bytes' is NULL\00", align 1
@__const.strata_rt_workspace_bytes.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.12, ptr null], align 16
@.str.13 = private unnamed_addr constant [4 x i8] c"get\00", align 1
@.str.14 = private unnamed_addr constant [4 x i8] c"set\00", align 1
@.str.15 = private unnamed_addr constant [29 x i8] c"state_bytes: 'bytes' is NULL\00", align 1
@__const.strata_rt_state_bytes.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.15, ptr null], align 16
@.str.16 = private unnamed_addr constant [24 x i8] c"state_bytes: no state '\00", align 1
@.str.17 = private unnamed_addr constant [2 x i8] c"'\00", align 1
@.str.18 = private unnamed_addr constant [3 x i8] c" '\00", align 1
@.str.19 = private unnamed_addr constant [55 x i8] c"': expected the name of a file, got a device or a pipe\00", align 1
@.str.20 = private unnamed_addr constant [2 x i8] c".\00", align 1
@.str.21 = private unnamed_addr constant [9 x i8] c".partial\00", align 1
@.str.22 = private unnamed_addr constant [5 x i8] c"wbxe\00", align 1
@.str.23 = private unnamed_addr constant [18 x i8] c"cannot be created\00", align 1
@.str.24 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.25 = private unnamed_addr constant [37 x i8] c"cannot be written; is the disk full?\00", align 1
@.str.26 = private unnamed_addr constant [4 x i8] c"': \00", align 1
@.str.27 = private unnamed_addr constant [4 x i8] c"'{'\00", align 1
@.str.28 = private unnamed_addr constant [11 x i8] c"',' or '}'\00", align 1
@.str.29 = private unnamed_addr constant [4 x i8] c"':'\00", align 1
@.str.30 = private unnamed_addr constant [13 x i8] c"__metadata__\00", align 1
@.str.31 = private unnamed_addr constant [23 x i8] c"load: the path is NULL\00", align 1
@__const.strata_rt_load.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.31, ptr null], align 16
@.str.32 = private unnamed_addr constant [5 x i8] c"save\00", align 1
@.str.33 = private unnamed_addr constant [23 x i8] c"save: the path is NULL\00", align 1
@__const.strata_rt_save.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.33, ptr null], align 16
@.str.34 = private unnamed_addr constant [11 x i8] c"save_image\00", align 1
@.str.35 = private unnamed_addr constant [10 x i8] c"map_image\00", align 1
@.str.36 = private unnamed_addr constant [4 x i8] c"rbe\00", align 1
@.str.37 = private unnamed_addr constant [17 x i8] c"cannot be opened\00", align 1
@__const.strata_rt_map_image.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.37, ptr null], align 16
@.str.38 = private unnamed_addr constant [3 x i8] c", \00", align 1
@.str.39 = private unnamed_addr constant [17 x i8] c"create: variant \00", align 1
@.str.40 = private unnamed_addr constant [5 x i8] c"best\00", align 1
@.str.41 = private unnamed_addr constant [3 x i8] c" (\00", align 1
@.str.42 = private unnamed_addr constant [2 x i8] c")\00", align 1
@.str.43 = private unnamed_addr constant [42 x i8] c": not supported by this machine, of rank \00", align 1
@.str.44 = private unnamed_addr constant [48 x i8] c": not in this library; this machine is of rank \00", align 1
@.str.45 = private unnamed_addr constant [12 x i8] c"; present: \00", align 1
@.str.46 = private unnamed_addr constant [33 x i8] c": out of memory: a workspace of \00", align 1
@.str.47 = private unnamed_addr constant [7 x i8] c" bytes\00", align 1
@.str.48 = private unnamed_addr constant [18 x i8] c": out of memory: \00", align 1
@.str.49 = private unnamed_addr constant [29 x i8] c" bytes to keep between calls\00", align 1
@.str.50 = private unnamed_addr constant [10 x i8] c": input '\00", align 1
@.str.51 = private unnamed_addr constant [11 x i8] c": output '\00", align 1
@.str.52 = private unnamed_addr constant [10 x i8] c"' is NULL\00", align 1
@.str.53 = private unnamed_addr constant [37 x i8] c"' is not aligned to its elements of \00", align 1
@.str.54 = private unnamed_addr constant [16 x i8] c": no function '\00", align 1
@.str.55 = private unnamed_addr constant [5 x i8] c"NULL\00", align 1
@.str.56 = private unnamed_addr constant [26 x i8] c": the dimensions are NULL\00", align 1
@.str.57 = private unnamed_addr constant [13 x i8] c": dimension \00", align 1
@.str.58 = private unnamed_addr constant [7 x i8] c": got \00", align 1
@.str.59 = private unnamed_addr constant [11 x i8] c", allowed \00", align 1
@.str.60 = private unnamed_addr constant [4 x i8] c"...\00", align 1
@.str.61 = private unnamed_addr constant [24 x i8] c", allowed multiples of \00", align 1
@.str.62 = private unnamed_addr constant [13 x i8] c": no state '\00", align 1
@.str.63 = private unnamed_addr constant [10 x i8] c": state '\00", align 1
@.str.64 = private unnamed_addr constant [20 x i8] c"': the data is NULL\00", align 1
@.str.65 = private unnamed_addr constant [4 x i8] c"', \00", align 1
@.str.66 = private unnamed_addr constant [18 x i8] c" bytes, expected \00", align 1
@.str.67 = private unnamed_addr constant [5 x i8] c"r+be\00", align 1
@.str.68 = private unnamed_addr constant [3 x i8] c"re\00", align 1
@.str.69 = private unnamed_addr constant [9 x i8] c"a string\00", align 1
@.str.70 = private unnamed_addr constant [20 x i8] c"the end of a string\00", align 1
@.str.71 = private unnamed_addr constant [9 x i8] c"\22\\/bfnrt\00", align 1
@.str.72 = private unnamed_addr constant [9 x i8] c"\22\\/\08\0C\0A\0D\09\00", align 1
@.str.73 = private unnamed_addr constant [10 x i8] c"an escape\00", align 1
@.str.74 = private unnamed_addr constant [24 x i8] c"four hexadecimal digits\00", align 1
@.str.75 = private unnamed_addr constant [36 x i8] c"\22dtype\22, \22shape\22 and \22data_offsets\22\00", align 1
@.str.76 = private unnamed_addr constant [4 x i8] c"'}'\00", align 1
@.str.77 = private unnamed_addr constant [6 x i8] c"dtype\00", align 1
@.str.78 = private unnamed_addr constant [6 x i8] c"shape\00", align 1
@.str.79 = private unnamed_addr constant [13 x i8] c"data_offsets\00", align 1
@.str.80 = private unnamed_addr constant [22 x i8] c"two ascending offsets\00", align 1
@.str.81 = private unnamed_addr constant [35 x i8] c"\22dtype\22, \22shape\22 or \22data_offsets\22\00", align 1
@.str.82 = private unnamed_addr constant [4 x i8] c"'['\00", align 1
@.str.83 = private unnamed_addr constant [14 x i8] c"fewer numbers\00", align 1
@.str.84 = private unnamed_addr constant [4 x i8] c"']'\00", align 1
@.str.85 = private unnamed_addr constant [17 x i8] c"a smaller number\00", align 1
@.str.86 = private unnamed_addr constant [9 x i8] c"a number\00", align 1
@.str.87 = private unnamed_addr constant [15 x i8] c"cannot be read\00", align 1
@.str.88 = private unnamed_addr constant [52 x i8] c"expected a safetensors file, got fewer than 8 bytes\00", align 1
@.str.89 = private unnamed_addr constant [7 x i8] c"load '\00", align 1
@.str.90 = private unnamed_addr constant [25 x i8] c"': expected a header of \00", align 1
@.str.91 = private unnamed_addr constant [23 x i8] c" bytes, got a file of \00", align 1
@.str.92 = private unnamed_addr constant [45 x i8] c" bytes: truncated, or not a safetensors file\00", align 1
@.str.93 = private unnamed_addr constant [29 x i8] c"out of memory for its header\00", align 1
@.str.94 = private unnamed_addr constant [26 x i8] c"its header cannot be read\00", align 1
@.str.95 = private unnamed_addr constant [29 x i8] c"': malformed header at byte \00", align 1
@.str.96 = private unnamed_addr constant [12 x i8] c": expected \00", align 1
@.str.97 = private unnamed_addr constant [15 x i8] c"no such tensor\00", align 1
@.str.98 = private unnamed_addr constant [27 x i8] c": bytes of data: expected \00", align 1
@.str.99 = private unnamed_addr constant [71 x i8] c": the file is truncated: bytes of data in the file: expected at least \00", align 1
@.str.100 = private unnamed_addr constant [12 x i8] c"': tensor '\00", align 1
@.str.101 = private unnamed_addr constant [7 x i8] c", got \00", align 1
@.str.102 = private unnamed_addr constant [62 x i8] c": reading failed midway, the states are incomplete: expected \00", align 1
@.str.103 = private unnamed_addr constant [9 x i8] c"its data\00", align 1
@.str.104 = private unnamed_addr constant [13 x i8] c"a read error\00", align 1
@.str.105 = private unnamed_addr constant [2 x i8] c"{\00", align 1
@.str.106 = private unnamed_addr constant [2 x i8] c"}\00", align 1
@.str.107 = private unnamed_addr constant [2 x i8] c" \00", align 1
@.str.108 = private unnamed_addr constant [11 x i8] c"{\22dtype\22:\22\00", align 1
@.str.109 = private unnamed_addr constant [12 x i8] c"\22,\22shape\22:[\00", align 1
@.str.110 = private unnamed_addr constant [19 x i8] c"],\22data_offsets\22:[\00", align 1
@.str.111 = private unnamed_addr constant [3 x i8] c"]}\00", align 1
@.str.112 = private unnamed_addr constant [2 x i8] c"\22\00", align 1
@.str.113 = private unnamed_addr constant [2 x i8] c"\\\00", align 1
@.str.114 = private unnamed_addr constant [3 x i8] c"\22:\00", align 1
@.str.115 = private unnamed_addr constant [19 x i8] c": the path is NULL\00", align 1
@.str.116 = private unnamed_addr constant [19 x i8] c": the source: got \00", align 1
@.str.117 = private unnamed_addr constant [25 x i8] c" bytes, allowed at most \00", align 1
@.str.118 = private unnamed_addr constant [14 x i8] c"strata image\0A\00", align 1
@strata_rt_write_pages.zeros = internal constant [64 x i8] zeroinitializer, align 16
@.str.119 = private unnamed_addr constant [12 x i8] c"map_image '\00", align 1
@.str.120 = private unnamed_addr constant [35 x i8] c"out of memory: it cannot be mapped\00", align 1
@__const.strata_rt_open_image.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.120, ptr null], align 16
@.str.121 = private unnamed_addr constant [33 x i8] c": write it again with save_image\00", align 1
@.str.122 = private unnamed_addr constant [68 x i8] c"expected an image written by save_image, got a file of another kind\00", align 1
@__const.strata_rt_check_image.parts = private unnamed_addr constant [2 x ptr] [ptr @.str.122, ptr null], align 16
@.str.123 = private unnamed_addr constant [28 x i8] c"truncated within its header\00", align 1
@__const.strata_rt_check_image.parts.124 = private unnamed_addr constant [3 x ptr] [ptr @.str.123, ptr @.str.121, ptr null], align 16
@.str.125 = private unnamed_addr constant [11 x i8] c"of format \00", align 1
@.str.126 = private unnamed_addr constant [22 x i8] c", this library reads \00", align 1
@.str.127 = private unnamed_addr constant [22 x i8] c"its header is damaged\00", align 1
@__const.strata_rt_check_image.parts.128 = private unnamed_addr constant [3 x ptr] [ptr @.str.127, ptr @.str.121, ptr null], align 16
@.str.129 = private unnamed_addr constant [13 x i8] c"of library '\00", align 1
@.str.130 = private unnamed_addr constant [14 x i8] c"', expected '\00", align 1
@.str.131 = private unnamed_addr constant [14 x i8] c"of CPU level \00", align 1
@.str.132 = private unnamed_addr constant [21 x i8] c", this context uses \00", align 1
@.str.133 = private unnamed_addr constant [53 x i8] c": choose that variant, or write an image of this one\00", align 1
@.str.134 = private unnamed_addr constant [22 x i8] c"of another build of '\00", align 1
@.str.135 = private unnamed_addr constant [38 x i8] c"', with other states, options or code\00", align 1
@.str.136 = private unnamed_addr constant [12 x i8] c"made from '\00", align 1
@.str.137 = private unnamed_addr constant [32 x i8] c"truncated or damaged: expected \00", align 1
@.str.138 = private unnamed_addr constant [13 x i8] c" bytes, got \00", align 1
define hidden i64 @strata_rt_length(ptr %0) #0 {
  br label %2
2:
  %.0 = phi i64 [ 0, %1 ], [ %6, %5 ]
  %3 = getelementptr inbounds i8, ptr %0, i64 %.0
  %4 = load i8, ptr %3, align 1
  %.not = icmp eq i8 %4, 0
  br i1 %.not, label %7, label %5
5:
  %6 = add nuw nsw i64 %.0, 1
  br label %2
7:
  ret i64 %.0
}
define hidden i32 @strata_rt_equal(ptr %0, ptr %1) #0 {
  br label %3
3:
  %.07 = phi ptr [ %0, %2 ], [ %9, %8 ]
  %.0 = phi ptr [ %1, %2 ], [ %10, %8 ]
  %4 = load i8, ptr %.07, align 1
  %.not = icmp eq i8 %4, 0
  br i1 %.not, label %.critedge, label %5
5:
  %6 = load i8, ptr %.0, align 1
  %7 = icmp eq i8 %4, %6
  br i1 %7, label %8, label %.critedge
8:
  %9 = getelementptr inbounds nuw i8, ptr %.07, i64 1
  %10 = getelementptr inbounds nuw i8, ptr %.0, i64 1
  br label %3
.critedge:
  %11 = load i8, ptr %.07, align 1
  %12 = load i8, ptr %.0, align 1
  %13 = icmp eq i8 %11, %12
  %14 = zext i1 %13 to i32
  ret i32 %14
}
define hidden void @strata_rt_join(ptr %0, i64 %1, ptr %2) #0 {
  %.not = icmp eq ptr %0, null
  %4 = icmp slt i64 %1, 1
  %or.cond = or i1 %.not, %4
  br i1 %or.cond, label %21, label %5
5:
  %.014 = phi ptr [ %18, %17 ], [ %2, %3 ]
  %.013 = phi i64 [ %.1, %17 ], [ 0, %3 ]
  %6 = load ptr, ptr %.014, align 8
  %.not15 = icmp eq ptr %6, null
  br i1 %.not15, label %19, label %7
7:
  %.1 = phi i64 [ %15, %12 ], [ %.013, %5 ]
  %.0 = phi ptr [ %16, %12 ], [ %6, %5 ]
  %8 = load i8, ptr %.0, align 1
  %.not16 = icmp eq i8 %8, 0
  %9 = add nsw i64 %1, -1
  %10 = icmp slt i64 %.1, %9
  %11 = select i1 %.not16, i1 false, i1 %10
  br i1 %11, label %12, label %17
12:
  %13 = load i8, ptr %.0, align 1
  %14 = getelementptr inbounds i8, ptr %0, i64 %.1
  store i8 %13, ptr %14, align 1
  %15 = add nsw i64 %.1, 1
  %16 = getelementptr inbounds nuw i8, ptr %.0, i64 1
  br label %7
17:
  %18 = getelementptr inbounds nuw i8, ptr %.014, i64 8
  br label %5
19:
  %20 = getelementptr inbounds i8, ptr %0, i64 %.013
  store i8 0, ptr %20, align 1
  br label %21
21:
  ret void
}
define hidden ptr @strata_rt_decimal(ptr %0, i64 %1) #0 {
  %3 = alloca [24 x i8], align 16
  %4 = icmp slt i64 %1, 0
  %5 = sub i64 0, %1
  %6 = select i1 %4, i64 %5, i64 %1
  br label %7
7:
  %.015 = phi i32 [ 0, %2 ], [ %11, %7 ]
  %.014 = phi i64 [ %6, %2 ], [ %14, %7 ]
  %8 = urem i64 %.014, 10
  %9 = trunc nuw nsw i64 %8 to i8
  %10 = or disjoint i8 %9, 48
  %11 = add nuw nsw i32 %.015, 1
  %12 = zext nneg i32 %.015 to i64
  %13 = getelementptr inbounds [24 x i8], ptr %3, i64 0, i64 %12
  store i8 %10, ptr %13, align 1
  %14 = udiv i64 %.014, 10
  %.not = icmp ult i64 %.014, 10
  br i1 %.not, label %15, label %7
15:
  br i1 %4, label %16, label %18
16:
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 1
  store i8 45, ptr %0, align 1
  br label %18
18:
  %.0 = phi ptr [ %17, %16 ], [ %0, %15 ]
  br label %19
19:
  %.116 = phi i32 [ %11, %18 ], [ %21, %20 ]
  %.1 = phi ptr [ %.0, %18 ], [ %25, %20 ]
  %.not17 = icmp eq i32 %.116, 0
  br i1 %.not17, label %26, label %20
20:
  %21 = add nsw i32 %.116, -1
  %22 = sext i32 %21 to i64
  %23 = getelementptr inbounds [24 x i8], ptr %3, i64 0, i64 %22
  %24 = load i8, ptr %23, align 1
  %25 = getelementptr inbounds nuw i8, ptr %.1, i64 1
  store i8 %24, ptr %.1, align 1
  br label %19
26:
  store i8 0, ptr %.1, align 1
  ret ptr %0
}
define hidden ptr @strata_rt_type_text(ptr %0, i64 %1, ptr %2, ptr %3, i64 %4) #0 {
  %6 = alloca [3 x ptr], align 16
  %7 = alloca [24 x i8], align 16
  %8 = alloca [3 x ptr], align 16
  %9 = alloca [2 x ptr], align 16
  store ptr %2, ptr %6, align 8
  %10 = getelementptr inbounds i8, ptr %6, i64 8
  store ptr @.str, ptr %10, align 8
  %11 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr null, ptr %11, align 8
  call void @strata_rt_join(ptr %0, i64 %1, ptr %6) #4
  br label %12
12:
  %.0 = phi i64 [ 0, %5 ], [ %24, %14 ]
  %13 = icmp slt i64 %.0, %4
  br i1 %13, label %14, label %25
14:
  %.not = icmp eq i64 %.0, 0
  %15 = select i1 %.not, ptr @.str.2, ptr @.str.1
  store ptr %15, ptr %8, align 8
  %16 = getelementptr inbounds i8, ptr %8, i64 8
  %17 = getelementptr inbounds i64, ptr %3, i64 %.0
  %18 = load i64, ptr %17, align 8
  %19 = call ptr @strata_rt_decimal(ptr %7, i64 %18) #4
  store ptr %19, ptr %16, align 8
  %20 = getelementptr inbounds i8, ptr %8, i64 16
  store ptr null, ptr %20, align 8
  %21 = call i64 @strata_rt_length(ptr %0) #4
  %22 = getelementptr inbounds i8, ptr %0, i64 %21
  %23 = sub nsw i64 %1, %21
  call void @strata_rt_join(ptr %22, i64 %23, ptr %8) #4
  %24 = add nuw nsw i64 %.0, 1
  br label %12
25:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %9, ptr align 16 dereferenceable(16) @__const.strata_rt_type_text.tail, i64 16, i1 false)
  %26 = call i64 @strata_rt_length(ptr %0) #4
  %27 = getelementptr inbounds i8, ptr %0, i64 %26
  %28 = sub nsw i64 %1, %26
  call void @strata_rt_join(ptr %27, i64 %28, ptr %9) #4
  ret ptr %0
}
declare void @llvm.memcpy.p0.p0.i64(ptr noalias nocapture writeonly, ptr noalias nocapture readonly, i64, i1 immarg) #1
define hidden i32 @strata_rt_fail(ptr %0, i32 %1, ptr %2) #0 {
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 96
  call void @strata_rt_join(ptr %4, i64 1024, ptr %2) #4
  ret i32 %1
}
define hidden ptr @strata_rt_allocate(i64 %0) #0 {
  %2 = icmp slt i64 %0, 0
  %3 = icmp sgt i64 %0, 70368744177664
  %or.cond = or i1 %2, %3
  br i1 %or.cond, label %13, label %4
4:
  %5 = icmp sgt i64 %0, 4194303
  %6 = select i1 %5, i64 2097152, i64 64
  %7 = add nuw nsw i64 %0, 63
  %8 = and i64 %7, 9223372036854775744
  %9 = icmp eq i64 %8, 0
  %spec.select = select i1 %9, i64 64, i64 %8
  %10 = call ptr @aligned_alloc(i64 %6, i64 %spec.select) #5
  %.not = icmp eq ptr %10, null
  %.not13 = xor i1 %5, true
  %brmerge = or i1 %.not, %.not13
  br i1 %brmerge, label %13, label %11
11:
  %12 = call i32 @madvise(ptr %10, i64 %spec.select, i32 14) #5
  br label %13
13:
  %.0 = phi ptr [ null, %1 ], [ %10, %4 ], [ %10, %11 ]
  ret ptr %.0
}
declare ptr @aligned_alloc(i64, i64) #2
declare i32 @madvise(ptr, i64, i32) #2
define hidden i32 @strata_rt_map(ptr %0, ptr %1, i64 %2) #0 {
  %.not = icmp eq i64 %2, 0
  %. = select i1 %.not, i64 64, i64 %2
  %.not15 = icmp eq ptr %1, null
  %4 = select i1 %.not15, i32 34, i32 2
  br i1 %.not15, label %7, label %5
5:
  %6 = call i32 @fileno(ptr %1) #5
  br label %7
7:
  %8 = phi i32 [ %6, %5 ], [ -1, %3 ]
  %9 = call ptr @mmap(ptr null, i64 %., i32 3, i32 %4, i32 %8, i64 0) #5
  %10 = icmp eq ptr %9, inttoptr (i64 -1 to ptr)
  br i1 %10, label %16, label %11
11:
  store ptr %9, ptr %0, align 8
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 8
  store i64 %., ptr %12, align 8
  %13 = icmp sgt i64 %2, 4194303
  %or.cond = and i1 %.not15, %13
  br i1 %or.cond, label %14, label %16
14:
  %15 = call i32 @madvise(ptr %9, i64 %2, i32 14) #5
  br label %16
16:
  %.0 = phi i32 [ 0, %7 ], [ 1, %14 ], [ 1, %11 ]
  ret i32 %.0
}
declare ptr @mmap(ptr, i64, i32, i32, i32, i64) #2
declare i32 @fileno(ptr) #2
define hidden void @strata_rt_unmap(ptr %0) #0 {
  %2 = load ptr, ptr %0, align 8
  %.not = icmp eq ptr %2, null
  br i1 %.not, label %7, label %3
3:
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %5 = load i64, ptr %4, align 8
  %6 = call i32 @munmap(ptr %2, i64 %5) #5
  br label %7
7:
  ret void
}
declare i32 @munmap(ptr, i64) #2
define hidden i32 @strata_rt_is_mapped(ptr %0, ptr %1) #0 {
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %4 = load ptr, ptr %3, align 8
  %.not = icmp ugt ptr %4, %1
  br i1 %.not, label %11, label %5
5:
  %6 = getelementptr inbounds i8, ptr %0, i64 24
  %7 = load i64, ptr %6, align 8
  %8 = getelementptr inbounds i8, ptr %4, i64 %7
  %9 = icmp ugt ptr %8, %1
  %10 = zext i1 %9 to i32
  br label %11
11:
  %12 = phi i32 [ 0, %2 ], [ %10, %5 ]
  ret i32 %12
}
define hidden i32 @strata_rt_processor_count() #0 {
  %1 = alloca [64 x i64], align 16
  %2 = call ptr @memset(ptr %1, i32 0, i64 512) #5
  %3 = call i32 @sched_getaffinity(i32 0, i64 512, ptr %1) #5
  %4 = icmp eq i32 %3, 0
  br i1 %4, label %5, label %20
5:
  %.014 = phi i32 [ %.1, %16 ], [ 0, %0 ]
  %.013 = phi i32 [ %17, %16 ], [ 0, %0 ]
  %6 = icmp ult i32 %.013, 64
  br i1 %6, label %7, label %18
7:
  %8 = zext nneg i32 %.013 to i64
  %9 = getelementptr inbounds [64 x i64], ptr %1, i64 0, i64 %8
  %10 = load i64, ptr %9, align 8
  br label %11
11:
  %.1 = phi i32 [ %.014, %7 ], [ %13, %12 ]
  %.012 = phi i64 [ %10, %7 ], [ %15, %12 ]
  %.not = icmp eq i64 %.012, 0
  br i1 %.not, label %16, label %12
12:
  %13 = add nsw i32 %.1, 1
  %14 = add i64 %.012, -1
  %15 = and i64 %.012, %14
  br label %11
16:
  %17 = add nuw nsw i32 %.013, 1
  br label %5
18:
  %19 = icmp sgt i32 %.014, 0
  br i1 %19, label %25, label %20
20:
  %21 = call i64 @sysconf(i32 84) #5
  %22 = icmp slt i64 %21, 1
  %23 = trunc i64 %21 to i32
  %24 = select i1 %22, i32 1, i32 %23
  br label %25
25:
  %.0 = phi i32 [ %24, %20 ], [ %.014, %18 ]
  ret i32 %.0
}
declare ptr @memset(ptr, i32, i64) #2
declare i32 @sched_getaffinity(i32, i64, ptr) #2
declare i64 @sysconf(i32) #2
define hidden i32 @strata_rt_rank_of_features(ptr %0, ptr %1, ptr %2, ptr %3, i64 %4) #0 {
  %6 = getelementptr inbounds i8, ptr %0, i64 8
  %7 = load i32, ptr %6, align 4
  %8 = call i32 @strata_rt_has(i32 %7, i32 953684481) #4
  %.not = icmp eq i32 %8, 0
  br i1 %.not, label %.critedge, label %9
9:
  %10 = getelementptr inbounds i8, ptr %1, i64 4
  %11 = load i32, ptr %10, align 4
  %12 = call i32 @strata_rt_has(i32 %11, i32 296) #4
  %.not13 = icmp eq i32 %12, 0
  br i1 %.not13, label %.critedge, label %13
13:
  %14 = getelementptr inbounds i8, ptr %3, i64 8
  %15 = load i32, ptr %14, align 4
  %16 = call i32 @strata_rt_has(i32 %15, i32 32) #4
  %.not14 = icmp ne i32 %16, 0
  %17 = and i64 %4, 6
  %18 = icmp eq i64 %17, 6
  %or.cond = and i1 %.not14, %18
  br i1 %or.cond, label %19, label %.critedge
19:
  %20 = getelementptr inbounds i8, ptr %1, i64 4
  %21 = load i32, ptr %20, align 4
  %22 = call i32 @strata_rt_has(i32 %21, i32 -805109760) #4
  %.not15 = icmp eq i32 %22, 0
  %23 = and i64 %4, 230
  %24 = icmp eq i64 %23, 230
  %25 = select i1 %.not15, i1 false, i1 %24
  br i1 %25, label %26, label %.critedge
26:
  %27 = getelementptr inbounds i8, ptr %1, i64 8
  %28 = load i32, ptr %27, align 4
  %29 = call i32 @strata_rt_has(i32 %28, i32 2048) #4
  %.not16 = icmp eq i32 %29, 0
  br i1 %.not16, label %.critedge, label %30
30:
  %31 = load i32, ptr %2, align 4
  %32 = call i32 @strata_rt_has(i32 %31, i32 32) #4
  %.not17 = icmp eq i32 %32, 0
  br i1 %.not17, label %.critedge, label %33
33:
  %34 = getelementptr inbounds i8, ptr %1, i64 12
  %35 = load i32, ptr %34, align 4
  %36 = call i32 @strata_rt_has(i32 %35, i32 54525952) #4
  %.not18 = icmp eq i32 %36, 0
  %37 = and i64 %4, 393216
  %38 = icmp eq i64 %37, 393216
  %39 = select i1 %38, i32 4, i32 3
  %40 = select i1 %.not18, i32 3, i32 %39
  br label %.critedge
.critedge:
  %.0 = phi i32 [ %40, %33 ], [ 1, %19 ], [ 2, %30 ], [ 2, %26 ], [ 0, %5 ], [ 0, %9 ], [ 0, %13 ]
  ret i32 %.0
}
define internal i32 @strata_rt_has(i32 %0, i32 %1) #0 {
  %3 = and i32 %0, %1
  %4 = icmp eq i32 %3, %1
  %5 = zext i1 %4 to i32
  ret i32 %5
}
define hidden i32 @strata_rt_cpu_rank() #0 {
  %1 = alloca [4 x i32], align 16
  %2 = alloca [4 x i32], align 16
  %3 = alloca [4 x i32], align 16
  %4 = alloca [4 x i32], align 16
  %5 = alloca [4 x i32], align 16
  call void @strata_rt_cpuid(i32 0, i32 0, ptr %1) #5
  %6 = load i32, ptr %1, align 16
  %7 = icmp ult i32 %6, 7
  br i1 %7, label %30, label %8
8:
  call void @strata_rt_cpuid(i32 1, i32 0, ptr %2) #5
  call void @strata_rt_cpuid(i32 7, i32 0, ptr %3) #5
  %9 = call ptr @memset(ptr %4, i32 0, i64 16) #5
  %10 = load i32, ptr %3, align 16
  %.not = icmp eq i32 %10, 0
  br i1 %.not, label %12, label %11
11:
  call void @strata_rt_cpuid(i32 7, i32 1, ptr %4) #5
  br label %12
12:
  call void @strata_rt_cpuid(i32 -2147483648, i32 0, ptr %1) #5
  %13 = call ptr @memset(ptr %5, i32 0, i64 16) #5
  %14 = load i32, ptr %1, align 16
  %15 = icmp ugt i32 %14, -2147483648
  br i1 %15, label %16, label %17
16:
  call void @strata_rt_cpuid(i32 -2147483647, i32 0, ptr %5) #5
  br label %17
17:
  %18 = getelementptr inbounds i8, ptr %2, i64 8
  %19 = load i32, ptr %18, align 8
  %20 = and i32 %19, 134217728
  %.not4 = icmp eq i32 %20, 0
  br i1 %.not4, label %23, label %21
21:
  %22 = call i64 @strata_rt_xgetbv() #5
  br label %23
23:
  %24 = phi i64 [ %22, %21 ], [ 0, %17 ]
  %25 = call i32 @strata_rt_rank_of_features(ptr %2, ptr %3, ptr %4, ptr %5, i64 %24) #4
  %26 = icmp eq i32 %25, 4
  br i1 %26, label %27, label %29
27:
  %28 = call i32 @strata_rt_request_tiles() #5
  %.not5 = icmp eq i32 %28, 0
  br i1 %.not5, label %30, label %29
29:
  br label %30
30:
  %.0 = phi i32 [ 0, %0 ], [ %25, %29 ], [ 3, %27 ]
  ret i32 %.0
}
declare void @strata_rt_cpuid(i32, i32, ptr) #2
declare i64 @strata_rt_xgetbv() #2
declare i32 @strata_rt_request_tiles() #2
define hidden void @strata_rt_parallel_for(ptr %0, ptr %1, ptr %2, i64 %3) #0 {
  %5 = icmp slt i64 %3, 1
  br i1 %5, label %27, label %6
6:
  %.not = icmp eq i64 %3, 1
  %.not22 = icmp eq ptr %0, null
  %or.cond = or i1 %.not, %.not22
  br i1 %or.cond, label %14, label %7
7:
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 208
  %9 = load i32, ptr %8, align 16
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 204
  %11 = load i32, ptr %10, align 4
  %12 = icmp slt i32 %9, %11
  br i1 %12, label %13, label %14
13:
  call void @strata_rt_start_workers(ptr %0) #4
  br label %14
14:
  %15 = icmp eq i64 %3, 1
  %.not23 = icmp eq ptr %0, null
  %or.cond24 = or i1 %15, %.not23
  br i1 %or.cond24, label %20, label %16
16:
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 208
  %18 = load i32, ptr %17, align 16
  %19 = icmp eq i32 %18, 0
  br i1 %19, label %20, label %21
20:
  call void %1(ptr %2, i64 0, i64 %3) #5
  br label %27
21:
  %.0 = phi i64 [ %26, %23 ], [ 0, %16 ]
  %22 = icmp slt i64 %.0, %3
  br i1 %22, label %23, label %27
23:
  %24 = sub nsw i64 %3, %.0
  %25 = icmp slt i64 %24, 1073741824
  %. = select i1 %25, i64 %24, i64 1073741824
  call void @strata_rt_run_job(ptr %0, ptr %1, ptr %2, i64 %.0, i64 %.) #4
  %26 = add nuw nsw i64 %.0, 1073741824
  br label %21
27:
  ret void
}
define internal void @strata_rt_start_workers(ptr %0) #0 {
  br label %2
2:
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 208
  %4 = load i32, ptr %3, align 16
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 204
  %6 = load i32, ptr %5, align 4
  %7 = icmp slt i32 %4, %6
  br i1 %7, label %8, label %26
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 448
  %10 = add nsw i32 %4, 1
  %11 = sext i32 %10 to i64
  %12 = getelementptr inbounds [0 x %struct.strata_rt_worker], ptr %9, i64 0, i64 %11
  %13 = getelementptr inbounds nuw i8, ptr %12, i64 8
  store ptr %0, ptr %13, align 8
  %14 = load i32, ptr %3, align 16
  %15 = add nsw i32 %14, 1
  %16 = sext i32 %15 to i64
  %17 = getelementptr inbounds nuw i8, ptr %12, i64 16
  store i64 %16, ptr %17, align 16
  %18 = getelementptr inbounds nuw i8, ptr %12, i64 24
  %19 = call i32 @pthread_create(ptr %18, ptr null, ptr @strata_rt_work, ptr %12) #5
  %.not = icmp eq i32 %19, 0
  br i1 %.not, label %22, label %20
20:
  %21 = load i32, ptr %3, align 16
  store i32 %21, ptr %5, align 4
  br label %25
22:
  %23 = load i32, ptr %3, align 16
  %24 = add nsw i32 %23, 1
  store i32 %24, ptr %3, align 16
  br label %25
25:
  br label %2
26:
  ret void
}
define internal void @strata_rt_run_job(ptr %0, ptr %1, ptr %2, i64 %3, i64 %4) #0 {
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 128
  %7 = ptrtoint ptr %1 to i64
  store atomic i64 %7, ptr %6 monotonic, align 64
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 136
  %9 = ptrtoint ptr %2 to i64
  store atomic i64 %9, ptr %8 monotonic, align 8
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 144
  store atomic i64 %3, ptr %10 monotonic, align 16
  %11 = getelementptr inbounds nuw i8, ptr %0, i64 152
  store atomic i64 %4, ptr %11 monotonic, align 8
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 64
  store atomic i64 %4, ptr %12 monotonic, align 64
  %13 = load atomic i64, ptr %0 monotonic, align 64
  %14 = add i64 %13, 1
  br label %15
15:
  %.0 = phi i64 [ 0, %5 ], [ %20, %19 ]
  %16 = getelementptr inbounds nuw i8, ptr %0, i64 160
  %17 = load i64, ptr %16, align 32
  %18 = icmp slt i64 %.0, %17
  br i1 %18, label %19, label %28
19:
  %20 = add nuw nsw i64 %.0, 1
  %21 = call i64 @strata_rt_begin(ptr %0, i64 %20, i64 %4) #4
  %22 = call i64 @strata_rt_begin(ptr %0, i64 %.0, i64 %4) #4
  %23 = sub nsw i64 %21, %22
  %24 = getelementptr inbounds nuw i8, ptr %0, i64 448
  %25 = getelementptr inbounds [0 x %struct.strata_rt_worker], ptr %24, i64 0, i64 %.0
  %26 = shl i64 %14, 32
  %27 = or i64 %26, %23
  store atomic i64 %27, ptr %25 release, align 64
  br label %15
28:
  store atomic i64 %14, ptr %0 seq_cst, align 64
  call void @strata_rt_wake(ptr %0, i64 %4) #4
  call void @strata_rt_drain(ptr %0, i64 0) #4
  %29 = call i32 @strata_rt_is_done(ptr %0, i64 0) #4
  %.not = icmp eq i32 %29, 0
  br i1 %.not, label %30, label %43
30:
  call void @strata_rt_spin(ptr %0, ptr @strata_rt_is_done, i64 0) #4
  %31 = call i32 @strata_rt_is_done(ptr %0, i64 0) #4
  %.not48 = icmp eq i32 %31, 0
  br i1 %.not48, label %32, label %43
32:
  %33 = getelementptr inbounds nuw i8, ptr %0, i64 256
  %34 = call i32 @pthread_mutex_lock(ptr %33) #5
  %35 = getelementptr inbounds nuw i8, ptr %0, i64 196
  store atomic i32 1, ptr %35 seq_cst, align 4
  br label %36
36:
  %37 = call i32 @strata_rt_is_done(ptr %0, i64 0) #4
  %.not49 = icmp eq i32 %37, 0
  br i1 %.not49, label %38, label %41
38:
  %39 = getelementptr inbounds nuw i8, ptr %0, i64 384
  %40 = call i32 @pthread_cond_wait(ptr %39, ptr %33) #5
  br label %36
41:
  store atomic i32 0, ptr %35 seq_cst, align 4
  %42 = call i32 @pthread_mutex_unlock(ptr %33) #5
  br label %43
43:
  ret void
}
define hidden ptr @strata_rt_pool_create(i32 %0) #0 {
  %2 = icmp slt i32 %0, 1
  %spec.select = select i1 %2, i32 1, i32 %0
  %3 = icmp ugt i32 %spec.select, 256
  %.1 = select i1 %3, i32 256, i32 %spec.select
  %4 = zext nneg i32 %.1 to i64
  %5 = shl nuw nsw i64 %4, 6
  %6 = add nuw nsw i64 %5, 448
  %7 = call ptr @strata_rt_allocate(i64 %6) #4
  %.not = icmp eq ptr %7, null
  br i1 %.not, label %17, label %8
8:
  %9 = call ptr @memset(ptr %7, i32 0, i64 %6) #5
  %10 = getelementptr inbounds nuw i8, ptr %7, i64 160
  store i64 %4, ptr %10, align 32
  %11 = call i32 @strata_rt_processor_count() #4
  %12 = icmp sle i32 %.1, %11
  %13 = zext i1 %12 to i32
  %14 = getelementptr inbounds nuw i8, ptr %7, i64 212
  store i32 %13, ptr %14, align 4
  %15 = add nsw i32 %.1, -1
  %16 = getelementptr inbounds nuw i8, ptr %7, i64 204
  store i32 %15, ptr %16, align 4
  br label %17
17:
  %.0 = phi ptr [ %7, %8 ], [ null, %1 ]
  ret ptr %.0
}
define hidden void @strata_rt_pool_destroy(ptr %0) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %20, label %2
2:
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 256
  %4 = call i32 @pthread_mutex_lock(ptr %3) #5
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 200
  store atomic i32 1, ptr %5 seq_cst, align 8
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 320
  %7 = call i32 @pthread_cond_broadcast(ptr %6) #5
  %8 = call i32 @pthread_mutex_unlock(ptr %3) #5
  br label %9
9:
  %.0 = phi i32 [ 1, %2 ], [ %18, %12 ]
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 208
  %11 = load i32, ptr %10, align 16
  %.not11 = icmp sgt i32 %.0, %11
  br i1 %.not11, label %19, label %12
12:
  %13 = getelementptr inbounds nuw i8, ptr %0, i64 448
  %14 = zext nneg i32 %.0 to i64
  %15 = getelementptr inbounds [0 x %struct.strata_rt_worker], ptr %13, i64 0, i64 %14, i32 3
  %16 = load i64, ptr %15, align 8
  %17 = call i32 @pthread_join(i64 %16, ptr null) #5
  %18 = add nuw nsw i32 %.0, 1
  br label %9
19:
  call void @free(ptr %0) #5
  br label %20
20:
  ret void
}
declare i32 @pthread_mutex_lock(ptr) #2
declare i32 @pthread_cond_broadcast(ptr) #2
declare i32 @pthread_mutex_unlock(ptr) #2
declare i32 @pthread_join(i64, ptr) #2
declare void @free(ptr) #2
define hidden i32 @strata_rt_pool_threads(ptr %0) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %6, label %2
2:
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 204
  %4 = load i32, ptr %3, align 4
  %5 = add nsw i32 %4, 1
  br label %6
6:
  %7 = phi i32 [ %5, %2 ], [ 1, %1 ]
  ret i32 %7
}
define hidden void @strata_rt_run_steps(ptr %0, ptr %1, ptr %2, ptr %3) #0 {
  %5 = alloca %struct.strata_rt_share, align 8
  %6 = alloca [256 x i8], align 16
  %7 = alloca %struct.strata_rt_chain, align 8
  %8 = getelementptr inbounds nuw i8, ptr %1, i64 8
  %9 = load ptr, ptr %8, align 8
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %11 = load i64, ptr %10, align 8
  %12 = icmp eq i64 %11, 2
  %13 = getelementptr inbounds nuw i8, ptr %1, i64 56
  %.in = select i1 %12, ptr %13, ptr %1
  %14 = load i64, ptr %.in, align 8
  %15 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %16 = load ptr, ptr %15, align 8
  store ptr %16, ptr %5, align 8
  %17 = getelementptr inbounds nuw i8, ptr %5, i64 8
  store i64 0, ptr %17, align 8
  %18 = getelementptr inbounds nuw i8, ptr %5, i64 16
  store i64 0, ptr %18, align 8
  br label %19
19:
  %.047 = phi i64 [ 0, %4 ], [ %76, %73 ], [ %78, %84 ], [ %78, %82 ]
  %.0 = phi ptr [ %9, %4 ], [ %.1, %73 ], [ %25, %84 ], [ %25, %82 ]
  %20 = icmp slt i64 %.047, %14
  br i1 %20, label %21, label %85
21:
  %22 = getelementptr inbounds i8, ptr %.0, i64 4
  %23 = load i32, ptr %.0, align 4
  %24 = sext i32 %23 to i64
  %25 = getelementptr inbounds i32, ptr %.0, i64 %24
  %26 = load i32, ptr %22, align 4
  %27 = icmp slt i32 %26, 0
  br i1 %27, label %28, label %77
28:
  %29 = call ptr @memset(ptr %6, i32 0, i64 256) #5
  store ptr %0, ptr %7, align 8
  %30 = getelementptr inbounds nuw i8, ptr %7, i64 8
  store ptr %1, ptr %30, align 8
  %31 = getelementptr inbounds nuw i8, ptr %7, i64 16
  store ptr %25, ptr %31, align 8
  %32 = getelementptr inbounds nuw i8, ptr %7, i64 24
  store i64 %.047, ptr %32, align 8
  %33 = getelementptr inbounds nuw i8, ptr %7, i64 32
  %34 = getelementptr inbounds i8, ptr %.0, i64 8
  %35 = load i32, ptr %34, align 4
  %36 = sext i32 %35 to i64
  store i64 %36, ptr %33, align 8
  %37 = getelementptr inbounds nuw i8, ptr %7, i64 40
  %38 = load ptr, ptr %15, align 8
  store ptr %38, ptr %37, align 8
  %39 = getelementptr inbounds nuw i8, ptr %7, i64 48
  %40 = getelementptr inbounds i8, ptr %.0, i64 16
  %41 = load i32, ptr %40, align 4
  %42 = icmp sgt i32 %41, -1
  %43 = zext i1 %42 to i32
  store i32 %43, ptr %39, align 8
  %44 = getelementptr inbounds i8, ptr %7, i64 52
  store i32 0, ptr %44, align 4
  %45 = getelementptr inbounds nuw i8, ptr %7, i64 56
  %46 = getelementptr inbounds i8, ptr %.0, i64 20
  %47 = load i32, ptr %46, align 4
  %48 = sext i32 %47 to i64
  store i64 %48, ptr %45, align 8
  %49 = getelementptr inbounds nuw i8, ptr %7, i64 64
  store ptr %3, ptr %49, align 8
  %50 = getelementptr inbounds nuw i8, ptr %7, i64 72
  store ptr %6, ptr %50, align 8
  %51 = load ptr, ptr %15, align 8
  %52 = getelementptr inbounds i8, ptr %.0, i64 12
  %53 = load i32, ptr %52, align 4
  %54 = sext i32 %53 to i64
  %55 = call i64 @strata_rt_number(ptr %1, ptr %51, i64 %54) #4
  %56 = load i32, ptr %40, align 4
  %57 = icmp sgt i32 %56, -1
  br i1 %57, label %58, label %59
58:
  call void @strata_rt_run_examples(ptr %7, i64 %55, i32 %56, ptr %2) #4
  br label %64
59:
  %60 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %61 = load ptr, ptr %60, align 8
  %62 = load i64, ptr %45, align 8
  %63 = sdiv i64 %55, %62
  call void @strata_rt_parallel_for(ptr %61, ptr @strata_rt_run_items, ptr %7, i64 %63) #4
  br label %64
64:
  %65 = load i32, ptr %34, align 4
  br label %66
66:
  %.046 = phi i32 [ %65, %64 ], [ %72, %68 ]
  %.1 = phi ptr [ %25, %64 ], [ %71, %68 ]
  %67 = icmp sgt i32 %.046, 0
  br i1 %67, label %68, label %73
68:
  %69 = load i32, ptr %.1, align 4
  %70 = sext i32 %69 to i64
  %71 = getelementptr inbounds i32, ptr %.1, i64 %70
  %72 = add nsw i32 %.046, -1
  br label %66
73:
  %74 = load i32, ptr %34, align 4
  %75 = sext i32 %74 to i64
  %76 = add nsw i64 %.047, %75
  br label %19
77:
  %78 = add nsw i64 %.047, 1
  %79 = getelementptr inbounds nuw i8, ptr %1, i64 56
  %80 = load i64, ptr %79, align 8
  %81 = icmp slt i64 %.047, %80
  br i1 %81, label %82, label %84
82:
  %83 = load i64, ptr %10, align 8
  %.not = icmp eq i64 %83, 0
  br i1 %.not, label %19, label %84
84:
  call void @strata_rt_take(ptr %0, ptr %1, i64 %.047, ptr %22, ptr %25, ptr %5, ptr %2, ptr %3) #4
  br label %19
85:
  ret void
}
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #3
define internal i64 @strata_rt_number(ptr %0, ptr %1, i64 %2) #0 {
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %5 = load ptr, ptr %4, align 8
  %6 = getelementptr inbounds i64, ptr %5, i64 %2
  %7 = getelementptr inbounds nuw i8, ptr %6, i64 8
  %8 = load i64, ptr %6, align 8
  %9 = getelementptr inbounds i8, ptr %6, i64 16
  %10 = load i64, ptr %7, align 8
  br label %11
11:
  %.018 = phi ptr [ %9, %3 ], [ %.1, %27 ]
  %.017 = phi i64 [ %8, %3 ], [ %28, %27 ]
  %.016 = phi i64 [ %10, %3 ], [ %29, %27 ]
  %12 = icmp sgt i64 %.016, 0
  br i1 %12, label %13, label %30
13:
  %14 = getelementptr inbounds nuw i8, ptr %.018, i64 8
  %15 = load i64, ptr %.018, align 8
  %16 = getelementptr inbounds i8, ptr %.018, i64 16
  %17 = load i64, ptr %14, align 8
  br label %18
18:
  %.1 = phi ptr [ %16, %13 ], [ %25, %20 ]
  %.015 = phi i64 [ %15, %13 ], [ %24, %20 ]
  %.0 = phi i64 [ %17, %13 ], [ %26, %20 ]
  %19 = icmp sgt i64 %.0, 0
  br i1 %19, label %20, label %27
20:
  %21 = load i64, ptr %.1, align 8
  %22 = getelementptr inbounds i64, ptr %1, i64 %21
  %23 = load i64, ptr %22, align 8
  %24 = mul nsw i64 %.015, %23
  %25 = getelementptr inbounds nuw i8, ptr %.1, i64 8
  %26 = add nsw i64 %.0, -1
  br label %18
27:
  %28 = add nsw i64 %.017, %.015
  %29 = add nsw i64 %.016, -1
  br label %11
30:
  ret i64 %.017
}
define internal void @strata_rt_run_examples(ptr %0, i64 %1, i32 %2, ptr %3) #0 {
  %5 = alloca [64 x i64], align 16
  %6 = alloca %struct.strata_rt_share, align 8
  %7 = load ptr, ptr %0, align 8
  %8 = getelementptr inbounds nuw i8, ptr %7, i64 16
  %9 = load ptr, ptr %8, align 8
  %10 = call i32 @strata_rt_pool_threads(ptr %9) #4
  %11 = sext i32 %10 to i64
  %12 = srem i64 %1, %11
  %13 = sub nsw i64 %1, %12
  %14 = load ptr, ptr %0, align 8
  %15 = getelementptr inbounds nuw i8, ptr %14, i64 8
  %16 = load ptr, ptr %15, align 8
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %18 = load ptr, ptr %17, align 8
  %19 = getelementptr inbounds nuw i8, ptr %18, i64 48
  %20 = load i64, ptr %19, align 8
  %21 = shl i64 %20, 3
  %22 = call ptr @memcpy(ptr %5, ptr %16, i64 %21) #5
  %23 = getelementptr inbounds nuw i8, ptr %0, i64 40
  store ptr %5, ptr %23, align 8
  %24 = sext i32 %2 to i64
  %25 = getelementptr inbounds [64 x i64], ptr %5, i64 0, i64 %24
  store i64 1, ptr %25, align 8
  %26 = icmp sgt i64 %13, 0
  br i1 %26, label %27, label %31
27:
  %28 = load ptr, ptr %0, align 8
  %29 = getelementptr inbounds nuw i8, ptr %28, i64 16
  %30 = load ptr, ptr %29, align 8
  call void @strata_rt_parallel_for(ptr %30, ptr @strata_rt_run_items, ptr %0, i64 %13) #4
  br label %31
31:
  %32 = icmp eq i64 %12, 0
  br i1 %32, label %55, label %33
33:
  store i64 %12, ptr %25, align 8
  store ptr %5, ptr %6, align 8
  %34 = getelementptr inbounds nuw i8, ptr %6, i64 8
  store i64 %13, ptr %34, align 8
  %35 = getelementptr inbounds nuw i8, ptr %6, i64 16
  store i64 0, ptr %35, align 8
  %36 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %37 = load ptr, ptr %36, align 8
  br label %38
38:
  %.032 = phi i64 [ 0, %33 ], [ %54, %42 ]
  %.0 = phi ptr [ %37, %33 ], [ %45, %42 ]
  %39 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %40 = load i64, ptr %39, align 8
  %41 = icmp slt i64 %.032, %40
  br i1 %41, label %42, label %55
42:
  %43 = load i32, ptr %.0, align 4
  %44 = sext i32 %43 to i64
  %45 = getelementptr inbounds i32, ptr %.0, i64 %44
  %46 = load ptr, ptr %0, align 8
  %47 = load ptr, ptr %17, align 8
  %48 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %49 = load i64, ptr %48, align 8
  %50 = add nsw i64 %49, %.032
  %51 = getelementptr inbounds i8, ptr %.0, i64 4
  %52 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %53 = load ptr, ptr %52, align 8
  call void @strata_rt_take(ptr %46, ptr %47, i64 %50, ptr %51, ptr %45, ptr %6, ptr %3, ptr %53) #4
  %54 = add nuw nsw i64 %.032, 1
  br label %38
55:
  ret void
}
define internal void @strata_rt_run_items(ptr %0, i64 %1, i64 %2) #0 {
  %4 = alloca [64 x i64], align 16
  %5 = alloca %struct.strata_rt_share, align 8
  %6 = load ptr, ptr %0, align 8
  %7 = getelementptr inbounds nuw i8, ptr %6, i64 16
  %8 = load ptr, ptr %7, align 8
  %9 = call i32 @strata_rt_pool_threads(ptr %8) #4
  %10 = sext i32 %9 to i64
  br label %11
11:
  %.0 = phi i64 [ 0, %3 ], [ %18, %16 ]
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds i8, ptr %13, i64 %.0
  %15 = atomicrmw xchg ptr %14, i8 1 acquire, align 1
  %.not = icmp eq i8 %15, 0
  br i1 %.not, label %19, label %16
16:
  %17 = add nsw i64 %.0, 1
  %18 = srem i64 %17, %10
  br label %11
19:
  %20 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %21 = load i64, ptr %20, align 8
  %22 = mul nsw i64 %21, %1
  br label %23
23:
  %.048 = phi i64 [ %22, %19 ], [ %71, %70 ]
  %24 = load i64, ptr %20, align 8
  %25 = mul nsw i64 %24, %2
  %26 = icmp slt i64 %.048, %25
  br i1 %26, label %27, label %72
27:
  %28 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %29 = load ptr, ptr %28, align 8
  store ptr %29, ptr %5, align 8
  %30 = getelementptr inbounds nuw i8, ptr %5, i64 8
  store i64 %.048, ptr %30, align 8
  %31 = getelementptr inbounds nuw i8, ptr %5, i64 16
  store i64 %.0, ptr %31, align 8
  %32 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %33 = load ptr, ptr %32, align 8
  br label %34
34:
  %.050 = phi i64 [ 0, %27 ], [ %69, %68 ]
  %.049 = phi ptr [ %33, %27 ], [ %41, %68 ]
  %35 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %36 = load i64, ptr %35, align 8
  %37 = icmp slt i64 %.050, %36
  br i1 %37, label %38, label %70
38:
  %39 = load i32, ptr %.049, align 4
  %40 = sext i32 %39 to i64
  %41 = getelementptr inbounds i32, ptr %.049, i64 %40
  %42 = load ptr, ptr %0, align 8
  %43 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %44 = load ptr, ptr %43, align 8
  %45 = getelementptr inbounds i8, ptr %.049, i64 4
  %46 = call i64 @strata_rt_arguments(ptr %42, ptr %44, ptr %45, ptr %41, ptr %5, ptr %4) #4
  %47 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %48 = load i32, ptr %47, align 8
  %.not51 = icmp eq i32 %48, 0
  %49 = mul nsw i64 %.048, %46
  %50 = select i1 %.not51, i64 %49, i64 0
  %51 = load ptr, ptr %43, align 8
  %52 = getelementptr inbounds nuw i8, ptr %51, i64 32
  %53 = load ptr, ptr %52, align 8
  %54 = load i32, ptr %45, align 4
  %55 = sext i32 %54 to i64
  %56 = getelementptr inbounds ptr, ptr %53, i64 %55
  %57 = load ptr, ptr %56, align 8
  %58 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %59 = load ptr, ptr %58, align 8
  %.not52 = icmp eq ptr %59, null
  br i1 %.not52, label %66, label %60
60:
  %61 = load ptr, ptr %0, align 8
  %62 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %63 = load i64, ptr %62, align 8
  %64 = add nsw i64 %63, %.050
  %65 = add nsw i64 %50, %46
  call void %59(ptr %61, i64 %64, ptr %57, ptr %4, i64 %50, i64 %65, i32 0) #5
  br label %68
66:
  %67 = add nsw i64 %50, %46
  call void %57(ptr %4, i64 %50, i64 %67) #5
  br label %68
68:
  %69 = add nuw nsw i64 %.050, 1
  br label %34
70:
  %71 = add nsw i64 %.048, 1
  br label %23
72:
  %73 = load ptr, ptr %12, align 8
  %74 = getelementptr inbounds i8, ptr %73, i64 %.0
  store atomic i8 0, ptr %74 release, align 1
  ret void
}
define internal void @strata_rt_take(ptr %0, ptr %1, i64 %2, ptr %3, ptr %4, ptr %5, ptr %6, ptr %7) #0 {
  %9 = load ptr, ptr %5, align 8
  %10 = call i32 @strata_rt_holds(ptr %1, ptr %9, ptr %3) #4
  %.not = icmp eq i32 %10, 0
  br i1 %.not, label %28, label %11
11:
  %12 = call i64 @strata_rt_arguments(ptr %0, ptr %1, ptr %3, ptr %4, ptr %5, ptr %6) #4
  %13 = getelementptr inbounds nuw i8, ptr %1, i64 32
  %14 = load ptr, ptr %13, align 8
  %15 = load i32, ptr %3, align 4
  %16 = sext i32 %15 to i64
  %17 = getelementptr inbounds ptr, ptr %14, i64 %16
  %18 = load ptr, ptr %17, align 8
  %.not24 = icmp eq ptr %7, null
  br i1 %.not24, label %20, label %19
19:
  call void %7(ptr %0, i64 %2, ptr %18, ptr %6, i64 0, i64 %12, i32 1) #5
  br label %28
20:
  %21 = getelementptr inbounds i8, ptr %3, i64 8
  %22 = load i32, ptr %21, align 4
  %23 = icmp sgt i32 %22, -1
  br i1 %23, label %24, label %27
24:
  %25 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %26 = load ptr, ptr %25, align 8
  call void @strata_rt_parallel_for(ptr %26, ptr %18, ptr %6, i64 %12) #4
  br label %28
27:
  call void %18(ptr %6, i64 0, i64 1) #5
  br label %28
28:
  ret void
}
define hidden i64 @strata_rt_all_state_bytes(ptr %0) #0 {
  br label %2
2:
  %.06 = phi i64 [ 0, %1 ], [ %12, %6 ]
  %.0 = phi i64 [ 0, %1 ], [ %13, %6 ]
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %4 = load i64, ptr %3, align 8
  %5 = icmp slt i64 %.0, %4
  br i1 %5, label %6, label %14
6:
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %8 = load ptr, ptr %7, align 8
  %9 = getelementptr inbounds %struct.strata_rt_state, ptr %8, i64 %.0, i32 4
  %10 = load i64, ptr %9, align 8
  %11 = call i64 @strata_rt_padded(i64 %10) #4
  %12 = add nsw i64 %.06, %11
  %13 = add nuw nsw i64 %.0, 1
  br label %2
14:
  ret i64 %.06
}
define internal i64 @strata_rt_padded(i64 %0) #0 {
  %2 = add nsw i64 %0, 63
  %3 = sdiv i64 %2, 64
  %4 = shl nsw i64 %3, 6
  ret i64 %4
}
define hidden void @strata_rt_place_states(ptr %0, ptr %1) #0 {
  %3 = load ptr, ptr %0, align 8
  br label %4
4:
  %.09 = phi ptr [ %1, %2 ], [ %17, %8 ]
  %.0 = phi i64 [ 0, %2 ], [ %18, %8 ]
  %5 = getelementptr inbounds nuw i8, ptr %3, i64 48
  %6 = load i64, ptr %5, align 8
  %7 = icmp slt i64 %.0, %6
  br i1 %7, label %8, label %19
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds ptr, ptr %10, i64 %.0
  store ptr %.09, ptr %11, align 8
  %12 = getelementptr inbounds nuw i8, ptr %3, i64 56
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds %struct.strata_rt_state, ptr %13, i64 %.0, i32 4
  %15 = load i64, ptr %14, align 8
  %16 = call i64 @strata_rt_padded(i64 %15) #4
  %17 = getelementptr inbounds i8, ptr %.09, i64 %16
  %18 = add nuw nsw i64 %.0, 1
  br label %4
19:
  ret void
}
define hidden void @strata_rt_release(ptr %0) #0 {
  br label %2
2:
  %.0 = phi i64 [ 0, %1 ], [ %19, %17 ]
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %4 = load ptr, ptr %3, align 8
  %.not = icmp eq ptr %4, null
  br i1 %.not, label %.critedge, label %5
5:
  %6 = load ptr, ptr %0, align 8
  %7 = getelementptr inbounds nuw i8, ptr %6, i64 64
  %8 = load i64, ptr %7, align 8
  %9 = icmp slt i64 %.0, %8
  br i1 %9, label %10, label %.critedge
10:
  %11 = load ptr, ptr %3, align 8
  %12 = getelementptr inbounds %struct.strata_rt_keeping, ptr %11, i64 %.0
  %13 = load ptr, ptr %12, align 8
  %14 = call i32 @strata_rt_is_mapped(ptr %0, ptr %13) #4
  %.not11 = icmp eq i32 %14, 0
  br i1 %.not11, label %15, label %17
15:
  %16 = load ptr, ptr %12, align 8
  call void @free(ptr %16) #5
  br label %17
17:
  store ptr null, ptr %12, align 8
  %18 = getelementptr inbounds nuw i8, ptr %12, i64 8
  store i64 0, ptr %18, align 8
  %19 = add nuw nsw i64 %.0, 1
  br label %2
.critedge:
  %20 = getelementptr inbounds nuw i8, ptr %0, i64 16
  call void @strata_rt_unmap(ptr %20) #4
  ret void
}
define hidden i32 @strata_rt_create(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca %struct.strata_rt_options, align 8
  %5 = alloca [24 x i8], align 16
  %6 = alloca [4 x ptr], align 16
  %7 = alloca [2 x ptr], align 16
  %.not = icmp eq ptr %2, null
  br i1 %.not, label %47, label %8
8:
  store ptr null, ptr %2, align 8
  %9 = call i32 @strata_rt_read_options(ptr %1, ptr %4) #4
  %.not19 = icmp eq i32 %9, 0
  br i1 %.not19, label %47, label %10
10:
  %11 = getelementptr inbounds nuw i8, ptr %4, i64 4
  %12 = load i32, ptr %11, align 4
  %13 = icmp slt i32 %12, 0
  %14 = icmp sgt i32 %12, 256
  %or.cond = or i1 %13, %14
  br i1 %or.cond, label %15, label %23
15:
  store ptr @.str.4, ptr %6, align 8
  %16 = getelementptr inbounds i8, ptr %6, i64 8
  %17 = load i32, ptr %11, align 4
  %18 = sext i32 %17 to i64
  %19 = call ptr @strata_rt_decimal(ptr %5, i64 %18) #4
  store ptr %19, ptr %16, align 8
  %20 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr @.str.5, ptr %20, align 8
  %21 = getelementptr inbounds i8, ptr %6, i64 24
  store ptr null, ptr %21, align 8
  %22 = call i32 @strata_rt_refuse(ptr %4, i32 1, ptr %6) #4
  br label %47
23:
  %24 = call i32 @strata_rt_cpu_rank() #4
  %25 = sext i32 %24 to i64
  %26 = getelementptr inbounds nuw i8, ptr %4, i64 8
  %27 = load i32, ptr %26, align 8
  %28 = call i64 @strata_rt_choose_level(ptr %0, i32 %27, i64 %25) #4
  %29 = icmp slt i64 %28, 0
  br i1 %29, label %30, label %32
30:
  %31 = call i32 @strata_rt_refuse_variant(ptr %0, ptr %4, i64 %25) #4
  br label %47
32:
  %33 = call ptr @strata_rt_allocate(i64 1120) #4
  %.not20 = icmp eq ptr %33, null
  br i1 %.not20, label %45, label %34
34:
  %35 = call ptr @memset(ptr %33, i32 0, i64 1120) #5
  store ptr %0, ptr %33, align 8
  %36 = getelementptr inbounds nuw i8, ptr %33, i64 64
  store i64 %28, ptr %36, align 8
  %37 = load i32, ptr %11, align 4
  %.not21 = icmp eq i32 %37, 0
  br i1 %.not21, label %38, label %40
38:
  %39 = call i32 @strata_rt_processor_count() #4
  br label %40
40:
  %41 = phi i32 [ %39, %38 ], [ %37, %34 ]
  %42 = call i32 @strata_rt_fill(ptr %33, i32 %41) #4
  %.not22 = icmp eq i32 %42, 0
  br i1 %.not22, label %44, label %43
43:
  store ptr %33, ptr %2, align 8
  br label %47
44:
  call void @strata_rt_destroy(ptr %33) #4
  br label %45
45:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %7, ptr align 16 dereferenceable(16) @__const.strata_rt_create.parts, i64 16, i1 false)
  %46 = call i32 @strata_rt_refuse(ptr %4, i32 2, ptr %7) #4
  br label %47
47:
  %.0 = phi i32 [ %22, %15 ], [ %31, %30 ], [ 0, %43 ], [ %46, %45 ], [ 1, %3 ], [ 1, %8 ]
  ret i32 %.0
}
define internal i32 @strata_rt_read_options(ptr %0, ptr %1) #0 {
  %3 = call ptr @memset(ptr %1, i32 0, i64 24) #5
  %4 = getelementptr inbounds nuw i8, ptr %1, i64 8
  store i32 -1, ptr %4, align 8
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %14, label %5
5:
  %6 = load i32, ptr %0, align 8
  %7 = zext i32 %6 to i64
  %8 = icmp ult i32 %6, 12
  br i1 %8, label %14, label %9
9:
  %10 = icmp ult i32 %6, 24
  %. = select i1 %10, i64 %7, i64 24
  %11 = call ptr @memcpy(ptr %1, ptr %0, i64 %.) #5
  br i1 %10, label %12, label %14
12:
  %13 = getelementptr inbounds nuw i8, ptr %1, i64 16
  store ptr null, ptr %13, align 8
  br label %14
14:
  %.0 = phi i32 [ 1, %2 ], [ 0, %5 ], [ 1, %12 ], [ 1, %9 ]
  ret i32 %.0
}
define internal i32 @strata_rt_refuse(ptr %0, i32 %1, ptr %2) #0 {
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %5 = load ptr, ptr %4, align 8
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 12
  %7 = load i32, ptr %6, align 4
  %8 = zext i32 %7 to i64
  call void @strata_rt_join(ptr %5, i64 %8, ptr %2) #4
  ret i32 %1
}
define internal i64 @strata_rt_choose_level(ptr %0, i32 %1, i64 %2) #0 {
  br label %4
4:
  %.011 = phi i64 [ 0, %3 ], [ %18, %17 ]
  %.0 = phi i64 [ -1, %3 ], [ %.1, %17 ]
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %6 = load i64, ptr %5, align 8
  %7 = icmp slt i64 %.011, %6
  br i1 %7, label %8, label %19
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds %struct.strata_rt_level, ptr %10, i64 %.011, i32 1
  %12 = load i64, ptr %11, align 8
  %.not = icmp sgt i64 %12, %2
  br i1 %.not, label %17, label %13
13:
  %14 = icmp eq i32 %1, -1
  %15 = sext i32 %1 to i64
  %16 = icmp eq i64 %12, %15
  %or.cond = or i1 %14, %16
  %spec.select = select i1 %or.cond, i64 %.011, i64 %.0
  br label %17
17:
  %.1 = phi i64 [ %.0, %8 ], [ %spec.select, %13 ]
  %18 = add nuw nsw i64 %.011, 1
  br label %4
19:
  ret i64 %.0
}
define internal i32 @strata_rt_refuse_variant(ptr %0, ptr %1, i64 %2) #0 {
  %4 = alloca [128 x i8], align 16
  %5 = alloca [24 x i8], align 16
  %6 = alloca [24 x i8], align 16
  %7 = alloca [3 x ptr], align 16
  %8 = alloca [10 x ptr], align 16
  store i8 0, ptr %4, align 16
  br label %9
9:
  %.0 = phi i64 [ 0, %3 ], [ %24, %13 ]
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %11 = load i64, ptr %10, align 8
  %12 = icmp slt i64 %.0, %11
  br i1 %12, label %13, label %25
13:
  %.not19 = icmp eq i64 %.0, 0
  %14 = select i1 %.not19, ptr @.str.2, ptr @.str.38
  store ptr %14, ptr %7, align 8
  %15 = getelementptr inbounds i8, ptr %7, i64 8
  %16 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %17 = load ptr, ptr %16, align 8
  %18 = getelementptr inbounds %struct.strata_rt_level, ptr %17, i64 %.0
  %19 = load ptr, ptr %18, align 8
  store ptr %19, ptr %15, align 8
  %20 = getelementptr inbounds i8, ptr %7, i64 16
  store ptr null, ptr %20, align 8
  %21 = call i64 @strata_rt_length(ptr %4) #4
  %22 = getelementptr inbounds i8, ptr %4, i64 %21
  %23 = sub nsw i64 128, %21
  call void @strata_rt_join(ptr %22, i64 %23, ptr %7) #4
  %24 = add nuw nsw i64 %.0, 1
  br label %9
25:
  %26 = getelementptr inbounds nuw i8, ptr %1, i64 8
  %27 = load i32, ptr %26, align 8
  %28 = sext i32 %27 to i64
  %29 = call ptr @strata_rt_level_of_rank(ptr %0, i64 %28) #4
  store ptr @.str.39, ptr %8, align 8
  %30 = getelementptr inbounds i8, ptr %8, i64 8
  %31 = load i32, ptr %26, align 8
  %32 = icmp eq i32 %31, -1
  br i1 %32, label %36, label %33
33:
  %34 = sext i32 %31 to i64
  %35 = call ptr @strata_rt_decimal(ptr %5, i64 %34) #4
  br label %36
36:
  %37 = phi ptr [ %35, %33 ], [ @.str.40, %25 ]
  store ptr %37, ptr %30, align 8
  %38 = getelementptr inbounds i8, ptr %8, i64 16
  %.not = icmp eq ptr %29, null
  %39 = select i1 %.not, ptr @.str.2, ptr @.str.41
  store ptr %39, ptr %38, align 8
  %40 = getelementptr inbounds i8, ptr %8, i64 24
  %.str.2..str.42 = select i1 %.not, ptr @.str.2, ptr @.str.42
  %.str.2. = select i1 %.not, ptr @.str.2, ptr %29
  store ptr %.str.2., ptr %40, align 8
  %41 = getelementptr inbounds i8, ptr %8, i64 32
  store ptr %.str.2..str.42, ptr %41, align 8
  br i1 %.not, label %42, label %46
42:
  %43 = load i32, ptr %26, align 8
  %44 = icmp eq i32 %43, -1
  %45 = select i1 %44, ptr @.str.43, ptr @.str.44
  br label %46
46:
  %47 = phi ptr [ @.str.43, %36 ], [ %45, %42 ]
  %48 = getelementptr inbounds i8, ptr %8, i64 40
  store ptr %47, ptr %48, align 8
  %49 = getelementptr inbounds i8, ptr %8, i64 48
  %50 = call ptr @strata_rt_decimal(ptr %6, i64 %2) #4
  store ptr %50, ptr %49, align 8
  %51 = getelementptr inbounds i8, ptr %8, i64 56
  store ptr @.str.45, ptr %51, align 8
  %52 = getelementptr inbounds i8, ptr %8, i64 64
  store ptr %4, ptr %52, align 8
  %53 = getelementptr inbounds i8, ptr %8, i64 72
  store ptr null, ptr %53, align 8
  %54 = call i32 @strata_rt_refuse(ptr %1, i32 4, ptr %8) #4
  ret i32 %54
}
define internal i32 @strata_rt_fill(ptr %0, i32 %1) #0 {
  %3 = load ptr, ptr %0, align 8
  %4 = getelementptr inbounds nuw i8, ptr %3, i64 48
  %5 = load i64, ptr %4, align 8
  %6 = call i64 @strata_rt_most_tensors(ptr %3) #4
  %7 = add nsw i64 %5, %6
  %8 = shl i64 %7, 3
  %9 = add i64 %8, 16
  %10 = call ptr @strata_rt_allocate(i64 %9) #4
  %11 = getelementptr inbounds nuw i8, ptr %0, i64 48
  store ptr %10, ptr %11, align 8
  %12 = getelementptr inbounds nuw i8, ptr %3, i64 32
  %13 = load i64, ptr %12, align 8
  %14 = shl i64 %13, 3
  %15 = add i64 %14, 8
  %16 = call ptr @strata_rt_allocate(i64 %15) #4
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 56
  store ptr %16, ptr %17, align 8
  %18 = getelementptr inbounds nuw i8, ptr %3, i64 64
  %19 = load i64, ptr %18, align 8
  %20 = shl i64 %19, 4
  %21 = add i64 %20, 16
  %22 = call ptr @strata_rt_allocate(i64 %21) #4
  %23 = getelementptr inbounds nuw i8, ptr %0, i64 72
  store ptr %22, ptr %23, align 8
  %.not = icmp eq ptr %22, null
  br i1 %.not, label %26, label %24
24:
  %25 = call ptr @memset(ptr %22, i32 0, i64 %21) #5
  br label %26
26:
  %27 = load ptr, ptr %11, align 8
  %.not21 = icmp eq ptr %27, null
  br i1 %.not21, label %40, label %28
28:
  %29 = load ptr, ptr %17, align 8
  %.not22 = icmp eq ptr %29, null
  br i1 %.not22, label %40, label %30
30:
  %31 = load ptr, ptr %23, align 8
  %.not23 = icmp eq ptr %31, null
  br i1 %.not23, label %40, label %32
32:
  %33 = call i32 @strata_rt_make_states(ptr %0) #4
  %.not24 = icmp eq i32 %33, 0
  br i1 %.not24, label %40, label %34
34:
  %35 = getelementptr inbounds nuw i8, ptr %0, i64 80
  store i64 1, ptr %35, align 8
  %36 = call ptr @strata_rt_pool_create(i32 %1) #4
  %37 = getelementptr inbounds nuw i8, ptr %0, i64 8
  store ptr %36, ptr %37, align 8
  %38 = icmp ne ptr %36, null
  %39 = zext i1 %38 to i32
  br label %40
40:
  %.0 = phi i32 [ %39, %34 ], [ 0, %32 ], [ 0, %30 ], [ 0, %28 ], [ 0, %26 ]
  ret i32 %.0
}
define hidden void @strata_rt_destroy(ptr %0) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %13, label %2
2:
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %4 = load ptr, ptr %3, align 8
  call void @strata_rt_pool_destroy(ptr %4) #4
  call void @strata_rt_release(ptr %0) #4
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %6 = load ptr, ptr %5, align 8
  call void @free(ptr %6) #5
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %8 = load ptr, ptr %7, align 8
  call void @free(ptr %8) #5
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %10 = load ptr, ptr %9, align 8
  call void @free(ptr %10) #5
  %11 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %12 = load ptr, ptr %11, align 8
  call void @free(ptr %12) #5
  call void @free(ptr %0) #5
  br label %13
13:
  ret void
}
define hidden ptr @strata_rt_error(ptr %0) #0 {
  %.not = icmp eq ptr %0, null
  %2 = getelementptr inbounds nuw i8, ptr %0, i64 96
  %3 = select i1 %.not, ptr @.str.7, ptr %2
  ret ptr %3
}
define hidden ptr @strata_rt_variant(ptr %0) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %10, label %2
2:
  %3 = load ptr, ptr %0, align 8
  %4 = getelementptr inbounds nuw i8, ptr %3, i64 24
  %5 = load ptr, ptr %4, align 8
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %7 = load i64, ptr %6, align 8
  %8 = getelementptr inbounds %struct.strata_rt_level, ptr %5, i64 %7
  %9 = load ptr, ptr %8, align 8
  br label %10
10:
  %11 = phi ptr [ %9, %2 ], [ @.str.2, %1 ]
  ret ptr %11
}
define hidden i32 @strata_rt_threads(ptr %0) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %6, label %2
2:
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %4 = load ptr, ptr %3, align 8
  %5 = call i32 @strata_rt_pool_threads(ptr %4) #4
  br label %6
6:
  %7 = phi i32 [ %5, %2 ], [ 0, %1 ]
  ret i32 %7
}
define hidden i32 @strata_rt_keep(ptr %0, i64 %1) #0 {
  %3 = load ptr, ptr %0, align 8
  %4 = getelementptr inbounds nuw i8, ptr %3, i64 72
  %5 = load ptr, ptr %4, align 8
  %6 = getelementptr inbounds %struct.strata_rt_function, ptr %5, i64 %1
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %8 = load ptr, ptr %7, align 8
  %9 = getelementptr inbounds %struct.strata_rt_keeping, ptr %8, i64 %1
  %10 = getelementptr inbounds nuw i8, ptr %6, i64 64
  %11 = load ptr, ptr %10, align 8
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %13 = load i64, ptr %12, align 8
  %14 = getelementptr inbounds ptr, ptr %11, i64 %13
  %15 = load ptr, ptr %14, align 8
  %16 = load i64, ptr %15, align 8
  %.not = icmp eq i64 %16, 0
  br i1 %.not, label %52, label %17
17:
  %18 = getelementptr inbounds nuw i8, ptr %9, i64 8
  %19 = load i64, ptr %18, align 8
  %20 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %21 = load i64, ptr %20, align 8
  %22 = icmp eq i64 %19, %21
  br i1 %22, label %23, label %26
23:
  %24 = load ptr, ptr %9, align 8
  %25 = call i32 @strata_rt_is_mapped(ptr %0, ptr %24) #4
  %.not34 = icmp eq i32 %25, 0
  br i1 %.not34, label %26, label %52
26:
  call void @strata_rt_take_least_dims(ptr %0) #4
  %27 = call i32 @strata_rt_grow_workspace(ptr %0, ptr %6) #4
  %28 = icmp eq i32 %27, 0
  br i1 %28, label %29, label %31
29:
  %30 = call i32 @strata_rt_allocate_kept(ptr %0, ptr %6, ptr %9) #4
  br label %31
31:
  %.033 = phi i32 [ %30, %29 ], [ %27, %26 ]
  %.not35 = icmp eq i32 %.033, 0
  br i1 %.not35, label %32, label %52
32:
  %33 = load ptr, ptr %9, align 8
  %34 = call ptr @memset(ptr %33, i32 0, i64 %16) #5
  %35 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %36 = load ptr, ptr %35, align 8
  %37 = load ptr, ptr %0, align 8
  %38 = getelementptr inbounds nuw i8, ptr %37, i64 48
  %39 = load i64, ptr %38, align 8
  %40 = getelementptr inbounds ptr, ptr %36, i64 %39
  br label %41
41:
  %.0 = phi i64 [ 0, %32 ], [ %50, %48 ]
  %42 = getelementptr inbounds nuw i8, ptr %6, i64 24
  %43 = load i64, ptr %42, align 8
  %44 = getelementptr inbounds nuw i8, ptr %6, i64 32
  %45 = load i64, ptr %44, align 8
  %46 = add nsw i64 %43, %45
  %47 = icmp slt i64 %.0, %46
  br i1 %47, label %48, label %51
48:
  %49 = getelementptr inbounds ptr, ptr %40, i64 %.0
  store ptr null, ptr %49, align 8
  %50 = add nuw nsw i64 %.0, 1
  br label %41
51:
  call void @strata_rt_execute(ptr %0, ptr %6, i64 2) #4
  br label %52
52:
  %.032 = phi i32 [ 0, %51 ], [ 0, %2 ], [ 0, %23 ], [ %.033, %31 ]
  ret i32 %.032
}
define internal void @strata_rt_take_least_dims(ptr %0) #0 {
  %2 = load ptr, ptr %0, align 8
  br label %3
3:
  %.0 = phi i64 [ 0, %1 ], [ %15, %7 ]
  %4 = getelementptr inbounds nuw i8, ptr %2, i64 32
  %5 = load i64, ptr %4, align 8
  %6 = icmp slt i64 %.0, %5
  br i1 %6, label %7, label %16
7:
  %8 = getelementptr inbounds nuw i8, ptr %2, i64 40
  %9 = load ptr, ptr %8, align 8
  %10 = getelementptr inbounds %struct.strata_rt_dim, ptr %9, i64 %.0, i32 1
  %11 = load i64, ptr %10, align 8
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds i64, ptr %13, i64 %.0
  store i64 %11, ptr %14, align 8
  %15 = add nuw nsw i64 %.0, 1
  br label %3
16:
  ret void
}
define internal i32 @strata_rt_grow_workspace(ptr %0, ptr %1) #0 {
  %3 = alloca [24 x i8], align 16
  %4 = alloca [5 x ptr], align 16
  %5 = getelementptr inbounds nuw i8, ptr %1, i64 56
  %6 = load ptr, ptr %5, align 8
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %8 = load i64, ptr %7, align 8
  %9 = getelementptr inbounds ptr, ptr %6, i64 %8
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %12 = load ptr, ptr %11, align 8
  %13 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %14 = load ptr, ptr %13, align 8
  %15 = call i32 @strata_rt_pool_threads(ptr %14) #4
  %16 = sext i32 %15 to i64
  %17 = call i64 %10(ptr %12, i64 %16) #5
  %18 = icmp sgt i64 %17, -1
  br i1 %18, label %19, label %22
19:
  %20 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %21 = load i64, ptr %20, align 8
  %.not = icmp sgt i64 %17, %21
  br i1 %.not, label %22, label %36
22:
  %23 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %24 = load ptr, ptr %23, align 8
  call void @free(ptr %24) #5
  %25 = getelementptr inbounds nuw i8, ptr %0, i64 40
  store i64 0, ptr %25, align 8
  %26 = call ptr @strata_rt_allocate(i64 %17) #4
  store ptr %26, ptr %23, align 8
  %.not17 = icmp eq ptr %26, null
  br i1 %.not17, label %27, label %35
27:
  %28 = load ptr, ptr %1, align 8
  store ptr %28, ptr %4, align 8
  %29 = getelementptr inbounds i8, ptr %4, i64 8
  store ptr @.str.46, ptr %29, align 8
  %30 = getelementptr inbounds i8, ptr %4, i64 16
  %31 = call ptr @strata_rt_decimal(ptr %3, i64 %17) #4
  store ptr %31, ptr %30, align 8
  %32 = getelementptr inbounds i8, ptr %4, i64 24
  store ptr @.str.47, ptr %32, align 8
  %33 = getelementptr inbounds i8, ptr %4, i64 32
  store ptr null, ptr %33, align 8
  %34 = call i32 @strata_rt_fail(ptr %0, i32 2, ptr %4) #4
  br label %36
35:
  store i64 %17, ptr %25, align 8
  br label %36
36:
  %.0 = phi i32 [ 0, %35 ], [ %34, %27 ], [ 0, %19 ]
  ret i32 %.0
}
define internal i32 @strata_rt_allocate_kept(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [24 x i8], align 16
  %5 = alloca [5 x ptr], align 16
  %6 = getelementptr inbounds nuw i8, ptr %1, i64 64
  %7 = load ptr, ptr %6, align 8
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %9 = load i64, ptr %8, align 8
  %10 = getelementptr inbounds ptr, ptr %7, i64 %9
  %11 = load ptr, ptr %10, align 8
  %12 = load i64, ptr %11, align 8
  %.not = icmp eq i64 %12, 0
  br i1 %.not, label %25, label %13
13:
  %14 = load ptr, ptr %2, align 8
  %.not10 = icmp eq ptr %14, null
  br i1 %.not10, label %15, label %25
15:
  %16 = call ptr @strata_rt_allocate(i64 %12) #4
  store ptr %16, ptr %2, align 8
  %.not11 = icmp eq ptr %16, null
  br i1 %.not11, label %17, label %25
17:
  %18 = load ptr, ptr %1, align 8
  store ptr %18, ptr %5, align 8
  %19 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr @.str.48, ptr %19, align 8
  %20 = getelementptr inbounds i8, ptr %5, i64 16
  %21 = call ptr @strata_rt_decimal(ptr %4, i64 %12) #4
  store ptr %21, ptr %20, align 8
  %22 = getelementptr inbounds i8, ptr %5, i64 24
  store ptr @.str.49, ptr %22, align 8
  %23 = getelementptr inbounds i8, ptr %5, i64 32
  store ptr null, ptr %23, align 8
  %24 = call i32 @strata_rt_fail(ptr %0, i32 2, ptr %5) #4
  br label %25
25:
  %.0 = phi i32 [ %24, %17 ], [ 0, %13 ], [ 0, %3 ], [ 0, %15 ]
  ret i32 %.0
}
define internal void @strata_rt_execute(ptr %0, ptr %1, i64 %2) #0 {
  %4 = alloca %struct.strata_rt_call, align 8
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %6 = load ptr, ptr %5, align 8
  %7 = load ptr, ptr %0, align 8
  %8 = getelementptr inbounds nuw i8, ptr %7, i64 72
  %9 = load ptr, ptr %8, align 8
  %10 = ptrtoint ptr %1 to i64
  %11 = ptrtoint ptr %9 to i64
  %12 = sub i64 %10, %11
  %13 = sdiv exact i64 %12, 72
  %14 = getelementptr inbounds %struct.strata_rt_keeping, ptr %6, i64 %13
  %15 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %16 = load ptr, ptr %15, align 8
  %17 = getelementptr inbounds nuw i8, ptr %7, i64 48
  %18 = load i64, ptr %17, align 8
  %19 = getelementptr inbounds ptr, ptr %16, i64 %18
  %20 = getelementptr inbounds nuw i8, ptr %1, i64 24
  %21 = load i64, ptr %20, align 8
  %22 = getelementptr inbounds ptr, ptr %19, i64 %21
  %23 = getelementptr inbounds nuw i8, ptr %1, i64 32
  %24 = load i64, ptr %23, align 8
  %25 = getelementptr inbounds ptr, ptr %22, i64 %24
  %26 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %27 = load ptr, ptr %26, align 8
  store ptr %27, ptr %25, align 8
  %28 = load ptr, ptr %14, align 8
  %29 = getelementptr inbounds i8, ptr %25, i64 8
  store ptr %28, ptr %29, align 8
  %30 = load ptr, ptr %15, align 8
  store ptr %30, ptr %4, align 8
  %31 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %32 = load ptr, ptr %31, align 8
  %33 = getelementptr inbounds nuw i8, ptr %4, i64 8
  store ptr %32, ptr %33, align 8
  %34 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %35 = load ptr, ptr %34, align 8
  %36 = getelementptr inbounds nuw i8, ptr %4, i64 16
  store ptr %35, ptr %36, align 8
  %37 = icmp eq i64 %2, 2
  br i1 %37, label %41, label %38
38:
  %39 = getelementptr inbounds nuw i8, ptr %0, i64 88
  %40 = load ptr, ptr %39, align 8
  br label %41
41:
  %42 = phi ptr [ %40, %38 ], [ null, %3 ]
  %43 = getelementptr inbounds nuw i8, ptr %4, i64 24
  store ptr %42, ptr %43, align 8
  %44 = getelementptr inbounds nuw i8, ptr %4, i64 32
  store i64 %2, ptr %44, align 8
  %45 = getelementptr inbounds nuw i8, ptr %1, i64 48
  %46 = load ptr, ptr %45, align 8
  %47 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %48 = load i64, ptr %47, align 8
  %49 = getelementptr inbounds ptr, ptr %46, i64 %48
  %50 = load ptr, ptr %49, align 8
  call void %50(ptr %4) #5
  %51 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %52 = load i64, ptr %51, align 8
  %53 = getelementptr inbounds nuw i8, ptr %14, i64 8
  store i64 %52, ptr %53, align 8
  ret void
}
define hidden i32 @strata_rt_invoke(ptr %0, i32 %1, ptr %2, ptr %3) #0 {
  %5 = alloca [24 x i8], align 16
  %6 = alloca [24 x i8], align 16
  %7 = alloca [5 x ptr], align 16
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %53, label %8
8:
  %9 = icmp slt i32 %1, 0
  br i1 %9, label %15, label %10
10:
  %11 = zext nneg i32 %1 to i64
  %12 = load ptr, ptr %0, align 8
  %13 = getelementptr inbounds nuw i8, ptr %12, i64 64
  %14 = load i64, ptr %13, align 8
  %.not24 = icmp sgt i64 %14, %11
  br i1 %.not24, label %27, label %15
15:
  store ptr @.str.8, ptr %7, align 8
  %16 = getelementptr inbounds i8, ptr %7, i64 8
  %17 = sext i32 %1 to i64
  %18 = call ptr @strata_rt_decimal(ptr %5, i64 %17) #4
  store ptr %18, ptr %16, align 8
  %19 = getelementptr inbounds i8, ptr %7, i64 16
  store ptr @.str.9, ptr %19, align 8
  %20 = getelementptr inbounds i8, ptr %7, i64 24
  %21 = load ptr, ptr %0, align 8
  %22 = getelementptr inbounds nuw i8, ptr %21, i64 64
  %23 = load i64, ptr %22, align 8
  %24 = call ptr @strata_rt_decimal(ptr %6, i64 %23) #4
  store ptr %24, ptr %20, align 8
  %25 = getelementptr inbounds i8, ptr %7, i64 32
  store ptr null, ptr %25, align 8
  %26 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %7) #4
  br label %53
27:
  %28 = getelementptr inbounds nuw i8, ptr %12, i64 72
  %29 = load ptr, ptr %28, align 8
  %30 = getelementptr inbounds %struct.strata_rt_function, ptr %29, i64 %11
  %31 = getelementptr inbounds nuw i8, ptr %12, i64 48
  %32 = load i64, ptr %31, align 8
  br label %33
33:
  %.0 = phi i64 [ 0, %27 ], [ %50, %44 ]
  %34 = getelementptr inbounds nuw i8, ptr %30, i64 24
  %35 = load i64, ptr %34, align 8
  %36 = getelementptr inbounds nuw i8, ptr %30, i64 32
  %37 = load i64, ptr %36, align 8
  %38 = add nsw i64 %35, %37
  %39 = icmp slt i64 %.0, %38
  br i1 %39, label %40, label %51
40:
  %.not25 = icmp eq ptr %3, null
  br i1 %.not25, label %44, label %41
41:
  %42 = getelementptr inbounds ptr, ptr %3, i64 %.0
  %43 = load ptr, ptr %42, align 8
  br label %44
44:
  %45 = phi ptr [ %43, %41 ], [ null, %40 ]
  %46 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %47 = load ptr, ptr %46, align 8
  %48 = getelementptr ptr, ptr %47, i64 %32
  %49 = getelementptr ptr, ptr %48, i64 %.0
  store ptr %45, ptr %49, align 8
  %50 = add nuw nsw i64 %.0, 1
  br label %33
51:
  %52 = call i32 @strata_rt_run(ptr %0, ptr %30, ptr %2) #4
  br label %53
53:
  %.023 = phi i32 [ %26, %15 ], [ %52, %51 ], [ 1, %4 ]
  ret i32 %.023
}
define internal i32 @strata_rt_run(ptr %0, ptr %1, ptr %2) #0 {
  %4 = load ptr, ptr %0, align 8
  %5 = getelementptr inbounds nuw i8, ptr %4, i64 48
  %6 = load i64, ptr %5, align 8
  %7 = getelementptr inbounds nuw i8, ptr %1, i64 24
  %8 = load i64, ptr %7, align 8
  %9 = getelementptr inbounds nuw i8, ptr %1, i64 32
  %10 = load i64, ptr %9, align 8
  %11 = add nsw i64 %8, %10
  %12 = call i32 @strata_rt_take_dims(ptr %0, ptr %1, ptr %2) #4
  br label %13
13:
  %.036 = phi i32 [ %12, %3 ], [ %22, %16 ]
  %.035 = phi i64 [ 0, %3 ], [ %23, %16 ]
  %14 = icmp slt i64 %.035, %11
  %15 = icmp eq i32 %.036, 0
  %spec.select = select i1 %14, i1 %15, i1 false
  br i1 %spec.select, label %16, label %24
16:
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %18 = load ptr, ptr %17, align 8
  %19 = getelementptr ptr, ptr %18, i64 %6
  %20 = getelementptr ptr, ptr %19, i64 %.035
  %21 = load ptr, ptr %20, align 8
  %22 = call i32 @strata_rt_check_tensor(ptr %0, ptr %1, i64 %.035, ptr %21) #4
  %23 = add nuw nsw i64 %.035, 1
  br label %13
24:
  %25 = icmp eq i32 %.036, 0
  br i1 %25, label %26, label %28
26:
  %27 = call i32 @strata_rt_grow_workspace(ptr %0, ptr %1) #4
  br label %28
28:
  %.1 = phi i32 [ %27, %26 ], [ %.036, %24 ]
  %29 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %30 = load ptr, ptr %29, align 8
  %31 = load ptr, ptr %0, align 8
  %32 = getelementptr inbounds nuw i8, ptr %31, i64 72
  %33 = load ptr, ptr %32, align 8
  %34 = ptrtoint ptr %1 to i64
  %35 = ptrtoint ptr %33 to i64
  %36 = sub i64 %34, %35
  %37 = sdiv exact i64 %36, 72
  %38 = getelementptr inbounds %struct.strata_rt_keeping, ptr %30, i64 %37
  %39 = icmp eq i32 %.1, 0
  br i1 %39, label %40, label %42
40:
  %41 = call i32 @strata_rt_allocate_kept(ptr %0, ptr %1, ptr %38) #4
  br label %42
42:
  %.2 = phi i32 [ %41, %40 ], [ %.1, %28 ]
  %.not = icmp eq i32 %.2, 0
  br i1 %.not, label %43, label %61
43:
  %44 = getelementptr inbounds nuw i8, ptr %38, i64 8
  %45 = load i64, ptr %44, align 8
  %46 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %47 = load i64, ptr %46, align 8
  %48 = icmp ne i64 %45, %47
  %49 = zext i1 %48 to i64
  call void @strata_rt_execute(ptr %0, ptr %1, i64 %49) #4
  %50 = getelementptr inbounds nuw i8, ptr %1, i64 64
  %51 = load ptr, ptr %50, align 8
  %52 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %53 = load i64, ptr %52, align 8
  %54 = getelementptr inbounds ptr, ptr %51, i64 %53
  %55 = load ptr, ptr %54, align 8
  %56 = getelementptr inbounds nuw i8, ptr %55, i64 8
  %57 = load i64, ptr %56, align 8
  %.not37 = icmp eq i64 %57, 0
  br i1 %.not37, label %61, label %58
58:
  %59 = load i64, ptr %46, align 8
  %60 = add nsw i64 %59, 1
  store i64 %60, ptr %46, align 8
  br label %61
61:
  %.0 = phi i32 [ %.2, %42 ], [ 0, %58 ], [ 0, %43 ]
  ret i32 %.0
}
define hidden i32 @strata_rt_call_named(ptr %0, ptr %1, ptr %2, ptr %3, ptr %4) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %41, label %6
6:
  %7 = call ptr @strata_rt_find_function(ptr %0, ptr @.str.10, ptr %1) #4
  %.not26 = icmp eq ptr %7, null
  br i1 %.not26, label %41, label %8
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %10 = load ptr, ptr %9, align 8
  %11 = load ptr, ptr %0, align 8
  %12 = getelementptr inbounds nuw i8, ptr %11, i64 48
  %13 = load i64, ptr %12, align 8
  %14 = getelementptr inbounds ptr, ptr %10, i64 %13
  br label %15
15:
  %.024 = phi ptr [ %14, %8 ], [ %25, %23 ]
  %.023 = phi i64 [ 0, %8 ], [ %26, %23 ]
  %16 = getelementptr inbounds nuw i8, ptr %7, i64 24
  %17 = load i64, ptr %16, align 8
  %18 = icmp slt i64 %.023, %17
  br i1 %18, label %19, label %27
19:
  %.not28 = icmp eq ptr %3, null
  br i1 %.not28, label %23, label %20
20:
  %21 = getelementptr inbounds ptr, ptr %3, i64 %.023
  %22 = load ptr, ptr %21, align 8
  br label %23
23:
  %24 = phi ptr [ %22, %20 ], [ null, %19 ]
  store ptr %24, ptr %.024, align 8
  %25 = getelementptr inbounds nuw i8, ptr %.024, i64 8
  %26 = add nuw nsw i64 %.023, 1
  br label %15
27:
  %.1 = phi ptr [ %37, %35 ], [ %.024, %15 ]
  %.0 = phi i64 [ %38, %35 ], [ 0, %15 ]
  %28 = getelementptr inbounds nuw i8, ptr %7, i64 32
  %29 = load i64, ptr %28, align 8
  %30 = icmp slt i64 %.0, %29
  br i1 %30, label %31, label %39
31:
  %.not27 = icmp eq ptr %4, null
  br i1 %.not27, label %35, label %32
32:
  %33 = getelementptr inbounds ptr, ptr %4, i64 %.0
  %34 = load ptr, ptr %33, align 8
  br label %35
35:
  %36 = phi ptr [ %34, %32 ], [ null, %31 ]
  store ptr %36, ptr %.1, align 8
  %37 = getelementptr inbounds nuw i8, ptr %.1, i64 8
  %38 = add nuw nsw i64 %.0, 1
  br label %27
39:
  %40 = call i32 @strata_rt_run(ptr %0, ptr %7, ptr %2) #4
  br label %41
41:
  %.025 = phi i32 [ %40, %39 ], [ 1, %5 ], [ 1, %6 ]
  ret i32 %.025
}
define internal ptr @strata_rt_find_function(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [5 x ptr], align 16
  %5 = load ptr, ptr %0, align 8
  br label %6
6:
  %.0 = phi i64 [ 0, %3 ], [ %21, %20 ]
  %.not = icmp eq ptr %2, null
  br i1 %.not, label %.critedge, label %7
7:
  %8 = getelementptr inbounds nuw i8, ptr %5, i64 64
  %9 = load i64, ptr %8, align 8
  %10 = icmp slt i64 %.0, %9
  br i1 %10, label %11, label %.critedge
11:
  %12 = getelementptr inbounds nuw i8, ptr %5, i64 72
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds %struct.strata_rt_function, ptr %13, i64 %.0
  %15 = load ptr, ptr %14, align 8
  %16 = call i32 @strata_rt_equal(ptr %15, ptr %2) #4
  %.not15 = icmp eq i32 %16, 0
  br i1 %.not15, label %20, label %17
17:
  %18 = load ptr, ptr %12, align 8
  %19 = getelementptr inbounds %struct.strata_rt_function, ptr %18, i64 %.0
  br label %27
20:
  %21 = add nuw nsw i64 %.0, 1
  br label %6
.critedge:
  store ptr %1, ptr %4, align 8
  %22 = getelementptr inbounds i8, ptr %4, i64 8
  store ptr @.str.54, ptr %22, align 8
  %23 = getelementptr inbounds i8, ptr %4, i64 16
  %.str.55. = select i1 %.not, ptr @.str.55, ptr %2
  store ptr %.str.55., ptr %23, align 8
  %24 = getelementptr inbounds i8, ptr %4, i64 24
  store ptr @.str.17, ptr %24, align 8
  %25 = getelementptr inbounds i8, ptr %4, i64 32
  store ptr null, ptr %25, align 8
  %26 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %4) #4
  br label %27
27:
  %.014 = phi ptr [ %19, %17 ], [ null, %.critedge ]
  ret ptr %.014
}
define hidden i32 @strata_rt_workspace_bytes(ptr %0, ptr %1, ptr %2, ptr %3) #0 {
  %5 = alloca [2 x ptr], align 16
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %35, label %6
6:
  %7 = call ptr @strata_rt_find_function(ptr %0, ptr @.str.11, ptr %1) #4
  %.not18 = icmp eq ptr %7, null
  br i1 %.not18, label %35, label %8
8:
  %.not19 = icmp eq ptr %3, null
  br i1 %.not19, label %9, label %11
9:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %5, ptr align 16 dereferenceable(16) @__const.strata_rt_workspace_bytes.parts, i64 16, i1 false)
  %10 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %5) #4
  br label %35
11:
  %12 = call i32 @strata_rt_take_dims(ptr %0, ptr %7, ptr %2) #4
  %13 = icmp eq i32 %12, 0
  br i1 %13, label %14, label %35
14:
  %15 = getelementptr inbounds nuw i8, ptr %7, i64 56
  %16 = load ptr, ptr %15, align 8
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %18 = load i64, ptr %17, align 8
  %19 = getelementptr inbounds ptr, ptr %16, i64 %18
  %20 = load ptr, ptr %19, align 8
  %21 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %22 = load ptr, ptr %21, align 8
  %23 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %24 = load ptr, ptr %23, align 8
  %25 = call i32 @strata_rt_pool_threads(ptr %24) #4
  %26 = sext i32 %25 to i64
  %27 = call i64 %20(ptr %22, i64 %26) #5
  %28 = getelementptr inbounds nuw i8, ptr %7, i64 64
  %29 = load ptr, ptr %28, align 8
  %30 = load i64, ptr %17, align 8
  %31 = getelementptr inbounds ptr, ptr %29, i64 %30
  %32 = load ptr, ptr %31, align 8
  %33 = load i64, ptr %32, align 8
  %34 = add nsw i64 %27, %33
  store i64 %34, ptr %3, align 8
  br label %35
35:
  %.0 = phi i32 [ %10, %9 ], [ 1, %4 ], [ 1, %6 ], [ %12, %14 ], [ %12, %11 ]
  ret i32 %.0
}
define internal i32 @strata_rt_take_dims(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [3 x ptr], align 16
  %5 = alloca [24 x i8], align 16
  %6 = alloca [24 x i8], align 16
  %7 = alloca [24 x i8], align 16
  %8 = alloca [24 x i8], align 16
  %9 = alloca [10 x ptr], align 16
  %10 = alloca [8 x ptr], align 16
  %11 = load ptr, ptr %0, align 8
  %12 = getelementptr inbounds nuw i8, ptr %1, i64 8
  %13 = load i64, ptr %12, align 8
  %.not = icmp ne i64 %13, 0
  %.not37 = icmp eq ptr %2, null
  %or.cond = and i1 %.not, %.not37
  br i1 %or.cond, label %14, label %19
14:
  %15 = load ptr, ptr %1, align 8
  store ptr %15, ptr %4, align 8
  %16 = getelementptr inbounds i8, ptr %4, i64 8
  store ptr @.str.56, ptr %16, align 8
  %17 = getelementptr inbounds i8, ptr %4, i64 16
  store ptr null, ptr %17, align 8
  %18 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %4) #4
  br label %87
19:
  call void @strata_rt_take_least_dims(ptr %0) #4
  br label %20
20:
  %.036 = phi i64 [ 0, %19 ], [ %86, %79 ]
  %21 = load i64, ptr %12, align 8
  %22 = icmp slt i64 %.036, %21
  br i1 %22, label %23, label %87
23:
  %24 = getelementptr inbounds nuw i8, ptr %11, i64 40
  %25 = load ptr, ptr %24, align 8
  %26 = getelementptr inbounds nuw i8, ptr %1, i64 16
  %27 = load ptr, ptr %26, align 8
  %28 = getelementptr inbounds i64, ptr %27, i64 %.036
  %29 = load i64, ptr %28, align 8
  %30 = getelementptr inbounds %struct.strata_rt_dim, ptr %25, i64 %29
  %31 = getelementptr inbounds i64, ptr %2, i64 %.036
  %32 = load i64, ptr %31, align 8
  %33 = getelementptr inbounds nuw i8, ptr %30, i64 8
  %34 = load i64, ptr %33, align 8
  %35 = icmp slt i64 %32, %34
  br i1 %35, label %40, label %36
36:
  %37 = getelementptr inbounds nuw i8, ptr %30, i64 16
  %38 = load i64, ptr %37, align 8
  %39 = icmp sgt i64 %32, %38
  br i1 %39, label %40, label %59
40:
  %41 = load ptr, ptr %1, align 8
  store ptr %41, ptr %9, align 8
  %42 = getelementptr inbounds i8, ptr %9, i64 8
  store ptr @.str.57, ptr %42, align 8
  %43 = getelementptr inbounds i8, ptr %9, i64 16
  %44 = load ptr, ptr %30, align 8
  store ptr %44, ptr %43, align 8
  %45 = getelementptr inbounds i8, ptr %9, i64 24
  store ptr @.str.58, ptr %45, align 8
  %46 = getelementptr inbounds i8, ptr %9, i64 32
  %47 = call ptr @strata_rt_decimal(ptr %5, i64 %32) #4
  store ptr %47, ptr %46, align 8
  %48 = getelementptr inbounds i8, ptr %9, i64 40
  store ptr @.str.59, ptr %48, align 8
  %49 = getelementptr inbounds i8, ptr %9, i64 48
  %50 = load i64, ptr %33, align 8
  %51 = call ptr @strata_rt_decimal(ptr %6, i64 %50) #4
  store ptr %51, ptr %49, align 8
  %52 = getelementptr inbounds i8, ptr %9, i64 56
  store ptr @.str.60, ptr %52, align 8
  %53 = getelementptr inbounds i8, ptr %9, i64 64
  %54 = getelementptr inbounds nuw i8, ptr %30, i64 16
  %55 = load i64, ptr %54, align 8
  %56 = call ptr @strata_rt_decimal(ptr %7, i64 %55) #4
  store ptr %56, ptr %53, align 8
  %57 = getelementptr inbounds i8, ptr %9, i64 72
  store ptr null, ptr %57, align 8
  %58 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %9) #4
  br label %87
59:
  %60 = getelementptr inbounds nuw i8, ptr %30, i64 24
  %61 = load i64, ptr %60, align 8
  %62 = icmp sgt i64 %61, 1
  br i1 %62, label %63, label %79
63:
  %64 = srem i64 %32, %61
  %.not38 = icmp eq i64 %64, 0
  br i1 %.not38, label %79, label %65
65:
  %66 = load ptr, ptr %1, align 8
  store ptr %66, ptr %10, align 8
  %67 = getelementptr inbounds i8, ptr %10, i64 8
  store ptr @.str.57, ptr %67, align 8
  %68 = getelementptr inbounds i8, ptr %10, i64 16
  %69 = load ptr, ptr %30, align 8
  store ptr %69, ptr %68, align 8
  %70 = getelementptr inbounds i8, ptr %10, i64 24
  store ptr @.str.58, ptr %70, align 8
  %71 = getelementptr inbounds i8, ptr %10, i64 32
  %72 = call ptr @strata_rt_decimal(ptr %5, i64 %32) #4
  store ptr %72, ptr %71, align 8
  %73 = getelementptr inbounds i8, ptr %10, i64 40
  store ptr @.str.61, ptr %73, align 8
  %74 = getelementptr inbounds i8, ptr %10, i64 48
  %75 = load i64, ptr %60, align 8
  %76 = call ptr @strata_rt_decimal(ptr %8, i64 %75) #4
  store ptr %76, ptr %74, align 8
  %77 = getelementptr inbounds i8, ptr %10, i64 56
  store ptr null, ptr %77, align 8
  %78 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %10) #4
  br label %87
79:
  %80 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %81 = load ptr, ptr %80, align 8
  %82 = load ptr, ptr %26, align 8
  %83 = getelementptr inbounds i64, ptr %82, i64 %.036
  %84 = load i64, ptr %83, align 8
  %85 = getelementptr inbounds i64, ptr %81, i64 %84
  store i64 %32, ptr %85, align 8
  %86 = add nuw nsw i64 %.036, 1
  br label %20
87:
  %.0 = phi i32 [ %58, %40 ], [ %78, %65 ], [ %18, %14 ], [ 0, %20 ]
  ret i32 %.0
}
define hidden i64 @strata_rt_find_state(ptr %0, ptr %1) #0 {
  br label %3
3:
  %.0 = phi i64 [ 0, %2 ], [ %14, %13 ]
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %5 = load i64, ptr %4, align 8
  %6 = icmp slt i64 %.0, %5
  br i1 %6, label %7, label %15
7:
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 56
  %9 = load ptr, ptr %8, align 8
  %10 = getelementptr inbounds %struct.strata_rt_state, ptr %9, i64 %.0
  %11 = load ptr, ptr %10, align 8
  %12 = call i32 @strata_rt_equal(ptr %11, ptr %1) #4
  %.not = icmp eq i32 %12, 0
  br i1 %.not, label %13, label %15
13:
  %14 = add nuw nsw i64 %.0, 1
  br label %3
15:
  %.07 = phi i64 [ %.0, %7 ], [ -1, %3 ]
  ret i64 %.07
}
define hidden i32 @strata_rt_get(ptr %0, ptr %1, ptr %2, i64 %3) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %14, label %5
5:
  %6 = call i64 @strata_rt_match_state(ptr %0, ptr @.str.13, ptr %1, ptr %2, i64 %3) #4
  %7 = icmp slt i64 %6, 0
  br i1 %7, label %14, label %8
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds ptr, ptr %10, i64 %6
  %12 = load ptr, ptr %11, align 8
  %13 = call ptr @memcpy(ptr %2, ptr %12, i64 %3) #5
  br label %14
14:
  %.0 = phi i32 [ 0, %8 ], [ 1, %4 ], [ 1, %5 ]
  ret i32 %.0
}
define internal i64 @strata_rt_match_state(ptr %0, ptr %1, ptr %2, ptr %3, i64 %4) #0 {
  %6 = alloca [5 x ptr], align 16
  %7 = alloca [5 x ptr], align 16
  %8 = alloca [256 x i8], align 16
  %9 = alloca [24 x i8], align 16
  %10 = alloca [24 x i8], align 16
  %11 = alloca [10 x ptr], align 16
  %.not = icmp eq ptr %2, null
  br i1 %.not, label %15, label %12
12:
  %13 = load ptr, ptr %0, align 8
  %14 = call i64 @strata_rt_find_state(ptr %13, ptr %2) #4
  br label %15
15:
  %16 = phi i64 [ %14, %12 ], [ -1, %5 ]
  %17 = icmp slt i64 %16, 0
  br i1 %17, label %18, label %24
18:
  store ptr %1, ptr %6, align 8
  %19 = getelementptr inbounds i8, ptr %6, i64 8
  store ptr @.str.62, ptr %19, align 8
  %20 = getelementptr inbounds i8, ptr %6, i64 16
  %.str.55. = select i1 %.not, ptr @.str.55, ptr %2
  store ptr %.str.55., ptr %20, align 8
  %21 = getelementptr inbounds i8, ptr %6, i64 24
  store ptr @.str.17, ptr %21, align 8
  %22 = getelementptr inbounds i8, ptr %6, i64 32
  store ptr null, ptr %22, align 8
  %23 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %6) #4
  br label %59
24:
  %25 = load ptr, ptr %0, align 8
  %26 = getelementptr inbounds nuw i8, ptr %25, i64 56
  %27 = load ptr, ptr %26, align 8
  %28 = getelementptr inbounds %struct.strata_rt_state, ptr %27, i64 %16
  %.not26 = icmp ne ptr %3, null
  %.not27 = icmp eq i64 %4, 0
  %or.cond = or i1 %.not26, %.not27
  br i1 %or.cond, label %35, label %29
29:
  store ptr %1, ptr %7, align 8
  %30 = getelementptr inbounds i8, ptr %7, i64 8
  store ptr @.str.63, ptr %30, align 8
  %31 = getelementptr inbounds i8, ptr %7, i64 16
  store ptr %2, ptr %31, align 8
  %32 = getelementptr inbounds i8, ptr %7, i64 24
  store ptr @.str.64, ptr %32, align 8
  %33 = getelementptr inbounds i8, ptr %7, i64 32
  store ptr null, ptr %33, align 8
  %34 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %7) #4
  br label %59
35:
  %36 = getelementptr inbounds nuw i8, ptr %28, i64 32
  %37 = load i64, ptr %36, align 8
  %.not28 = icmp eq i64 %37, %4
  br i1 %.not28, label %59, label %38
38:
  store ptr %1, ptr %11, align 8
  %39 = getelementptr inbounds i8, ptr %11, i64 8
  store ptr @.str.63, ptr %39, align 8
  %40 = getelementptr inbounds i8, ptr %11, i64 16
  store ptr %2, ptr %40, align 8
  %41 = getelementptr inbounds i8, ptr %11, i64 24
  store ptr @.str.65, ptr %41, align 8
  %42 = getelementptr inbounds i8, ptr %11, i64 32
  %43 = getelementptr inbounds nuw i8, ptr %28, i64 8
  %44 = load ptr, ptr %43, align 8
  %45 = getelementptr inbounds nuw i8, ptr %28, i64 24
  %46 = load ptr, ptr %45, align 8
  %47 = getelementptr inbounds nuw i8, ptr %28, i64 16
  %48 = load i64, ptr %47, align 8
  %49 = call ptr @strata_rt_type_text(ptr %8, i64 256, ptr %44, ptr %46, i64 %48) #4
  store ptr %49, ptr %42, align 8
  %50 = getelementptr inbounds i8, ptr %11, i64 40
  store ptr @.str.58, ptr %50, align 8
  %51 = getelementptr inbounds i8, ptr %11, i64 48
  %52 = call ptr @strata_rt_decimal(ptr %10, i64 %4) #4
  store ptr %52, ptr %51, align 8
  %53 = getelementptr inbounds i8, ptr %11, i64 56
  store ptr @.str.66, ptr %53, align 8
  %54 = getelementptr inbounds i8, ptr %11, i64 64
  %55 = load i64, ptr %36, align 8
  %56 = call ptr @strata_rt_decimal(ptr %9, i64 %55) #4
  store ptr %56, ptr %54, align 8
  %57 = getelementptr inbounds i8, ptr %11, i64 72
  store ptr null, ptr %57, align 8
  %58 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %11) #4
  br label %59
59:
  %.0 = phi i64 [ -1, %18 ], [ -1, %38 ], [ -1, %29 ], [ %16, %35 ]
  ret i64 %.0
}
declare ptr @memcpy(ptr, ptr, i64) #2
define hidden i32 @strata_rt_set(ptr %0, ptr %1, ptr %2, i64 %3) #0 {
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %17, label %5
5:
  %6 = call i64 @strata_rt_match_state(ptr %0, ptr @.str.14, ptr %1, ptr %2, i64 %3) #4
  %7 = icmp slt i64 %6, 0
  br i1 %7, label %17, label %8
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds ptr, ptr %10, i64 %6
  %12 = load ptr, ptr %11, align 8
  %13 = call ptr @memcpy(ptr %12, ptr %2, i64 %3) #5
  %14 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %15 = load i64, ptr %14, align 8
  %16 = add nsw i64 %15, 1
  store i64 %16, ptr %14, align 8
  br label %17
17:
  %.0 = phi i32 [ 0, %8 ], [ 1, %4 ], [ 1, %5 ]
  ret i32 %.0
}
define hidden i32 @strata_rt_state_bytes(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [2 x ptr], align 16
  %5 = alloca [4 x ptr], align 16
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %37, label %6
6:
  %7 = load ptr, ptr %0, align 8
  %.not25 = icmp eq ptr %2, null
  br i1 %.not25, label %8, label %10
8:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %4, ptr align 16 dereferenceable(16) @__const.strata_rt_state_bytes.parts, i64 16, i1 false)
  %9 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %4) #4
  br label %37
10:
  %.022 = phi i64 [ %.123, %28 ], [ 0, %6 ]
  %.021 = phi i64 [ %.1, %28 ], [ 0, %6 ]
  %.0 = phi i64 [ %29, %28 ], [ 0, %6 ]
  %11 = getelementptr inbounds nuw i8, ptr %7, i64 48
  %12 = load i64, ptr %11, align 8
  %13 = icmp slt i64 %.0, %12
  br i1 %13, label %14, label %30
14:
  %.not28 = icmp eq ptr %1, null
  br i1 %.not28, label %21, label %15
15:
  %16 = getelementptr inbounds nuw i8, ptr %7, i64 56
  %17 = load ptr, ptr %16, align 8
  %18 = getelementptr inbounds %struct.strata_rt_state, ptr %17, i64 %.0
  %19 = load ptr, ptr %18, align 8
  %20 = call i32 @strata_rt_equal(ptr %19, ptr %1) #4
  %.not29 = icmp eq i32 %20, 0
  br i1 %.not29, label %28, label %21
21:
  %22 = getelementptr inbounds nuw i8, ptr %7, i64 56
  %23 = load ptr, ptr %22, align 8
  %24 = getelementptr inbounds %struct.strata_rt_state, ptr %23, i64 %.0, i32 4
  %25 = load i64, ptr %24, align 8
  %26 = add nsw i64 %.022, %25
  %27 = add nsw i64 %.021, 1
  br label %28
28:
  %.123 = phi i64 [ %26, %21 ], [ %.022, %15 ]
  %.1 = phi i64 [ %27, %21 ], [ %.021, %15 ]
  %29 = add nuw nsw i64 %.0, 1
  br label %10
30:
  %.not26 = icmp ne ptr %1, null
  %.not27 = icmp eq i64 %.021, 0
  %or.cond = select i1 %.not26, i1 %.not27, i1 false
  br i1 %or.cond, label %31, label %36
31:
  store ptr @.str.16, ptr %5, align 8
  %32 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr %1, ptr %32, align 8
  %33 = getelementptr inbounds i8, ptr %5, i64 16
  store ptr @.str.17, ptr %33, align 8
  %34 = getelementptr inbounds i8, ptr %5, i64 24
  store ptr null, ptr %34, align 8
  %35 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %5) #4
  br label %37
36:
  store i64 %.022, ptr %2, align 8
  br label %37
37:
  %.024 = phi i32 [ 0, %36 ], [ %35, %31 ], [ %9, %8 ], [ 1, %3 ]
  ret i32 %.024
}
define hidden i32 @strata_rt_replace_file(ptr %0, ptr %1, ptr %2, ptr %3, ptr %4) #0 {
  %6 = alloca [5 x ptr], align 16
  %7 = alloca [2 x i64], align 16
  %8 = alloca [24 x i8], align 16
  %9 = alloca [5 x ptr], align 16
  %10 = alloca [6 x ptr], align 16
  %11 = call i32 @strata_rt_is_device(ptr %2) #4
  %.not = icmp eq i32 %11, 0
  br i1 %.not, label %18, label %12
12:
  store ptr %1, ptr %6, align 8
  %13 = getelementptr inbounds i8, ptr %6, i64 8
  store ptr @.str.18, ptr %13, align 8
  %14 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr %2, ptr %14, align 8
  %15 = getelementptr inbounds i8, ptr %6, i64 24
  store ptr @.str.19, ptr %15, align 8
  %16 = getelementptr inbounds i8, ptr %6, i64 32
  store ptr null, ptr %16, align 8
  %17 = call i32 @strata_rt_fail(ptr %0, i32 3, ptr %6) #4
  br label %83
18:
  %19 = call ptr @strata_rt_open_folder(ptr %2) #4
  %.not44 = icmp eq ptr %19, null
  br i1 %.not44, label %24, label %20
20:
  %21 = call i32 @fileno(ptr %19) #5
  %22 = call i32 @flock(i32 %21, i32 6) #5
  %23 = icmp eq i32 %22, 0
  br label %24
24:
  %25 = phi i1 [ false, %18 ], [ %23, %20 ]
  call void @llvm.memset.p0.i64(ptr align 16 dereferenceable(16) %7, i8 0, i64 16, i1 false)
  %26 = call i32 @clock_gettime(i32 0, ptr %7) #5
  %27 = load i64, ptr %7, align 16
  %28 = mul nsw i64 %27, 1000000000
  %29 = getelementptr inbounds i8, ptr %7, i64 8
  %30 = load i64, ptr %29, align 8
  %31 = add nsw i64 %28, %30
  %32 = call ptr @strata_rt_decimal(ptr %8, i64 %31) #4
  store ptr %2, ptr %9, align 8
  %33 = getelementptr inbounds i8, ptr %9, i64 8
  %34 = select i1 %25, ptr @.str.2, ptr @.str.20
  store ptr %34, ptr %33, align 8
  %35 = getelementptr inbounds i8, ptr %9, i64 16
  %.str.2. = select i1 %25, ptr @.str.2, ptr %8
  store ptr %.str.2., ptr %35, align 8
  %36 = getelementptr inbounds i8, ptr %9, i64 24
  store ptr @.str.21, ptr %36, align 8
  %37 = getelementptr inbounds i8, ptr %9, i64 32
  store ptr null, ptr %37, align 8
  %38 = call i64 @strata_rt_length(ptr %2) #4
  %39 = add nsw i64 %38, 40
  %40 = call ptr @strata_rt_allocate(i64 %39) #4
  call void @strata_rt_join(ptr %40, i64 %39, ptr %9) #4
  %.not51 = xor i1 %25, true
  %.not45 = icmp eq ptr %40, null
  %or.cond = or i1 %.not51, %.not45
  br i1 %or.cond, label %43, label %41
41:
  %42 = call i32 @remove(ptr %40) #5
  br label %43
43:
  %.not46 = icmp eq ptr %40, null
  br i1 %.not46, label %46, label %44
44:
  %45 = call ptr @fopen(ptr %40, ptr @.str.22) #5
  br label %46
46:
  %47 = phi ptr [ @.str.23, %44 ], [ @.str.24, %43 ]
  %48 = phi ptr [ %45, %44 ], [ null, %43 ]
  %.not47 = icmp eq ptr %48, null
  br i1 %.not47, label %70, label %49
49:
  %50 = call i32 %3(ptr %0, ptr %48, ptr %4) #5
  %.not48 = icmp eq i32 %50, 0
  br i1 %.not48, label %58, label %51
51:
  %52 = call i32 @fflush(ptr %48) #5
  %53 = icmp eq i32 %52, 0
  br i1 %53, label %54, label %58
54:
  %55 = call i32 @fileno(ptr %48) #5
  %56 = call i32 @fsync(i32 %55) #5
  %57 = icmp eq i32 %56, 0
  br label %58
58:
  %59 = phi i1 [ false, %51 ], [ false, %49 ], [ %57, %54 ]
  %60 = call i32 @fclose(ptr %48) #5
  %61 = icmp eq i32 %60, 0
  %spec.select = select i1 %61, i1 %59, i1 false
  br i1 %spec.select, label %62, label %66
62:
  %63 = call i32 @rename(ptr %40, ptr %2) #5
  %64 = icmp eq i32 %63, 0
  %65 = select i1 %64, ptr null, ptr @.str.25
  br label %66
66:
  %67 = phi ptr [ @.str.25, %58 ], [ %65, %62 ]
  %.not49 = icmp eq ptr %67, null
  br i1 %.not49, label %70, label %68
68:
  %69 = call i32 @remove(ptr %40) #5
  br label %70
70:
  %.0 = phi ptr [ %47, %46 ], [ %67, %68 ], [ %67, %66 ]
  call void @free(ptr %40) #5
  br i1 %.not44, label %75, label %71
71:
  %72 = call i32 @fileno(ptr %19) #5
  %73 = call i32 @fsync(i32 %72) #5
  %74 = call i32 @fclose(ptr %19) #5
  br label %75
75:
  %.not50 = icmp eq ptr %.0, null
  br i1 %.not50, label %83, label %76
76:
  store ptr %1, ptr %10, align 8
  %77 = getelementptr inbounds i8, ptr %10, i64 8
  store ptr @.str.18, ptr %77, align 8
  %78 = getelementptr inbounds i8, ptr %10, i64 16
  store ptr %2, ptr %78, align 8
  %79 = getelementptr inbounds i8, ptr %10, i64 24
  store ptr @.str.26, ptr %79, align 8
  %80 = getelementptr inbounds i8, ptr %10, i64 32
  store ptr %.0, ptr %80, align 8
  %81 = getelementptr inbounds i8, ptr %10, i64 40
  store ptr null, ptr %81, align 8
  %82 = call i32 @strata_rt_fail(ptr %0, i32 3, ptr %10) #4
  br label %83
83:
  %.043 = phi i32 [ %17, %12 ], [ %82, %76 ], [ 0, %75 ]
  ret i32 %.043
}
define internal i32 @strata_rt_is_device(ptr %0) #0 {
  %2 = call ptr @fopen(ptr %0, ptr @.str.67) #5
  %.not = icmp eq ptr %2, null
  br i1 %.not, label %9, label %3
3:
  %4 = call i32 @fileno(ptr %2) #5
  %5 = call i32 @fsync(i32 %4) #5
  %6 = icmp ne i32 %5, 0
  %7 = zext i1 %6 to i32
  %8 = call i32 @fclose(ptr %2) #5
  br label %9
9:
  %.0 = phi i32 [ %7, %3 ], [ 0, %1 ]
  ret i32 %.0
}
define internal ptr @strata_rt_open_folder(ptr %0) #0 {
  %2 = alloca [2 x ptr], align 16
  %3 = call i64 @strata_rt_length(ptr %0) #4
  %4 = add nsw i64 %3, 2
  %5 = call ptr @strata_rt_allocate(i64 %4) #4
  %.not = icmp eq ptr %5, null
  br i1 %.not, label %23, label %6
6:
  store ptr %0, ptr %2, align 8
  %7 = getelementptr inbounds i8, ptr %2, i64 8
  store ptr null, ptr %7, align 8
  call void @strata_rt_join(ptr %5, i64 %4, ptr %2) #4
  br label %8
8:
  %.019 = phi i64 [ %3, %6 ], [ %16, %15 ]
  %9 = icmp sgt i64 %.019, 0
  br i1 %9, label %10, label %.critedge
10:
  %11 = getelementptr i8, ptr %5, i64 %.019
  %12 = getelementptr i8, ptr %11, i64 -1
  %13 = load i8, ptr %12, align 1
  %14 = icmp ne i8 %13, 47
  br i1 %14, label %15, label %.critedge
15:
  %16 = add nsw i64 %.019, -1
  br label %8
.critedge:
  %17 = icmp eq i64 %.019, 0
  br i1 %17, label %18, label %20
18:
  %19 = getelementptr inbounds i8, ptr %5, i64 %.019
  store i8 46, ptr %19, align 1
  br label %20
20:
  %.1 = phi i64 [ 1, %18 ], [ %.019, %.critedge ]
  %21 = getelementptr inbounds i8, ptr %5, i64 %.1
  store i8 0, ptr %21, align 1
  %22 = call ptr @fopen(ptr %5, ptr @.str.68) #5
  call void @free(ptr %5) #5
  br label %23
23:
  %.0 = phi ptr [ %22, %20 ], [ null, %1 ]
  ret ptr %.0
}
declare i32 @flock(i32, i32) #2
declare i32 @clock_gettime(i32, ptr) #2
declare i32 @remove(ptr) #2
declare ptr @fopen(ptr, ptr) #2
declare i32 @fflush(ptr) #2
declare i32 @fsync(i32) #2
declare i32 @fclose(ptr) #2
declare i32 @rename(ptr, ptr) #2
define hidden i32 @strata_rt_next_entry(ptr %0, ptr %1) #0 {
  br label %3
3:
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %5 = load ptr, ptr %4, align 8
  %6 = load ptr, ptr %0, align 8
  %7 = icmp eq ptr %5, %6
  br i1 %7, label %8, label %13
8:
  %9 = call i32 @strata_rt_accept(ptr %0, i8 signext 123) #4
  %.not = icmp eq i32 %9, 0
  br i1 %.not, label %10, label %13
10:
  %11 = call i32 @strata_rt_expected(ptr %0, ptr @.str.27) #4
  %12 = add nsw i32 %11, -1
  br label %35
13:
  %14 = call i32 @strata_rt_accept(ptr %0, i8 signext 125) #4
  %.not17 = icmp eq i32 %14, 0
  br i1 %.not17, label %15, label %35
15:
  br i1 %7, label %21, label %16
16:
  %17 = call i32 @strata_rt_accept(ptr %0, i8 signext 44) #4
  %.not18 = icmp eq i32 %17, 0
  br i1 %.not18, label %18, label %21
18:
  %19 = call i32 @strata_rt_expected(ptr %0, ptr @.str.28) #4
  %20 = add nsw i32 %19, -1
  br label %35
21:
  %22 = call i32 @strata_rt_read_string(ptr %0, ptr %1, i64 512) #4
  %.not19 = icmp eq i32 %22, 0
  br i1 %.not19, label %35, label %23
23:
  %24 = call i32 @strata_rt_accept(ptr %0, i8 signext 58) #4
  %.not20 = icmp eq i32 %24, 0
  br i1 %.not20, label %25, label %28
25:
  %26 = call i32 @strata_rt_expected(ptr %0, ptr @.str.29) #4
  %27 = add nsw i32 %26, -1
  br label %35
28:
  %29 = call i32 @strata_rt_equal(ptr %1, ptr @.str.30) #4
  %.not21 = icmp eq i32 %29, 0
  br i1 %.not21, label %30, label %33
30:
  %31 = call i32 @strata_rt_read_description(ptr %0, ptr %1) #4
  %.not22 = icmp eq i32 %31, 0
  %32 = select i1 %.not22, i32 -1, i32 1
  br label %35
33:
  %34 = call i32 @strata_rt_skip_metadata(ptr %0) #4
  %.not23 = icmp eq i32 %34, 0
  br i1 %.not23, label %35, label %3
35:
  %.0 = phi i32 [ %32, %30 ], [ %27, %25 ], [ %20, %18 ], [ %12, %10 ], [ 0, %13 ], [ -1, %21 ], [ -1, %33 ]
  ret i32 %.0
}
define internal i32 @strata_rt_accept(ptr %0, i8 signext %1) #0 {
  call void @strata_rt_skip_space(ptr %0) #4
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %6 = load ptr, ptr %5, align 8
  %.not = icmp ult ptr %4, %6
  br i1 %.not, label %7, label %11
7:
  %8 = load i8, ptr %4, align 1
  %.not6 = icmp eq i8 %8, %1
  br i1 %.not6, label %9, label %11
9:
  %10 = getelementptr inbounds nuw i8, ptr %4, i64 1
  store ptr %10, ptr %3, align 8
  br label %11
11:
  %.0 = phi i32 [ 1, %9 ], [ 0, %7 ], [ 0, %2 ]
  ret i32 %.0
}
define internal i32 @strata_rt_expected(ptr %0, ptr %1) #0 {
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %4 = load ptr, ptr %3, align 8
  %.not = icmp eq ptr %4, null
  br i1 %.not, label %5, label %6
5:
  store ptr %1, ptr %3, align 8
  br label %6
6:
  ret i32 0
}
define internal i32 @strata_rt_read_string(ptr %0, ptr %1, i64 %2) #0 {
  %4 = alloca i64, align 8
  store i64 0, ptr %4, align 8
  %5 = call i32 @strata_rt_accept(ptr %0, i8 signext 34) #4
  %.not = icmp eq i32 %5, 0
  br i1 %.not, label %6, label %8
6:
  %7 = call i32 @strata_rt_expected(ptr %0, ptr @.str.69) #4
  br label %37
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8
  %11 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8
  %13 = icmp ult ptr %10, %12
  br i1 %13, label %14, label %.critedge
14:
  %15 = load i8, ptr %10, align 1
  %16 = icmp ne i8 %15, 34
  br i1 %16, label %17, label %.critedge
17:
  %18 = load ptr, ptr %9, align 8
  %19 = getelementptr inbounds nuw i8, ptr %18, i64 1
  store ptr %19, ptr %9, align 8
  %20 = load i8, ptr %18, align 1
  %.not21 = icmp eq i8 %20, 92
  br i1 %.not21, label %23, label %21
21:
  %22 = zext i8 %20 to i32
  call void @strata_rt_put(ptr %1, i64 %2, ptr %4, i32 %22) #4
  br label %25
23:
  %24 = call i32 @strata_rt_read_escape(ptr %0, ptr %1, i64 %2, ptr %4) #4
  %.not22 = icmp eq i32 %24, 0
  br i1 %.not22, label %37, label %25
25:
  br label %8
.critedge:
  %26 = load ptr, ptr %9, align 8
  %27 = load ptr, ptr %11, align 8
  %.not20 = icmp ult ptr %26, %27
  br i1 %.not20, label %30, label %28
28:
  %29 = call i32 @strata_rt_expected(ptr %0, ptr @.str.70) #4
  br label %37
30:
  %31 = getelementptr inbounds nuw i8, ptr %26, i64 1
  store ptr %31, ptr %9, align 8
  %32 = load i64, ptr %4, align 8
  %33 = icmp slt i64 %32, %2
  %34 = add nsw i64 %2, -1
  %35 = select i1 %33, i64 %32, i64 %34
  %36 = getelementptr inbounds i8, ptr %1, i64 %35
  store i8 0, ptr %36, align 1
  br label %37
37:
  %.0 = phi i32 [ %29, %28 ], [ 1, %30 ], [ %7, %6 ], [ 0, %23 ]
  ret i32 %.0
}
define internal i32 @strata_rt_read_description(ptr %0, ptr %1) #0 {
  %3 = alloca i32, align 4
  store i32 0, ptr %3, align 4
  %4 = call i32 @strata_rt_accept(ptr %0, i8 signext 123) #4
  %.not = icmp eq i32 %4, 0
  br i1 %.not, label %5, label %7
5:
  %6 = call i32 @strata_rt_expected(ptr %0, ptr @.str.27) #4
  br label %19
7:
  %8 = call i32 @strata_rt_read_field(ptr %0, ptr %1, ptr %3) #4
  %.not8 = icmp eq i32 %8, 0
  br i1 %.not8, label %19, label %9
9:
  %10 = call i32 @strata_rt_accept(ptr %0, i8 signext 44) #4
  %.not9 = icmp eq i32 %10, 0
  br i1 %.not9, label %11, label %7
11:
  %12 = load i32, ptr %3, align 4
  %.not10 = icmp eq i32 %12, 7
  br i1 %.not10, label %15, label %13
13:
  %14 = call i32 @strata_rt_expected(ptr %0, ptr @.str.75) #4
  br label %19
15:
  %16 = call i32 @strata_rt_accept(ptr %0, i8 signext 125) #4
  %.not11 = icmp eq i32 %16, 0
  br i1 %.not11, label %17, label %19
17:
  %18 = call i32 @strata_rt_expected(ptr %0, ptr @.str.76) #4
  br label %19
19:
  %.0 = phi i32 [ %14, %13 ], [ %6, %5 ], [ 0, %7 ], [ %18, %17 ], [ 1, %15 ]
  ret i32 %.0
}
define internal i32 @strata_rt_skip_metadata(ptr %0) #0 {
  %2 = alloca [2 x i8], align 1
  %3 = call i32 @strata_rt_accept(ptr %0, i8 signext 123) #4
  %.not = icmp eq i32 %3, 0
  br i1 %.not, label %4, label %6
4:
  %5 = call i32 @strata_rt_expected(ptr %0, ptr @.str.27) #4
  br label %22
6:
  %7 = call i32 @strata_rt_accept(ptr %0, i8 signext 125) #4
  %.not10 = icmp eq i32 %7, 0
  br i1 %.not10, label %8, label %22
8:
  %9 = call i32 @strata_rt_read_string(ptr %0, ptr %2, i64 2) #4
  %.not11 = icmp eq i32 %9, 0
  br i1 %.not11, label %22, label %10
10:
  %11 = call i32 @strata_rt_accept(ptr %0, i8 signext 58) #4
  %.not12 = icmp eq i32 %11, 0
  br i1 %.not12, label %12, label %14
12:
  %13 = call i32 @strata_rt_expected(ptr %0, ptr @.str.29) #4
  br label %22
14:
  %15 = call i32 @strata_rt_read_string(ptr %0, ptr %2, i64 2) #4
  %.not13 = icmp eq i32 %15, 0
  br i1 %.not13, label %22, label %16
16:
  %17 = call i32 @strata_rt_accept(ptr %0, i8 signext 44) #4
  %.not14 = icmp eq i32 %17, 0
  br i1 %.not14, label %18, label %8
18:
  %19 = call i32 @strata_rt_accept(ptr %0, i8 signext 125) #4
  %.not15 = icmp eq i32 %19, 0
  br i1 %.not15, label %20, label %22
20:
  %21 = call i32 @strata_rt_expected(ptr %0, ptr @.str.76) #4
  br label %22
22:
  %.0 = phi i32 [ %13, %12 ], [ %5, %4 ], [ 1, %6 ], [ 0, %8 ], [ 0, %14 ], [ %21, %20 ], [ 1, %18 ]
  ret i32 %.0
}
define hidden i32 @strata_rt_load(ptr %0, ptr %1) #0 {
  %3 = alloca [2 x ptr], align 16
  %4 = alloca %struct.strata_rt_loading, align 8
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %41, label %5
5:
  %.not10 = icmp eq ptr %1, null
  br i1 %.not10, label %6, label %8
6:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %3, ptr align 16 dereferenceable(16) @__const.strata_rt_load.parts, i64 16, i1 false)
  %7 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %3) #4
  br label %41
8:
  %9 = call ptr @memset(ptr %4, i32 0, i64 56) #5
  store ptr %0, ptr %4, align 8
  %10 = getelementptr inbounds nuw i8, ptr %4, i64 8
  store ptr %1, ptr %10, align 8
  %11 = load ptr, ptr %0, align 8
  %12 = getelementptr inbounds nuw i8, ptr %11, i64 48
  %13 = load i64, ptr %12, align 8
  %14 = shl nsw i64 %13, 3
  %15 = call ptr @strata_rt_allocate(i64 %14) #4
  %16 = getelementptr inbounds nuw i8, ptr %4, i64 48
  store ptr %15, ptr %16, align 8
  %.not11 = icmp eq ptr %15, null
  br i1 %.not11, label %19, label %17
17:
  %18 = call i32 @strata_rt_read_header(ptr %4) #4
  br label %19
19:
  %20 = phi i32 [ %18, %17 ], [ 2, %8 ]
  %21 = load ptr, ptr %16, align 8
  %.not12 = icmp eq ptr %21, null
  br i1 %.not12, label %22, label %24
22:
  %23 = call i32 @strata_rt_load_failure(ptr %4, ptr @.str.24) #4
  br label %24
24:
  %25 = icmp eq i32 %20, 0
  br i1 %25, label %26, label %28
26:
  %27 = call i32 @strata_rt_check_header(ptr %4) #4
  br label %28
28:
  %.0 = phi i32 [ %27, %26 ], [ %20, %24 ]
  %29 = icmp eq i32 %.0, 0
  br i1 %29, label %30, label %32
30:
  %31 = call i32 @strata_rt_read_states(ptr %4) #4
  br label %32
32:
  %.1 = phi i32 [ %31, %30 ], [ %.0, %28 ]
  %33 = getelementptr inbounds nuw i8, ptr %4, i64 16
  %34 = load ptr, ptr %33, align 8
  %.not13 = icmp eq ptr %34, null
  br i1 %.not13, label %37, label %35
35:
  %36 = call i32 @fclose(ptr %34) #5
  br label %37
37:
  %38 = getelementptr inbounds nuw i8, ptr %4, i64 24
  %39 = load ptr, ptr %38, align 8
  call void @free(ptr %39) #5
  %40 = load ptr, ptr %16, align 8
  call void @free(ptr %40) #5
  br label %41
41:
  %.09 = phi i32 [ %.1, %37 ], [ %7, %6 ], [ 1, %2 ]
  ret i32 %.09
}
define internal i32 @strata_rt_read_header(ptr %0) #0 {
  %2 = alloca [8 x i8], align 1
  %3 = alloca [24 x i8], align 16
  %4 = alloca [24 x i8], align 16
  %5 = alloca [8 x ptr], align 16
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %7 = load ptr, ptr %6, align 8
  %8 = call ptr @fopen(ptr %7, ptr @.str.36) #5
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 16
  store ptr %8, ptr %9, align 8
  %.not = icmp eq ptr %8, null
  br i1 %.not, label %10, label %12
10:
  %11 = call i32 @strata_rt_load_failure(ptr %0, ptr @.str.37) #4
  br label %69
12:
  %13 = call i32 @fseek(ptr %8, i64 0, i32 2) #5
  %.not38 = icmp eq i32 %13, 0
  br i1 %.not38, label %16, label %14
14:
  %15 = call i32 @strata_rt_load_failure(ptr %0, ptr @.str.87) #4
  br label %69
16:
  %17 = load ptr, ptr %9, align 8
  %18 = call i64 @ftell(ptr %17) #5
  %19 = icmp slt i64 %18, 8
  br i1 %19, label %26, label %20
20:
  %21 = load ptr, ptr %9, align 8
  %22 = call i32 @fseek(ptr %21, i64 0, i32 0) #5
  %.not39 = icmp eq i32 %22, 0
  br i1 %.not39, label %23, label %26
23:
  %24 = load ptr, ptr %9, align 8
  %25 = call i64 @fread(ptr %2, i64 1, i64 8, ptr %24) #5
  %.not40 = icmp eq i64 %25, 8
  br i1 %.not40, label %28, label %26
26:
  %27 = call i32 @strata_rt_load_failure(ptr %0, ptr @.str.88) #4
  br label %69
28:
  %.037 = phi i64 [ %36, %30 ], [ 0, %23 ]
  %.0 = phi i32 [ %37, %30 ], [ 7, %23 ]
  %29 = icmp sgt i32 %.0, -1
  br i1 %29, label %30, label %38
30:
  %31 = shl i64 %.037, 8
  %32 = zext nneg i32 %.0 to i64
  %33 = getelementptr inbounds [8 x i8], ptr %2, i64 0, i64 %32
  %34 = load i8, ptr %33, align 1
  %35 = zext i8 %34 to i64
  %36 = or disjoint i64 %31, %35
  %37 = add nsw i32 %.0, -1
  br label %28
38:
  %39 = icmp ugt i64 %.037, 104857600
  br i1 %39, label %43, label %40
40:
  %41 = add nsw i64 %18, -8
  %42 = icmp sgt i64 %.037, %41
  br i1 %42, label %43, label %56
43:
  store ptr @.str.89, ptr %5, align 8
  %44 = getelementptr inbounds i8, ptr %5, i64 8
  %45 = load ptr, ptr %6, align 8
  store ptr %45, ptr %44, align 8
  %46 = getelementptr inbounds i8, ptr %5, i64 16
  store ptr @.str.90, ptr %46, align 8
  %47 = getelementptr inbounds i8, ptr %5, i64 24
  %48 = call ptr @strata_rt_decimal(ptr %3, i64 %.037) #4
  store ptr %48, ptr %47, align 8
  %49 = getelementptr inbounds i8, ptr %5, i64 32
  store ptr @.str.91, ptr %49, align 8
  %50 = getelementptr inbounds i8, ptr %5, i64 40
  %51 = call ptr @strata_rt_decimal(ptr %4, i64 %18) #4
  store ptr %51, ptr %50, align 8
  %52 = getelementptr inbounds i8, ptr %5, i64 48
  store ptr @.str.92, ptr %52, align 8
  %53 = getelementptr inbounds i8, ptr %5, i64 56
  store ptr null, ptr %53, align 8
  %54 = load ptr, ptr %0, align 8
  %55 = call i32 @strata_rt_fail(ptr %54, i32 3, ptr %5) #4
  br label %69
56:
  %57 = getelementptr inbounds nuw i8, ptr %0, i64 32
  store i64 %.037, ptr %57, align 8
  %58 = sub nsw i64 %41, %.037
  %59 = getelementptr inbounds nuw i8, ptr %0, i64 40
  store i64 %58, ptr %59, align 8
  %60 = call ptr @strata_rt_allocate(i64 %.037) #4
  %61 = getelementptr inbounds nuw i8, ptr %0, i64 24
  store ptr %60, ptr %61, align 8
  %.not41 = icmp eq ptr %60, null
  br i1 %.not41, label %62, label %64
62:
  %63 = call i32 @strata_rt_load_failure(ptr %0, ptr @.str.93) #4
  br label %69
64:
  %65 = load ptr, ptr %9, align 8
  %66 = call i64 @fread(ptr %60, i64 1, i64 %.037, ptr %65) #5
  %.not42 = icmp eq i64 %66, %.037
  br i1 %.not42, label %69, label %67
67:
  %68 = call i32 @strata_rt_load_failure(ptr %0, ptr @.str.94) #4
  br label %69
69:
  %.036 = phi i32 [ %15, %14 ], [ %27, %26 ], [ %55, %43 ], [ %68, %67 ], [ %63, %62 ], [ %11, %10 ], [ 0, %64 ]
  ret i32 %.036
}
define internal i32 @strata_rt_load_failure(ptr %0, ptr %1) #0 {
  %3 = alloca [5 x ptr], align 16
  store ptr @.str.89, ptr %3, align 8
  %4 = getelementptr inbounds i8, ptr %3, i64 8
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %6 = load ptr, ptr %5, align 8
  store ptr %6, ptr %4, align 8
  %7 = getelementptr inbounds i8, ptr %3, i64 16
  store ptr @.str.26, ptr %7, align 8
  %8 = getelementptr inbounds i8, ptr %3, i64 24
  store ptr %1, ptr %8, align 8
  %9 = getelementptr inbounds i8, ptr %3, i64 32
  store ptr null, ptr %9, align 8
  %10 = load ptr, ptr %0, align 8
  %11 = call i32 @strata_rt_fail(ptr %10, i32 3, ptr %3) #4
  ret i32 %11
}
define internal i32 @strata_rt_check_header(ptr %0) #0 {
  %2 = alloca %struct.strata_rt_entry, align 8
  %3 = alloca %struct.strata_rt_cursor, align 8
  %4 = alloca [24 x i8], align 16
  %5 = alloca [7 x ptr], align 16
  %6 = alloca [256 x i8], align 16
  %7 = load ptr, ptr %0, align 8
  %8 = load ptr, ptr %7, align 8
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %10 = load ptr, ptr %9, align 8
  store ptr %10, ptr %3, align 8
  %11 = getelementptr inbounds nuw i8, ptr %3, i64 8
  store ptr %10, ptr %11, align 8
  %12 = getelementptr inbounds nuw i8, ptr %3, i64 16
  %13 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %14 = load i64, ptr %13, align 8
  %15 = getelementptr inbounds i8, ptr %10, i64 %14
  store ptr %15, ptr %12, align 8
  %16 = getelementptr inbounds nuw i8, ptr %3, i64 24
  store ptr null, ptr %16, align 8
  br label %17
17:
  %.030 = phi i64 [ 0, %1 ], [ %25, %21 ]
  %18 = getelementptr inbounds nuw i8, ptr %8, i64 48
  %19 = load i64, ptr %18, align 8
  %20 = icmp slt i64 %.030, %19
  br i1 %20, label %21, label %26
21:
  %22 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %23 = load ptr, ptr %22, align 8
  %24 = getelementptr inbounds i64, ptr %23, i64 %.030
  store i64 -1, ptr %24, align 8
  %25 = add nuw nsw i64 %.030, 1
  br label %17
26:
  %27 = call i32 @strata_rt_next_entry(ptr %3, ptr %2) #4
  %28 = icmp sgt i32 %27, 0
  br i1 %28, label %29, label %31
29:
  %30 = call i32 @strata_rt_check_entry(ptr %0, ptr %2) #4
  %.not31 = icmp eq i32 %30, 0
  br i1 %.not31, label %26, label %79
31:
  %32 = icmp slt i32 %27, 0
  br i1 %32, label %33, label %52
33:
  store ptr @.str.89, ptr %5, align 8
  %34 = getelementptr inbounds i8, ptr %5, i64 8
  %35 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %36 = load ptr, ptr %35, align 8
  store ptr %36, ptr %34, align 8
  %37 = getelementptr inbounds i8, ptr %5, i64 16
  store ptr @.str.95, ptr %37, align 8
  %38 = getelementptr inbounds i8, ptr %5, i64 24
  %39 = load ptr, ptr %11, align 8
  %40 = load ptr, ptr %3, align 8
  %41 = ptrtoint ptr %39 to i64
  %42 = ptrtoint ptr %40 to i64
  %43 = sub i64 %41, %42
  %44 = add nsw i64 %43, 8
  %45 = call ptr @strata_rt_decimal(ptr %4, i64 %44) #4
  store ptr %45, ptr %38, align 8
  %46 = getelementptr inbounds i8, ptr %5, i64 32
  store ptr @.str.96, ptr %46, align 8
  %47 = getelementptr inbounds i8, ptr %5, i64 40
  %48 = load ptr, ptr %16, align 8
  store ptr %48, ptr %47, align 8
  %49 = getelementptr inbounds i8, ptr %5, i64 48
  store ptr null, ptr %49, align 8
  %50 = load ptr, ptr %0, align 8
  %51 = call i32 @strata_rt_fail(ptr %50, i32 3, ptr %5) #4
  br label %79
52:
  %.029 = phi i64 [ %78, %77 ], [ 0, %31 ]
  %53 = load i64, ptr %18, align 8
  %54 = icmp slt i64 %.029, %53
  br i1 %54, label %55, label %79
55:
  %56 = getelementptr inbounds nuw i8, ptr %8, i64 56
  %57 = load ptr, ptr %56, align 8
  %58 = getelementptr inbounds %struct.strata_rt_state, ptr %57, i64 %.029
  %59 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %60 = load ptr, ptr %59, align 8
  %61 = getelementptr inbounds i64, ptr %60, i64 %.029
  %62 = load i64, ptr %61, align 8
  %63 = icmp slt i64 %62, 0
  br i1 %63, label %64, label %77
64:
  %65 = getelementptr inbounds nuw i8, ptr %58, i64 40
  %66 = load i64, ptr %65, align 8
  %.not = icmp eq i64 %66, 0
  br i1 %.not, label %77, label %67
67:
  %68 = load ptr, ptr %58, align 8
  %69 = getelementptr inbounds nuw i8, ptr %58, i64 8
  %70 = load ptr, ptr %69, align 8
  %71 = getelementptr inbounds nuw i8, ptr %58, i64 24
  %72 = load ptr, ptr %71, align 8
  %73 = getelementptr inbounds nuw i8, ptr %58, i64 16
  %74 = load i64, ptr %73, align 8
  %75 = call ptr @strata_rt_type_text(ptr %6, i64 256, ptr %70, ptr %72, i64 %74) #4
  %76 = call i32 @strata_rt_tensor_failure(ptr %0, ptr %68, ptr @.str.96, ptr %75, ptr @.str.97) #4
  br label %79
77:
  %78 = add nuw nsw i64 %.029, 1
  br label %52
79:
  %.0 = phi i32 [ %51, %33 ], [ %76, %67 ], [ %30, %29 ], [ 0, %52 ]
  ret i32 %.0
}
define internal i32 @strata_rt_read_states(ptr %0) #0 {
  %2 = load ptr, ptr %0, align 8
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds nuw i8, ptr %2, i64 80
  %5 = load i64, ptr %4, align 8
  %6 = add nsw i64 %5, 1
  store i64 %6, ptr %4, align 8
  br label %7
7:
  %.022 = phi i64 [ 0, %1 ], [ %42, %41 ]
  %8 = getelementptr inbounds nuw i8, ptr %3, i64 48
  %9 = load i64, ptr %8, align 8
  %10 = icmp slt i64 %.022, %9
  br i1 %10, label %11, label %43
11:
  %12 = getelementptr inbounds nuw i8, ptr %3, i64 56
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds %struct.strata_rt_state, ptr %13, i64 %.022
  %15 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %16 = load ptr, ptr %15, align 8
  %17 = getelementptr inbounds i64, ptr %16, i64 %.022
  %18 = load i64, ptr %17, align 8
  %19 = icmp slt i64 %18, 0
  br i1 %19, label %41, label %20
20:
  %21 = getelementptr inbounds nuw i8, ptr %0, i64 32
  %22 = load i64, ptr %21, align 8
  %23 = add nsw i64 %22, 8
  %24 = add nsw i64 %23, %18
  %25 = getelementptr inbounds nuw i8, ptr %14, i64 32
  %26 = load i64, ptr %25, align 8
  %27 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %28 = load ptr, ptr %27, align 8
  %29 = call i32 @fseek(ptr %28, i64 %24, i32 0) #5
  %.not = icmp eq i32 %29, 0
  br i1 %.not, label %30, label %38
30:
  %31 = load ptr, ptr %0, align 8
  %32 = getelementptr inbounds nuw i8, ptr %31, i64 48
  %33 = load ptr, ptr %32, align 8
  %34 = getelementptr inbounds ptr, ptr %33, i64 %.022
  %35 = load ptr, ptr %34, align 8
  %36 = load ptr, ptr %27, align 8
  %37 = call i64 @fread(ptr %35, i64 1, i64 %26, ptr %36) #5
  %.not23 = icmp eq i64 %37, %26
  br i1 %.not23, label %41, label %38
38:
  %39 = load ptr, ptr %14, align 8
  %40 = call i32 @strata_rt_tensor_failure(ptr %0, ptr %39, ptr @.str.102, ptr @.str.103, ptr @.str.104) #4
  br label %43
41:
  %42 = add nuw nsw i64 %.022, 1
  br label %7
43:
  %.0 = phi i32 [ %40, %38 ], [ 0, %7 ]
  ret i32 %.0
}
define hidden i32 @strata_rt_save(ptr %0, ptr %1) #0 {
  %3 = alloca [2 x ptr], align 16
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %9, label %4
4:
  %.not5 = icmp eq ptr %1, null
  br i1 %.not5, label %7, label %5
5:
  %6 = call i32 @strata_rt_replace_file(ptr %0, ptr @.str.32, ptr %1, ptr @strata_rt_write_states, ptr null) #4
  br label %9
7:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %3, ptr align 16 dereferenceable(16) @__const.strata_rt_save.parts, i64 16, i1 false)
  %8 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %3) #4
  br label %9
9:
  %.0 = phi i32 [ %6, %5 ], [ %8, %7 ], [ 1, %2 ]
  ret i32 %.0
}
define internal i32 @strata_rt_write_states(ptr %0, ptr %1, ptr %2) #0 {
  %4 = load ptr, ptr %0, align 8
  %5 = call i32 @strata_rt_write_header(ptr %1, ptr %4) #4
  br label %6
6:
  %.015 = phi i64 [ 0, %3 ], [ %23, %11 ]
  %.0 = phi i32 [ %5, %3 ], [ %22, %11 ]
  %7 = getelementptr inbounds nuw i8, ptr %4, i64 48
  %8 = load i64, ptr %7, align 8
  %9 = icmp slt i64 %.015, %8
  %10 = icmp ne i32 %.0, 0
  %spec.select = select i1 %9, i1 %10, i1 false
  br i1 %spec.select, label %11, label %24
11:
  %12 = getelementptr inbounds nuw i8, ptr %4, i64 56
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds %struct.strata_rt_state, ptr %13, i64 %.015, i32 4
  %15 = load i64, ptr %14, align 8
  %16 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %17 = load ptr, ptr %16, align 8
  %18 = getelementptr inbounds ptr, ptr %17, i64 %.015
  %19 = load ptr, ptr %18, align 8
  %20 = call i64 @fwrite(ptr %19, i64 1, i64 %15, ptr %1) #5
  %21 = icmp eq i64 %20, %15
  %22 = zext i1 %21 to i32
  %23 = add nuw nsw i64 %.015, 1
  br label %6
24:
  ret i32 %.0
}
define hidden i32 @strata_rt_save_image(ptr %0, ptr %1, ptr %2) #0 {
  %4 = call i32 @strata_rt_check_image_arguments(ptr %0, ptr @.str.34, ptr %1, ptr %2) #4
  br label %5
5:
  %.014 = phi i32 [ %4, %3 ], [ %12, %11 ]
  %.0 = phi i64 [ 0, %3 ], [ %13, %11 ]
  %cond = icmp eq i32 %.014, 0
  br i1 %cond, label %6, label %16
6:
  %7 = load ptr, ptr %0, align 8
  %8 = getelementptr inbounds nuw i8, ptr %7, i64 64
  %9 = load i64, ptr %8, align 8
  %10 = icmp slt i64 %.0, %9
  br i1 %10, label %11, label %.critedge
11:
  %12 = call i32 @strata_rt_keep(ptr %0, i64 %.0) #4
  %13 = add nuw nsw i64 %.0, 1
  br label %5
.critedge:
  %.not = icmp eq i32 %.014, 0
  br i1 %.not, label %14, label %16
14:
  %15 = call i32 @strata_rt_replace_file(ptr %0, ptr @.str.34, ptr %1, ptr @strata_rt_write_image, ptr %2) #4
  br label %16
16:
  %.015 = phi i32 [ %15, %14 ], [ %.014, %5 ], [ %.014, %.critedge ]
  ret i32 %.015
}
define internal i32 @strata_rt_check_image_arguments(ptr %0, ptr %1, ptr %2, ptr %3) #0 {
  %5 = alloca [24 x i8], align 16
  %6 = alloca [24 x i8], align 16
  %7 = alloca [3 x ptr], align 16
  %8 = alloca [6 x ptr], align 16
  %.not = icmp eq ptr %0, null
  br i1 %.not, label %29, label %9
9:
  %.not10 = icmp eq ptr %3, null
  br i1 %.not10, label %12, label %10
10:
  %11 = call i64 @strata_rt_length(ptr %3) #4
  br label %12
12:
  %13 = phi i64 [ %11, %10 ], [ 0, %9 ]
  store ptr %1, ptr %7, align 8
  %14 = getelementptr inbounds i8, ptr %7, i64 8
  store ptr @.str.115, ptr %14, align 8
  %15 = getelementptr inbounds i8, ptr %7, i64 16
  store ptr null, ptr %15, align 8
  store ptr %1, ptr %8, align 8
  %16 = getelementptr inbounds i8, ptr %8, i64 8
  store ptr @.str.116, ptr %16, align 8
  %17 = getelementptr inbounds i8, ptr %8, i64 16
  %18 = call ptr @strata_rt_decimal(ptr %5, i64 %13) #4
  store ptr %18, ptr %17, align 8
  %19 = getelementptr inbounds i8, ptr %8, i64 24
  store ptr @.str.117, ptr %19, align 8
  %20 = getelementptr inbounds i8, ptr %8, i64 32
  %21 = call ptr @strata_rt_decimal(ptr %6, i64 1023) #4
  store ptr %21, ptr %20, align 8
  %22 = getelementptr inbounds i8, ptr %8, i64 40
  store ptr null, ptr %22, align 8
  %.not11 = icmp eq ptr %2, null
  br i1 %.not11, label %23, label %25
23:
  %24 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %7) #4
  br label %29
25:
  %26 = icmp sgt i64 %13, 1023
  br i1 %26, label %27, label %29
27:
  %28 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %8) #4
  br label %29
29:
  %.0 = phi i32 [ %28, %27 ], [ %24, %23 ], [ 1, %4 ], [ 0, %25 ]
  ret i32 %.0
}
define internal i32 @strata_rt_write_image(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca %struct.strata_rt_image_header, align 8
  %5 = load ptr, ptr %0, align 8
  call void @strata_rt_make_image_header(ptr %0, ptr %2, ptr %4) #4
  %6 = call i64 @strata_rt_all_state_bytes(ptr %5) #4
  %7 = call i32 @strata_rt_write_pages(ptr %1, ptr %4, i64 1448) #4
  %.not = icmp eq i32 %7, 0
  br i1 %.not, label %16, label %8
8:
  %.not21 = icmp eq i64 %6, 0
  br i1 %.not21, label %16, label %9
9:
  %10 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %11 = load ptr, ptr %10, align 8
  %12 = load ptr, ptr %11, align 8
  %13 = call i32 @strata_rt_write_pages(ptr %1, ptr %12, i64 %6) #4
  %14 = icmp ne i32 %13, 0
  %15 = zext i1 %14 to i32
  br label %16
16:
  %17 = phi i32 [ 0, %3 ], [ 1, %8 ], [ %15, %9 ]
  br label %18
18:
  %.020 = phi i64 [ 0, %16 ], [ %35, %32 ]
  %.0 = phi i32 [ %17, %16 ], [ %34, %32 ]
  %19 = getelementptr inbounds nuw i8, ptr %5, i64 64
  %20 = load i64, ptr %19, align 8
  %21 = icmp slt i64 %.020, %20
  %22 = icmp ne i32 %.0, 0
  %spec.select = select i1 %21, i1 %22, i1 false
  br i1 %spec.select, label %23, label %36
23:
  %24 = call i64 @strata_rt_kept_bytes(ptr %0, i64 %.020) #4
  %.not22 = icmp eq i64 %24, 0
  br i1 %.not22, label %32, label %25
25:
  %26 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %27 = load ptr, ptr %26, align 8
  %28 = getelementptr inbounds %struct.strata_rt_keeping, ptr %27, i64 %.020
  %29 = load ptr, ptr %28, align 8
  %30 = call i32 @strata_rt_write_pages(ptr %1, ptr %29, i64 %24) #4
  %31 = icmp ne i32 %30, 0
  br label %32
32:
  %33 = phi i1 [ true, %23 ], [ %31, %25 ]
  %34 = zext i1 %33 to i32
  %35 = add nuw nsw i64 %.020, 1
  br label %18
36:
  ret i32 %.0
}
define hidden i32 @strata_rt_map_image(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [2 x ptr], align 16
  %5 = alloca %struct.strata_rt_mapping, align 8
  %6 = call i32 @strata_rt_check_image_arguments(ptr %0, ptr @.str.35, ptr %1, ptr %2) #4
  %.not = icmp eq i32 %6, 0
  br i1 %.not, label %7, label %16
7:
  %8 = call ptr @fopen(ptr %1, ptr @.str.36) #5
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %4, ptr align 16 dereferenceable(16) @__const.strata_rt_map_image.parts, i64 16, i1 false)
  %.not17 = icmp eq ptr %8, null
  br i1 %.not17, label %9, label %11
9:
  %10 = call i32 @strata_rt_refuse_image(ptr %0, i32 3, ptr %1, ptr %4) #4
  br label %16
11:
  call void @llvm.memset.p0.i64(ptr align 8 dereferenceable(16) %5, i8 0, i64 16, i1 false)
  %12 = call i32 @strata_rt_open_image(ptr %0, ptr %1, ptr %2, ptr %8, ptr %5) #4
  %13 = call i32 @fclose(ptr %8) #5
  %14 = icmp eq i32 %12, 0
  br i1 %14, label %15, label %16
15:
  call void @strata_rt_use_image(ptr %0, ptr %5) #4
  br label %16
16:
  %.0 = phi i32 [ %10, %9 ], [ %6, %3 ], [ %12, %15 ], [ %12, %11 ]
  ret i32 %.0
}
define internal i32 @strata_rt_refuse_image(ptr %0, i32 %1, ptr %2, ptr %3) #0 {
  %5 = alloca [12 x ptr], align 16
  call void @llvm.memset.p0.i64(ptr align 16 dereferenceable(96) %5, i8 0, i64 96, i1 false)
  store ptr @.str.119, ptr %5, align 8
  %6 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr %2, ptr %6, align 8
  %7 = getelementptr inbounds i8, ptr %5, i64 16
  store ptr @.str.26, ptr %7, align 8
  br label %8
8:
  %.06 = phi ptr [ %3, %4 ], [ %11, %10 ]
  %.0 = phi i32 [ 3, %4 ], [ %12, %10 ]
  %9 = load ptr, ptr %.06, align 8
  %.not = icmp eq ptr %9, null
  br i1 %.not, label %15, label %10
10:
  %11 = getelementptr inbounds nuw i8, ptr %.06, i64 8
  %12 = add nuw nsw i32 %.0, 1
  %13 = zext nneg i32 %.0 to i64
  %14 = getelementptr inbounds [12 x ptr], ptr %5, i64 0, i64 %13
  store ptr %9, ptr %14, align 8
  br label %8
15:
  %16 = zext nneg i32 %.0 to i64
  %17 = getelementptr inbounds [12 x ptr], ptr %5, i64 0, i64 %16
  store ptr null, ptr %17, align 8
  %18 = call i32 @strata_rt_fail(ptr %0, i32 %1, ptr %5) #4
  ret i32 %18
}
define internal i32 @strata_rt_open_image(ptr %0, ptr %1, ptr %2, ptr %3, ptr %4) #0 {
  %6 = alloca %struct.strata_rt_image_header, align 8
  %7 = alloca [2 x ptr], align 16
  %8 = call ptr @memset(ptr %6, i32 0, i64 1448) #5
  %9 = call i64 @fread(ptr %6, i64 1, i64 1448, ptr %3) #5
  %10 = call i32 @fseek(ptr %3, i64 0, i32 2) #5
  %11 = icmp eq i32 %10, 0
  br i1 %11, label %12, label %14
12:
  %13 = call i64 @ftell(ptr %3) #5
  br label %14
14:
  %15 = phi i64 [ %13, %12 ], [ -1, %5 ]
  %16 = call i32 @strata_rt_check_image(ptr %0, ptr %1, ptr %2, ptr %6, i64 %9, i64 %15) #4
  %.not = icmp eq i32 %16, 0
  br i1 %.not, label %17, label %21
17:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %7, ptr align 16 dereferenceable(16) @__const.strata_rt_open_image.parts, i64 16, i1 false)
  %18 = call i32 @strata_rt_map(ptr %4, ptr %3, i64 %15) #4
  %.not15 = icmp eq i32 %18, 0
  br i1 %.not15, label %19, label %21
19:
  %20 = call i32 @strata_rt_refuse_image(ptr %0, i32 2, ptr %1, ptr %7) #4
  br label %21
21:
  %.0 = phi i32 [ %20, %19 ], [ %16, %14 ], [ 0, %17 ]
  ret i32 %.0
}
define internal void @strata_rt_use_image(ptr %0, ptr %1) #0 {
  call void @strata_rt_release(ptr %0) #4
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 16
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 dereferenceable(16) %3, ptr align 8 dereferenceable(16) %1, i64 16, i1 false)
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 80
  %5 = load i64, ptr %4, align 8
  %6 = add nsw i64 %5, 1
  store i64 %6, ptr %4, align 8
  %7 = load ptr, ptr %1, align 8
  %8 = getelementptr inbounds i8, ptr %7, i64 4096
  call void @strata_rt_place_states(ptr %0, ptr %8) #4
  br label %9
9:
  %.0 = phi i64 [ 0, %2 ], [ %27, %26 ]
  %10 = load ptr, ptr %0, align 8
  %11 = getelementptr inbounds nuw i8, ptr %10, i64 64
  %12 = load i64, ptr %11, align 8
  %13 = icmp slt i64 %.0, %12
  br i1 %13, label %14, label %28
14:
  %15 = call i64 @strata_rt_kept_bytes(ptr %0, i64 %.0) #4
  %.not = icmp eq i64 %15, 0
  br i1 %.not, label %26, label %16
16:
  %17 = load ptr, ptr %1, align 8
  %18 = call i64 @strata_rt_kept_offset(ptr %0, i64 %.0) #4
  %19 = getelementptr inbounds i8, ptr %17, i64 %18
  %20 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %21 = load ptr, ptr %20, align 8
  %22 = getelementptr inbounds %struct.strata_rt_keeping, ptr %21, i64 %.0
  store ptr %19, ptr %22, align 8
  %23 = load i64, ptr %4, align 8
  %24 = load ptr, ptr %20, align 8
  %25 = getelementptr inbounds %struct.strata_rt_keeping, ptr %24, i64 %.0, i32 1
  store i64 %23, ptr %25, align 8
  br label %26
26:
  %27 = add nuw nsw i64 %.0, 1
  br label %9
28:
  ret void
}
declare i32 @pthread_create(ptr, ptr, ptr, ptr) #2
define internal ptr @strata_rt_work(ptr %0) #0 {
  %2 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %3 = load ptr, ptr %2, align 8
  br label %4
4:
  %5 = getelementptr inbounds nuw i8, ptr %3, i64 200
  %6 = load atomic i32, ptr %5 seq_cst, align 8
  %.not = icmp eq i32 %6, 0
  br i1 %.not, label %7, label %25
7:
  %8 = load atomic i64, ptr %3 seq_cst, align 64
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %10 = load i64, ptr %9, align 16
  call void @strata_rt_drain(ptr %3, i64 %10) #4
  call void @strata_rt_spin(ptr %3, ptr @strata_rt_has_news, i64 %8) #4
  %11 = call i32 @strata_rt_has_news(ptr %3, i64 %8) #4
  %.not23 = icmp eq i32 %11, 0
  br i1 %.not23, label %12, label %4
12:
  %13 = getelementptr inbounds nuw i8, ptr %3, i64 256
  %14 = call i32 @pthread_mutex_lock(ptr %13) #5
  %15 = getelementptr inbounds nuw i8, ptr %3, i64 192
  %16 = atomicrmw add ptr %15, i32 1 seq_cst, align 64
  br label %17
17:
  %18 = call i32 @strata_rt_has_news(ptr %3, i64 %8) #4
  %.not24 = icmp eq i32 %18, 0
  br i1 %.not24, label %19, label %22
19:
  %20 = getelementptr inbounds nuw i8, ptr %3, i64 320
  %21 = call i32 @pthread_cond_wait(ptr %20, ptr %13) #5
  br label %17
22:
  %23 = atomicrmw sub ptr %15, i32 1 seq_cst, align 64
  %24 = call i32 @pthread_mutex_unlock(ptr %13) #5
  br label %4
25:
  ret ptr null
}
define internal void @strata_rt_drain(ptr %0, i64 %1) #0 {
  br label %3
3:
  %.017 = phi i64 [ 0, %2 ], [ %12, %7 ]
  %.0 = phi i64 [ 0, %2 ], [ %11, %7 ]
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 160
  %5 = load i64, ptr %4, align 32
  %6 = icmp slt i64 %.017, %5
  br i1 %6, label %7, label %13
7:
  %8 = add nsw i64 %.017, %1
  %9 = srem i64 %8, %5
  %10 = call i64 @strata_rt_drain_stretch(ptr %0, i64 %9) #4
  %11 = add nsw i64 %.0, %10
  %12 = add nuw nsw i64 %.017, 1
  br label %3
13:
  %14 = icmp eq i64 %.0, 0
  br i1 %14, label %27, label %15
15:
  %16 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %17 = atomicrmw sub ptr %16, i64 %.0 seq_cst, align 64
  %.not = icmp eq i64 %17, %.0
  br i1 %.not, label %18, label %27
18:
  %19 = getelementptr inbounds nuw i8, ptr %0, i64 196
  %20 = load atomic i32, ptr %19 seq_cst, align 4
  %.not18 = icmp eq i32 %20, 0
  br i1 %.not18, label %27, label %21
21:
  %22 = getelementptr inbounds nuw i8, ptr %0, i64 256
  %23 = call i32 @pthread_mutex_lock(ptr %22) #5
  %24 = getelementptr inbounds nuw i8, ptr %0, i64 384
  %25 = call i32 @pthread_cond_signal(ptr %24) #5
  %26 = call i32 @pthread_mutex_unlock(ptr %22) #5
  br label %27
27:
  ret void
}
define internal void @strata_rt_spin(ptr %0, ptr %1, i64 %2) #0 {
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 212
  %5 = load i32, ptr %4, align 4
  %.not = icmp eq i32 %5, 0
  br i1 %.not, label %19, label %6
6:
  %7 = call i64 @strata_rt_now() #4
  %8 = add nsw i64 %7, 100000
  br label %9
9:
  br label %10
10:
  %.0 = phi i32 [ 0, %9 ], [ %15, %14 ]
  %11 = icmp ult i32 %.0, 16
  br i1 %11, label %12, label %16
12:
  %13 = call i32 %1(ptr %0, i64 %2) #5
  %.not6 = icmp eq i32 %13, 0
  br i1 %.not6, label %14, label %19
14:
  call void @strata_rt_pause() #5
  %15 = add nuw nsw i32 %.0, 1
  br label %10
16:
  %17 = call i64 @strata_rt_now() #4
  %18 = icmp slt i64 %17, %8
  br i1 %18, label %9, label %19
19:
  ret void
}
define internal i32 @strata_rt_has_news(ptr %0, i64 %1) #0 {
  %3 = load atomic i64, ptr %0 seq_cst, align 64
  %.not = icmp eq i64 %3, %1
  br i1 %.not, label %4, label %9
4:
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 200
  %6 = load atomic i32, ptr %5 seq_cst, align 8
  %7 = icmp ne i32 %6, 0
  %8 = zext i1 %7 to i32
  br label %9
9:
  %10 = phi i32 [ 1, %2 ], [ %8, %4 ]
  ret i32 %10
}
declare i32 @pthread_cond_wait(ptr, ptr) #2
define internal i64 @strata_rt_drain_stretch(ptr %0, i64 %1) #0 {
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 448
  %4 = getelementptr inbounds [0 x %struct.strata_rt_worker], ptr %3, i64 0, i64 %1
  %5 = load atomic i64, ptr %4 acquire, align 8
  br label %6
6:
  %.030 = phi i64 [ %5, %2 ], [ %31, %23 ], [ %spec.select, %8 ]
  %.0 = phi i64 [ 0, %2 ], [ %30, %23 ], [ %.0, %8 ]
  %7 = and i64 %.030, 4294967295
  %.not = icmp eq i64 %7, 0
  br i1 %.not, label %32, label %8
8:
  %9 = getelementptr inbounds nuw i8, ptr %0, i64 128
  %10 = load atomic i64, ptr %9 monotonic, align 64
  %11 = inttoptr i64 %10 to ptr
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 136
  %13 = load atomic i64, ptr %12 monotonic, align 8
  %14 = inttoptr i64 %13 to ptr
  %15 = getelementptr inbounds nuw i8, ptr %0, i64 144
  %16 = load atomic i64, ptr %15 monotonic, align 16
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 152
  %18 = load atomic i64, ptr %17 monotonic, align 8
  %19 = add i64 %.030, -1
  %20 = cmpxchg ptr %4, i64 %.030, i64 %19 acq_rel acquire, align 8
  %21 = extractvalue { i64, i1 } %20, 1
  %22 = extractvalue { i64, i1 } %20, 0
  %spec.select = select i1 %21, i64 %.030, i64 %22
  br i1 %21, label %23, label %6
23:
  %24 = add nsw i64 %1, 1
  %25 = call i64 @strata_rt_begin(ptr %0, i64 %24, i64 %18) #4
  %26 = add nsw i64 %16, %25
  %27 = and i64 %spec.select, 4294967295
  %28 = sub nsw i64 %26, %27
  %29 = add nsw i64 %28, 1
  call void %11(ptr %14, i64 %28, i64 %29) #5
  %30 = add nsw i64 %.0, 1
  %31 = load atomic i64, ptr %4 acquire, align 8
  br label %6
32:
  ret i64 %.0
}
declare i32 @pthread_cond_signal(ptr) #2
define internal i64 @strata_rt_begin(ptr %0, i64 %1, i64 %2) #0 {
  %4 = mul nsw i64 %1, %2
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 160
  %6 = load i64, ptr %5, align 32
  %7 = add nsw i64 %4, %6
  %8 = add nsw i64 %7, -1
  %9 = sdiv i64 %8, %6
  ret i64 %9
}
define internal i64 @strata_rt_now() #0 {
  %1 = alloca [2 x i64], align 16
  call void @llvm.memset.p0.i64(ptr align 16 dereferenceable(16) %1, i8 0, i64 16, i1 false)
  %2 = call i32 @clock_gettime(i32 1, ptr %1) #5
  %3 = load i64, ptr %1, align 16
  %4 = mul nsw i64 %3, 1000000000
  %5 = getelementptr inbounds i8, ptr %1, i64 8
  %6 = load i64, ptr %5, align 8
  %7 = add nsw i64 %4, %6
  ret i64 %7
}
declare void @strata_rt_pause() #2
define internal void @strata_rt_wake(ptr %0, i64 %1) #0 {
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 192
  %4 = load atomic i32, ptr %3 seq_cst, align 64
  %5 = icmp eq i32 %4, 0
  br i1 %5, label %22, label %6
6:
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 256
  %8 = call i32 @pthread_mutex_lock(ptr %7) #5
  %9 = sext i32 %4 to i64
  %10 = icmp slt i64 %9, %1
  br i1 %10, label %11, label %14
11:
  %12 = getelementptr inbounds nuw i8, ptr %0, i64 320
  %13 = call i32 @pthread_cond_broadcast(ptr %12) #5
  br label %20
14:
  %.0 = phi i64 [ %19, %16 ], [ 1, %6 ]
  %15 = icmp slt i64 %.0, %1
  br i1 %15, label %16, label %20
16:
  %17 = getelementptr inbounds nuw i8, ptr %0, i64 320
  %18 = call i32 @pthread_cond_signal(ptr %17) #5
  %19 = add nuw nsw i64 %.0, 1
  br label %14
20:
  %21 = call i32 @pthread_mutex_unlock(ptr %7) #5
  br label %22
22:
  ret void
}
define internal i32 @strata_rt_is_done(ptr %0, i64 %1) #0 {
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %4 = load atomic i64, ptr %3 seq_cst, align 64
  %5 = icmp eq i64 %4, 0
  %6 = zext i1 %5 to i32
  ret i32 %6
}
define internal i64 @strata_rt_arguments(ptr %0, ptr %1, ptr %2, ptr %3, ptr %4, ptr %5) #0 {
  %7 = getelementptr inbounds i8, ptr %2, i64 16
  %8 = load i32, ptr %7, align 4
  %9 = icmp slt i32 %8, 0
  %10 = select i1 %9, i64 5, i64 7
  %11 = getelementptr inbounds i32, ptr %2, i64 %10
  %12 = getelementptr inbounds i8, ptr %2, i64 4
  %13 = load i32, ptr %12, align 4
  br label %14
14:
  %.034 = phi ptr [ %5, %6 ], [ %20, %16 ]
  %.033 = phi ptr [ %11, %6 ], [ %21, %16 ]
  %.032 = phi i32 [ %13, %6 ], [ %22, %16 ]
  %15 = icmp sgt i32 %.032, 0
  br i1 %15, label %16, label %23
16:
  %17 = load i32, ptr %.033, align 4
  %18 = call ptr @strata_rt_place(ptr %0, ptr %1, i32 %17, ptr %4) #4
  %19 = ptrtoint ptr %18 to i64
  store i64 %19, ptr %.034, align 8
  %20 = getelementptr inbounds nuw i8, ptr %.034, i64 8
  %21 = getelementptr inbounds nuw i8, ptr %.033, i64 4
  %22 = add nsw i32 %.032, -1
  br label %14
23:
  %.135 = phi ptr [ %31, %27 ], [ %.034, %14 ]
  %.031 = phi i64 [ %32, %27 ], [ 0, %14 ]
  %24 = getelementptr inbounds nuw i8, ptr %1, i64 48
  %25 = load i64, ptr %24, align 8
  %26 = icmp slt i64 %.031, %25
  br i1 %26, label %27, label %33
27:
  %28 = load ptr, ptr %4, align 8
  %29 = getelementptr inbounds i64, ptr %28, i64 %.031
  %30 = load i64, ptr %29, align 8
  store i64 %30, ptr %.135, align 8
  %31 = getelementptr inbounds nuw i8, ptr %.135, i64 8
  %32 = add nuw nsw i64 %.031, 1
  br label %23
33:
  %.2 = phi ptr [ %41, %35 ], [ %.135, %23 ]
  %.1 = phi ptr [ %37, %35 ], [ %.033, %23 ]
  %34 = icmp ult ptr %.1, %3
  br i1 %34, label %35, label %42
35:
  %36 = load ptr, ptr %4, align 8
  %37 = getelementptr inbounds nuw i8, ptr %.1, i64 4
  %38 = load i32, ptr %.1, align 4
  %39 = sext i32 %38 to i64
  %40 = call i64 @strata_rt_number(ptr %1, ptr %36, i64 %39) #4
  %41 = getelementptr inbounds nuw i8, ptr %.2, i64 8
  store i64 %40, ptr %.2, align 8
  br label %33
42:
  %43 = getelementptr inbounds i8, ptr %2, i64 8
  %44 = load i32, ptr %43, align 4
  %45 = icmp slt i32 %44, 0
  br i1 %45, label %59, label %46
46:
  %47 = load ptr, ptr %4, align 8
  %48 = getelementptr inbounds i8, ptr %2, i64 12
  %49 = load i32, ptr %48, align 4
  %50 = sext i32 %49 to i64
  %51 = call i64 @strata_rt_number(ptr %1, ptr %47, i64 %50) #4
  %52 = load ptr, ptr %4, align 8
  %53 = load i32, ptr %43, align 4
  %54 = sext i32 %53 to i64
  %55 = call i64 @strata_rt_number(ptr %1, ptr %52, i64 %54) #4
  %56 = add nsw i64 %55, %51
  %57 = add nsw i64 %56, -1
  %58 = sdiv i64 %57, %51
  br label %59
59:
  %.0 = phi i64 [ %58, %46 ], [ 1, %42 ]
  ret i64 %.0
}
define internal ptr @strata_rt_place(ptr %0, ptr %1, i32 %2, ptr %3) #0 {
  %5 = getelementptr inbounds nuw i8, ptr %1, i64 16
  %6 = load ptr, ptr %5, align 8
  %7 = shl nsw i32 %2, 2
  %8 = sext i32 %7 to i64
  %9 = getelementptr inbounds i32, ptr %6, i64 %8
  %10 = load i32, ptr %9, align 4
  %11 = icmp slt i32 %10, 0
  br i1 %11, label %12, label %19
12:
  %13 = getelementptr inbounds nuw i8, ptr %1, i64 40
  %14 = load ptr, ptr %13, align 8
  %15 = xor i32 %10, -1
  %16 = zext nneg i32 %15 to i64
  %17 = getelementptr inbounds ptr, ptr %14, i64 %16
  %18 = load ptr, ptr %17, align 8
  br label %78
19:
  %20 = getelementptr inbounds i8, ptr %9, i64 8
  %21 = load i32, ptr %20, align 4
  %22 = icmp sgt i32 %21, -1
  br i1 %22, label %23, label %51
23:
  %24 = load ptr, ptr %3, align 8
  %25 = getelementptr inbounds i8, ptr %9, i64 4
  %26 = load i32, ptr %25, align 4
  %27 = sext i32 %26 to i64
  %28 = call i64 @strata_rt_number(ptr %1, ptr %24, i64 %27) #4
  %29 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %30 = load ptr, ptr %29, align 8
  %31 = getelementptr inbounds nuw i8, ptr %1, i64 64
  %32 = load i64, ptr %31, align 8
  %33 = call i64 @strata_rt_number(ptr %1, ptr %30, i64 %32) #4
  %34 = add nsw i64 %28, %33
  %35 = getelementptr inbounds nuw i8, ptr %3, i64 16
  %36 = load i64, ptr %35, align 8
  %37 = load ptr, ptr %3, align 8
  %38 = getelementptr inbounds nuw i8, ptr %1, i64 72
  %39 = load i64, ptr %38, align 8
  %40 = call i64 @strata_rt_number(ptr %1, ptr %37, i64 %39) #4
  %41 = mul nsw i64 %36, %40
  %42 = add nsw i64 %34, %41
  %43 = getelementptr inbounds nuw i8, ptr %3, i64 8
  %44 = load i64, ptr %43, align 8
  %45 = load ptr, ptr %3, align 8
  %46 = load i32, ptr %20, align 4
  %47 = sext i32 %46 to i64
  %48 = call i64 @strata_rt_number(ptr %1, ptr %45, i64 %47) #4
  %49 = mul nsw i64 %44, %48
  %50 = sub nsw i64 %42, %49
  br label %58
51:
  %52 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %53 = load ptr, ptr %52, align 8
  %54 = getelementptr inbounds i8, ptr %9, i64 4
  %55 = load i32, ptr %54, align 4
  %56 = sext i32 %55 to i64
  %57 = call i64 @strata_rt_number(ptr %1, ptr %53, i64 %56) #4
  br label %58
58:
  %.0 = phi i64 [ %50, %23 ], [ %57, %51 ]
  %59 = getelementptr inbounds i8, ptr %9, i64 12
  %60 = load i32, ptr %59, align 4
  %61 = icmp sgt i32 %60, -1
  br i1 %61, label %62, label %71
62:
  %63 = getelementptr inbounds nuw i8, ptr %3, i64 8
  %64 = load i64, ptr %63, align 8
  %65 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %66 = load ptr, ptr %65, align 8
  %67 = zext nneg i32 %60 to i64
  %68 = call i64 @strata_rt_number(ptr %1, ptr %66, i64 %67) #4
  %69 = mul nsw i64 %64, %68
  %70 = add nsw i64 %.0, %69
  br label %71
71:
  %.1 = phi i64 [ %70, %62 ], [ %.0, %58 ]
  %72 = load ptr, ptr %0, align 8
  %73 = load i32, ptr %9, align 4
  %74 = sext i32 %73 to i64
  %75 = getelementptr inbounds ptr, ptr %72, i64 %74
  %76 = load ptr, ptr %75, align 8
  %77 = getelementptr inbounds i8, ptr %76, i64 %.1
  br label %78
78:
  %.035 = phi ptr [ %18, %12 ], [ %77, %71 ]
  ret ptr %.035
}
define internal i32 @strata_rt_holds(ptr %0, ptr %1, ptr %2) #0 {
  %4 = getelementptr inbounds i8, ptr %2, i64 16
  %5 = load i32, ptr %4, align 4
  %6 = icmp slt i32 %5, 0
  br i1 %6, label %21, label %7
7:
  %8 = zext nneg i32 %5 to i64
  %9 = call i64 @strata_rt_number(ptr %0, ptr %1, i64 %8) #4
  %10 = getelementptr inbounds i8, ptr %2, i64 20
  %11 = load i32, ptr %10, align 4
  %12 = sext i32 %11 to i64
  %13 = call i64 @strata_rt_number(ptr %0, ptr %1, i64 %12) #4
  %.not = icmp slt i64 %9, %13
  br i1 %.not, label %21, label %14
14:
  %15 = getelementptr inbounds i8, ptr %2, i64 24
  %16 = load i32, ptr %15, align 4
  %17 = sext i32 %16 to i64
  %18 = call i64 @strata_rt_number(ptr %0, ptr %1, i64 %17) #4
  %19 = icmp slt i64 %9, %18
  %20 = zext i1 %19 to i32
  br label %21
21:
  %.0 = phi i32 [ 1, %3 ], [ 0, %7 ], [ %20, %14 ]
  ret i32 %.0
}
define internal ptr @strata_rt_level_of_rank(ptr %0, i64 %1) #0 {
  br label %3
3:
  %.0 = phi i64 [ 0, %2 ], [ %17, %16 ]
  %4 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %5 = load i64, ptr %4, align 8
  %6 = icmp slt i64 %.0, %5
  br i1 %6, label %7, label %18
7:
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 24
  %9 = load ptr, ptr %8, align 8
  %10 = getelementptr inbounds %struct.strata_rt_level, ptr %9, i64 %.0
  %11 = getelementptr inbounds nuw i8, ptr %10, i64 8
  %12 = load i64, ptr %11, align 8
  %13 = icmp eq i64 %12, %1
  br i1 %13, label %14, label %16
14:
  %15 = load ptr, ptr %10, align 8
  br label %18
16:
  %17 = add nuw nsw i64 %.0, 1
  br label %3
18:
  %.08 = phi ptr [ %15, %14 ], [ null, %3 ]
  ret ptr %.08
}
define internal i64 @strata_rt_most_tensors(ptr %0) #0 {
  br label %2
2:
  %.010 = phi i64 [ 0, %1 ], [ %16, %6 ]
  %.0 = phi i64 [ 0, %1 ], [ %spec.select, %6 ]
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %4 = load i64, ptr %3, align 8
  %5 = icmp slt i64 %.010, %4
  br i1 %5, label %6, label %17
6:
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 72
  %8 = load ptr, ptr %7, align 8
  %9 = getelementptr inbounds %struct.strata_rt_function, ptr %8, i64 %.010
  %10 = getelementptr inbounds nuw i8, ptr %9, i64 24
  %11 = load i64, ptr %10, align 8
  %12 = getelementptr inbounds nuw i8, ptr %9, i64 32
  %13 = load i64, ptr %12, align 8
  %14 = add nsw i64 %11, %13
  %15 = icmp sgt i64 %14, %.0
  %spec.select = select i1 %15, i64 %14, i64 %.0
  %16 = add nuw nsw i64 %.010, 1
  br label %2
17:
  ret i64 %.0
}
define internal i32 @strata_rt_make_states(ptr %0) #0 {
  %2 = load ptr, ptr %0, align 8
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %4 = call i64 @strata_rt_all_state_bytes(ptr %2) #4
  %5 = call i32 @strata_rt_map(ptr %3, ptr null, i64 %4) #4
  %.not = icmp eq i32 %5, 0
  br i1 %.not, label %28, label %6
6:
  %7 = load ptr, ptr %3, align 8
  call void @strata_rt_place_states(ptr %0, ptr %7) #4
  br label %8
8:
  %.015 = phi i64 [ 0, %6 ], [ %27, %26 ]
  %9 = getelementptr inbounds nuw i8, ptr %2, i64 48
  %10 = load i64, ptr %9, align 8
  %11 = icmp slt i64 %.015, %10
  br i1 %11, label %12, label %28
12:
  %13 = getelementptr inbounds nuw i8, ptr %2, i64 56
  %14 = load ptr, ptr %13, align 8
  %15 = getelementptr inbounds %struct.strata_rt_state, ptr %14, i64 %.015
  %16 = getelementptr inbounds nuw i8, ptr %15, i64 48
  %17 = load ptr, ptr %16, align 8
  %.not16 = icmp eq ptr %17, null
  br i1 %.not16, label %26, label %18
18:
  %19 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %20 = load ptr, ptr %19, align 8
  %21 = getelementptr inbounds ptr, ptr %20, i64 %.015
  %22 = load ptr, ptr %21, align 8
  %23 = getelementptr inbounds nuw i8, ptr %15, i64 32
  %24 = load i64, ptr %23, align 8
  %25 = call ptr @memcpy(ptr %22, ptr %17, i64 %24) #5
  br label %26
26:
  %27 = add nuw nsw i64 %.015, 1
  br label %8
28:
  %.0 = phi i32 [ 0, %1 ], [ 1, %8 ]
  ret i32 %.0
}
define internal i32 @strata_rt_check_tensor(ptr %0, ptr %1, i64 %2, ptr %3) #0 {
  %5 = alloca [5 x ptr], align 16
  %6 = alloca [24 x i8], align 16
  %7 = alloca [7 x ptr], align 16
  %8 = getelementptr inbounds nuw i8, ptr %1, i64 40
  %9 = load ptr, ptr %8, align 8
  %10 = getelementptr inbounds %struct.strata_rt_tensor, ptr %9, i64 %2
  %11 = getelementptr inbounds nuw i8, ptr %1, i64 24
  %12 = load i64, ptr %11, align 8
  %13 = icmp sgt i64 %12, %2
  %14 = select i1 %13, ptr @.str.50, ptr @.str.51
  %.not = icmp eq ptr %3, null
  br i1 %.not, label %15, label %23
15:
  %16 = load ptr, ptr %1, align 8
  store ptr %16, ptr %5, align 8
  %17 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr %14, ptr %17, align 8
  %18 = getelementptr inbounds i8, ptr %5, i64 16
  %19 = load ptr, ptr %10, align 8
  store ptr %19, ptr %18, align 8
  %20 = getelementptr inbounds i8, ptr %5, i64 24
  store ptr @.str.52, ptr %20, align 8
  %21 = getelementptr inbounds i8, ptr %5, i64 32
  store ptr null, ptr %21, align 8
  %22 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %5) #4
  br label %41
23:
  %24 = ptrtoint ptr %3 to i64
  %25 = getelementptr inbounds nuw i8, ptr %10, i64 16
  %26 = load i64, ptr %25, align 8
  %27 = add nsw i64 %26, -1
  %28 = and i64 %27, %24
  %.not16 = icmp eq i64 %28, 0
  br i1 %.not16, label %41, label %29
29:
  %30 = load ptr, ptr %1, align 8
  store ptr %30, ptr %7, align 8
  %31 = getelementptr inbounds i8, ptr %7, i64 8
  store ptr %14, ptr %31, align 8
  %32 = getelementptr inbounds i8, ptr %7, i64 16
  %33 = load ptr, ptr %10, align 8
  store ptr %33, ptr %32, align 8
  %34 = getelementptr inbounds i8, ptr %7, i64 24
  store ptr @.str.53, ptr %34, align 8
  %35 = getelementptr inbounds i8, ptr %7, i64 32
  %36 = load i64, ptr %25, align 8
  %37 = call ptr @strata_rt_decimal(ptr %6, i64 %36) #4
  store ptr %37, ptr %35, align 8
  %38 = getelementptr inbounds i8, ptr %7, i64 40
  store ptr @.str.47, ptr %38, align 8
  %39 = getelementptr inbounds i8, ptr %7, i64 48
  store ptr null, ptr %39, align 8
  %40 = call i32 @strata_rt_fail(ptr %0, i32 1, ptr %7) #4
  br label %41
41:
  %.0 = phi i32 [ %40, %29 ], [ %22, %15 ], [ 0, %23 ]
  ret i32 %.0
}
define internal void @strata_rt_skip_space(ptr %0) #0 {
  br label %2
2:
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %6 = load ptr, ptr %5, align 8
  %7 = icmp ult ptr %4, %6
  br i1 %7, label %8, label %.critedge
8:
  %9 = load i8, ptr %4, align 1
  switch i8 %9, label %.critedge [
    i8 32, label %switch.edge
    i8 10, label %switch.edge
    i8 9, label %switch.edge
    i8 13, label %switch.edge
  ]
switch.edge:
  %10 = load ptr, ptr %3, align 8
  %11 = getelementptr inbounds nuw i8, ptr %10, i64 1
  store ptr %11, ptr %3, align 8
  br label %2
.critedge:
  ret void
}
define internal void @strata_rt_put(ptr %0, i64 %1, ptr %2, i32 %3) #0 {
  %5 = load i64, ptr %2, align 8
  %6 = add nsw i64 %1, -1
  %7 = icmp slt i64 %5, %6
  br i1 %7, label %8, label %11
8:
  %9 = trunc i32 %3 to i8
  %10 = getelementptr inbounds i8, ptr %0, i64 %5
  store i8 %9, ptr %10, align 1
  br label %11
11:
  %12 = load i64, ptr %2, align 8
  %13 = add nsw i64 %12, 1
  store i64 %13, ptr %2, align 8
  ret void
}
define internal i32 @strata_rt_read_escape(ptr %0, ptr %1, i64 %2, ptr %3) #0 {
  %5 = alloca i32, align 4
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %7 = load ptr, ptr %6, align 8
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %9 = load ptr, ptr %8, align 8
  %.not = icmp ult ptr %7, %9
  br i1 %.not, label %12, label %10
10:
  %11 = call i32 @strata_rt_expected(ptr %0, ptr @.str.73) #4
  br label %35
12:
  %13 = getelementptr inbounds nuw i8, ptr %7, i64 1
  store ptr %13, ptr %6, align 8
  %14 = load i8, ptr %7, align 1
  %15 = icmp eq i8 %14, 117
  br i1 %15, label %16, label %22
16:
  %17 = call i32 @strata_rt_read_hex(ptr %0, ptr %5) #4
  %.not22 = icmp eq i32 %17, 0
  br i1 %.not22, label %18, label %20
18:
  %19 = call i32 @strata_rt_expected(ptr %0, ptr @.str.74) #4
  br label %35
20:
  %21 = load i32, ptr %5, align 4
  call void @strata_rt_put_code(ptr %1, i64 %2, ptr %3, i32 %21) #4
  br label %35
22:
  %.0 = phi i32 [ %32, %31 ], [ 0, %12 ]
  %23 = zext nneg i32 %.0 to i64
  %24 = getelementptr inbounds i8, ptr @.str.71, i64 %23
  %25 = load i8, ptr %24, align 1
  %.not20 = icmp eq i8 %25, 0
  br i1 %.not20, label %33, label %26
26:
  %.not21 = icmp eq i8 %25, %14
  br i1 %.not21, label %27, label %31
27:
  %28 = getelementptr inbounds i8, ptr @.str.72, i64 %23
  %29 = load i8, ptr %28, align 1
  %30 = zext i8 %29 to i32
  call void @strata_rt_put(ptr %1, i64 %2, ptr %3, i32 %30) #4
  br label %35
31:
  %32 = add nuw nsw i32 %.0, 1
  br label %22
33:
  %34 = call i32 @strata_rt_expected(ptr %0, ptr @.str.73) #4
  br label %35
35:
  %.019 = phi i32 [ %11, %10 ], [ 1, %20 ], [ %19, %18 ], [ 1, %27 ], [ %34, %33 ]
  ret i32 %.019
}
define internal i32 @strata_rt_read_hex(ptr %0, ptr %1) #0 {
  store i32 0, ptr %1, align 4
  br label %3
3:
  %.019 = phi i32 [ 0, %2 ], [ %32, %28 ]
  %4 = icmp ult i32 %.019, 4
  br i1 %4, label %5, label %33
5:
  %6 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %7 = load ptr, ptr %6, align 8
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %9 = load ptr, ptr %8, align 8
  %.not = icmp ult ptr %7, %9
  br i1 %.not, label %10, label %33
10:
  %11 = getelementptr inbounds nuw i8, ptr %7, i64 1
  store ptr %11, ptr %6, align 8
  %12 = load i8, ptr %7, align 1
  %13 = sext i8 %12 to i32
  %14 = icmp sgt i8 %12, 47
  %15 = icmp slt i8 %12, 58
  %or.cond = and i1 %14, %15
  br i1 %or.cond, label %16, label %18
16:
  %17 = add nsw i32 %13, -48
  br label %28
18:
  %19 = icmp sgt i8 %12, 96
  %20 = icmp slt i8 %12, 103
  %or.cond20 = and i1 %19, %20
  br i1 %or.cond20, label %21, label %23
21:
  %22 = add nsw i32 %13, -87
  br label %28
23:
  %24 = icmp sgt i8 %12, 64
  %25 = icmp slt i8 %12, 71
  %or.cond21 = and i1 %24, %25
  br i1 %or.cond21, label %26, label %33
26:
  %27 = add nsw i32 %13, -55
  br label %28
28:
  %.1 = phi i32 [ %17, %16 ], [ %22, %21 ], [ %27, %26 ]
  %29 = load i32, ptr %1, align 4
  %30 = shl i32 %29, 4
  %31 = or i32 %30, %.1
  store i32 %31, ptr %1, align 4
  %32 = add nuw nsw i32 %.019, 1
  br label %3
33:
  %.018 = phi i32 [ 0, %5 ], [ 0, %23 ], [ 1, %3 ]
  ret i32 %.018
}
define internal void @strata_rt_put_code(ptr %0, i64 %1, ptr %2, i32 %3) #0 {
  %5 = icmp ult i32 %3, 128
  br i1 %5, label %6, label %7
6:
  call void @strata_rt_put(ptr %0, i64 %1, ptr %2, i32 %3) #4
  br label %21
7:
  %8 = icmp ult i32 %3, 2048
  br i1 %8, label %9, label %12
9:
  %10 = lshr i32 %3, 6
  %11 = or disjoint i32 %10, 192
  call void @strata_rt_put(ptr %0, i64 %1, ptr %2, i32 %11) #4
  br label %18
12:
  %13 = lshr i32 %3, 12
  %14 = or i32 %13, 224
  call void @strata_rt_put(ptr %0, i64 %1, ptr %2, i32 %14) #4
  %15 = lshr i32 %3, 6
  %16 = and i32 %15, 63
  %17 = or disjoint i32 %16, 128
  call void @strata_rt_put(ptr %0, i64 %1, ptr %2, i32 %17) #4
  br label %18
18:
  %19 = and i32 %3, 63
  %20 = or disjoint i32 %19, 128
  call void @strata_rt_put(ptr %0, i64 %1, ptr %2, i32 %20) #4
  br label %21
21:
  ret void
}
define internal i32 @strata_rt_read_field(ptr %0, ptr %1, ptr %2) #0 {
  %4 = alloca [16 x i8], align 16
  %5 = alloca [2 x i64], align 16
  %6 = alloca i64, align 8
  %7 = call i32 @strata_rt_read_string(ptr %0, ptr %4, i64 16) #4
  %.not = icmp eq i32 %7, 0
  br i1 %.not, label %56, label %8
8:
  %9 = call i32 @strata_rt_accept(ptr %0, i8 signext 58) #4
  %.not24 = icmp eq i32 %9, 0
  br i1 %.not24, label %10, label %12
10:
  %11 = call i32 @strata_rt_expected(ptr %0, ptr @.str.29) #4
  br label %56
12:
  %13 = call i32 @strata_rt_equal(ptr %4, ptr @.str.77) #4
  %.not25 = icmp eq i32 %13, 0
  br i1 %.not25, label %27, label %14
14:
  %15 = load i32, ptr %2, align 4
  %16 = or i32 %15, 1
  store i32 %16, ptr %2, align 4
  %17 = getelementptr inbounds nuw i8, ptr %1, i64 512
  %18 = call i32 @strata_rt_read_string(ptr %0, ptr %17, i64 16) #4
  %.not30 = icmp eq i32 %18, 0
  br i1 %.not30, label %56, label %19
19:
  %.0 = phi ptr [ %26, %25 ], [ %17, %14 ]
  %20 = load i8, ptr %.0, align 1
  %.not31 = icmp eq i8 %20, 0
  br i1 %.not31, label %56, label %21
21:
  %22 = icmp sgt i8 %20, 64
  %23 = icmp slt i8 %20, 91
  %or.cond = and i1 %22, %23
  br i1 %or.cond, label %24, label %25
24:
  %narrow = add nuw i8 %20, 32
  store i8 %narrow, ptr %.0, align 1
  br label %25
25:
  %26 = getelementptr inbounds nuw i8, ptr %.0, i64 1
  br label %19
27:
  %28 = call i32 @strata_rt_equal(ptr %4, ptr @.str.78) #4
  %.not26 = icmp eq i32 %28, 0
  br i1 %.not26, label %35, label %29
29:
  %30 = load i32, ptr %2, align 4
  %31 = or i32 %30, 2
  store i32 %31, ptr %2, align 4
  %32 = getelementptr inbounds nuw i8, ptr %1, i64 536
  %33 = getelementptr inbounds nuw i8, ptr %1, i64 528
  %34 = call i32 @strata_rt_read_list(ptr %0, ptr %32, i64 16, ptr %33) #4
  br label %56
35:
  %36 = call i32 @strata_rt_equal(ptr %4, ptr @.str.79) #4
  %.not27 = icmp eq i32 %36, 0
  br i1 %.not27, label %54, label %37
37:
  %38 = load i32, ptr %2, align 4
  %39 = or i32 %38, 4
  store i32 %39, ptr %2, align 4
  %40 = call i32 @strata_rt_read_list(ptr %0, ptr %5, i64 2, ptr %6) #4
  %.not28 = icmp eq i32 %40, 0
  br i1 %.not28, label %56, label %41
41:
  %42 = load i64, ptr %6, align 8
  %.not29 = icmp eq i64 %42, 2
  br i1 %.not29, label %43, label %48
43:
  %44 = getelementptr inbounds i8, ptr %5, i64 8
  %45 = load i64, ptr %44, align 8
  %46 = load i64, ptr %5, align 16
  %47 = icmp slt i64 %45, %46
  br i1 %47, label %48, label %50
48:
  %49 = call i32 @strata_rt_expected(ptr %0, ptr @.str.80) #4
  br label %56
50:
  %51 = getelementptr inbounds nuw i8, ptr %1, i64 664
  store i64 %46, ptr %51, align 8
  %52 = load i64, ptr %44, align 8
  %53 = getelementptr inbounds nuw i8, ptr %1, i64 672
  store i64 %52, ptr %53, align 8
  br label %56
54:
  %55 = call i32 @strata_rt_expected(ptr %0, ptr @.str.81) #4
  br label %56
56:
  %.023 = phi i32 [ %34, %29 ], [ %49, %48 ], [ 1, %50 ], [ %55, %54 ], [ %11, %10 ], [ 0, %3 ], [ 0, %14 ], [ 1, %19 ], [ 0, %37 ]
  ret i32 %.023
}
define internal i32 @strata_rt_read_list(ptr %0, ptr %1, i64 %2, ptr %3) #0 {
  store i64 0, ptr %3, align 8
  %5 = call i32 @strata_rt_accept(ptr %0, i8 signext 91) #4
  %.not = icmp eq i32 %5, 0
  br i1 %.not, label %6, label %8
6:
  %7 = call i32 @strata_rt_expected(ptr %0, ptr @.str.82) #4
  br label %26
8:
  %9 = call i32 @strata_rt_accept(ptr %0, i8 signext 93) #4
  %.not14 = icmp eq i32 %9, 0
  br i1 %.not14, label %10, label %26
10:
  %11 = load i64, ptr %3, align 8
  %12 = icmp eq i64 %11, %2
  br i1 %12, label %13, label %15
13:
  %14 = call i32 @strata_rt_expected(ptr %0, ptr @.str.83) #4
  br label %26
15:
  %16 = getelementptr inbounds i64, ptr %1, i64 %11
  %17 = call i32 @strata_rt_read_integer(ptr %0, ptr %16) #4
  %.not15 = icmp eq i32 %17, 0
  br i1 %.not15, label %26, label %18
18:
  %19 = load i64, ptr %3, align 8
  %20 = add nsw i64 %19, 1
  store i64 %20, ptr %3, align 8
  %21 = call i32 @strata_rt_accept(ptr %0, i8 signext 44) #4
  %.not16 = icmp eq i32 %21, 0
  br i1 %.not16, label %22, label %10
22:
  %23 = call i32 @strata_rt_accept(ptr %0, i8 signext 93) #4
  %.not17 = icmp eq i32 %23, 0
  br i1 %.not17, label %24, label %26
24:
  %25 = call i32 @strata_rt_expected(ptr %0, ptr @.str.84) #4
  br label %26
26:
  %.0 = phi i32 [ %14, %13 ], [ %7, %6 ], [ 1, %8 ], [ 0, %15 ], [ %25, %24 ], [ 1, %22 ]
  ret i32 %.0
}
define internal i32 @strata_rt_read_integer(ptr %0, ptr %1) #0 {
  call void @strata_rt_skip_space(ptr %0) #4
  %3 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %4 = load ptr, ptr %3, align 8
  store i64 0, ptr %1, align 8
  br label %5
5:
  %6 = load ptr, ptr %3, align 8
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 16
  %8 = load ptr, ptr %7, align 8
  %9 = icmp ult ptr %6, %8
  br i1 %9, label %10, label %.critedge
10:
  %11 = load i8, ptr %6, align 1
  %12 = icmp sgt i8 %11, 47
  %13 = icmp ult i8 %11, 58
  %spec.select = select i1 %12, i1 %13, i1 false
  br i1 %spec.select, label %14, label %.critedge
14:
  %15 = load i64, ptr %1, align 8
  %16 = mul nsw i64 %15, 10
  %17 = load ptr, ptr %3, align 8
  %18 = getelementptr inbounds nuw i8, ptr %17, i64 1
  store ptr %18, ptr %3, align 8
  %19 = load i8, ptr %17, align 1
  %20 = sext i8 %19 to i64
  %21 = add nsw i64 %20, -48
  %22 = add nsw i64 %16, %21
  store i64 %22, ptr %1, align 8
  %23 = icmp sgt i64 %22, 288230376151711744
  br i1 %23, label %24, label %5
24:
  %25 = call i32 @strata_rt_expected(ptr %0, ptr @.str.85) #4
  br label %30
.critedge:
  %26 = load ptr, ptr %3, align 8
  %27 = icmp ugt ptr %26, %4
  br i1 %27, label %30, label %28
28:
  %29 = call i32 @strata_rt_expected(ptr %0, ptr @.str.86) #4
  br label %30
30:
  %.0 = phi i32 [ %25, %24 ], [ %29, %28 ], [ 1, %.critedge ]
  ret i32 %.0
}
declare i32 @fseek(ptr, i64, i32) #2
declare i64 @ftell(ptr) #2
declare i64 @fread(ptr, i64, i64, ptr) #2
define internal i32 @strata_rt_check_entry(ptr %0, ptr %1) #0 {
  %3 = alloca [256 x i8], align 16
  %4 = alloca [256 x i8], align 16
  %5 = load ptr, ptr %0, align 8
  %6 = load ptr, ptr %5, align 8
  %7 = call i64 @strata_rt_find_state(ptr %6, ptr %1) #4
  %8 = icmp slt i64 %7, 0
  br i1 %8, label %83, label %9
9:
  %10 = load ptr, ptr %0, align 8
  %11 = load ptr, ptr %10, align 8
  %12 = getelementptr inbounds nuw i8, ptr %11, i64 56
  %13 = load ptr, ptr %12, align 8
  %14 = getelementptr inbounds %struct.strata_rt_state, ptr %13, i64 %7
  %15 = getelementptr inbounds nuw i8, ptr %14, i64 16
  %16 = load i64, ptr %15, align 8
  %17 = getelementptr inbounds nuw i8, ptr %1, i64 528
  %18 = load i64, ptr %17, align 8
  %19 = icmp eq i64 %16, %18
  br i1 %19, label %20, label %27
20:
  %21 = getelementptr inbounds nuw i8, ptr %14, i64 8
  %22 = load ptr, ptr %21, align 8
  %23 = getelementptr inbounds nuw i8, ptr %1, i64 512
  %24 = call i32 @strata_rt_equal(ptr %22, ptr %23) #4
  %25 = icmp ne i32 %24, 0
  %26 = zext i1 %25 to i32
  br label %27
27:
  %28 = phi i32 [ 0, %9 ], [ %26, %20 ]
  br label %29
29:
  %.043 = phi i32 [ %28, %27 ], [ %42, %33 ]
  %.0 = phi i64 [ 0, %27 ], [ %43, %33 ]
  %.not = icmp eq i32 %.043, 0
  br i1 %.not, label %.critedge46, label %30
30:
  %31 = load i64, ptr %15, align 8
  %32 = icmp slt i64 %.0, %31
  br i1 %32, label %33, label %.critedge
33:
  %34 = getelementptr inbounds nuw i8, ptr %14, i64 24
  %35 = load ptr, ptr %34, align 8
  %36 = getelementptr inbounds i64, ptr %35, i64 %.0
  %37 = load i64, ptr %36, align 8
  %38 = getelementptr inbounds nuw i8, ptr %1, i64 536
  %39 = getelementptr inbounds [16 x i64], ptr %38, i64 0, i64 %.0
  %40 = load i64, ptr %39, align 8
  %41 = icmp eq i64 %37, %40
  %42 = zext i1 %41 to i32
  %43 = add nuw nsw i64 %.0, 1
  br label %29
.critedge:
  br i1 %.not, label %.critedge46, label %55
.critedge46:
  %44 = getelementptr inbounds nuw i8, ptr %14, i64 8
  %45 = load ptr, ptr %44, align 8
  %46 = getelementptr inbounds nuw i8, ptr %14, i64 24
  %47 = load ptr, ptr %46, align 8
  %48 = load i64, ptr %15, align 8
  %49 = call ptr @strata_rt_type_text(ptr %3, i64 256, ptr %45, ptr %47, i64 %48) #4
  %50 = getelementptr inbounds nuw i8, ptr %1, i64 512
  %51 = getelementptr inbounds nuw i8, ptr %1, i64 536
  %52 = load i64, ptr %17, align 8
  %53 = call ptr @strata_rt_type_text(ptr %4, i64 256, ptr %50, ptr %51, i64 %52) #4
  %54 = call i32 @strata_rt_tensor_failure(ptr %0, ptr %1, ptr @.str.96, ptr %49, ptr %53) #4
  br label %83
55:
  %56 = getelementptr inbounds nuw i8, ptr %1, i64 672
  %57 = load i64, ptr %56, align 8
  %58 = getelementptr inbounds nuw i8, ptr %1, i64 664
  %59 = load i64, ptr %58, align 8
  %60 = sub nsw i64 %57, %59
  %61 = getelementptr inbounds nuw i8, ptr %14, i64 32
  %62 = load i64, ptr %61, align 8
  %.not45 = icmp eq i64 %60, %62
  br i1 %.not45, label %70, label %63
63:
  %64 = call ptr @strata_rt_decimal(ptr %3, i64 %62) #4
  %65 = load i64, ptr %56, align 8
  %66 = load i64, ptr %58, align 8
  %67 = sub nsw i64 %65, %66
  %68 = call ptr @strata_rt_decimal(ptr %4, i64 %67) #4
  %69 = call i32 @strata_rt_tensor_failure(ptr %0, ptr %1, ptr @.str.98, ptr %64, ptr %68) #4
  br label %83
70:
  %71 = getelementptr inbounds nuw i8, ptr %0, i64 40
  %72 = load i64, ptr %71, align 8
  %73 = icmp sgt i64 %57, %72
  br i1 %73, label %74, label %79
74:
  %75 = call ptr @strata_rt_decimal(ptr %3, i64 %57) #4
  %76 = load i64, ptr %71, align 8
  %77 = call ptr @strata_rt_decimal(ptr %4, i64 %76) #4
  %78 = call i32 @strata_rt_tensor_failure(ptr %0, ptr %1, ptr @.str.99, ptr %75, ptr %77) #4
  br label %83
79:
  %80 = getelementptr inbounds nuw i8, ptr %0, i64 48
  %81 = load ptr, ptr %80, align 8
  %82 = getelementptr inbounds i64, ptr %81, i64 %7
  store i64 %59, ptr %82, align 8
  br label %83
83:
  %.044 = phi i32 [ %69, %63 ], [ %78, %74 ], [ 0, %79 ], [ %54, %.critedge46 ], [ 0, %2 ]
  ret i32 %.044
}
define internal i32 @strata_rt_tensor_failure(ptr %0, ptr %1, ptr %2, ptr %3, ptr %4) #0 {
  %6 = alloca [10 x ptr], align 16
  store ptr @.str.89, ptr %6, align 8
  %7 = getelementptr inbounds i8, ptr %6, i64 8
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 8
  %9 = load ptr, ptr %8, align 8
  store ptr %9, ptr %7, align 8
  %10 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr @.str.100, ptr %10, align 8
  %11 = getelementptr inbounds i8, ptr %6, i64 24
  store ptr %1, ptr %11, align 8
  %12 = getelementptr inbounds i8, ptr %6, i64 32
  store ptr @.str.17, ptr %12, align 8
  %13 = getelementptr inbounds i8, ptr %6, i64 40
  store ptr %2, ptr %13, align 8
  %14 = getelementptr inbounds i8, ptr %6, i64 48
  store ptr %3, ptr %14, align 8
  %15 = getelementptr inbounds i8, ptr %6, i64 56
  store ptr @.str.101, ptr %15, align 8
  %16 = getelementptr inbounds i8, ptr %6, i64 64
  store ptr %4, ptr %16, align 8
  %17 = getelementptr inbounds i8, ptr %6, i64 72
  store ptr null, ptr %17, align 8
  %18 = load ptr, ptr %0, align 8
  %19 = call i32 @strata_rt_fail(ptr %18, i32 3, ptr %6) #4
  ret i32 %19
}
define internal i32 @strata_rt_write_header(ptr %0, ptr %1) #0 {
  %3 = alloca [8 x i8], align 1
  %4 = call ptr @memset(ptr %3, i32 0, i64 8) #5
  %5 = call i64 @fwrite(ptr %3, i64 1, i64 8, ptr %0) #5
  %6 = icmp eq i64 %5, 8
  br i1 %6, label %7, label %10
7:
  %8 = call i32 @strata_rt_write(ptr %0, ptr @.str.105) #4
  %9 = icmp ne i32 %8, 0
  br label %10
10:
  %11 = phi i1 [ false, %2 ], [ %9, %7 ]
  br label %12
12:
  %.033 = phi i1 [ %11, %10 ], [ %26, %25 ]
  %.032 = phi i64 [ 0, %10 ], [ %31, %25 ]
  %.031 = phi i64 [ 0, %10 ], [ %32, %25 ]
  %13 = getelementptr inbounds nuw i8, ptr %1, i64 48
  %14 = load i64, ptr %13, align 8
  %15 = icmp slt i64 %.031, %14
  %spec.select = select i1 %15, i1 %.033, i1 false
  br i1 %spec.select, label %16, label %33
16:
  %.not34 = icmp eq i64 %.031, 0
  %17 = select i1 %.not34, ptr @.str.2, ptr @.str.1
  %18 = call i32 @strata_rt_write(ptr %0, ptr %17) #4
  %.not35 = icmp eq i32 %18, 0
  br i1 %.not35, label %25, label %19
19:
  %20 = getelementptr inbounds nuw i8, ptr %1, i64 56
  %21 = load ptr, ptr %20, align 8
  %22 = getelementptr inbounds %struct.strata_rt_state, ptr %21, i64 %.031
  %23 = call i32 @strata_rt_write_description(ptr %0, ptr %22, i64 %.032) #4
  %24 = icmp ne i32 %23, 0
  br label %25
25:
  %26 = phi i1 [ false, %16 ], [ %24, %19 ]
  %27 = getelementptr inbounds nuw i8, ptr %1, i64 56
  %28 = load ptr, ptr %27, align 8
  %29 = getelementptr inbounds %struct.strata_rt_state, ptr %28, i64 %.031, i32 4
  %30 = load i64, ptr %29, align 8
  %31 = add nsw i64 %.032, %30
  %32 = add nuw nsw i64 %.031, 1
  br label %12
33:
  br i1 %.033, label %34, label %38
34:
  %35 = call i32 @strata_rt_write(ptr %0, ptr @.str.106) #4
  %36 = icmp ne i32 %35, 0
  %37 = zext i1 %36 to i32
  br label %38
38:
  %39 = phi i32 [ 0, %33 ], [ %37, %34 ]
  br label %40
40:
  %.1 = phi i32 [ %39, %38 ], [ %46, %45 ]
  %.not = icmp eq i32 %.1, 0
  br i1 %.not, label %.critedge36, label %41
41:
  %42 = call i64 @ftell(ptr %0) #5
  %43 = and i64 %42, 7
  %44 = icmp ne i64 %43, 0
  br i1 %44, label %45, label %.critedge
45:
  %46 = call i32 @strata_rt_write(ptr %0, ptr @.str.107) #4
  br label %40
.critedge:
  br i1 %.not, label %.critedge36, label %47
47:
  %48 = call i64 @ftell(ptr %0) #5
  %49 = add i64 %48, -8
  br label %50
50:
  %.0 = phi i32 [ 0, %47 ], [ %59, %52 ]
  %51 = icmp ult i32 %.0, 8
  br i1 %51, label %52, label %60
52:
  %53 = shl nuw nsw i32 %.0, 3
  %54 = zext nneg i32 %53 to i64
  %55 = lshr i64 %49, %54
  %56 = trunc i64 %55 to i8
  %57 = zext nneg i32 %.0 to i64
  %58 = getelementptr inbounds [8 x i8], ptr %3, i64 0, i64 %57
  store i8 %56, ptr %58, align 1
  %59 = add nuw nsw i32 %.0, 1
  br label %50
60:
  %61 = call i32 @fseek(ptr %0, i64 0, i32 0) #5
  %62 = icmp eq i32 %61, 0
  br i1 %62, label %63, label %.critedge36
63:
  %64 = call i64 @fwrite(ptr %3, i64 1, i64 8, ptr %0) #5
  %65 = icmp eq i64 %64, 8
  br i1 %65, label %66, label %.critedge36
66:
  %67 = call i32 @fseek(ptr %0, i64 0, i32 2) #5
  %68 = icmp eq i32 %67, 0
  %69 = zext i1 %68 to i32
  br label %.critedge36
.critedge36:
  %.030 = phi i32 [ 0, %.critedge ], [ 0, %63 ], [ 0, %60 ], [ %69, %66 ], [ 0, %40 ]
  ret i32 %.030
}
declare i64 @fwrite(ptr, i64, i64, ptr) #2
define internal i32 @strata_rt_write(ptr %0, ptr %1) #0 {
  %3 = call i64 @strata_rt_length(ptr %1) #4
  %4 = call i64 @fwrite(ptr %1, i64 1, i64 %3, ptr %0) #5
  %5 = icmp eq i64 %4, %3
  %6 = zext i1 %5 to i32
  ret i32 %6
}
define internal i32 @strata_rt_write_description(ptr %0, ptr %1, i64 %2) #0 {
  %4 = alloca [24 x i8], align 16
  %5 = alloca [16 x i8], align 16
  br label %6
6:
  %.035 = phi i64 [ 0, %3 ], [ %21, %12 ]
  %7 = getelementptr inbounds nuw i8, ptr %1, i64 8
  %8 = load ptr, ptr %7, align 8
  %9 = getelementptr inbounds i8, ptr %8, i64 %.035
  %10 = load i8, ptr %9, align 1
  %.not = icmp eq i8 %10, 0
  %11 = icmp ult i64 %.035, 15
  %spec.select = select i1 %.not, i1 false, i1 %11
  br i1 %spec.select, label %12, label %22
12:
  %13 = load ptr, ptr %7, align 8
  %14 = getelementptr inbounds i8, ptr %13, i64 %.035
  %15 = load i8, ptr %14, align 1
  %16 = icmp sgt i8 %15, 96
  %17 = icmp slt i8 %15, 123
  %or.cond = and i1 %16, %17
  %18 = add nsw i8 %15, -32
  %19 = select i1 %or.cond, i8 %18, i8 %15
  %20 = getelementptr inbounds [16 x i8], ptr %5, i64 0, i64 %.035
  store i8 %19, ptr %20, align 1
  %21 = add nuw nsw i64 %.035, 1
  br label %6
22:
  %23 = getelementptr inbounds [16 x i8], ptr %5, i64 0, i64 %.035
  store i8 0, ptr %23, align 1
  %24 = load ptr, ptr %1, align 8
  %25 = call i32 @strata_rt_write_name(ptr %0, ptr %24) #4
  %.not36 = icmp eq i32 %25, 0
  br i1 %.not36, label %33, label %26
26:
  %27 = call i32 @strata_rt_write(ptr %0, ptr @.str.108) #4
  %.not37 = icmp eq i32 %27, 0
  br i1 %.not37, label %33, label %28
28:
  %29 = call i32 @strata_rt_write(ptr %0, ptr %5) #4
  %.not38 = icmp eq i32 %29, 0
  br i1 %.not38, label %33, label %30
30:
  %31 = call i32 @strata_rt_write(ptr %0, ptr @.str.109) #4
  %32 = icmp ne i32 %31, 0
  br label %33
33:
  %34 = phi i1 [ false, %28 ], [ false, %26 ], [ false, %22 ], [ %32, %30 ]
  br label %35
35:
  %.034 = phi i1 [ %34, %33 ], [ %51, %50 ]
  %.0 = phi i64 [ 0, %33 ], [ %52, %50 ]
  %36 = getelementptr inbounds nuw i8, ptr %1, i64 16
  %37 = load i64, ptr %36, align 8
  %38 = icmp slt i64 %.0, %37
  %spec.select45 = select i1 %38, i1 %.034, i1 false
  br i1 %spec.select45, label %39, label %53
39:
  %.not43 = icmp eq i64 %.0, 0
  %40 = select i1 %.not43, ptr @.str.2, ptr @.str.1
  %41 = call i32 @strata_rt_write(ptr %0, ptr %40) #4
  %.not44 = icmp eq i32 %41, 0
  br i1 %.not44, label %50, label %42
42:
  %43 = getelementptr inbounds nuw i8, ptr %1, i64 24
  %44 = load ptr, ptr %43, align 8
  %45 = getelementptr inbounds i64, ptr %44, i64 %.0
  %46 = load i64, ptr %45, align 8
  %47 = call ptr @strata_rt_decimal(ptr %4, i64 %46) #4
  %48 = call i32 @strata_rt_write(ptr %0, ptr %47) #4
  %49 = icmp ne i32 %48, 0
  br label %50
50:
  %51 = phi i1 [ false, %39 ], [ %49, %42 ]
  %52 = add nuw nsw i64 %.0, 1
  br label %35
53:
  br i1 %.034, label %54, label %71
54:
  %55 = call i32 @strata_rt_write(ptr %0, ptr @.str.110) #4
  %.not39 = icmp eq i32 %55, 0
  br i1 %.not39, label %71, label %56
56:
  %57 = call ptr @strata_rt_decimal(ptr %4, i64 %2) #4
  %58 = call i32 @strata_rt_write(ptr %0, ptr %57) #4
  %.not40 = icmp eq i32 %58, 0
  br i1 %.not40, label %71, label %59
59:
  %60 = call i32 @strata_rt_write(ptr %0, ptr @.str.1) #4
  %.not41 = icmp eq i32 %60, 0
  br i1 %.not41, label %71, label %61
61:
  %62 = getelementptr inbounds nuw i8, ptr %1, i64 32
  %63 = load i64, ptr %62, align 8
  %64 = add nsw i64 %63, %2
  %65 = call ptr @strata_rt_decimal(ptr %4, i64 %64) #4
  %66 = call i32 @strata_rt_write(ptr %0, ptr %65) #4
  %.not42 = icmp eq i32 %66, 0
  br i1 %.not42, label %71, label %67
67:
  %68 = call i32 @strata_rt_write(ptr %0, ptr @.str.111) #4
  %69 = icmp ne i32 %68, 0
  %70 = zext i1 %69 to i32
  br label %71
71:
  %72 = phi i32 [ 0, %61 ], [ 0, %59 ], [ 0, %56 ], [ 0, %54 ], [ 0, %53 ], [ %70, %67 ]
  ret i32 %72
}
define internal i32 @strata_rt_write_name(ptr %0, ptr %1) #0 {
  %3 = call i32 @strata_rt_write(ptr %0, ptr @.str.112) #4
  br label %4
4:
  %.011 = phi ptr [ %1, %2 ], [ %18, %15 ]
  %.0 = phi i32 [ %3, %2 ], [ %17, %15 ]
  %5 = load i8, ptr %.011, align 1
  %.not = icmp eq i8 %5, 0
  %6 = icmp ne i32 %.0, 0
  %spec.select = select i1 %.not, i1 false, i1 %6
  br i1 %spec.select, label %7, label %19
7:
  %8 = load i8, ptr %.011, align 1
  switch i8 %8, label %11 [
    i8 34, label %9
    i8 92, label %9
  ]
9:
  %10 = call i32 @strata_rt_write(ptr %0, ptr @.str.113) #4
  br label %11
11:
  %.1 = phi i32 [ %10, %9 ], [ %.0, %7 ]
  %.not13 = icmp eq i32 %.1, 0
  br i1 %.not13, label %15, label %12
12:
  %13 = call i64 @fwrite(ptr %.011, i64 1, i64 1, ptr %0) #5
  %14 = icmp eq i64 %13, 1
  br label %15
15:
  %16 = phi i1 [ false, %11 ], [ %14, %12 ]
  %17 = zext i1 %16 to i32
  %18 = getelementptr inbounds nuw i8, ptr %.011, i64 1
  br label %4
19:
  %.not12 = icmp eq i32 %.0, 0
  br i1 %.not12, label %24, label %20
20:
  %21 = call i32 @strata_rt_write(ptr %0, ptr @.str.114) #4
  %22 = icmp ne i32 %21, 0
  %23 = zext i1 %22 to i32
  br label %24
24:
  %25 = phi i32 [ 0, %19 ], [ %23, %20 ]
  ret i32 %25
}
define internal void @strata_rt_make_image_header(ptr %0, ptr %1, ptr %2) #0 {
  %4 = load ptr, ptr %0, align 8
  %5 = getelementptr inbounds nuw i8, ptr %4, i64 24
  %6 = load ptr, ptr %5, align 8
  %7 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %8 = load i64, ptr %7, align 8
  %9 = getelementptr inbounds %struct.strata_rt_level, ptr %6, i64 %8
  %10 = call ptr @memset(ptr %2, i32 0, i64 1448) #5
  call void @strata_rt_put_text(ptr %2, i64 16, ptr @.str.118) #4
  %11 = getelementptr inbounds nuw i8, ptr %2, i64 16
  store i64 1, ptr %11, align 8
  %12 = load ptr, ptr %0, align 8
  %13 = getelementptr inbounds nuw i8, ptr %12, i64 64
  %14 = load i64, ptr %13, align 8
  %15 = call i64 @strata_rt_kept_offset(ptr %0, i64 %14) #4
  %16 = getelementptr inbounds nuw i8, ptr %2, i64 24
  store i64 %15, ptr %16, align 8
  %17 = getelementptr inbounds nuw i8, ptr %2, i64 32
  %18 = load ptr, ptr %0, align 8
  %19 = load ptr, ptr %18, align 8
  call void @strata_rt_put_text(ptr %17, i64 256, ptr %19) #4
  %20 = getelementptr inbounds nuw i8, ptr %2, i64 288
  %21 = load ptr, ptr %9, align 8
  call void @strata_rt_put_text(ptr %20, i64 32, ptr %21) #4
  %22 = getelementptr inbounds nuw i8, ptr %2, i64 320
  %23 = getelementptr inbounds nuw i8, ptr %9, i64 16
  %24 = load ptr, ptr %23, align 8
  call void @strata_rt_put_text(ptr %22, i64 96, ptr %24) #4
  %.not = icmp eq ptr %1, null
  %.str.2. = select i1 %.not, ptr @.str.2, ptr %1
  %25 = getelementptr inbounds nuw i8, ptr %2, i64 416
  call void @strata_rt_put_text(ptr %25, i64 1024, ptr %.str.2.) #4
  %26 = call i64 @strata_rt_checksum(ptr %2) #4
  %27 = getelementptr inbounds nuw i8, ptr %2, i64 1440
  store i64 %26, ptr %27, align 8
  ret void
}
define internal i32 @strata_rt_write_pages(ptr %0, ptr %1, i64 %2) #0 {
  %4 = call i64 @fwrite(ptr %1, i64 1, i64 %2, ptr %0) #5
  %.not = icmp eq i64 %4, %2
  br i1 %.not, label %5, label %15
5:
  %6 = call i64 @strata_rt_whole_pages(i64 %2) #4
  %7 = sub nsw i64 %6, %2
  br label %8
8:
  %.014 = phi i64 [ %7, %5 ], [ %14, %13 ]
  %9 = icmp sgt i64 %.014, 0
  br i1 %9, label %10, label %15
10:
  %11 = icmp slt i64 %.014, 64
  %.014. = select i1 %11, i64 %.014, i64 64
  %12 = call i64 @fwrite(ptr @strata_rt_write_pages.zeros, i64 1, i64 %.014., ptr %0) #5
  %.not15 = icmp eq i64 %12, %.014.
  br i1 %.not15, label %13, label %15
13:
  %14 = sub nsw i64 %.014, %.014.
  br label %8
15:
  %.0 = phi i32 [ 0, %3 ], [ 0, %10 ], [ 1, %8 ]
  ret i32 %.0
}
define internal i64 @strata_rt_kept_bytes(ptr %0, i64 %1) #0 {
  %3 = load ptr, ptr %0, align 8
  %4 = getelementptr inbounds nuw i8, ptr %3, i64 72
  %5 = load ptr, ptr %4, align 8
  %6 = getelementptr inbounds %struct.strata_rt_function, ptr %5, i64 %1, i32 8
  %7 = load ptr, ptr %6, align 8
  %8 = getelementptr inbounds nuw i8, ptr %0, i64 64
  %9 = load i64, ptr %8, align 8
  %10 = getelementptr inbounds ptr, ptr %7, i64 %9
  %11 = load ptr, ptr %10, align 8
  %12 = load i64, ptr %11, align 8
  ret i64 %12
}
define internal void @strata_rt_put_text(ptr %0, i64 %1, ptr %2) #0 {
  %4 = alloca [2 x ptr], align 16
  store ptr %2, ptr %4, align 8
  %5 = getelementptr inbounds i8, ptr %4, i64 8
  store ptr null, ptr %5, align 8
  call void @strata_rt_join(ptr %0, i64 %1, ptr %4) #4
  ret void
}
define internal i64 @strata_rt_kept_offset(ptr %0, i64 %1) #0 {
  %3 = load ptr, ptr %0, align 8
  %4 = call i64 @strata_rt_all_state_bytes(ptr %3) #4
  %5 = call i64 @strata_rt_whole_pages(i64 %4) #4
  %6 = add nsw i64 %5, 4096
  br label %7
7:
  %.07 = phi i64 [ %6, %2 ], [ %12, %9 ]
  %.0 = phi i64 [ 0, %2 ], [ %13, %9 ]
  %8 = icmp slt i64 %.0, %1
  br i1 %8, label %9, label %14
9:
  %10 = call i64 @strata_rt_kept_bytes(ptr %0, i64 %.0) #4
  %11 = call i64 @strata_rt_whole_pages(i64 %10) #4
  %12 = add nsw i64 %.07, %11
  %13 = add nuw nsw i64 %.0, 1
  br label %7
14:
  ret i64 %.07
}
define internal i64 @strata_rt_checksum(ptr %0) #0 {
  br label %2
2:
  %.06 = phi i64 [ -3750763034362895579, %1 ], [ %9, %4 ]
  %.0 = phi i64 [ 0, %1 ], [ %10, %4 ]
  %3 = icmp ult i64 %.0, 1440
  br i1 %3, label %4, label %11
4:
  %5 = getelementptr inbounds nuw i8, ptr %0, i64 %.0
  %6 = load i8, ptr %5, align 1
  %7 = zext i8 %6 to i64
  %8 = xor i64 %.06, %7
  %9 = mul i64 %8, 1099511628211
  %10 = add nuw nsw i64 %.0, 1
  br label %2
11:
  ret i64 %.06
}
define internal i64 @strata_rt_whole_pages(i64 %0) #0 {
  %2 = add nsw i64 %0, 4095
  %3 = sdiv i64 %2, 4096
  %4 = shl nsw i64 %3, 12
  ret i64 %4
}
define internal i32 @strata_rt_check_image(ptr %0, ptr %1, ptr %2, ptr %3, i64 %4, i64 %5) #0 {
  %7 = alloca %struct.strata_rt_image_header, align 8
  %8 = alloca [24 x i8], align 16
  %9 = alloca [24 x i8], align 16
  %10 = alloca [2 x ptr], align 16
  %11 = alloca [3 x ptr], align 16
  %12 = alloca [6 x ptr], align 16
  %13 = alloca [3 x ptr], align 16
  %14 = alloca [7 x ptr], align 16
  %15 = alloca [6 x ptr], align 16
  %16 = alloca [5 x ptr], align 16
  %17 = alloca [7 x ptr], align 16
  %18 = alloca [6 x ptr], align 16
  call void @strata_rt_make_image_header(ptr %0, ptr %2, ptr %7) #4
  %19 = icmp slt i64 %4, 16
  br i1 %19, label %22, label %20
20:
  %21 = call i32 @strata_rt_same_field(ptr %3, ptr %7, i64 16) #4
  %.not = icmp eq i32 %21, 0
  br i1 %.not, label %22, label %24
22:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(16) %10, ptr align 16 dereferenceable(16) @__const.strata_rt_check_image.parts, i64 16, i1 false)
  %23 = call i32 @strata_rt_refuse_image(ptr %0, i32 3, ptr %1, ptr %10) #4
  br label %115
24:
  %25 = icmp ult i64 %4, 1448
  br i1 %25, label %26, label %28
26:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(24) %11, ptr align 16 dereferenceable(24) @__const.strata_rt_check_image.parts.124, i64 24, i1 false)
  %27 = call i32 @strata_rt_refuse_image(ptr %0, i32 3, ptr %1, ptr %11) #4
  br label %115
28:
  %29 = getelementptr inbounds nuw i8, ptr %3, i64 16
  %30 = load i64, ptr %29, align 8
  %31 = getelementptr inbounds nuw i8, ptr %7, i64 16
  %32 = load i64, ptr %31, align 8
  %.not42 = icmp eq i64 %30, %32
  br i1 %.not42, label %44, label %33
33:
  store ptr @.str.125, ptr %12, align 8
  %34 = getelementptr inbounds i8, ptr %12, i64 8
  %35 = load i64, ptr %29, align 8
  %36 = call ptr @strata_rt_decimal(ptr %8, i64 %35) #4
  store ptr %36, ptr %34, align 8
  %37 = getelementptr inbounds i8, ptr %12, i64 16
  store ptr @.str.126, ptr %37, align 8
  %38 = getelementptr inbounds i8, ptr %12, i64 24
  %39 = load i64, ptr %31, align 8
  %40 = call ptr @strata_rt_decimal(ptr %9, i64 %39) #4
  store ptr %40, ptr %38, align 8
  %41 = getelementptr inbounds i8, ptr %12, i64 32
  store ptr @.str.121, ptr %41, align 8
  %42 = getelementptr inbounds i8, ptr %12, i64 40
  store ptr null, ptr %42, align 8
  %43 = call i32 @strata_rt_refuse_image(ptr %0, i32 4, ptr %1, ptr %12) #4
  br label %115
44:
  %45 = getelementptr inbounds nuw i8, ptr %3, i64 1440
  %46 = load i64, ptr %45, align 8
  %47 = call i64 @strata_rt_checksum(ptr %3) #4
  %.not43 = icmp eq i64 %46, %47
  br i1 %.not43, label %50, label %48
48:
  call void @llvm.memcpy.p0.p0.i64(ptr align 16 dereferenceable(24) %13, ptr align 16 dereferenceable(24) @__const.strata_rt_check_image.parts.128, i64 24, i1 false)
  %49 = call i32 @strata_rt_refuse_image(ptr %0, i32 3, ptr %1, ptr %13) #4
  br label %115
50:
  %51 = getelementptr inbounds nuw i8, ptr %3, i64 288
  %52 = getelementptr inbounds i8, ptr %3, i64 319
  store i8 0, ptr %52, align 1
  %53 = getelementptr inbounds nuw i8, ptr %3, i64 32
  %54 = getelementptr inbounds i8, ptr %3, i64 287
  store i8 0, ptr %54, align 1
  %55 = getelementptr inbounds nuw i8, ptr %3, i64 416
  %56 = getelementptr inbounds i8, ptr %3, i64 1439
  store i8 0, ptr %56, align 1
  %57 = getelementptr inbounds nuw i8, ptr %3, i64 320
  %58 = getelementptr inbounds i8, ptr %3, i64 415
  store i8 0, ptr %58, align 1
  %59 = getelementptr inbounds nuw i8, ptr %7, i64 32
  %60 = call i32 @strata_rt_same_field(ptr %53, ptr %59, i64 256) #4
  %.not44 = icmp eq i32 %60, 0
  br i1 %.not44, label %61, label %69
61:
  store ptr @.str.129, ptr %14, align 8
  %62 = getelementptr inbounds i8, ptr %14, i64 8
  store ptr %53, ptr %62, align 8
  %63 = getelementptr inbounds i8, ptr %14, i64 16
  store ptr @.str.130, ptr %63, align 8
  %64 = getelementptr inbounds i8, ptr %14, i64 24
  store ptr %59, ptr %64, align 8
  %65 = getelementptr inbounds i8, ptr %14, i64 32
  store ptr @.str.17, ptr %65, align 8
  %66 = getelementptr inbounds i8, ptr %14, i64 40
  store ptr @.str.121, ptr %66, align 8
  %67 = getelementptr inbounds i8, ptr %14, i64 48
  store ptr null, ptr %67, align 8
  %68 = call i32 @strata_rt_refuse_image(ptr %0, i32 4, ptr %1, ptr %14) #4
  br label %115
69:
  %70 = getelementptr inbounds nuw i8, ptr %7, i64 288
  %71 = call i32 @strata_rt_same_field(ptr %51, ptr %70, i64 32) #4
  %.not45 = icmp eq i32 %71, 0
  br i1 %.not45, label %72, label %79
72:
  store ptr @.str.131, ptr %15, align 8
  %73 = getelementptr inbounds i8, ptr %15, i64 8
  store ptr %51, ptr %73, align 8
  %74 = getelementptr inbounds i8, ptr %15, i64 16
  store ptr @.str.132, ptr %74, align 8
  %75 = getelementptr inbounds i8, ptr %15, i64 24
  store ptr %70, ptr %75, align 8
  %76 = getelementptr inbounds i8, ptr %15, i64 32
  store ptr @.str.133, ptr %76, align 8
  %77 = getelementptr inbounds i8, ptr %15, i64 40
  store ptr null, ptr %77, align 8
  %78 = call i32 @strata_rt_refuse_image(ptr %0, i32 4, ptr %1, ptr %15) #4
  br label %115
79:
  %80 = getelementptr inbounds nuw i8, ptr %7, i64 320
  %81 = call i32 @strata_rt_same_field(ptr %57, ptr %80, i64 96) #4
  %.not46 = icmp eq i32 %81, 0
  br i1 %.not46, label %82, label %88
82:
  store ptr @.str.134, ptr %16, align 8
  %83 = getelementptr inbounds i8, ptr %16, i64 8
  store ptr %59, ptr %83, align 8
  %84 = getelementptr inbounds i8, ptr %16, i64 16
  store ptr @.str.135, ptr %84, align 8
  %85 = getelementptr inbounds i8, ptr %16, i64 24
  store ptr @.str.121, ptr %85, align 8
  %86 = getelementptr inbounds i8, ptr %16, i64 32
  store ptr null, ptr %86, align 8
  %87 = call i32 @strata_rt_refuse_image(ptr %0, i32 4, ptr %1, ptr %16) #4
  br label %115
88:
  %.not47 = icmp eq ptr %2, null
  br i1 %.not47, label %100, label %89
89:
  %90 = getelementptr inbounds nuw i8, ptr %7, i64 416
  %91 = call i32 @strata_rt_same_field(ptr %55, ptr %90, i64 1024) #4
  %.not48 = icmp eq i32 %91, 0
  br i1 %.not48, label %92, label %100
92:
  store ptr @.str.136, ptr %17, align 8
  %93 = getelementptr inbounds i8, ptr %17, i64 8
  store ptr %55, ptr %93, align 8
  %94 = getelementptr inbounds i8, ptr %17, i64 16
  store ptr @.str.130, ptr %94, align 8
  %95 = getelementptr inbounds i8, ptr %17, i64 24
  store ptr %90, ptr %95, align 8
  %96 = getelementptr inbounds i8, ptr %17, i64 32
  store ptr @.str.17, ptr %96, align 8
  %97 = getelementptr inbounds i8, ptr %17, i64 40
  store ptr @.str.121, ptr %97, align 8
  %98 = getelementptr inbounds i8, ptr %17, i64 48
  store ptr null, ptr %98, align 8
  %99 = call i32 @strata_rt_refuse_image(ptr %0, i32 4, ptr %1, ptr %17) #4
  br label %115
100:
  %101 = getelementptr inbounds nuw i8, ptr %3, i64 24
  %102 = load i64, ptr %101, align 8
  %103 = getelementptr inbounds nuw i8, ptr %7, i64 24
  %104 = load i64, ptr %103, align 8
  %.not49 = icmp eq i64 %102, %104
  %.not50 = icmp eq i64 %104, %5
  %or.cond = and i1 %.not49, %.not50
  br i1 %or.cond, label %115, label %105
105:
  store ptr @.str.137, ptr %18, align 8
  %106 = getelementptr inbounds i8, ptr %18, i64 8
  %107 = load i64, ptr %103, align 8
  %108 = call ptr @strata_rt_decimal(ptr %8, i64 %107) #4
  store ptr %108, ptr %106, align 8
  %109 = getelementptr inbounds i8, ptr %18, i64 16
  store ptr @.str.138, ptr %109, align 8
  %110 = getelementptr inbounds i8, ptr %18, i64 24
  %111 = call ptr @strata_rt_decimal(ptr %9, i64 %5) #4
  store ptr %111, ptr %110, align 8
  %112 = getelementptr inbounds i8, ptr %18, i64 32
  store ptr @.str.121, ptr %112, align 8
  %113 = getelementptr inbounds i8, ptr %18, i64 40
  store ptr null, ptr %113, align 8
  %114 = call i32 @strata_rt_refuse_image(ptr %0, i32 3, ptr %1, ptr %18) #4
  br label %115
115:
  %.0 = phi i32 [ %23, %22 ], [ %27, %26 ], [ %43, %33 ], [ %49, %48 ], [ %114, %105 ], [ %99, %92 ], [ %87, %82 ], [ %78, %72 ], [ %68, %61 ], [ 0, %100 ]
  ret i32 %.0
}
define internal i32 @strata_rt_same_field(ptr %0, ptr %1, i64 %2) #0 {
  br label %4
4:
  %.0 = phi i64 [ 0, %3 ], [ %12, %11 ]
  %5 = icmp slt i64 %.0, %2
  br i1 %5, label %6, label %13
6:
  %7 = getelementptr inbounds i8, ptr %0, i64 %.0
  %8 = load i8, ptr %7, align 1
  %9 = getelementptr inbounds i8, ptr %1, i64 %.0
  %10 = load i8, ptr %9, align 1
  %.not = icmp eq i8 %8, %10
  br i1 %.not, label %11, label %13
11:
  %12 = add nuw nsw i64 %.0, 1
  br label %4
13:
  %.07 = phi i32 [ 0, %6 ], [ 1, %4 ]
  ret i32 %.07
}
attributes #0 = { nounwind "no-builtins" }
attributes #1 = { nocallback nofree nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "no-builtins" }
attributes #3 = { nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #4 = { nobuiltin "no-builtins" }
attributes #5 = { nobuiltin nounwind "no-builtins" }
