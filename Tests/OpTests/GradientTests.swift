import Foundation
import GraphIR
import HostTensors
import OpCases
import OrderedCollections
import Testing

/// Gradient rules against central differences in f64.
@Suite struct GradientTests {
    /// Cases with a rule (or a body) and a floating-point operand and result.
    static let cases = opCases.filter { opCase in
        if case .nonDifferentiable? = OpTable.rows[opCase.op]?.gradient { return false }
        // Cast rounds away the differences that are measured; windows of kind max and min have no second derivative.
        if opCase.op == "cast" || (opCase.op == "windowScatter" && opCase.variant != "sum") { return false }
        return opCase.operands.contains { $0.0.dtype == .f64 }
    }

    @Test("the gradient is the slope", arguments: cases)
    func slope(of opCase: OpCase) throws {
        let probe = try GradientProbe(opCase.bound())
        try probe.check(order: 1)
    }

    @Test(
        "the gradient of the gradient is the slope of the gradient",
        arguments: cases.filter { opCase in
            // Largest elements need a gather to be differentiated twice; three axes take long.
            !(["reduceWindow", "maxPool"].contains(opCase.op) && opCase.variant != "sum")
                && opCase.variant != "three axes"
        })
    func curvature(of opCase: OpCase) throws {
        let probe = try GradientProbe(opCase.bound())
        try probe.check(order: 2)
    }

    @Test("a symbolic batch gives the same gradient", arguments: cases)
    func symbolicBatch(of opCase: OpCase) throws {
        let symbolic = try GradientProbe(opCase)
        let constant = try GradientProbe(opCase.bound())
        #expect(try symbolic.gradients(order: 1) == constant.gradients(order: 1))
    }

    @Test("nothing flows through rounding, choice of index or another branch")
    func zeros() throws {
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", f64(3))
        let y = builder.input("y", f64(3))
        let rounded = try builder.unary("floor", x)
        let gradients = try builder.gradients(of: rounded, withRespectTo: [x, y])
        for (at, gradient) in gradients.enumerated() { builder.output("g\(at)", gradient) }
        let outputs = try Interpreter(module: OpCase.module(of: builder)).run(
            "main", inputs: ["x": HostTensor([0.5, 1.5, 2.5]), "y": HostTensor([1.0, 2, 3])])
        #expect(outputs["g0"] == HostTensor(zeros: [3], dtype: .f64))
        #expect(outputs["g1"] == HostTensor(zeros: [3], dtype: .f64))
    }

    @Test("cotangents of a value read twice add up, and the value itself has gradient one")
    func accumulation() throws {
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", f64(2))
        let product = try builder.mul(x, builder.add(x, x))
        let gradients = try builder.gradients(of: product, withRespectTo: [x, product])
        for (at, gradient) in gradients.enumerated() { builder.output("g\(at)", gradient) }
        let outputs = try Interpreter(module: OpCase.module(of: builder)).run(
            "main", inputs: ["x": HostTensor([3.0, -1])])
        #expect(try outputs["g0"]?.scalars(as: Double.self) == [12, -4])
        #expect(try outputs["g1"]?.scalars(as: Double.self) == [1, 1])
    }

    @Test("a composite's result can be differentiated by, also one that hands its operand through")
    func composites() throws {
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", f64(2))
        let (seed, step) = (builder.input("seed", TensorType(.i64)), builder.input("step", TensorType(.i64)))
        let same = try builder.emit("dropout", [x, seed, step], ["rate": .float(0), "stream": .int(0)])[0]
        let grown = try builder.emit("silu", [same])[0]
        let square = try builder.mul(grown, grown)
        builder.output("s", same)
        let values = try builder.gradients(of: square, withRespectTo: [x, same, grown])
        for (at, value) in values.enumerated() { builder.output("g\(at)", value) }
        let outputs = try Interpreter(module: OpCase.module(of: builder)).run(
            "main",
            inputs: [
                "x": HostTensor([3.0, -1]), "seed": HostTensor(scalar: Int64(0)), "step": HostTensor(scalar: Int64(0)),
            ])
        #expect(outputs["s"] == HostTensor([3.0, -1]))
        #expect(outputs["g0"] == outputs["g1"])
        let expected = [3.0, -1].map { 2 * $0 / (1 + exp(-$0)) }
        #expect(outputs["g2"]?.isClose(to: HostTensor(expected), relative: 1e-14) == true)
    }

    @Test("max and min of equal operands share the cotangent, relu of 0 passes none")
    func ties() throws {
        let one = HostTensor([1.0])
        #expect(try gradient("max", [one, one]) == [HostTensor([0.5]), HostTensor([0.5])])
        #expect(try gradient("relu", [HostTensor([0.0])]) == [HostTensor([0.0])])
        #expect(
            try gradient("reduce", [HostTensor([2.0, 2, 1])], ["kind": .keyword("max"), "axes": .ints([0])])
                == [HostTensor([0.5, 0.5, 0])])
    }

    @Test("the gradient of a cast has the operand's type")
    func cast() throws {
        #expect(try gradient("cast", [HostTensor([1.5, 2])], ["to": .dtype(.f32)]) == [HostTensor([1.0, 1])])
        #expect(try gradient("cast", [HostTensor([Float(1.5)])], ["to": .dtype(.f64)]) == [HostTensor([Float(1)])])
    }

    @Test("a product with zeros has the products of the others")
    func productOfZeros() throws {
        let attributes: Attributes = ["kind": .keyword("prod"), "axes": .ints([0])]
        #expect(try gradient("reduce", [HostTensor([2.0, 0, 3])], attributes) == [HostTensor([0.0, 6, 0])])
        #expect(try gradient("reduce", [HostTensor([0.0, 0, 3])], attributes) == [HostTensor([0.0, 0, 0])])
    }

    @Test("what cannot be differentiated says so")
    func errors() throws {
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", TensorType(.i32, [3]))
        #expect(
            message { _ = try builder.gradients(of: x, withRespectTo: [x]) }
                == "gradient: the output is i32[3], expected floating-point elements (cast it first)")
        let y = builder.input("y", f64(symbolicB, 2))
        builder.place = Place(layer: "head", file: "Model.swift", line: 9)
        let first = try builder.concat([y, y], axis: 0)
        #expect(
            message { _ = try builder.gradients(of: first, withRespectTo: [y]) }
                == "layer 'head' at Model.swift:9: concat: no gradient along axis 0, where an operand begins at the "
                + "symbolic position B (put operands of constant size first)")
        let z = builder.input("z", f64(1, 4, 4, 1))
        let pooled = try builder.emit("maxPool", [z], ["window": .ints([2, 2]), "strides": .ints([2, 2])])[0]
        let slope = try builder.gradients(of: pooled, withRespectTo: [z])[0]
        #expect(
            message { _ = try builder.gradients(of: slope, withRespectTo: [z]) }
                == "layer 'head' at Model.swift:9: windowScatter: a second derivative through windows of kind 'max' is "
                + "not defined (average pooling has one)")
    }

    /// The gradient of the sum of an operation's result.
    private func gradient(
        _ op: String, _ operands: [HostTensor], _ attributes: Attributes = [:]
    ) throws -> [HostTensor] {
        var builder = FunctionBuilder(name: "main")
        let inputs = operands.enumerated().map {
            builder.input("x\($0)", TensorType($1.dtype, $1.shape.map { Dim($0) }))
        }
        let result = try builder.emit(op, inputs, attributes)[0]
        for (at, value) in try builder.gradients(of: result, withRespectTo: inputs).enumerated() {
            builder.output("g\(at)", value)
        }
        let named = Dictionary(uniqueKeysWithValues: operands.enumerated().map { ("x\($0)", $1) })
        return Array(try Interpreter(module: OpCase.module(of: builder)).run("main", inputs: named).values)
    }
}
