import Datasets
import Estimator
import Execution
import GraphIR
import HostTensors

/// A linear regression written operation by operation: mean squared error, gradient descent with momentum.
enum RegressionModel {
    static let width = 3

    /// A module with `init`, `train`, `evaluate`, `resetMetrics` and `predict`, for features f32[B,3] and labels f32[B].
    static func module(
        _ features: TensorType, _ labels: TensorType, learningRate: Double = 0.1
    ) throws -> GraphModule {
        var module = GraphModule(name: "regression")
        module.dims = [ExampleTypes.batch]
        module.states = [
            StateDeclaration("weight", type: TensorType(.f32, [Dim(width)]), role: .parameter, path: "linear/weight"),
            StateDeclaration(
                "speed", type: TensorType(.f32, [Dim(width)]), role: .slot, path: "linear/weight/momentum"),
            StateDeclaration("total", type: TensorType(.f32), role: .buffer, path: "metrics/loss/total"),
            StateDeclaration("count", type: TensorType(.f32), role: .buffer, path: "metrics/loss/count"),
        ]
        module.functions = [
            try initial(module.states), try train(module.states, features, labels, learningRate),
            try evaluate(module.states, features, labels), try resetMetrics(module.states),
            try predict(module.states, features),
        ]
        return module
    }

    private static func initial(_ states: [StateDeclaration]) throws -> GraphFunction {
        var builder = FunctionBuilder(name: "init", states: states)
        for (at, state) in states.enumerated() { builder.update(at, try builder.splat(0, state.type)) }
        return builder.function
    }

    private static func train(
        _ states: [StateDeclaration], _ features: TensorType, _ labels: TensorType, _ learningRate: Double
    ) throws -> GraphFunction {
        var builder = FunctionBuilder(name: "train", states: states)
        let x = builder.input("features", features)
        let difference = try error(&builder, x, builder.input("label", labels))
        let count = try builder.reduce("sum", builder.splat(1, like: difference), axes: [0])
        let squared = try builder.reduce("sum", builder.mul(difference, difference), axes: [0])
        builder.output("loss", try builder.div(squared, count))
        let sum = try builder.dot(x, difference, contract: ([0], [0]))
        let scale = try builder.broadcast(builder.div(builder.scalar(2, .f32), count), axes: [], shape: [Dim(width)])
        let gradient = try builder.mul(sum, scale)
        let speed = try builder.add(builder.scaled(builder.state(1), by: 0.5), gradient)
        builder.update(0, try builder.sub(builder.state(0), builder.scaled(speed, by: learningRate)))
        builder.update(1, speed)
        return builder.function
    }

    private static func evaluate(
        _ states: [StateDeclaration], _ features: TensorType, _ labels: TensorType
    ) throws -> GraphFunction {
        var builder = FunctionBuilder(name: "evaluate", states: states)
        let x = builder.input("features", features)
        let difference = try error(&builder, x, builder.input("label", labels))
        let count = try builder.add(
            builder.state(3), builder.reduce("sum", builder.splat(1, like: difference), axes: [0]))
        let total = try builder.add(
            builder.state(2), builder.reduce("sum", builder.mul(difference, difference), axes: [0]))
        builder.output("loss", try builder.div(total, count))
        builder.output("count", count)
        builder.update(2, total)
        builder.update(3, count)
        return builder.function
    }

    private static func resetMetrics(_ states: [StateDeclaration]) throws -> GraphFunction {
        var builder = FunctionBuilder(name: "resetMetrics", states: states)
        for at in [2, 3] { builder.update(at, try builder.splat(0, states[at].type)) }
        return builder.function
    }

    private static func predict(_ states: [StateDeclaration], _ features: TensorType) throws -> GraphFunction {
        var builder = FunctionBuilder(name: "predict", states: states)
        let x = builder.input("features", features)
        builder.output("value", try builder.dot(x, builder.state(0), contract: ([1], [0])))
        return builder.function
    }

    private static func error(_ builder: inout FunctionBuilder, _ x: ValueID, _ target: ValueID) throws -> ValueID {
        try builder.sub(builder.dot(x, builder.state(0), contract: ([1], [0])), target)
    }

    /// The weights that `examples` are made with.
    static let trueWeights: [Float] = [1, -2, 0.5]

    /// Examples without noise: the best loss is 0.
    static func examples(_ count: Int, seed: UInt64 = 3) throws -> Dataset {
        let features = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: count * width).map { $0 * 2 - 1 }
        let labels = (0..<count).map { row in
            (0..<width).reduce(Float(0)) { $0 + features[row * width + $1] * trueWeights[$1] }
        }
        return try Dataset(features: HostTensor(features, shape: [count, width]), labels: HostTensor(labels))
    }
}
