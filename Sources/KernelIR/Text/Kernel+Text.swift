import GraphIR
import HostTensors

extension Kernel: CustomStringConvertible {
    /// The canonical text: what `init(text:source:)` reads back as the same kernel.
    public var text: String {
        var printer = KernelPrinter(kernel: self)
        printer.printKernel()
        return printer.lines.joined(separator: "\n") + "\n"
    }

    /// The canonical text.
    public var description: String { text }

    /// The loop that is split among threads, when the declaration matches the kernel's only statement.
    public var parallelStatement: KernelLoop? {
        guard let parallel, body.count == 1, case .loop(let loop) = body[0], loop.variable == parallel.variable,
            loop.extent == .count(parallel.extent)
        else { return nil }
        return loop
    }
}

extension Sequence<Kernel> {
    /// The kernels' texts, with an empty line between.
    public var text: String { map(\.text).joined(separator: "\n") }
}

/// Writes one kernel, a line a statement, two spaces a level.
private struct KernelPrinter {
    let kernel: Kernel
    var lines: [String] = []
    var depth = 0

    private mutating func add(_ line: String) { lines.append(String(repeating: "  ", count: depth) + line) }

    mutating func printKernel() {
        add("kernel @\(kernel.name) {")
        depth += 1
        if !kernel.origin.isEmpty { add("origin \(KernelSpelling.quoted(kernel.origin))") }
        if kernel.tileRows != TileOperation.mostRows { add("tileRows \(kernel.tileRows)") }
        for buffer in kernel.buffers {
            let stored = buffer.stored == buffer.dtype ? "" : " as \(buffer.stored)"
            add(
                "buffer %\(buffer.name) : \(buffer.dtype)\(stored)[\(buffer.count)] \(KernelSpelling.access(buffer.access))"
            )
        }
        for number in kernel.numbers {
            add("number \(number.name) from \(number.range.lowerBound) to \(number.range.upperBound)")
        }
        for accumulator in kernel.accumulators { add("accumulator \(accumulator.name) : \(accumulator.dtype)") }
        let merged = kernel.parallelStatement != nil
        if let parallel = kernel.parallel, !merged {
            add("split \(parallel.variable) in 0..<\(parallel.extent)\(tasks(parallel))")
        }
        for statement in kernel.body { add(statement, parallel: merged ? kernel.parallel : nil) }
        if let call = kernel.call {
            add("call @\(call.code.name)(\(tensors(call.operands))) to (\(tensors(call.results)))")
        }
        depth -= 1
        add("}")
    }

    private func tensors(_ tensors: [CustomCall.Tensor]) -> String {
        tensors.map { tensor in
            let sizes = tensor.shape.map(\.description).joined(separator: ", ")
            return "%\(kernel.buffers[tensor.buffer].name)[\(sizes)]"
        }.joined(separator: ", ")
    }

    private mutating func add(_ statement: KernelStatement, parallel: ParallelLoop? = nil) {
        switch statement {
        case .loop(let loop):
            add(head(of: loop, parallel: parallel) + " {")
            depth += 1
            for inner in loop.body { add(inner) }
            depth -= 1
            add("}")
        case .define(let name, let value): add("let \(name) = \(text(value))")
        case .set(let name, let axes, let value): add("\(register(name, axes)) = \(text(value))")
        case .reduce(let name, let axes, let kind, let value):
            add("\(register(name, axes)) \(kind.rawValue)= \(text(value))")
        case .store(let buffer, let index, let value): add("\(element(buffer, index)) = \(text(value))")
        case .position(let name, let extent, let value): add("position \(name) in 0..<\(extent) = \(text(value))")
        case .tile(let operation): add(text(operation))
        case .prefetch(let buffer, let index, let level):
            add("prefetch \(level == .first ? "first " : "")\(element(buffer, index))")
        }
    }

    private func text(_ operation: TileOperation) -> String {
        switch operation {
        case .clear(let register): "tile.clear \(register)"
        case .load(let register, let buffer, let index, let stride):
            "tile.load \(register), \(element(buffer, index)) stride \(stride)"
        case .store(let register, let buffer, let index, let stride):
            "tile.store \(register), \(element(buffer, index)) stride \(stride)"
        case .multiply(let element, let into, let left, let right):
            "tile.multiply.\(element.rawValue) \(into), \(left), \(right)"
        }
    }

    private func head(of loop: KernelLoop, parallel: ParallelLoop?) -> String {
        var line = parallel == nil ? "" : "parallel "
        var settings = ""
        switch loop.kind {
        case .serial(let unroll):
            line += "serial"
            if unroll != 1 { settings = " unroll \(unroll)" }
        case .tile(let step):
            line += "tile"
            settings = " step \(step)"
        case .unroll: line += "unroll"
        case .vector(let unroll):
            line += "vector"
            if unroll != 1 { settings = " unroll \(unroll)" }
        }
        switch loop.extent {
        case .count(let count): line += " \(loop.variable) in 0..<\(count)"
        case .tile(let tile): line += " \(loop.variable) in tile \(tile)"
        }
        if let window = loop.window {
            if window.from != 0 { line += " from \(window.from)" }
            if let below = window.below { line += " below \(below)" }
        }
        return line + settings + (parallel.map(tasks) ?? "")
    }

    private func tasks(_ parallel: ParallelLoop) -> String {
        " chunk \(parallel.chunk)" + (parallel.ordered == 1 ? "" : " ordered \(parallel.ordered)")
    }

    private func register(_ name: String, _ axes: [String]) -> String { "\(name)[\(axes.joined(separator: ","))]" }

    private func element(_ buffer: Int, _ index: IndexExpression) -> String {
        let name = kernel.buffers.indices.contains(buffer) ? kernel.buffers[buffer].name : "buffer\(buffer)"
        return "%\(name)[\(index)]"
    }

    private func text(_ expression: KernelExpression) -> String {
        switch expression {
        case .number(let bits, let dtype): "\(dtype)(\(KernelSpelling.number(Double(bitPattern: bits))))"
        case .local(let name): name
        case .load(let buffer, let index): element(buffer, index)
        case .loadWhere(let buffer, let index, let conditions):
            "where(\(conditions.map { "\($0.index) < \($0.limit), " }.joined())\(element(buffer, index)))"
        case .index(let index, let dtype): "index.\(dtype)(\(index))"
        case .apply(let op, let operands, let dtype):
            "\(op.rawValue).\(dtype)(\(operands.map(text).joined(separator: ", ")))"
        case .accumulator(let name, let axes): register(name, axes)
        case .random(let seed, let step, let stream, let index):
            "random(seed: \(text(seed)), step: \(text(step)), stream: \(stream), index: \(index))"
        case .bits(let value, let dtype): "bits.\(dtype)(\(text(value)))"
        }
    }
}

/// The words of kernel text.
enum KernelSpelling {
    static func access(_ access: BufferAccess) -> String {
        switch access {
        case .read: "read"
        case .write: "write"
        case .readWrite: "readwrite"
        case .local: "local"
        }
    }

    static func access(named name: String) -> BufferAccess? {
        [BufferAccess.read, .write, .readWrite, .local].first { access($0) == name }
    }

    /// The shortest digits that read back as the same number.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        let digits = value.description
        return digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
    }

    /// A string in double quotes; line breaks, quotes and backslashes are escaped.
    static func quoted(_ string: String) -> String {
        var text = "\""
        for character in string.unicodeScalars {
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            default: text.unicodeScalars.append(character)
            }
        }
        return text + "\""
    }
}
