import CArtifactRuntime
import Glibc
import KernelIR

/// What the processor of this machine offers.
public struct HostProcessor: Sendable, Hashable {
    /// Its instruction-set family.
    public let architecture: Architecture
    /// The highest CPU level whose features are all there and which the operating system keeps registers for.
    public let level: CPULevel
    /// The maker's name of the model, as the operating system reports it; empty when it does not.
    public let model: String
    /// The number of processor cores that are on line.
    public let coreCount: Int

    /// Asks the processor and the operating system.
    public static func detect() -> HostProcessor {
        HostProcessor(
            architecture: architecture, level: level, model: modelName(),
            coreCount: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// The instruction-set family of this process.
    static var architecture: Architecture {
        #if arch(arm64)
            .aarch64
        #else
            .x86_64
        #endif
    }

    /// The level that a library made by Strata chooses here: its own detection is asked.
    static var level: CPULevel {
        let rank = Int(strata_rt_cpu_rank())
        return CPULevel.levels(of: architecture).last { $0.rank <= rank } ?? .baseline
    }

    private static func modelName() -> String {
        guard let bytes = try? FileBytes.read("/proc/cpuinfo") else { return "" }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("model name") {
            return String(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
        }
        return ""
    }
}
