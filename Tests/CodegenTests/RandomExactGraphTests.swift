import Foundation
import GraphIR
import KernelIR
import Testing
import Toolchain

/// Random graphs of operations that have one right result, on numbers of every kind: compiled, every bit is the interpreter's.
@Suite struct RandomExactGraphTests {
    /// The seeds that are tried: `STRATA_RANDOM_SEEDS=1000...2999` tries others, on every level.
    static let seeds = RandomSeeds.chosen ?? 0..<120

    @Test(arguments: seeds)
    func everyBit(seed: UInt64) throws {
        let targets = HalfPrecisionTests.targets
        for target in RandomSeeds.chosen == nil ? [targets[Int(seed) % targets.count]] : targets {
            let module = RandomGraph.exactModule(seed: seed)
            expectNoFailure(of: module, seed, target) { Self.failure(of: $0, seed, target) }
        }
    }

    private static func failure(of module: GraphModule, _ seed: UInt64, _ target: Target) -> String? {
        do {
            let data = try RandomCase(module, seed: seed, numbers: .any)
            return data.isCallable ? try data.firstMismatch(in: data.compiled(target)) : nil
        } catch {
            return "\(error)"
        }
    }
}

/// Seeds that the environment asks for.
enum RandomSeeds {
    /// `STRATA_RANDOM_SEEDS=FIRST...LAST`; nil if it is not set.
    static let chosen: Range<UInt64>? = {
        let ends = ProcessInfo.processInfo.environment["STRATA_RANDOM_SEEDS"]?.components(separatedBy: "...")
        guard let ends, ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first <= last else {
            return nil
        }
        return first..<(last + 1)
    }()
}
