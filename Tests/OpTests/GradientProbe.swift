import GraphIR
import HostTensors
import OpCases
import Testing

/// The weighted sum of all results of one case, as a function of its floating-point operands.
struct GradientProbe {
    private let opCase: OpCase
    private let tensors: [HostTensor]
    /// The operands that are differentiated by.
    private let variables: [Int]
    private static let step = 1e-5

    init(_ opCase: OpCase) throws {
        self.opCase = opCase
        tensors = try opCase.tensors()
        variables = opCase.operands.indices.filter { opCase.operands[$0].0.dtype == .f64 }
    }

    /// The gradients by evaluation of what the rules emit; order 2 differentiates a weighted sum of the gradients.
    func gradients(order: Int) throws -> [HostTensor] {
        let function = try function(order: order)
        return try run(function, tensors).map { $0.1 }
    }

    /// Compares every element of every gradient with the slope of what it is the gradient of.
    func check(order: Int) throws {
        let analytic = try gradients(order: order)
        let value = try function(order: order - 1, asScalar: true)
        let interpreter = try Interpreter(module: value)
        func total(_ operands: [HostTensor]) throws -> Double {
            try interpreter.run("main", inputs: named(operands)).values.first?.doubles().first ?? .nan
        }
        for (at, variable) in variables.enumerated() {
            let found = analytic[at].doubles()
            for index in found.indices {
                var (above, below) = (tensors, tensors)
                try above[variable].withMutableScalars(as: Double.self) { $0[index] += Self.step }
                try below[variable].withMutableScalars(as: Double.self) { $0[index] -= Self.step }
                let slope = (try total(above) - total(below)) / (2 * Self.step)
                let tolerance = 2e-6 * max(1, slope.magnitude)
                #expect(
                    (found[index] - slope).magnitude <= tolerance,
                    "operand \(variable), element \(index): gradient \(found[index]), slope \(slope)")
            }
        }
    }

    private func named(_ operands: [HostTensor]) -> [String: HostTensor] {
        Dictionary(uniqueKeysWithValues: operands.enumerated().map { ("x\($0)", $1) })
    }

    private func run(_ module: GraphModule, _ operands: [HostTensor]) throws -> [(String, HostTensor)] {
        try verify(module)
        return try Interpreter(module: module).run("main", inputs: named(operands)).map { ($0.key, $0.value) }
    }

    /// Order 0 outputs the weighted sum of the results; order n the gradients, or their weighted sum.
    private func function(order: Int, asScalar: Bool = false) throws -> GraphModule {
        var builder = FunctionBuilder(name: "main")
        let inputs = opCase.operands.enumerated().map { builder.input("x\($0)", $1.0) }
        var values = try builder.emit(opCase.op, inputs, opCase.attributes)
        for level in 0..<order {
            let sum = try weightedSum(&builder, values, salt: level)
            values = try builder.gradients(of: sum, withRespectTo: variables.map { inputs[$0] })
        }
        if asScalar { values = [try weightedSum(&builder, values, salt: order)] }
        for (at, value) in values.enumerated() { builder.output("g\(at)", value) }
        return OpCase.module(of: builder)
    }

    /// Σ w·r over all floating-point results, with weights that differ from element to element: cos of the position.
    private func weightedSum(
        _ builder: inout FunctionBuilder, _ values: [ValueID], salt: Int
    ) throws -> ValueID {
        var total = try builder.scalar(0, .f64)
        for value in values where builder.type(value).dtype.isFloat {
            let wide = try builder.cast(value, to: .f64)
            let shape = builder.type(wide).shape
            var angle = try builder.splat(0.7 + Double(salt), like: wide)
            for axis in shape.indices {
                let along = try builder.iota(axis: axis, shape: shape, dtype: .f64)
                angle = try builder.add(angle, builder.scaled(along, by: 1.3 + Double(axis)))
            }
            let weighted = try builder.mul(wide, builder.unary("cos", angle))
            total = try builder.add(total, builder.reduce("sum", weighted, axes: Array(shape.indices)))
        }
        return total
    }
}
