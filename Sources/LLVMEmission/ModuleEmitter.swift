import GraphIR
import HostTensors
import KernelIR
import Lowering

/// Writes a lowered module as LLVM IR: its kernels, a plan for each function that calls them in order, and a function that
/// gives each plan's workspace.
///
/// All symbols begin with `prefix` and are hidden: `<prefix>plan_<function>_<level>(call)`,
/// `<prefix>workspace_<function>_<level>(dims)`, and the constant `<prefix>kept_<function>_<level>`. The text calls `<prefix>parallel_for(pool, task, arguments, count)`; with
/// `recordsKernels`, every kernel is run by `<prefix>recorded_for(call, number, task, arguments, count)` instead.
public func emitLLVM(_ lowered: LoweredModule, prefix: String, recordsKernels: Bool = false) throws -> EmittedModule {
    let emitter = ModuleEmitter(lowered: lowered, prefix: prefix, recordsKernels: recordsKernels)
    return try emitter.emit()
}

private struct ModuleEmitter {
    let lowered: LoweredModule
    let prefix: String
    let recordsKernels: Bool

    private var level: String { lowered.target.level.rawValue }
    private var dimNames: [String] { lowered.module.dims.map(\.name) }

    private func kernelSymbol(_ kernel: Int) -> String { "\(prefix)\(lowered.kernels[kernel].name)_\(level)" }
    private func constantSymbol(_ constant: Int) -> String { "\(prefix)constant\(constant)_\(level)" }

    func emit() throws -> EmittedModule {
        let kernels = try lowered.kernels.indices.map { at in
            var emitter = KernelEmitter(
                lowered.kernels[at], symbol: kernelSymbol(at), target: lowered.target, dimNames: dimNames,
                ranges: lowered.module.dimRanges, buffersAreDistinct: buffersAreDistinct(in: at))
            let (text, declarations) = try emitter.emit()
            return EmittedModule.Part(text: text, declarations: declarations)
        }
        let constants = lowered.usedConstants.map(constantText).joined()
        let plans = try lowered.functions.map { plan($0) + workspace($0) + (try kept($0)) }.joined(separator: "\n")
        return EmittedModule(
            header: "target triple = \"\(lowered.target.triple)\"\n", kernels: kernels,
            plans: EmittedModule.Part(
                text: (constants.isEmpty ? "" : constants + "\n") + plans,
                declarations: [runner]),
            kernelDeclarations: lowered.kernels.indices.map {
                "declare hidden void @\(kernelSymbol($0))(ptr, i64, i64)"
            },
            footer:
                "attributes #0 = { nounwind \"target-cpu\"=\"\(lowered.target.processor)\"\(features)\(vectorWidth) }\n"
        )
    }

    /// The declaration of what runs kernels.
    private var runner: String {
        recordsKernels
            ? "declare hidden void @\(prefix)recorded_for(ptr, i64, ptr, ptr, i64)"
            : "declare hidden void @\(prefix)parallel_for(ptr, ptr, ptr, i64)"
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

    /// The function that runs the kernels in order; `call` is { buffers, dims, pool, recorder, renews }.
    private func plan(_ function: LoweredFunction) -> String {
        var writer = IRWriter()
        let buffers = writer.impure("load ptr, ptr %call, align 8")
        let dimsField = writer.value("getelementptr ptr, ptr %call, i64 1")
        let dims = writer.impure("load ptr, ptr \(dimsField), align 8")
        let poolField = writer.value("getelementptr ptr, ptr %call, i64 2")
        let pool = writer.impure("load ptr, ptr \(poolField), align 8")
        var values: [String: String] = [:]
        for (at, name) in dimNames.enumerated() {
            let field = writer.value("getelementptr i64, ptr \(dims), i64 \(at)")
            values[name] = writer.impure("load i64, ptr \(field), align 8")
        }
        let most = function.calls.map { $0.arguments.count }.max() ?? 0
        let block = writer.impure("alloca [\(most + dimNames.count + 1) x i64], align 16")
        let kept = function.calls.prefix { $0.isKept }.count
        var afterKept: String?
        if kept > 0 {
            let field = writer.value("getelementptr i64, ptr %call, i64 4")
            let renews = writer.impure("load i64, ptr \(field), align 8")
            afterKept = skip(unless: writer.value("icmp ne i64 \(renews), 0"), &writer)
        }
        func end(at label: String) {
            writer.effect("br label %\(label)")
            writer.popScope()
            writer.begin(block: label)
        }
        for (number, call) in function.calls.enumerated() {
            if number == kept, let label = afterKept { end(at: label) }
            let kernel = lowered.kernels[call.kernel]
            let after = call.condition.map { skip(unless: $0, values, &writer) }
            for (at, argument) in call.arguments.enumerated() {
                let pointer = address(of: function.buffers[argument], in: function, buffers, values, &writer)
                let slot = writer.value("getelementptr i64, ptr \(block), i64 \(at)")
                writer.effect("store ptr \(pointer), ptr \(slot), align 8")
            }
            for (at, name) in dimNames.enumerated() {
                let slot = writer.value("getelementptr i64, ptr \(block), i64 \(call.arguments.count + at)")
                writer.effect("store i64 \(values[name]!), ptr \(slot), align 8")
            }
            let symbol = "@\(kernelSymbol(call.kernel))"
            let count = kernel.parallel.map { chunks(of: $0, values, &writer) }
            if recordsKernels {
                let work = "ptr \(symbol), ptr \(block), i64 \(count ?? "1")"
                writer.effect("call void @\(prefix)recorded_for(ptr %call, i64 \(number), \(work))")
            } else if let count {
                writer.effect(
                    "call void @\(prefix)parallel_for(ptr \(pool), ptr \(symbol), ptr \(block), i64 \(count))")
            } else {
                writer.effect("call void \(symbol)(ptr \(block), i64 0, i64 1)")
            }
            if let after { end(at: after) }
        }
        if kept == function.calls.count, let label = afterKept { end(at: label) }
        writer.effect("ret void")
        return """
            define hidden void @\(prefix)plan_\(function.name)_\(level)(ptr %call) #0 {
            entry:
            \(writer.lines.joined(separator: "\n"))
            }

            """
    }

    private func chunks(of loop: ParallelLoop, _ values: [String: String], _ writer: inout IRWriter) -> String {
        let extent = polynomial(loop.extent, values, &writer)
        let rounded = writer.value("add i64 \(extent), \(loop.chunk - 1)")
        return writer.value("udiv i64 \(rounded), \(loop.chunk)")
    }

    /// Begins a block that runs only if a condition holds; gives the label of the block after it.
    private func skip(
        unless condition: CallCondition, _ values: [String: String], _ writer: inout IRWriter
    ) -> String {
        let size = polynomial(condition.size, values, &writer)
        let isAbove = writer.value("icmp sge i64 \(size), \(condition.range.lowerBound)")
        let isBelow = writer.value("icmp slt i64 \(size), \(condition.range.upperBound)")
        return skip(unless: writer.value("and i1 \(isAbove), \(isBelow)"), &writer)
    }

    private func skip(unless holds: String, _ writer: inout IRWriter) -> String {
        let (run, after) = (writer.freshLabel("run"), writer.freshLabel("after"))
        writer.effect("br i1 \(holds), label %\(run), label %\(after)")
        writer.pushScope()
        writer.begin(block: run)
        return after
    }

    private func address(
        of buffer: PlannedBuffer, in function: LoweredFunction, _ buffers: String, _ dims: [String: String],
        _ writer: inout IRWriter
    ) -> String {
        let states = lowered.module.states.count
        let number: Int
        var offset = Dim(0)
        switch buffer.location {
        case .constant(let constant): return "@\(constantSymbol(constant))"
        case .state(let state): number = state
        case .input(let input): number = states + input
        case .output(let output): number = states + function.inputCount + output
        case .arena(let place):
            number = states + function.inputCount + function.outputCount
            offset = place
        case .kept(let place):
            number = states + function.inputCount + function.outputCount + 1
            offset = Dim(place)
        }
        let field = writer.value("getelementptr ptr, ptr \(buffers), i64 \(number)")
        let base = writer.value("load ptr, ptr \(field), align 8")
        if offset == 0 { return base }
        return writer.value("getelementptr i8, ptr \(base), i64 \(polynomial(offset, dims, &writer))")
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
        writer.effect("ret i64 \(polynomial(function.arenaBytes, values, &writer))")
        return """
            define hidden i64 @\(prefix)workspace_\(function.name)_\(level)(ptr %dims) #0 {
            entry:
            \(writer.lines.joined(separator: "\n"))
            }

            """
    }
}
