import Benchmarking
import Foundation
import KernelIR

/// What kinds of kernels reach, and how far from f64 they are, for people and for programs.
struct FamilyReport {
    let variant: String
    let precision: Precision
    let rows: [(error: KernelError, speed: KernelSpeed?)]

    var text: String {
        let title = "error against f64, \(variant)" + (precision == .float32 ? "" : ", \(precision)")
        guard rows.contains(where: { $0.speed != nil }) else {
            var table = TextTable(title, "largest", "typical")
            for row in rows {
                table.add(row.error.family.name, Self.small(row.error.largest), Self.small(row.error.typical))
            }
            return table.text
        }
        var table = TextTable(title, "largest", "typical", "µs", "GFLOP/s", "GB/s", "bound by", "of roofline")
        for row in rows {
            guard let speed = row.speed else { continue }
            table.add(
                row.error.family.name, Self.small(row.error.largest), Self.small(row.error.typical),
                speed.least.rounded3,
                (speed.flops / speed.least / 1e3).rounded3, (speed.bytes / speed.least / 1e3).rounded3,
                speed.bound.limit, speed.shareOfRoofline.percent)
        }
        return table.text
    }

    private static func small(_ number: Double) -> String { String(format: "%.1e", number) }

    var value: JSONValue {
        let items = rows.map { error, speed in
            let speeds: [(String, JSONValue)] =
                speed.map {
                    [
                        ("median_us", .number($0.median)), ("min_us", .number($0.least)), ("flops", .number($0.flops)),
                        ("bytes", .number($0.bytes)), ("bound_by", .string($0.bound.limit)),
                        ("share_of_roofline", .number($0.shareOfRoofline)),
                    ]
                } ?? []
            return JSONValue.object(
                [
                    ("kernel", .string(error.family.name)), ("largest", .number(error.largest)),
                    ("typical", .number(error.typical)),
                ] + speeds)
        }
        return .object([
            ("variant", .string(variant)), ("precision", .string(precision.rawValue)), ("errors", .list(items)),
        ])
    }
}
