import Benchmarking

/// A kernel profile as tables for people and as JSON for programs.
struct KernelReport {
    let profile: KernelProfile
    let peak: MachinePeak

    private var total: Double { profile.kernels.reduce(0) { $0 + $1.median } }

    /// Kernels, the longest first, then layers.
    var text: String {
        var kernels = TextTable("kernel", "result", "µs", "min", "share", "GFLOP/s", "GB/s", "bound by", "of roofline")
        for kernel in profile.kernels.sorted(by: { $0.median > $1.median }) {
            kernels.add(
                kernel.work.label, kernel.work.result, kernel.median.rounded3, kernel.least.rounded3,
                (kernel.median / total).percent,
                (kernel.work.flops / kernel.median / 1e3).rounded3, (kernel.bytes / kernel.median / 1e3).rounded3,
                kernel.bound.limit, kernel.shareOfRoofline.percent)
        }
        var layers = TextTable("layer", "calls", "µs", "share", "GFLOP/s", "GB/s", "of roofline")
        for layer in profile.layers {
            layers.add(
                layer.layer.isEmpty ? "(none)" : layer.layer, "\(layer.calls)", layer.microseconds.rounded3,
                (layer.microseconds / total).percent, (layer.flops / layer.microseconds / 1e3).rounded3,
                (layer.bytes / layer.microseconds / 1e3).rounded3, (layer.bound / layer.microseconds).percent)
        }
        let bound = profile.kernels.reduce(0) { $0 + $1.bound.microseconds }
        return "\(kernels.text)\n\(layers.text)\n"
            + "  kernels \(total.rounded3) µs, between them \(profile.between.rounded3) µs, in \(profile.repetitions) runs; "
            + "at the roofline \(bound.rounded3) µs (\((bound / (total + profile.between)).percent))\n"
            + "  roofline: \(peak.gigaflops.rounded3) GFLOP/s; "
            + peak.memory.map { "\($0.name) \($0.read.rounded3) read, \($0.copy.rounded3) copied" }
            .joined(separator: "; ") + " GB/s\n"
    }

    /// The members `kernels`, `layers`, `kernels_us`, `between_us` and `roofline`.
    var members: [(String, JSONValue)] {
        let kernels = profile.kernels.map { kernel in
            JSONValue.object([
                ("call", .integer(kernel.work.call)), ("kernel", .string(kernel.work.kernel)),
                ("label", .string(kernel.work.label)), ("layer", .string(kernel.work.layer)),
                ("result", .string(kernel.work.result)),
                ("median_us", .number(kernel.median)), ("min_us", .number(kernel.least)),
                ("busy_us", .number(kernel.busy)), ("flops", .number(kernel.work.flops)),
                ("bytes_read", .number(kernel.work.bytesRead)), ("bytes_written", .number(kernel.work.bytesWritten)),
                ("chunks", .integer(kernel.work.chunks)), ("roofline_us", .number(kernel.bound.microseconds)),
                ("bound_by", .string(kernel.bound.limit)), ("share_of_roofline", .number(kernel.shareOfRoofline)),
            ])
        }
        let layers = profile.layers.map { layer in
            JSONValue.object([
                ("layer", .string(layer.layer)), ("calls", .integer(layer.calls)),
                ("median_us", .number(layer.microseconds)), ("flops", .number(layer.flops)),
                ("bytes", .number(layer.bytes)), ("roofline_us", .number(layer.bound)),
            ])
        }
        return [
            ("kernels", .list(kernels)), ("layers", .list(layers)), ("kernels_us", .number(total)),
            ("between_us", .number(profile.between)), ("roofline", peak.value),
        ]
    }
}

extension KernelTiming {
    /// Bytes read and written.
    var bytes: Double { work.bytesRead + work.bytesWritten }
}

extension MachinePeak {
    /// The peaks as JSON.
    var value: JSONValue {
        .object([
            ("threads", .integer(threads)), ("gflops", .number(gigaflops)),
            (
                "memory",
                .list(
                    memory.map { level in
                        .object([
                            ("name", .string(level.name)), ("read_gbytes", .number(level.read)),
                            ("write_gbytes", .number(level.write)), ("copy_gbytes", .number(level.copy)),
                        ])
                    })
            ),
        ])
    }
}
