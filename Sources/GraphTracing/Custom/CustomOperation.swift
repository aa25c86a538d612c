import CustomCode
import Foundation
import GraphIR
import HostTensors

/// An operation written in C or C++, which works like any other: in models and at the prompt, interpreted and compiled, for this
/// machine and for others.
///
///     let clipped = try CustomOperation(
///         "clipped",
///         code: .c(
///             """
///             #include <strata_operation.h>
///             STRATA_OPERATION(clipped) {
///                 const float *x = operands[0].data;
///                 float *y = results[0].data;
///                 int64_t row = strata_row_count(operands[0]);
///                 for (int64_t i = begin * row; i < end * row; i++) y[i] = x[i] < 1 ? x[i] : 1;
///             }
///             """), isDividedByRows: true,
///         gradient: { [$0.cotangents[0] * ($0.operands[0] .< 1).cast(to: .f32)] })
///     print(clipped(Tensor([0.5, 2])))
///
/// `strata_operation.h` says what the function is given. Its results must depend on the operands alone: an operation may be computed
/// again, only once for several uses, or not at all. A model holds the text of its custom operations: an exported graph is complete,
/// and so is a library.
public struct CustomOperation: Sendable {
    /// Where the code is.
    public enum Code: Sendable {
        /// The text itself, in C.
        case c(String)
        /// The text itself, in C++.
        case cpp(String)
        /// A file, in C if its name ends in `.c`, else in C++; it is read when the operation is registered.
        case file(String)
    }

    /// What a gradient is made from.
    public struct GradientInput: Sendable {
        /// What the operation was given.
        public let operands: [Tensor]
        /// What it gave.
        public let results: [Tensor]
        /// The gradients of the results, of their types: zeros where none flows.
        public let cotangents: [Tensor]
    }

    /// The types of the results, from those of the operands; throws for operands that do not fit.
    public typealias ResultTypes = @Sendable (_ operands: [TensorType]) throws -> [TensorType]
    /// The gradients of the operands, of their types; nil for those that have none. It may use any operations, and of tensors what it is
    /// given and constants.
    public typealias Gradient = @Sendable (GradientInput) throws -> [Tensor?]

    /// The code.
    public let code: CustomCode
    private let operandCount: Int?
    private let resultTypes: ResultTypes
    private let gradient: Gradient?

    /// Registers an operation: compiles its code for this machine.
    ///
    /// - Parameters:
    ///   - name: an identifier, and the name of the function that the code defines.
    ///   - code: C or C++.
    ///   - flags: more arguments of the compiler; a model that has any is compiled anew each time.
    ///   - isDividedByRows: whether indices along the first axis of the results, which then have as many each, can be computed apart from
    ///     each other: several threads then share them.
    ///   - operands: how many operands it takes; without it, any number of them is passed on to the code.
    ///   - results: the types of the results; without it, there is one of the type of the first operand.
    ///   - gradient: the gradients of the operands; without it, there are none, and asking for them is an error.
    /// - Throws: `GraphError` for a name that is no identifier, a `FileError` for a file that cannot be read, `CustomCodeError` with the
    ///   compiler's words for code that does not compile or does not define the function.
    public init(
        _ name: String, code: Code, flags: [String] = [], isDividedByRows: Bool = false, operands: Int? = nil,
        results: @escaping ResultTypes = { Array($0.prefix(1)) }, gradient: Gradient? = nil
    ) throws {
        let (text, language) = try Self.read(code)
        self.code = CustomCode(
            name: try Self.checked(name), language: language, source: text, flags: flags,
            isDividedByRows: isDividedByRows)
        operandCount = operands
        resultTypes = results
        self.gradient = gradient
        try self.code.prepare()
    }

    /// The first result for these operands.
    ///
    /// Operands that do not fit, and a gradient that does not, give a tensor that carries a located `GraphError`.
    public func callAsFunction(_ operands: Tensor..., file: String = #fileID, line: Int = #line) -> Tensor {
        results(operands, file: file, line: line)[0]
    }

    /// All results for these operands, as many as the registration says; a single tensor that carries the error where operands do not fit.
    public func results(_ operands: [Tensor], file: String = #fileID, line: Int = #line) -> [Tensor] {
        let place = PlaceScope.call(file, line)
        var types: [TensorType] = []
        var made: [Tensor] = []
        let failed = Tensor.catching(operands, place: place) {
            guard operands.count == operandCount ?? max(1, operands.count) else {
                let wanted = operandCount.map { $0 == 1 ? "1 operand" : "\($0) operands" } ?? "one or more operands"
                throw GraphError("\(code.name) takes \(wanted), it is given \(operands.count)")
            }
            types = try resultTypes(operands.map(\.type))
            guard !types.isEmpty else { throw GraphError("\(code.name): 'results' of its registration gives no type") }
            var attributes: Attributes = ["code": .code(code), "results": .types(types)]
            if let gradient { attributes["gradient"] = .function(try body(gradient, operands.map(\.type), types)) }
            made = Tensor.applyMany("custom", operands, attributes, resultCount: types.count, place: place)
            return made[0]
        }
        return made.isEmpty ? [failed] : made
    }

    /// The gradient as a function of operands, results and cotangents.
    private func body(_ gradient: Gradient, _ operands: [TensorType], _ results: [TensorType]) throws -> GraphFunction {
        var trace = BodyTrace(operands + results + results)
        trace.copiesConstants = true
        let made = try trace.run { given in
            let (first, rest) = (given.prefix(operands.count), given.dropFirst(operands.count))
            return try gradient(
                GradientInput(
                    operands: Array(first), results: Array(rest.prefix(results.count)),
                    cotangents: Array(rest.dropFirst(results.count))))
        }
        guard made.count == operands.count else {
            throw GraphError(
                "\(code.name): its gradient gives \(made.count) tensors for \(operands.count) operands",
                remedy: "give one an operand, nil where there is none")
        }
        let given = made.enumerated().compactMap { at, tensor in tensor.map { (at: at, tensor: $0) } }
        var function = try trace.function(given.map(\.tensor))
        guard trace.captured.isEmpty else {
            throw GraphError(
                "\(code.name): its gradient uses a tensor that it is not given",
                remedy: "make that an operand of the operation")
        }
        for (number, (at, tensor)) in given.enumerated() {
            guard tensor.type == operands[at] else {
                throw GraphError(
                    "\(code.name): its gradient gives \(tensor.type) for operand \(at), which is \(operands[at])")
            }
            function.outputs[number].name = "g\(at)"
        }
        return function
    }

    private static func checked(_ name: String) throws -> String {
        guard Identifier.isValid(name) else {
            throw GraphError(
                "'\(name)' cannot name a custom operation", remedy: "use letters, digits and underscores")
        }
        return name
    }

    private static func read(_ code: Code) throws -> (text: String, language: CustomCode.Language) {
        switch code {
        case .c(let text): return (text, .c)
        case .cpp(let text): return (text, .cpp)
        case .file(let path):
            let data = try WholeFile.read(path: path)
            guard let text = String(validating: data, as: UTF8.self) else {
                throw FileError(
                    path: path, place: .wholeFile, expected: "a text in UTF-8", actual: "other bytes",
                    remedy: "save the file as UTF-8")
            }
            return (text, path.hasSuffix(".c") ? .c : .cpp)
        }
    }
}
