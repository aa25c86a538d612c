import Dispatch
import Glibc
import KernelIR
import Toolchain

/// What this machine reaches at best, measured now: multiply-adds in registers, and memory traffic by the size of what is
/// worked on.
public struct MachinePeak: Sendable {
    /// The number of threads it was measured on.
    public let threads: Int
    /// f32 GFLOP/s, a multiply-add counted as two.
    public let gigaflops: Double
    /// The caches and the memory behind them, the fastest first.
    public let memory: [MemoryPeak]

    /// States what a machine reaches.
    public init(threads: Int, gigaflops: Double, memory: [MemoryPeak]) {
        self.threads = threads
        self.gigaflops = gigaflops
        self.memory = memory
    }

    /// GB/s read and written by a copy that is too large for caches.
    public var gigabytes: Double { memory.last?.copy ?? 0 }

    /// Measures on `threads` threads; takes about a second. Throws what the toolchain throws.
    public static func measure(threads: Int) throws -> MachinePeak {
        measure(threads: threads, with: try PeakKernels(target: .host))
    }

    static func measure(threads: Int, with kernels: PeakKernels) -> MachinePeak {
        let gigaflops = (0..<5).map { _ in kernels.gigaflops(rounds: 400_000, threads: threads) }.max() ?? 0
        let memory = MemoryLevel.levels(of: .host, threads: threads).map { $0.measure(kernels, threads: threads) }
        return MachinePeak(threads: threads, gigaflops: gigaflops, memory: memory)
    }

    /// The same at another rate of arithmetic, as measured at another moment.
    func at(gigaflops: Double) -> MachinePeak {
        MachinePeak(threads: threads, gigaflops: gigaflops, memory: memory)
    }

    /// The least microseconds in which a kernel could do its work: it computes no faster than `gigaflops`, and moves each
    /// byte once at the rate of the smallest level that holds all it works on. The part that still fits into the level
    /// before moves at that one's rate.
    public func bound(flops: Double, read: Double, written: Double, workingSet: Double) -> RooflineBound {
        let compute = flops / gigaflops / 1e3
        guard let at = memory.firstIndex(where: { workingSet <= Double($0.byteCount) }) else {
            return RooflineBound(microseconds: compute, limit: "compute")
        }
        var traffic = memory[at].microseconds(read: read, written: written)
        if at > 0 {
            let near = Double(memory[at - 1].byteCount) / workingSet
            traffic += near * (memory[at - 1].microseconds(read: read, written: written) - traffic)
        }
        return compute >= traffic
            ? RooflineBound(microseconds: compute, limit: "compute")
            : RooflineBound(microseconds: traffic, limit: memory[at].name)
    }

    static func best(of rounds: Int, threads: Int, _ work: @Sendable (Int) -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<rounds {
            let before = ContinuousClock.now
            DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
            best = min(best, (ContinuousClock.now - before).microseconds / 1e6)
        }
        return best
    }
}

/// The least time some work can take, and what sets it.
public struct RooflineBound: Sendable, Hashable {
    /// The least time.
    public let microseconds: Double
    /// What it is bound by: `compute`, or a level of memory, such as `L2`.
    public let limit: String
}

/// The rates of one level of the memory hierarchy.
public struct MemoryPeak: Sendable, Hashable {
    /// `L1`, `L2`, `L3` or `memory`.
    public let name: String
    /// The largest working set that counts as being in it, over all threads.
    public let byteCount: Int
    /// GB/s of reading alone.
    public let read: Double
    /// GB/s of writing alone.
    public let write: Double
    /// GB/s of a copy, bytes read and bytes written both counted.
    public let copy: Double

    /// States what a level reaches.
    public init(name: String, byteCount: Int, read: Double, write: Double, copy: Double) {
        self.name = name
        self.byteCount = byteCount
        self.read = read
        self.write = write
        self.copy = copy
    }

    /// The time of traffic: as much of it as there is as a copy, the rest as reading or writing alone.
    func microseconds(read bytesRead: Double, written: Double) -> Double {
        let both = min(bytesRead, written)
        return (2 * both / copy + (bytesRead - both) / read + (written - both) / write) / 1e3
    }
}

/// How a level of memory is measured.
private struct MemoryLevel {
    let name: String
    /// The largest working set that counts as being in the level, over all threads.
    let byteCount: Int
    /// The bytes each thread works on to measure it.
    let block: Int
    let isMemory: Bool

    /// The caches and memory. The last cache is shared with others, so that less than all of it is used; what is too large for it
    /// is bounded, so that measuring stays short.
    static func levels(of caches: CacheSizes, threads: Int) -> [MemoryLevel] {
        var levels: [MemoryLevel] = []
        for (at, cache) in caches.levels.enumerated() {
            let isShared = at == 2
            let capacity = isShared ? cache.byteCount : cache.byteCount * threads
            let previous = at > 0 ? 2 * caches.levels[at - 1].byteCount : 0
            let block = isShared ? max(previous, min(cache.byteCount / 2, 32 << 20) / threads) : cache.byteCount / 2
            levels.append(MemoryLevel(name: cache.name, byteCount: capacity, block: block, isMemory: false))
        }
        let last = levels.last?.byteCount ?? 32 << 20
        let whole = min(max(2 * last, 128 << 20), 384 << 20)
        levels.append(MemoryLevel(name: "memory", byteCount: .max, block: whole / threads, isMemory: true))
        return levels
    }

    func measure(_ kernels: PeakKernels, threads: Int) -> MemoryPeak {
        // Half the block is source and half is target; all of it is read, or written.
        let floats = block / 8 / PeakKernels.step * PeakKernels.step
        let blocks = (0..<threads).map { _ in Block(byteCount: floats * 8) }
        let rounds = max(1, (64 << 20) / (floats * 8))
        func rate(_ pass: @escaping @Sendable (Block) -> Void) -> Double {
            let seconds = MachinePeak.best(of: isMemory ? 3 : 7, threads: threads) { thread in
                for _ in 0..<rounds { pass(blocks[thread]) }
            }
            return Double(threads * rounds * floats * 8) / seconds / 1e9
        }
        let half = floats * 4
        let read = rate { kernels.read($0.start, 2 * floats) }
        var write = rate { kernels.write($0.start, 2 * floats) }
        var copy = rate { kernels.copy($0.start, $0.start + half, floats) }
        if isMemory {
            write = max(write, rate { kernels.streamingWrite($0.start, 2 * floats) })
            copy = max(copy, rate { kernels.streamingCopy($0.start, $0.start + half, floats) })
        }
        return MemoryPeak(name: name, byteCount: byteCount, read: read, write: write, copy: copy)
    }

    /// Memory that is written once, so that it is there, in huge pages where the system has them.
    private final class Block: @unchecked Sendable {
        let start: UnsafeMutableRawPointer

        init(byteCount: Int) {
            let hugePage = 2 << 20
            start = .allocate(byteCount: byteCount, alignment: byteCount >= hugePage ? hugePage : 4096)
            if byteCount >= hugePage { madvise(start, byteCount, MADV_HUGEPAGE) }
            memset(start, 1, byteCount)
        }

        deinit { start.deallocate() }
    }
}
