import CLLVM
import Glibc
import KernelIR

/// What the processor of this machine offers.
public struct HostProcessor: Sendable, Hashable {
    /// Its instruction-set family.
    public let architecture: Architecture
    /// The highest CPU level whose features are all there and which the operating system keeps registers for.
    public let level: CPULevel
    /// LLVM's names of the features that are there, sorted.
    public let features: [String]
    /// The maker's name of the model, as the operating system reports it; empty when it does not.
    public let model: String
    /// The number of processor cores that are on line.
    public let coreCount: Int

    /// Asks the processor.
    ///
    /// The features are read from the processor itself (CPUID and XGETBV on x86-64), not derived from a model name,
    /// which is wrong for processors newer than LLVM and under hypervisors that hide features.
    public static func detect() -> HostProcessor {
        LLVMLibrary.initialize()
        let features = LLVMLibrary.take(LLVMGetHostCPUFeatures())
            .split(separator: ",").filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) }.sorted()
        #if arch(arm64)
            let architecture = Architecture.aarch64
        #else
            let architecture = Architecture.x86_64
        #endif
        return HostProcessor(
            architecture: architecture, level: level(of: architecture, features: features), features: features,
            model: modelName(), coreCount: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// The highest level of `architecture` that a processor with `features` (LLVM's names) offers.
    public static func level(of architecture: Architecture, features: [String]) -> CPULevel {
        let present = Set(features)
        return CPULevel.levels(of: architecture).last { requiredFeatures(of: $0).isSubset(of: present) } ?? .baseline
    }

    /// LLVM's names of the features that make up a level: the micro-architecture levels of the x86-64 psABI.
    public static func requiredFeatures(of level: CPULevel) -> Set<String> {
        switch level {
        case .baseline: []
        case .v3:
            [
                "cx16", "sahf", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3",
                "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave",
            ]
        case .v4:
            requiredFeatures(of: .v3).union(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])
        }
    }

    private static func modelName() -> String {
        guard let bytes = try? FileBytes.read("/proc/cpuinfo") else { return "" }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("model name") {
            return String(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
        }
        return ""
    }
}
