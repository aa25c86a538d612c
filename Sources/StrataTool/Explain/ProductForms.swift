import GraphIR
import GraphPasses
import KernelIR
import Lowering

/// How the products and convolutions of a function are computed on one CPU level.
struct ProductForms {
    /// One of them, or one of its alternatives.
    struct Entry {
        var operation: String
        var place: String?
        var condition: String?
        var form: String
    }

    let function: String
    let target: Target
    let precision: Precision
    let entries: [Entry]

    init(
        _ optimized: OptimizedFunction, in module: GraphModule, target: Target, precision: Precision,
        schedules: ScheduleTable
    ) throws {
        var part = module
        part.functions = [optimized.function]
        let lowered = try lower(
            part, plans: [optimized.plan], target: target, precision: precision, schedules: schedules)
        let names = ValueNames(optimized.function, states: module.states)
        (function, self.target, self.precision) = (optimized.function.name, target, precision)
        entries = lowered.functions[0].calls.compactMap { call in
            guard let form = Self.form(of: lowered.kernels[call.kernel], precision),
                let op = call.ops.map({ optimized.function.ops[$0] }).first(where: {
                    ["dot", "conv"].contains($0.name)
                })
            else { return nil }
            return Entry(
                operation: "\(op.results.map { names[$0] }.joined(separator: ", ")) \(op.name)",
                place: op.place?.description, condition: call.condition?.description, form: form)
        }
    }

    /// What a kernel's name says of how it computes; nil for one that computes no product.
    private static func form(of kernel: Kernel, _ precision: Precision) -> String? {
        let parts = "\(precision.parts) bf16 part\(precision.parts == 1 ? "" : "s")"
        let words = kernel.name.split(separator: "_").dropFirst().joined(separator: "_")
        switch words {
        case "dot": return "multiply-adds in registers, operands read where they lie"
        case "dot_panels": return "multiply-adds in registers, operands copied into panels"
        case "dot_panels_turned":
            return "multiply-adds in registers, operands copied into panels, rows and columns exchanged"
        case "dot_strips", "dot_strips_turned":
            return "multiply-adds in registers, one operand in strips of few rows"
        case "dot_tiles": return "tiles of \(parts)"
        case "dot_tiles_int8": return "tiles of integers"
        case "conv": return "multiply-adds in registers, tap by tap"
        case "conv_tiles": return "tiles of \(parts), \(2 * kernel.tileRows) pixels at a time"
        case "conv_sum": return "tiles of \(parts), summed for some images at a time"
        case "conv_winograd" where kernel.body.contains(where: \.usesTileRegisters):
            return "transformed tiles of \(parts), fewer multiplications than taps"
        case "conv_winograd", "conv_winograd_sums": return "transformed tiles, fewer multiplications than taps"
        default: return nil
        }
    }

    /// A line for each.
    var text: String {
        let level = "\(target.architecture.rawValue), \(target.level.rawValue), \(precision.rawValue)"
        return entries.reduce(into: "products in @\(function), \(level)\n") { text, entry in
            let condition = entry.condition.map { " if \($0)" } ?? ""
            text += "  \(entry.operation)\(condition): \(entry.form)\(entry.place.map { "   (\($0))" } ?? "")\n"
        }
    }

    /// The same for a program to read.
    var value: JSONValue {
        .list(
            entries.map { entry in
                .object([
                    ("operation", .string(entry.operation)), ("condition", JSONValue(entry.condition)),
                    ("form", .string(entry.form)), ("place", JSONValue(entry.place)),
                ])
            })
    }
}
