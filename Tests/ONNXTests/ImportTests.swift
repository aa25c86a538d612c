import Foundation
import GraphIR
import GraphTracing
import HostTensors
import ONNX
import Testing

/// What is made of whole models: dimensions, weights, errors.
@Suite("Import") struct ImportTests {
    /// What importing throws.
    private func message(_ bytes: [UInt8], dims: [String: DimensionChoice] = [:]) -> String {
        do {
            _ = try ONNXModel.decode(bytes, path: "model.onnx").imported(name: "model", dims: dims)
            return "imported"
        } catch { return "\(error)" }
    }

    /// A dense layer whose input is reshaped by what its shape says, as exporters write `x.view(x.size(0), -1)`.
    private var flattening: ModelBytes {
        var model = ModelBytes()
        model.input("x", ["batch-size", "2", "3"])
        model.weight("weight", [6, 2], [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1])
        model.weight("bias", [2], [10, 20])
        model.numbers("first", [0])
        model.numbers("rest", [-1])
        model.node("Shape", ["x"], ["shape"])
        model.node("Gather", ["shape", "first"], ["size"], ints: [("axis", [0])])
        model.node("Concat", ["size", "rest"], ["target"], ints: [("axis", [0])])
        model.node("Reshape", ["x", "target"], ["flat"], name: "/body/view")
        model.node("Gemm", ["flat", "weight", "bias"], ["y"], name: "/body/linear/Gemm")
        model.output("y")
        return model
    }

    @Test("named dimensions, weights and places are kept; arithmetic on shapes is not")
    func module() throws {
        let imported = try ONNXModel.decode(flattening.bytes).imported(
            name: "model", dims: ["batch_size": .range(1...64)])
        #expect(
            imported.module.text() == """
                module v1 @model {
                  dim batch_size in 1...64
                  state %weight : f32[6,2] parameter "weight"
                  state %bias : f32[2] parameter "bias"
                  func @predict(%x: f32[batch_size,2,3] "x") {
                    %0 = reshape %x shape [batch_size,6] : f32[batch_size,6]   #body.view
                    %1 = dense %0, %weight, %bias : f32[batch_size,2]   #body.linear.Gemm
                    output %1 : f32[batch_size,2] "y"
                  }
                  #body.view = layer "body/view"
                  #body.linear.Gemm = layer "body/linear/Gemm"
                }

                """)
        #expect(imported.weights.map(\.name) == ["weight", "bias"])
        var states = imported.weights.map(\.tensor)
        for batch in [1, 3] {
            let x = try HostTensor((0..<batch * 6).map { Float($0) }, shape: [batch, 2, 3])
            let y = try Interpreter(module: imported.module).run("predict", inputs: ["x": x], states: &states)["y"]
            #expect(y?.shape == [batch, 2])
            #expect(y?.doubles().prefix(2) == [16, 29])
        }
    }

    @Test("a dimension may be a size, or the same as another")
    func dimensions() throws {
        var model = ModelBytes()
        model.input("x", ["", "n"])
        model.input("y", ["", "n"])
        model.node("Add", ["x", "y"], ["z"])
        model.output("z")
        func type(_ dims: [String: DimensionChoice]) throws -> String {
            let module = try ONNXModel.decode(model.bytes).imported(name: "model", dims: dims).module
            return "\(module.functions[0].type(of: module.functions[0].outputs[0].value))"
        }
        #expect(try type(["y_0": .same("x_0")]) == "f32[x_0,n]")
        #expect(try type(["y_0": .size(4), "x_0": .size(4), "n": .range(2...3)]) == "f32[4,n]")
        #expect(message(model.bytes).contains("axis -2 is x_0 in one and y_0 in the other"))
        #expect(
            message(model.bytes, dims: ["batch": .size(1)])
                == "model.onnx: the model's inputs have no dimension 'batch' (they have: n, x_0, y_0)")
    }

    @Test("a dimension may be a sum of others, said by the model or by the user")
    func sums() throws {
        func type(_ total: String, _ dims: [String: DimensionChoice]) throws -> String {
            var model = ModelBytes()
            model.input("past", ["batch", "past_length"])
            model.input("new", ["batch", "length"])
            model.input("mask", ["batch", total])
            model.node("Concat", ["past", "new"], ["all"], ints: [("axis", [1])])
            model.node("Add", ["all", "mask"], ["y"])
            model.output("y")
            let module = try ONNXModel.decode(model.bytes).imported(name: "model", dims: dims).module
            let function = module.functions[0]
            let inputs = try [1, 2, 3].map { try HostTensor([Float](repeating: 1, count: $0), shape: [1, $0]) }
            let sizes = try module.bindings(for: function, inputs: inputs)
            #expect(sizes["past_length"] == 1 && sizes["length"] == 2)
            return "\(function.type(of: function.outputs[0].value))"
        }
        #expect(try type("past_length + length", [:]) == "f32[batch,length+past_length]")
        #expect(try type("total", ["total": .same("past_length+length")]) == "f32[batch,length+past_length]")
    }

    @Test("a loop of a known number of steps is written out; each step knows its number")
    func loops() throws {
        var model = ModelBytes()
        model.input("x", ["n", "2"])
        model.numbers("steps", [3])
        model.loop(["steps", "", "x"], ["last", "all"])
        model.output("last")
        model.output("all")
        let module = try ONNXModel.decode(model.bytes).imported(name: "model").module
        let x = try HostTensor([1, 2] as [Float], shape: [1, 2])
        let outputs = try Interpreter(module: module).run("predict", inputs: ["x": x])
        // Each step doubles, and gives what it doubled.
        #expect(outputs["last"]?.doubles() == [8, 16])
        #expect(outputs["all"]?.doubles() == [1, 2, 2, 4, 4, 8])
    }

    @Test("every operator that is not supported is listed, with its node, domain and version")
    func unsupported() {
        var model = ModelBytes()
        model.input("x", ["2"])
        model.node("NonZero", ["x"], ["a"], name: "/find")
        model.node("Abs", ["x"], ["b"])
        model.node("FusedGelu", ["b"], ["c"], domain: "com.example")
        model.node("Gelu", ["b"], ["d"])
        model.output("c")
        #expect(
            message(model.bytes) == """
                3 errors:
                  node 'find' (NonZero, ai.onnx 17): the operator is not supported
                  node 'c' (FusedGelu, com.example): the operator is not supported
                  node 'd' (Gelu, ai.onnx 17): the operator is not supported (docs/onnx.md lists the operators that are; export the model \
                without the others, or write them as custom operations of a model in Swift)
                """)
    }

    @Test("an attribute that is not known, and shapes that do not fit, name the node")
    func nodes() {
        var model = ModelBytes()
        model.input("x", ["2", "3"])
        model.input("y", ["2", "3"])
        model.node("Relu", ["x"], ["a"], name: "first", ints: [("slope", [2])])
        model.node("MatMul", ["x", "y"], ["b"], name: "second")
        model.node("Add", ["a", "b"], ["c"], name: "third")
        model.output("c")
        #expect(
            message(model.bytes) == """
                2 errors:
                  node 'first' (Relu, ai.onnx 17): attribute 'slope' is not supported (docs/onnx.md lists what is)
                  node 'second' (MatMul, ai.onnx 17): matmul: f32[2,3] times f32[2,3]: the last axis of the first is 3, axis 0 of the \
                second is 2 (they must be equal)
                """)
    }

    @Test("what must be known, but is an input, is refused with the way out")
    func unknownAxes() {
        var model = ModelBytes()
        model.input("x", ["2", "3"])
        model.input("shape", ["2"], dtype: 7)
        model.node("Reshape", ["x", "shape"], ["y"])
        model.output("y")
        let message = message(model.bytes)
        #expect(message.contains("input 1, 'shape', must be known when the model is imported"), "\(message)")
        #expect(message.contains("--constant"), "\(message)")
    }

    @Test("a position that is known and outside its axis is refused; one inside is a part that is not copied")
    func positions() throws {
        func model(_ position: Int64) -> [UInt8] {
            var model = ModelBytes()
            model.input("x", ["n", "3"])
            model.numbers("at", [position])
            model.node("Gather", ["x", "at"], ["y"], name: "pick", ints: [("axis", [1])])
            model.output("y")
            return model.bytes
        }
        #expect(message(model(3)) == "node 'pick' (Gather, ai.onnx 17): position 3 lies outside axis 1 of f32[n,3]")
        let module = try ONNXModel.decode(model(-1)).imported(name: "model").module
        #expect(module.functions[0].ops.map(\.name) == ["slice"])
    }

    @Test("functions of the model are taken apart; one that calls itself is refused")
    func functions() throws {
        var model = ModelBytes()
        model.input("x", ["n", "3"])
        model.function("Share", calling: "Softmax")
        model.function("Endless", calling: "Endless", in: "local")
        model.node("Share", ["x"], ["y"], name: "share", domain: "local", ints: [("axis", [1])])
        model.output("y")
        let module = try ONNXModel.decode(model.bytes).imported(name: "model").module
        let softmax = try #require(module.functions[0].ops.first)
        #expect(softmax.name == "softmax" && softmax.attributes.int("axis") == 1)
        #expect(softmax.place?.layer == "share")
        model.node("Endless", ["x"], ["z"], name: "endless", domain: "local")
        #expect(message(model.bytes).contains("functions call each other too deep"))
    }

    @Test("files that are cut off, of another kind, or of an unknown operator set are refused")
    func files() {
        let bytes = flattening.bytes
        #expect(
            message(Array(bytes.prefix(100)))
                == "model.onnx: the whole file: expected an ONNX model, found 100 bytes that end within a message; "
                + "the file is cut off; copy or export it again")
        #expect(message(Array("module v1 @mlp {}".utf8)).contains("found 17 bytes of another kind"))
        #expect(message([]).contains("found 0 bytes without a graph"))
        var old = ModelBytes(opset: 6)
        old.input("x", ["2"])
        old.output("x")
        #expect(message(old.bytes).contains("operator set 6, where 7 to 28 are known; convert it with"))
    }

    @Test("weights in files of their own are read; a file that is too short is named")
    func external() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/strata-onnx-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var model = ModelBytes()
        model.input("x", ["2"])
        model.external("w", [2], file: "w.bin", offset: 4)
        model.node("Mul", ["x", "w"], ["y"])
        model.output("y")
        try WholeFile.write(model.bytes, path: folder + "/model.onnx")
        try WholeFile.write(try HostTensor([1, 2, 3] as [Float], shape: [3]).bytes, path: folder + "/w.bin")
        let imported = try ONNXModel.read(path: folder + "/model.onnx").imported(name: "model")
        #expect(imported.weights.first?.tensor.doubles() == [2, 3])
        try WholeFile.write([1, 2, 3], path: folder + "/w.bin")
        let error = #expect(throws: FileError.self) {
            try ONNXModel.read(path: folder + "/model.onnx").imported(name: "model")
        }
        #expect(error?.description.contains("w.bin: tensor 'w' at byte 4: expected 8 bytes of f32 [2]") == true)
    }

    @Test("docs/onnx.md is what the table says")
    func documentation() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../docs/onnx.md")
        #expect(
            try String(contentsOf: path, encoding: .utf8) == ONNXSupport.markdown(),
            "docs/onnx.md is out of date: run `swift run strata onnx > docs/onnx.md`")
    }
}
