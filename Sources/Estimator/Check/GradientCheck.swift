import Datasets
import Execution
import GraphIR
import HostTensors

/// The model's derivatives against differences of its loss, by the interpreter.
extension ModelChecker {
    /// The derivative of the training loss by each parameter, as functions of a module of their own.
    private struct LossAndGradients {
        let interpreter: Interpreter
        let parameters: [(state: Int, path: String)]
        let states: [HostTensor]
        let arguments: [String: HostTensor]

        /// The loss with some states replaced.
        func loss(_ states: [HostTensor]) throws -> Double {
            var values = states
            return try interpreter.run("loss", inputs: arguments, states: &values).values.first?.doubles()[0] ?? .nan
        }

        func gradients() throws -> [HostTensor] {
            var values = states
            return Array(try interpreter.run("gradients", inputs: arguments, states: &values).values)
        }
    }

    private func lossAndGradients() throws -> LossAndGradients {
        let session = try session()
        let train = try module.function(named: "train")
        guard let loss = train.outputs.first(where: { $0.name == "loss" })?.value else {
            throw ExecutionError(
                place: "function 'train'", expected: "an output 'loss'", actual: "none", remedy: "let it give the loss")
        }
        let parameters = module.states.enumerated().filter {
            $0.element.role == .parameter && $0.element.type.dtype.isFloat
        }
        .map { (state: $0.offset, path: $0.element.path) }
        var builder = FunctionBuilder(continuing: train, states: module.states)
        let values = parameters.map { builder.state($0.state) }
        let gradients = try builder.gradients(of: loss, withRespectTo: values)
        var functions = (loss: builder.function, gradients: builder.function)
        functions.loss.name = "loss"
        functions.gradients.name = "gradients"
        // Differentiation may replace composites by their bodies; the outputs of the function follow.
        functions.loss.outputs = builder.function.outputs.filter { $0.name == "loss" }
        functions.gradients.outputs = zip(parameters, gradients).map { NamedValue($0.path, $1) }
        functions.loss.updates = []
        functions.gradients.updates = []
        var checked = GraphModule(name: module.name)
        checked.dims = module.dims
        checked.states = module.states
        checked.functions = [functions.loss, functions.gradients]
        let arguments = session.arguments(batch)
        return LossAndGradients(
            interpreter: try Interpreter(module: checked), parameters: parameters,
            states: Array(try session.model.states().values),
            arguments: Dictionary(arguments.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
    }

    func parameters() throws -> (Bool, String) {
        let functions = try lossAndGradients()
        let idle = zip(functions.parameters, try functions.gradients()).filter { !$1.doubles().contains { $0 != 0 } }
        guard idle.isEmpty else {
            return (false, "no gradient for \(idle.map { "'\($0.0.path)'" }.joined(separator: ", "))")
        }
        return (true, "all \(functions.parameters.count) have a gradient")
    }

    func gradients() throws -> (Bool, String) {
        let functions = try lossAndGradients()
        var worst = (error: 0.0, path: "")
        for (at, gradient) in try functions.gradients().enumerated() {
            let parameter = functions.parameters[at]
            let direction = Self.direction(gradient.count, stream: UInt32(at))
            let slope = zip(gradient.doubles(), direction).reduce(0) { $0 + $1.0 * $1.1 }
            let scale = gradient.doubles().reduce(0) { $0 + $1 * $1 }.squareRoot()
            // Too long a way meets bends of the loss, too short a one its rounding: the best of several counts.
            let errors = try [3e-2, 1e-2, 3e-3, 1e-3, 3e-4].map { length in
                let ends = try [length, -length].map { step in
                    try functions.loss(Self.moved(functions.states, parameter.state, along: direction, by: step))
                }
                return abs((ends[0] - ends[1]) / (2 * length) - slope) / max(scale, 1e-3)
            }
            let error = errors.min() ?? .infinity
            if error > worst.error || error.isNaN { worst = (error, parameter.path) }
        }
        let text = "largest difference \(TrainingProgress.significant(worst.error * 100)) % of the gradient's length"
        return (worst.error < 0.05, worst.path.isEmpty ? text : "\(text), at '\(worst.path)'")
    }

    /// A direction of length 1.
    private static func direction(_ count: Int, stream: UInt32) -> [Double] {
        let numbers = RandomStream.uniform(seed: 1, stream: stream, step: 0, count: count).map { Double($0) * 2 - 1 }
        let length = max(numbers.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
        return numbers.map { $0 / length }
    }

    private static func moved(
        _ states: [HostTensor], _ at: Int, along direction: [Double], by length: Double
    ) throws -> [HostTensor] {
        var moved = states
        let old = states[at]
        let values = zip(old.doubles(), direction).map { $0 + $1 * length }
        moved[at] = try HostTensor(values, shape: old.shape).converted(to: old.dtype)
        return moved
    }
}
