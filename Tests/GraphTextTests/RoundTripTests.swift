import GraphIR
import HostTensors
import Testing

@Suite struct RoundTripTests {
    @Test func textOfTheSampleIsItselfByteForByte() throws {
        let module = try GraphModule(text: Sample.classifier)
        #expect(module.text() == Sample.classifier)
        #expect(module.diagnostics() == [])
        #expect(module.functions.map(\.name) == ["train", "predict"])
        #expect(module.states.map(\.role) == [.parameter, .slot, .slot, .counter])
        #expect(module.functions[0].ops[0].place == Place(layer: "hidden", file: "Classifier.swift", line: 14))
        #expect(module.dims == [DimSymbol("B", range: 1...4096, multiple: 8)])
    }

    @Test func whatWasBuiltComesBackEqual() throws {
        var module = GraphModule(name: "built")
        module.dims = [DimSymbol("B", range: 2...8)]
        module.states = [
            StateDeclaration("a", type: TensorType(.f32, [3]), role: .buffer, path: "a"),
            StateDeclaration("b", type: TensorType(.f32, [3]), role: .buffer, path: "b"),
        ]
        var builder = FunctionBuilder(name: "main", states: module.states)
        let x = builder.input("not an identifier", TensorType(.f32, [Dim(symbol: "B"), 3]))
        let y = builder.input("a", TensorType(.f32, [3]))
        let sum = try builder.reduce("sum", x, axes: [0])
        let scaled = try builder.mul(sum, builder.state(1))
        let shifted = try builder.add(scaled, builder.state(0))
        let other = try builder.add(shifted, y)
        builder.update(1, other)
        builder.update(0, shifted)
        builder.output("line\nbreak \u{1}", scaled)
        module.functions = [builder.function]

        let text = module.text()
        #expect(text.contains("func @main(%in0: f32[B,3] \"not an identifier\", %in1: f32[3] \"a\") {"))
        #expect(text.contains("output %1 : f32[3] \"line\\nbreak \\u{1}\""))
        let back = try GraphModule(text: text)
        #expect(back == module.canonicalized())
        #expect(back != module, "states come before results in canonical order")
        #expect(back.functions[0].updates.map(\.state) == [0, 1])
        #expect(back.text() == text)
    }

    @Test(arguments: DType.allCases)
    func elementsComeBackBitForBit(_ dtype: DType) throws {
        var bytes: [UInt8] = (0..<(48 * dtype.byteCount)).map {
            UInt8(truncatingIfNeeded: $0 &* 167 &+ ($0 >> 3) &* 59)
        }
        if dtype == .bool { bytes = bytes.map { $0 & 1 } }
        let tensor = try HostTensor(bytes: bytes, dtype: dtype, shape: [6, 8])
        try expectSameConstant(tensor)
    }

    @Test func specialNumbersComeBackBitForBit() throws {
        let floats: [Float] = [
            0, -0.0, .infinity, -.infinity, .nan, Float(bitPattern: 0xffc0_0001), Float(bitPattern: 0x7f80_0001),
            .leastNonzeroMagnitude, -.greatestFiniteMagnitude, .pi, 16_777_216, Float(1e-40 as Double),
        ]
        try expectSameConstant(HostTensor(floats))
        try expectSameConstant(HostTensor([Double.leastNonzeroMagnitude, .greatestFiniteMagnitude, -.nan, 0.1, -0.0]))
        try expectSameConstant(HostTensor([Int64.min, .max, 0, -1]))
        try expectSameConstant(HostTensor([UInt64.max, 0]))
        try expectSameConstant(HostTensor((0..<UInt16.max).filter { $0 % 37 == 0 }.map { Float16(bitPattern: $0) }))
        try expectSameConstant(HostTensor((0..<UInt16.max).filter { $0 % 41 == 0 }.map { BFloat16(bitPattern: $0) }))
        try expectSameConstant(HostTensor([Bool]()).reshaped([0]))
    }

    private func expectSameConstant(_ tensor: HostTensor) throws {
        guard tensor.count > 0 else { return }
        var builder = FunctionBuilder(name: "main")
        builder.output("y", try builder.constant(tensor))
        var module = GraphModule(name: "constants")
        module.functions = [builder.function]
        let text = module.text()
        let back = try GraphModule(text: text)
        #expect(back.functions[0].ops[0].attributes["value"] == .tensor(tensor))
        #expect(back.text() == text)
    }

    @Test func commentsAndBlanksAreFree() throws {
        let text = """
            // a comment
            module v1 @"a b"{dim B in 1 ... 3 // another
            func @main ( %x:f32[ B , 2*B+1 ]"x" ){ %foo=neg %x:f32[B,1+B*2]
            output %foo:f32[B,2*B+1]"y" } }
            """
        let module = try GraphModule(text: text)
        #expect(module.name == "a b")
        #expect(
            module.text() == """
                module v1 @"a b" {
                  dim B in 1...3
                  func @main(%x: f32[B,2*B+1] "x") {
                    %0 = neg %x : f32[B,2*B+1]
                    output %0 : f32[B,2*B+1] "y"
                  }
                }

                """)
    }

    @Test(arguments: [
        ("f32", "0.1", Float(0.1).bitPattern), ("f32", "1e-46", 0), ("f32", "16777217", Float(16_777_216).bitPattern),
        ("f32", "0.333333333333333333333", Float(0.333333333333333333333).bitPattern), ("f32", "-inf", 0xff80_0000),
    ])
    func decimalsAreRoundedOnce(_ dtype: String, _ digits: String, _ bits: UInt32) throws {
        let module = try GraphModule(
            text: Sample.function("%0 = constant value \(dtype)[]{\(digits)} : \(dtype)[]", "output %0 : f32[] \"y\""))
        let tensor = try #require(module.functions[0].ops[0].attributes.tensor("value"))
        #expect(try tensor.scalars(as: Float.self)[0].bitPattern == bits)
    }

    @Test func aFunctionAloneHasItsOwnText() throws {
        let module = try GraphModule(text: Sample.classifier)
        #expect(
            module.functions[1].text(states: module.states) == """
                func @predict(%image: f32[B,4] "image") {
                  %0 = dot %image, %w1 contract [1],[0] : f32[B,3]   #hidden
                  %1 = reshape %0 shape [3*B] : f32[3*B]
                  output %1 : f32[3*B] "scores \\"raw\\""
                  output %w1 : f32[4,3] "weights"
                }
                #hidden = layer "hidden" at "Classifier.swift":14

                """)
    }

    @Test func eachOpInTheTableCanBeSpelled() {
        for (name, row) in OpTable.rows {
            #expect(name.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || ($0 >= 0x30 && $0 <= 0x39) })
            for schema in row.attributes {
                if let value = schema.defaultValue { #expect(schema.kind.accepts(value), "\(name).\(schema.name)") }
            }
        }
    }
}
