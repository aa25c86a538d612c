import GraphIR
import GraphTracing
import HostTensors

/// Graphs of a few operations, for benchmarks.
enum Elementary {
    private static let rows = DimSymbol("B", range: 1...4096)

    /// y = x + 1 on rows of 10.
    static func increment() throws -> GraphModule {
        try traced("increment", dims: [rows], [("x", TensorType(.f32, [Dim(symbol: "B"), 10]))]) { $0[0] + 1 }
    }

    /// y = a · b for square matrices.
    static func matrixProduct(_ size: Int) throws -> GraphModule {
        let type = TensorType(.f32, [Dim(size), Dim(size)])
        return try traced("matmul\(size)", [("a", type), ("b", type)]) { matmul($0[0], $0[1]) }
    }

    /// h = gelu(x·a + b) · sigmoid(x); c = h - mean h; y = h + c / √(mean c² + 10⁻⁵), row by row.
    static func rowChain() throws -> GraphModule {
        let a = Parameter(shape: [1024], initializer: .ones, name: "a")
        let b = Parameter(shape: [1024], initializer: .zeros, name: "b")
        return try traced("rowchain", dims: [rows], [("x", TensorType(.f32, [Dim(symbol: "B"), 1024]))]) { inputs in
            let x = inputs[0]
            let h = scope("gate") { gelu(x * a.value + b.value) * sigmoid(x) }
            return scope("normalize") {
                let centered = h - h.mean(axes: [-1], keepDims: true)
                let variance = (centered * centered).mean(axes: [-1])
                return h + centered / sqrt(variance + 1e-5).expanded(at: -1)
            }
        }
    }

    private static func traced(
        _ name: String, dims: [DimSymbol] = [], _ inputs: [(name: String, type: TensorType)],
        _ body: ([Tensor]) -> Tensor
    ) throws -> GraphModule {
        var tracer = ModuleTracer(name: name, dims: dims)
        try tracer.function("predict", inputs: inputs) { [("y", body($0))] }
        if !tracer.variables.isEmpty {
            try tracer.initializer()
            tracer.moveToFront("init")
        }
        return try tracer.module()
    }
}
