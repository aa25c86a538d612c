import Dispatch
import Glibc
import KernelIR
import Toolchain

/// What this machine reaches at best, measured now: multiply-adds in registers, and a copy too large for caches.
public struct MachinePeak: Sendable {
    /// f32 GFLOP/s, a multiply-add counted as two.
    public let gigaflops: Double
    /// GB/s read and written.
    public let gigabytes: Double

    /// Measures both on `threads` threads; takes about half a second. Throws what the toolchain throws.
    public static func measure(threads: Int) throws -> MachinePeak {
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
