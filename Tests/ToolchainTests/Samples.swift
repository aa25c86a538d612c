import Foundation
import Toolchain

/// IR texts the tests compile.
enum Samples {
    /// `add(x, y, z, n)`: z[i] = x[i] + y[i] for n floats, in no particular width.
    static let add = """
        define void @add(ptr noalias %x, ptr noalias %y, ptr noalias %z, i64 %n) {
        entry:
          %any = icmp sgt i64 %n, 0
          br i1 %any, label %loop, label %done
        loop:
          %i = phi i64 [ 0, %entry ], [ %next, %loop ]
          %px = getelementptr float, ptr %x, i64 %i
          %py = getelementptr float, ptr %y, i64 %i
          %pz = getelementptr float, ptr %z, i64 %i
          %a = load float, ptr %px
          %b = load float, ptr %py
          %c = fadd float %a, %b
          store float %c, ptr %pz
          %next = add i64 %i, 1
          %more = icmp slt i64 %next, %n
          br i1 %more, label %loop, label %done
        done:
          ret void
        }

        """

    /// A program that adds (1, 2, 3) to (10, 20, 30) with `add` and exits with the sum of the results, 66.
    static let addingProgram = """
        @x = private constant [3 x float] [float 1.0, float 2.0, float 3.0]
        @y = private constant [3 x float] [float 10.0, float 20.0, float 30.0]
        @z = private global [3 x float] zeroinitializer
        declare void @add(ptr, ptr, ptr, i64)
        declare void @exit(i32)
        define void @_start() {
          call void @add(ptr @x, ptr @y, ptr @z, i64 3)
          %z0 = load float, ptr @z
          %p1 = getelementptr float, ptr @z, i64 1
          %z1 = load float, ptr %p1
          %p2 = getelementptr float, ptr @z, i64 2
          %z2 = load float, ptr %p2
          %s = fadd float %z0, %z1
          %t = fadd float %s, %z2
          %status = fptosi float %t to i32
          call void @exit(i32 %status)
          unreachable
        }

        """

    /// A function that needs the C library, and a helper that nothing outside should see.
    static let usingCLibrary = """
        declare ptr @memcpy(ptr, ptr, i64)
        declare i32 @pthread_cond_wait(ptr, ptr)
        define i32 @helper(ptr %c, ptr %m) noinline {
          %r = call i32 @pthread_cond_wait(ptr %c, ptr %m)
          ret i32 %r
        }
        define i32 @copy_and_wait(ptr %to, ptr %from, i64 %n, ptr %c, ptr %m) {
          %ignored = call ptr @memcpy(ptr %to, ptr %from, i64 %n)
          %r = call i32 @helper(ptr %c, ptr %m)
          ret i32 %r
        }

        """

    /// A function that returns a constant.
    static func constant(_ name: String, _ value: Int) -> String {
        "define i32 @\(name)() {\n  ret i32 \(value)\n}\n"
    }
}

/// Gives `body` a folder that is removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("toolchain-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// Writes `bytes` to a new file `name` in `folder` and gives its path.
func store(_ bytes: [UInt8], as name: String, in folder: String) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
}
