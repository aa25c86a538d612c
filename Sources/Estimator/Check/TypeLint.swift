import Execution
import GraphIR
import HostTensors

/// Element types in a model's graph that are hardly meant.
extension ModelChecker {
    func types() throws -> (Bool, String) {
        let predict = try module.function(named: "predict")
        let found = wideOperation(predict) ?? coarseInput(predict)
        return (found == nil, found ?? "nothing is computed in more digits than it was given, or read in fewer")
    }

    /// The first operation that computes in f64 although nothing it could depend on is f64: mostly by a constant.
    private func wideOperation(_ function: GraphFunction) -> String? {
        let given =
            function.inputs.map { function.type(of: $0.value).dtype }
            + module.states.filter { $0.role == .parameter }.map(\.type.dtype)
        guard !given.contains(.f64) else { return nil }
        let wide = function.ops.first { op in op.results.contains { function.type(of: $0).dtype == .f64 } }
        guard let wide else { return nil }
        let parameters = Set(given.filter(\.isFloat).map(\.rawValue)).sorted().joined(separator: ", ")
        return "'\(wide.name)'\(wide.place.map { " of \($0)" } ?? "") computes in f64, all it is given in "
            + (parameters.isEmpty ? "whole numbers" : parameters)
    }

    /// The first input whose whole numbers are read as floating-point ones that cannot tell them apart.
    private func coarseInput(_ function: GraphFunction) -> String? {
        let producers = function.producers()
        for cast in function.ops where cast.name == "cast" {
            guard var value = cast.operands.first, let result = cast.results.first else { continue }
            let (from, to) = (function.type(of: value).dtype, function.type(of: result).dtype)
            guard let digits = Self.significandBits[to], !from.isFloat else { continue }
            // Views of an input have its numbers.
            while let at = producers[value.index], function.ops[at].operands.count == 1,
                function.type(of: function.ops[at].operands[0]).dtype == from
            {
                value = function.ops[at].operands[0]
            }
            guard let name = function.inputs.first(where: { $0.value == value })?.name,
                let largest = batch[name]?.doubles().max(by: { abs($0) < abs($1) }), abs(largest) > exp2(digits)
            else { continue }
            let number = Int64(exactly: largest).map(String.init) ?? "\(largest)"
            return "'\(name)' has numbers such as \(number), of which \(to) keeps the first \(digits) bits: "
                + "a fingerprint or an identity is for a categorical column or an embedding"
        }
        return nil
    }

    /// How many bits of a whole number a floating-point type keeps.
    private static let significandBits: [DType: Int] = [.f32: 24, .f16: 11, .bf16: 8]

    private func exp2(_ bits: Int) -> Double { Double(UInt64(1) << UInt64(bits)) }
}
