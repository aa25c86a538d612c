import Benchmarking

/// A sweep's results for people and for programs.
struct SweepReport {
    let kind: SweepKind
    let seed: UInt64
    let peak: MachinePeak
    let variant: String
    let results: [SweepResult]

    private static let parts: [(name: String, part: Double)] = [
        ("min", 0), ("p10", 0.1), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("max", 1),
    ]

    private var ofPeak: Distribution { Distribution(results.map(\.shareOfPeak)) }
    private var ofRoofline: Distribution { Distribution(results.map(\.shareOfRoofline)) }

    /// Shapes with elements that are wrong.
    var failures: [SweepResult] { results.filter { $0.wrong > 0 } }

    var text: String {
        var shares = TextTable("share", "min", "p10", "p25", "median", "p75", "max")
        func add(_ name: String, _ distribution: Distribution) {
            let cells = Self.parts.map { distribution.quantile($0.part).percent }
            shares.add(name, cells[0], cells[1], cells[2], cells[3], cells[4], cells[5])
        }
        if kind != .reduce { add("of multiply-add peak", ofPeak) }
        add("of roofline", ofRoofline)
        var worst = TextTable("furthest from the roofline", "µs", "GFLOP/s", "GB/s", "of peak", "of roofline")
        for result in results.sorted(by: { $0.shareOfRoofline < $1.shareOfRoofline }).prefix(10) {
            let bytes = result.shape.bytesRead + result.shape.bytesWritten
            worst.add(
                result.shape.name, result.median.rounded3, (result.shape.flops / result.median / 1e3).rounded3,
                (bytes / result.median / 1e3).rounded3, result.shareOfPeak.percent, result.shareOfRoofline.percent)
        }
        let compile = Distribution(results.map(\.compileMilliseconds)).quantile(0.5)
        let checked =
            failures.isEmpty
            ? "every sampled element is within the rounding of f32"
            : "WRONG: " + failures.map { "\($0.shape.name) (\($0.wrong) elements)" }.joined(separator: ", ")
        return "\(kind.rawValue), \(results.count) shapes of seed \(seed), \(peak.threads) "
            + "thread\(peak.threads == 1 ? "" : "s"), \(variant), \(peak.gigaflops.rounded3) GFLOP/s measured, "
            + "compiled in \(compile.rounded3) ms each\n\(shares.text)\n\(worst.text)\n  \(checked)\n"
    }

    var value: JSONValue {
        func shares(_ distribution: Distribution) -> JSONValue {
            .object(Self.parts.map { ($0.name, .number(distribution.quantile($0.part))) })
        }
        let shapes = results.map { result in
            JSONValue.object([
                ("shape", .string(result.shape.name)), ("median_us", .number(result.median)),
                ("min_us", .number(result.least)), ("flops", .number(result.shape.flops)),
                ("bytes", .number(result.shape.bytesRead + result.shape.bytesWritten)),
                ("share_of_peak", .number(result.shareOfPeak)), ("share_of_roofline", .number(result.shareOfRoofline)),
                ("bound_by", .string(result.bound.limit)), ("compile_ms", .number(result.compileMilliseconds)),
                ("wrong", .integer(result.wrong)), ("largest_error", .number(result.largestError)),
            ])
        }
        return .object([
            ("sweep", .string(kind.rawValue)), ("seed", .integer(Int(clamping: seed))), ("variant", .string(variant)),
            ("share_of_peak", shares(ofPeak)), ("share_of_roofline", shares(ofRoofline)), ("roofline", peak.value),
            ("shapes", .list(shapes)),
        ])
    }
}
