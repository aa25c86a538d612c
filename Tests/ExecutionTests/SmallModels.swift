import GraphIR
import HostTensors

/// Small graphs to run.
enum SmallModels {
    /// `scale(x: f32[B,3], y: f32[2*B]) -> (product: f32[B,3], step: i64[])`, which counts its calls and keeps a factor.
    static func scaling() throws -> GraphModule {
        var module = GraphModule(name: "scaling")
        module.dims = [DimSymbol("B", range: 1...8, multiple: 1)]
        module.states = [
            StateDeclaration("factor", type: TensorType(.f32, [3]), role: .parameter, path: "scale/factor"),
            StateDeclaration("calls", type: TensorType(.i64), role: .counter, path: "calls"),
        ]
        let batch = Dim(symbol: "B")
        var initial = FunctionBuilder(name: "init", states: module.states)
        initial.update(0, try initial.constant(HostTensor([Float(1), 2, 3])))
        initial.update(1, try initial.scalar(0, .i64))

        var scale = FunctionBuilder(name: "scale", states: module.states)
        let x = scale.input("x", TensorType(.f32, [batch, 3]))
        _ = scale.input("y", TensorType(.f32, [batch * 2]))
        let factor = try scale.broadcast(scale.state(0), axes: [1], shape: [batch, 3])
        scale.output("product", try scale.mul(x, factor))
        let calls = scale.state(1)
        scale.output("calls", calls)
        scale.update(1, try scale.add(calls, scale.scalar(1, .i64)))
        module.functions = [initial.function, scale.function]
        return module
    }
}
