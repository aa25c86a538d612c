import Foundation
import HostTensors
import Testing

@Suite("Import command") struct ImportCommandTests {
    /// The model of one of the standard's cases, as a file in the folder.
    private func write(_ name: String, to path: String) throws {
        let cases = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../ONNXTests/Data/cases.npz").path
        let packed = try #require(try NPZ.read(path: cases).first?.tensor)
        let model = try #require(try Safetensors.decode(packed.bytes)[name + "/model"])
        try WholeFile.write(model.bytes, path: path)
    }

    @Test("a model becomes a graph that other commands take")
    func imports() throws {
        try Tool.withFolder { folder in
            try write("test_gemm_default_vector_bias", to: folder + "/gemm-layer.onnx")
            let bias = try HostTensor([1, 2, 3, 4] as [Float], shape: [1, 4])
            try NPY.write(bias, path: folder + "/c.npy")
            let result = try Tool.run(
                "import", folder + "/gemm-layer.onnx", "-o", folder + "/graph", "--constant", "c=\(folder)/c.npy")
            #expect(result.errors == "")
            #expect(
                result.output == """
                    \(folder)/graph/gemm_layer.graph: 1 nodes as 5 operations
                    \(folder)/graph/gemm_layer.safetensors: 0 states of 0 bytes
                    input a: f32[2,7]
                    input b: f32[7,4]
                    output y: f32[2,4]

                    """)
            let checked = try Tool.run("check", folder + "/graph/gemm_layer.graph")
            #expect(checked.code == 0)
            let ones = [("a", [2, 7]), ("b", [7, 4])]
            var arguments = ["run", folder + "/graph/gemm_layer.graph", "--interpreted", "--output", folder]
            arguments += ["--weights", folder + "/graph/gemm_layer.safetensors"]
            for (name, shape) in ones {
                let count = shape.reduce(1, *)
                try NPY.write(
                    try HostTensor([Float](repeating: 1, count: count), shape: shape), path: "\(folder)/\(name).npy")
                arguments += ["--input", "\(name)=\(folder)/\(name).npy"]
            }
            #expect(try Tool.run(arguments).code == 0)
            #expect(try NPY.read(path: folder + "/y.npy").doubles() == [8, 9, 10, 11, 8, 9, 10, 11])
        }
    }

    @Test("mistakes are told")
    func mistakes() throws {
        try Tool.withFolder { folder in
            try write("test_abs", to: folder + "/abs.onnx")
            let missing = try Tool.run("import", folder + "/none.onnx", "-o", folder)
            #expect(missing.code == 1)
            #expect(missing.errors.contains("none.onnx: the whole file: expected a readable file"))
            let dim = try Tool.run("import", folder + "/abs.onnx", "-o", folder, "--dim", "batch=1...0")
            #expect(dim.code == 64)
            let unknown = try Tool.run("import", folder + "/abs.onnx", "-o", folder, "--dim", "batch=1...8")
            #expect(
                unknown.errors.contains(
                    "abs.onnx: the model's inputs have no dimension 'batch' (all sizes are numbers)"))
            let twice = try Tool.run(
                "import", folder + "/abs.onnx", "-o", folder, "--dim", "batch=1...8", "--dim", "batch=2")
            #expect(twice.code == 64)
            #expect(twice.errors.contains("--dim batch=…: the dimension is given twice"))
            let constants = try Tool.run(
                "import", folder + "/abs.onnx", "-o", folder, "--constant", "x=a.npy", "--constant", "x=b.npy")
            #expect(constants.code == 64)
            #expect(constants.errors.contains("--constant x=…: the input is given twice"))
            let name = try Tool.run("import", folder + "/abs.onnx", "-o", folder, "--name", "a b")
            #expect(name.code == 64)
        }
    }
}
