import Glibc
import HostTensors
import KernelIR
import Toolchain

/// Functions in machine code for this machine that do nothing but compute, read, write or copy. They are not unloaded.
struct PeakKernels: Sendable {
    /// Independent chains of multiply-adds: more than latency times throughput.
    static let chains = 12
    /// Floats that a round of a memory loop moves; counts are multiples of it.
    static let step = 128

    private typealias MultiplyAdd = @convention(c) (Int, UnsafeMutableRawPointer) -> Void
    private typealias Copy = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Void
    private typealias Pass = @convention(c) (UnsafeMutableRawPointer, Int) -> Void
    private let multiplyAddFunction: MultiplyAdd
    private let readFunction: Pass
    private let writeFunction: Pass
    private let streamingWriteFunction: Pass
    private let copyFunction: Copy
    private let streamingCopyFunction: Copy

    private let lanes: Int

    init(target: Target) throws {
        lanes = target.lanes(byteCount: 4)
        let names = ["multiply_add", "read", "write", "streaming_write", "copy", "streaming_copy"].map { "peak_\($0)" }
        let text = PeakKernelText(target: target).module
        let library = try Linker.locate().sharedObject(
            objects: [try LLVMCompiler.object(ir: text, target: target)], soname: "peak.so",
            architecture: target.architecture, exports: names)
        let handle = try Self.load(library)
        let found = try names.map { name in
            guard let address = dlsym(handle, name) else {
                throw BenchmarkError("the function \(name) that measures this machine's peak is not in its library")
            }
            return address
        }
        multiplyAddFunction = unsafeBitCast(found[0], to: MultiplyAdd.self)
        readFunction = unsafeBitCast(found[1], to: Pass.self)
        writeFunction = unsafeBitCast(found[2], to: Pass.self)
        streamingWriteFunction = unsafeBitCast(found[3], to: Pass.self)
        copyFunction = unsafeBitCast(found[4], to: Copy.self)
        streamingCopyFunction = unsafeBitCast(found[5], to: Copy.self)
    }

    /// The rate of `threads` threads that do so many rounds each, in GFLOP/s: a multiply-add counts as two.
    func gigaflops(rounds: Int, threads: Int) -> Double {
        let seconds = MachinePeak.best(of: 1, threads: threads) { _ in multiplyAdd(rounds) }
        return Double(threads * rounds * Self.chains * lanes * 2) / seconds / 1e9
    }

    private func multiplyAdd(_ rounds: Int) {
        // Ordinary numbers: what memory happens to hold may be denormal, and slow.
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { memory in
            memory.initializeMemory(as: Float.self, repeating: 0.5)
            multiplyAddFunction(rounds, memory.baseAddress!)
        }
    }

    /// Reads floats.
    func read(_ source: UnsafeMutableRawPointer, _ count: Int) { readFunction(source, count) }

    /// Writes floats.
    func write(_ target: UnsafeMutableRawPointer, _ count: Int) { writeFunction(target, count) }

    /// Writes floats past the caches.
    func streamingWrite(_ target: UnsafeMutableRawPointer, _ count: Int) { streamingWriteFunction(target, count) }

    /// Copies floats.
    func copy(_ target: UnsafeMutableRawPointer, _ source: UnsafeMutableRawPointer, _ count: Int) {
        copyFunction(target, source, count)
    }

    /// Copies floats, writing past the caches.
    func streamingCopy(_ target: UnsafeMutableRawPointer, _ source: UnsafeMutableRawPointer, _ count: Int) {
        streamingCopyFunction(target, source, count)
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
}
