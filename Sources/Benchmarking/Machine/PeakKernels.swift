import Glibc
import HostTensors
import KernelIR
import Toolchain

/// Two functions in machine code for this machine. They are not unloaded.
struct PeakKernels: Sendable {
    /// Independent chains of multiply-adds: more than latency times throughput.
    static let chains = 12

    private typealias MultiplyAdd = @convention(c) (Int, UnsafeMutableRawPointer) -> Void
    private typealias Copy = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Void
    private let multiplyAddFunction: MultiplyAdd
    private let copyFunction: Copy

    init(target: Target) throws {
        let object = try LLVMCompiler.object(ir: Self.text(target), target: target)
        let library = try Linker.locate().sharedObject(
            objects: [object], soname: "peak.so", architecture: target.architecture,
            exports: ["peak_multiply_add", "peak_copy"])
        let handle = try Self.load(library)
        guard let multiplyAdd = dlsym(handle, "peak_multiply_add"), let copy = dlsym(handle, "peak_copy") else {
            throw BenchmarkError("the functions that measure this machine's peak are not in their library")
        }
        multiplyAddFunction = unsafeBitCast(multiplyAdd, to: MultiplyAdd.self)
        copyFunction = unsafeBitCast(copy, to: Copy.self)
    }

    func multiplyAdd(_ rounds: Int) {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { multiplyAddFunction(rounds, $0.baseAddress!) }
    }

    /// Copies floats; the count is a multiple of 64.
    func copy(_ target: UnsafeMutableRawPointer, _ source: UnsafeMutableRawPointer, _ count: Int) {
        copyFunction(target, source, count)
    }

    /// Loads a library through a file that is gone again afterwards.
    private static func load(_ library: [UInt8]) throws -> UnsafeMutableRawPointer {
        try TemporaryFolder.with { folder in
            let path = folder + "/peak.so"
            try WholeFile.write(library, path: path)
            guard let handle = dlopen(path, RTLD_NOW) else {
                throw BenchmarkError(
                    "the code that measures this machine's peak can't be loaded: \(String(cString: dlerror()))")
            }
            return handle
        }
    }

    private static func text(_ target: Target) -> String {
        let vector = "<\(target.lanes(byteCount: 4)) x float>"
        let suffix = "v\(target.lanes(byteCount: 4))f32"
        let attributes =
            "\"target-cpu\"=\"\(target.processor)\" \"prefer-vector-width\"=\"\(target.vectorBits)\" "
            + "\"min-legal-vector-width\"=\"\(target.vectorBits)\""
        var chains = ""
        var starts = ""
        var sum = ""
        for chain in 0..<Self.chains {
            starts += "  %a\(chain) = phi \(vector) [ zeroinitializer, %entry ], [ %n\(chain), %loop ]\n"
            if target.hasFusedMultiplyAdd {
                chains +=
                    "  %n\(chain) = call \(vector) @llvm.fma.\(suffix)(\(vector) %x, \(vector) %x, \(vector) %a\(chain))\n"
            } else {
                chains += "  %p\(chain) = fmul \(vector) %x, %a\(chain)\n  %n\(chain) = fadd \(vector) %p\(chain), %x\n"
            }
            let before = chain == 0 ? "zeroinitializer" : "%s\(chain - 1)"
            sum += "  %s\(chain) = fadd \(vector) \(before), %n\(chain)\n"
        }
        return """
            declare \(vector) @llvm.fma.\(suffix)(\(vector), \(vector), \(vector))
            define void @peak_multiply_add(i64 %rounds, ptr %out) #0 {
            entry:
              %x = load \(vector), ptr %out, align 4
              br label %loop
            loop:
              %i = phi i64 [ 0, %entry ], [ %next, %loop ]
            \(starts)\(chains)  %next = add i64 %i, 1
              %more = icmp ult i64 %next, %rounds
              br i1 %more, label %loop, label %end
            end:
            \(sum)  store \(vector) %s\(Self.chains - 1), ptr %out, align 4
              ret void
            }
            define void @peak_copy(ptr noalias %target, ptr noalias %source, i64 %count) #0 {
            entry:
              br label %loop
            loop:
              %i = phi i64 [ 0, %entry ], [ %next, %loop ]
            \(copies(vector, target.lanes(byteCount: 4)))  %next = add i64 %i, 64
              %more = icmp ult i64 %next, %count
              br i1 %more, label %loop, label %end
            end:
              ret void
            }
            attributes #0 = { nounwind \(attributes) }

            """
    }

    private static func copies(_ vector: String, _ lanes: Int) -> String {
        var text = ""
        for at in 0..<64 / lanes {
            text += "  %i\(at) = add i64 %i, \(at * lanes)\n"
            text += "  %from\(at) = getelementptr float, ptr %source, i64 %i\(at)\n"
            text += "  %to\(at) = getelementptr float, ptr %target, i64 %i\(at)\n"
            text += "  %v\(at) = load \(vector), ptr %from\(at), align 4\n"
            text += "  store \(vector) %v\(at), ptr %to\(at), align 4\n"
        }
        return text
    }
}
