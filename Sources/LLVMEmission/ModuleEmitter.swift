import GraphIR
import HostTensors
import KernelIR
import Lowering

/// Writes a lowered module as LLVM IR: its kernels, a plan for each function that calls them in order, and a function that
/// gives each plan's workspace.
///
/// All symbols begin with `prefix` and are hidden: `<prefix>plan_<function>_<level>(call)`,
/// `<prefix>workspace_<function>_<level>(dims, threads)`, and the constant `<prefix>kept_<function>_<level>`. The text calls
/// `<prefix>run_steps(call, steps, block, runner)`, and the user's code as `CustomSymbol` names it; with `recordsKernels`, every kernel is run by
/// `<prefix>recorded_for(call, number, task, arguments, begin, end, divides)`.
public func emitLLVM(_ lowered: LoweredModule, prefix: String, recordsKernels: Bool = false) throws -> EmittedModule {
    let emitter = ModuleEmitter(lowered: lowered, prefix: prefix, recordsKernels: recordsKernels)
    return try emitter.emit()
}

private struct ModuleEmitter {
    let lowered: LoweredModule
    let prefix: String
    let recordsKernels: Bool
    private let usedConstants: [Int]

    init(lowered: LoweredModule, prefix: String, recordsKernels: Bool) {
        self.lowered = lowered
        self.prefix = prefix
        self.recordsKernels = recordsKernels
        usedConstants = lowered.usedConstants
    }

    private var level: String { lowered.target.level.rawValue }
    private var dimNames: [String] { lowered.module.dims.map(\.name) }

    private func kernelSymbol(_ kernel: Int) -> String { "\(prefix)\(lowered.kernels[kernel].name)_\(level)" }
    private func constantSymbol(_ constant: Int) -> String { "\(prefix)constant\(constant)_\(level)" }

    func emit() throws -> EmittedModule {
        let kernels = try lowered.kernels.indices.map { at in
            var emitter = KernelEmitter(
                lowered.kernels[at], prefix: prefix, symbol: kernelSymbol(at), target: lowered.target,
                dimNames: dimNames, ranges: lowered.module.dimRanges, buffersAreDistinct: buffersAreDistinct(in: at))
            let (text, declarations) = try emitter.emit()
            return EmittedModule.Part(text: text, declarations: declarations)
        }
        let constants = usedConstants.map(constantText).joined()
        let plans =
            commonTables()
            + (try lowered.functions.map { (try plan($0)) + workspace($0) + (try kept($0)) }.joined(separator: "\n"))
        return EmittedModule(
            header: "target triple = \"\(lowered.target.triple)\"\n", kernels: kernels,
            plans: EmittedModule.Part(
                text: (constants.isEmpty ? "" : constants + "\n") + plans,
                declarations: runners),
            kernelDeclarations: lowered.kernels.indices.map {
                "declare hidden void @\(kernelSymbol($0))(ptr, i64, i64)"
            },
            footer:
                "attributes #0 = { nounwind \"target-cpu\"=\"\(lowered.target.processor)\"\(features)\(vectorWidth) }\n"
        )
    }

    /// The declarations of what runs kernels.
    private var runners: Set<String> {
        let steps = "declare hidden void @\(prefix)run_steps(ptr, ptr, ptr, ptr)"
        return recordsKernels
            ? [steps, "declare hidden void @\(prefix)recorded_for(ptr, i64, ptr, ptr, i64, i64, i32)"] : [steps]
    }

    private var features: String {
        let extra = lowered.target.extraFeatures
        return extra.isEmpty ? "" : " \"target-features\"=\"\(extra)\""
    }

    /// LLVM prefers narrower vectors than the target has unless told otherwise.
    private var vectorWidth: String {
        let bits = lowered.target.vectorBits
        return lowered.target.architecture == .x86_64
            ? " \"prefer-vector-width\"=\"\(bits)\" \"min-legal-vector-width\"=\"\(bits)\"" : ""
    }

    /// Whether no call gives the kernel the same memory twice.
    private func buffersAreDistinct(in kernel: Int) -> Bool {
        lowered.functions.allSatisfy { function in
            function.calls.filter { $0.kernel == kernel }.allSatisfy { call in
                let locations = call.arguments.map { function.buffers[$0].location }
                return Set(locations).count == locations.count
            }
        }
    }

    // MARK: Constants

    private func constantText(_ number: Int) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let (text, count) = lowered.constants[number].withUnsafeBytes { bytes in
            var text: [UInt8] = []
            text.reserveCapacity(3 * bytes.count)
            for byte in bytes { text += [UInt8(ascii: "\\"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
            return (String(decoding: text, as: UTF8.self), bytes.count)
        }
        return "@\(constantSymbol(number)) = internal unnamed_addr constant [\(count) x i8] c\"\(text)\", align 64\n"
    }

    // MARK: Plans

    private var kernelTable: String { "\(prefix)kernels_\(level)" }
    private var constantTable: String { "\(prefix)constants_\(level)" }

    /// What the plans of all functions have in common: pointers to the kernels and to the constants.
    private func commonTables() -> String {
        let kernels = lowered.kernels.indices.map { "ptr @\(kernelSymbol($0))" }
        let constants = usedConstants.map { "ptr @\(constantSymbol($0))" }
        return [(kernelTable, kernels), (constantTable, constants)].map { name, pointers in
            "@\(name) = internal constant [\(pointers.count) x ptr] [\(pointers.joined(separator: ", "))]\n"
        }.joined()
    }

    /// The function that runs the kernels in order; `call` is `strata_rt_call`.
    private func plan(_ function: LoweredFunction) throws -> String {
        let symbol = "\(prefix)steps_\(function.name)_\(level)"
        let table = try StepTable(function, of: lowered, constants: usedConstants)
        let recorder = recordsKernels ? "@\(prefix)recorded_for" : "null"
        return table.text(symbol, kernels: kernelTable, constants: constantTable)
            + """
            define hidden void @\(prefix)plan_\(function.name)_\(level)(ptr %call) #0 {
              %block = alloca [\(table.blockWords) x i64], align 16
              call void @\(prefix)run_steps(ptr %call, ptr @\(symbol), ptr %block, ptr \(recorder))
              ret void
            }

            """
    }

    private func polynomial(_ dim: Dim, _ values: [String: String], _ writer: inout IRWriter) -> String {
        if let constant = dim.constant { return String(constant) }
        var sum: String?
        for term in dim.terms {
            var value = String(term.coefficient)
            for symbol in term.symbols { value = writer.value("mul i64 \(values[symbol] ?? "0"), \(value)") }
            sum = sum.map { writer.value("add i64 \($0), \(value)") } ?? value
        }
        return sum ?? "0"
    }

    /// What a function keeps: { bytes, whether it changes what functions keep }.
    private func kept(_ function: LoweredFunction) throws -> String {
        let changes = try lowered.changesKept(function) ? 1 : 0
        return "\n@\(prefix)kept_\(function.name)_\(level) = hidden constant { i64, i64 } "
            + "{ i64 \(function.keptBytes), i64 \(changes) }\n"
    }

    /// The function that gives a plan's workspace in bytes.
    private func workspace(_ function: LoweredFunction) -> String {
        var writer = IRWriter()
        var values: [String: String] = [:]
        for (at, name) in dimNames.enumerated() {
            let field = writer.value("getelementptr i64, ptr %dims, i64 \(at)")
            values[name] = writer.impure("load i64, ptr \(field), align 8")
        }
        var slots = "%threads"
        var ofSlot = values
        if let dimension = function.exampleDimension, let examples = values[dimension] {
            let areFewer = writer.value("icmp slt i64 \(examples), %threads")
            slots = writer.value("select i1 \(areFewer), i64 \(examples), i64 %threads")
            ofSlot[dimension] = "1"
        }
        let own = writer.value("mul i64 \(polynomial(function.slotBytes, ofSlot, &writer)), \(slots)")
        let all = writer.value("add i64 \(polynomial(function.arenaBytes, values, &writer)), \(own)")
        writer.effect("ret i64 \(all)")
        return """
            define hidden i64 @\(prefix)workspace_\(function.name)_\(level)(ptr %dims, i64 %threads) #0 {
            entry:
            \(writer.lines.joined(separator: "\n"))
            }

            """
    }
}
