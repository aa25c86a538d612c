import GraphIR
import HostTensors

extension Tensor: CustomStringConvertible {
    /// The value, computed on the spot by the reference interpreter, from the values that were computed before.
    ///
    /// Throws a `TraceError` for every mistake the tensor carries, or when it depends on an input of a function that is
    /// still being traced.
    public func evaluated() throws -> HostTensor {
        try Tensor.evaluate([self])[0]
    }

    /// The values of several tensors, what they share computed once.
    public static func evaluate(_ tensors: [Tensor]) throws -> [HostTensor] {
        try TraceError.check(tensors)
        var emitter = ExpressionEmitter(FunctionBuilder(name: "main")) { _, expression in
            let leaf =
                switch expression.source {
                case .input(let name): "input '\(name)'"
                case .variable(let variable): "variable '\(variable.label)'"
                default: "something"
                }
            throw TraceError([
                GraphError(
                    "the value depends on \(leaf), which has none while a function is traced",
                    remedy: "make it an output of the function and run the function")
            ])
        }
        let kept = Expression.kept(below: tensors)
        for (expression, value) in kept {
            emitter.define(expression, as: try emitter.builder.emit("constant", [], ["value": .tensor(value)]))
        }
        let values = try emitter.emit(tensors)
        for (at, value) in values.enumerated() { emitter.builder.output("\(at)", value) }
        var module = GraphModule(name: "expression")
        module.functions = [emitter.builder.function]
        let results = try Interpreter(module: module).run("main", inputs: [:])
        return tensors.enumerated().compactMap { at, tensor in
            guard let value = results["\(at)"] else { return nil }
            tensor.expression.keep(value, computedFrom: kept.map(\.expression))
            return value
        }
    }

    /// The elements as text, as NumPy prints them; the type while tracing; the errors if the tensor carries any, or cannot
    /// be evaluated.
    public var description: String {
        do {
            try TraceError.check([self])
            return try evaluated().description
        } catch is TraceError where !isFailed {
            return "Tensor(\(type))"
        } catch {
            return "error: \(error)"
        }
    }
}
