import Benchmarking
import Execution
import Foundation

/// One function, compiled and interpreted, against what the machine can do.
struct EngineReport {
    let graph: String
    let function: String
    let sizes: [String: Int]
    let threads: Int
    let variant: String
    let compileMilliseconds: Double
    let compiled: Timing
    /// The same without a memory limit, where that was asked for.
    let unlimited: Timing?
    let interpreted: Timing
    let cost: FunctionCost
    let kernels: KernelReport
    /// The memory of the compiled model, known before it ran.
    let planned: PlannedMemory?
    /// What the process grew by in the first call: workspace, and the inputs and outputs that are the caller's.
    let growth: Int?
    /// The largest size of the process until then.
    let peakResidentMiB: Double

    var peak: MachinePeak { kernels.peak }
    var ratio: Double { interpreted.median / compiled.median }
    var gigaflops: Double { cost.flops / compiled.median / 1e3 }
    var gigabytes: Double { cost.bytes / compiled.median / 1e3 }

    var value: JSONValue {
        .object(
            [
                ("graph", .string(graph)), ("function", .string(function)),
                ("sizes", .object(sizes.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
                ("threads", .integer(threads)), ("variant", .string(variant)),
                ("compile_ms", .number(compileMilliseconds)),
                ("compiled", compiled.value), ("interpreted", interpreted.value), ("ratio", .number(ratio)),
                ("flops", .number(cost.flops)), ("bytes", .number(cost.bytes)), ("gflops", .number(gigaflops)),
                ("gbytes", .number(gigabytes)), ("peak_gflops", .number(peak.gigaflops)),
                ("peak_gbytes", .number(peak.gigabytes)), ("share_of_peak_gflops", .number(gigaflops / peak.gigaflops)),
                ("share_of_peak_gbytes", .number(gigabytes / peak.gigabytes)),
                ("peak_rss_mib", .number(peakResidentMiB)), ("planned_bytes", planned?.value ?? .null),
                ("first_call_growth_bytes", growth.map { .integer($0) } ?? .null),
            ] + (unlimited.map { [("unlimited", $0.value)] } ?? []) + kernels.members)
    }

    var text: String {
        func row(_ name: String, _ timing: Timing) -> String {
            let columns = [timing.median, timing.least, timing.ninetiethPercentile].map { Self.padded($0, 14) }
            return "  " + name.padding(toLength: 12, withPad: " ", startingAt: 0) + columns.joined()
                + "   \(timing.repetitions) runs\n"
        }
        func share(_ value: Double, of peak: Double, _ unit: String) -> String {
            "\(value.rounded3) \(unit), \((value / peak).percent) of \(peak.rounded3) \(unit) measured\n"
        }
        let dims = sizes.sorted { $0.key < $1.key }.map { ", \($0.key) = \($0.value)" }.joined()
        return "\(graph) @\(function)\(dims), \(threads) thread\(threads == 1 ? "" : "s"), \(variant), "
            + "compiled in \(compileMilliseconds.rounded3) ms\n"
            + "  µs              median           min           p90\n" + row("compiled", compiled)
            + (unlimited.map { row("unlimited", $0) } ?? "")
            + row("interpreted", interpreted) + "  ratio       \(ratio.rounded3) ×\n"
            + "  arithmetic  " + share(gigaflops, of: peak.gigaflops, "GFLOP/s") + "  memory      "
            + share(gigabytes, of: peak.gigabytes, "GB/s") + memory + "\n" + kernels.text
    }

    private var memory: String {
        let first = growth.map { "first call \($0.sizeText), planned \(planned?.workspace.sizeText ?? "–"); " } ?? ""
        return "  growth      \(first)process with compiler \(peakResidentMiB.rounded3) MiB\n"
    }

    private static func padded(_ value: Double, _ width: Int) -> String {
        let text = String(format: "%.1f", value)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
