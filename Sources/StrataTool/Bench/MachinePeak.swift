import Dispatch
import Glibc
import KernelIR
import Toolchain

/// What this machine reaches at best, measured now: multiply-adds in registers, and a copy too large for caches.
struct MachinePeak {
    /// f32 GFLOP/s, a multiply-add counted as two.
    let gigaflops: Double
    /// GB/s read and written.
    let gigabytes: Double

    /// Measures both on `threads` threads; takes about half a second.
    static func measure(threads: Int) throws -> MachinePeak {
        let target = Target.host
        let kernels = try PeakKernels(target: target)
        let lanes = target.lanes(byteCount: 4)
        let rounds = 400_000
        let flopSeconds = best(of: 5, threads: threads) { _ in kernels.multiplyAdd(rounds) }
        let count = (24 << 20) / threads / 64 * 64
        let memory = (0..<2 * threads).map { _ in Block(floats: count) }
        let copySeconds = best(of: 5, threads: threads) { thread in
            kernels.copy(memory[2 * thread].start, memory[2 * thread + 1].start, count)
        }
        let flops = Double(threads * rounds * PeakKernels.chains * lanes * 2)
        return MachinePeak(
            gigaflops: flops / flopSeconds / 1e9, gigabytes: Double(threads * count * 8) / copySeconds / 1e9)
    }

    private static func best(of rounds: Int, threads: Int, _ work: @Sendable (Int) -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<rounds {
            let before = ContinuousClock.now
            DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
            best = min(best, (ContinuousClock.now - before).microseconds / 1e6)
        }
        return best
    }

    /// Memory that is written once, so that it is there.
    private final class Block: @unchecked Sendable {
        let start: UnsafeMutableRawPointer

        init(floats: Int) {
            start = .allocate(byteCount: floats * 4, alignment: 64)
            memset(start, 1, floats * 4)
        }

        deinit { start.deallocate() }
    }
}

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
            throw Failure("the functions that measure this machine's peak are not in their library")
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
        var name = Array("/tmp/strata-peak-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw Failure("the code that measures this machine's peak can't be written to /tmp") }
        defer {
            close(file)
            unlink(name)
        }
        let written = library.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written == library.count, let handle = dlopen(name, RTLD_NOW) else {
            throw Failure("the code that measures this machine's peak can't be loaded from /tmp")
        }
        return handle
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
