import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

struct OptimizerRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let optimizer: Optimizer

    init(_ name: String, _ optimizer: Optimizer) {
        testDescription = name
        self.optimizer = optimizer
    }
}

private let rows: [OptimizerRow] = [
    OptimizerRow("sgd", .sgd(learningRate: 0.1)),
    OptimizerRow("momentum", .sgd(learningRate: 0.1, momentum: 0.9)),
    OptimizerRow("nesterov", .momentum(learningRate: 0.1, nesterov: true)),
    OptimizerRow("adam", .adam(learningRate: 0.1)),
    OptimizerRow("adamW", .adamW(learningRate: 0.1, weightDecay: 0.1)),
    OptimizerRow("amsgrad", .amsgrad(learningRate: 0.1, epsilon: 1e-30)),
    OptimizerRow("nadam", .nadam(learningRate: 0.1)),
    OptimizerRow("adamax", .adamax(learningRate: 0.1)),
    OptimizerRow("lion", .lion(learningRate: 0.1, weightDecay: 0.1)),
    OptimizerRow("lamb", .lamb(learningRate: 0.1, weightDecay: 0.1)),
    OptimizerRow("adagrad", .adagrad(learningRate: 0.1)),
    OptimizerRow("adadelta", .adadelta()),
    OptimizerRow("rmsprop", .rmsprop(learningRate: 0.1)),
    OptimizerRow("rmsprop momentum", .rmsprop(learningRate: 0.1, momentum: 0.8)),
    OptimizerRow("rmsprop centered", .rmsprop(learningRate: 0.1, momentum: 0.8, centered: true)),
    OptimizerRow("rmsprop centered plain", .rmsprop(learningRate: 0.1, centered: true)),
    OptimizerRow("adafactor", .adafactor(learningRate: 0.1)),
    OptimizerRow("ftrl", .ftrl(learningRate: 0.1, l1: 0.02, l2: 0.03, shrinkage: 0.01)),
    OptimizerRow("ftrl power", .ftrl(learningRate: 0.1, power: 0.4, beta: 0.5)),
]

@Suite struct OptimizerTests {
    let reference: Reference
    init() throws { reference = try Reference("optimizers") }

    @Test(arguments: rows) func stepsAreThoseOfTheReference(_ row: OptimizerRow) throws {
        for what in ["matrix", "vector"] {
            let start = try reference("start", what)
            let gradients = try reference("gradients", what)
            var parameter = Tensor(start)
            let kept = row.optimizer.slots(for: start.shape)
            var slots = kept.map { Tensor.full($0.slot.initialValue, TensorType(.f64, $0.shape.map { Dim($0) })) }
            let rate = row.optimizer.learningRate(after: Tensor(HostTensor(scalar: Int64(0))))
            let decay = row.optimizer.decay?.rate ?? 0
            for step in 0..<4 {
                // The rate in f64, as the reference has it; the f32 of the schedule is near.
                let exact = row.testDescription == "adadelta" ? 1 : 0.1
                try rate.expectClose(to: HostTensor(scalar: exact), 1e-7)
                (parameter, slots) = row.optimizer(
                    Optimizer.Step(
                        parameter: parameter * (1 - exact * decay),
                        gradient: Tensor(gradients[rows: step..<step + 1]).reshaped(to: parameter.shape), slots: slots,
                        number: Tensor(HostTensor(scalar: Int64(step + 1))), rate: .scalar(exact, dtype: .f64)))
            }
            #expect(slots.map(\.shape) == kept.map { $0.shape.map { Dim($0) } })
            try parameter.expectClose(to: reference(row.testDescription, what), 1e-9, what)
        }
    }

    @Test func everyReferenceIsUsed() {
        let found = reference.components(with: "matrix").subtracting(["start", "gradients"])
        #expect(found == Set(rows.map(\.testDescription)))
    }

    @Test func regularizersCostWhatTheReferenceSays() throws {
        let parameter = try reference("regularizers", "parameter")
        for (name, regularizer) in [
            ("l1", Regularizer.l1(0.1)), ("l2", .l2(0.1)), ("l1l2", .l1l2(l1: 0.1, l2: 0.2)),
            ("orthogonal", .orthogonal(0.1)),
        ] {
            try regularizer(Tensor(parameter)).expectClose(to: reference("regularizers", name), 1e-9, name)
            try checkGradient(name, at: [parameter]) { regularizer($0[0]) }
        }
    }

    @Test func patternsMatchWholePaths() {
        for (pattern, path, fits) in [
            ("*bias", "a/b/bias", true), ("*bias", "bias", true), ("*bias", "bias/x", false), ("a/*", "a/b/c", true),
            ("a/*", "ab/c", false), ("*norm*", "x/norm1/gain", true), ("a*b*c", "aXbYbZc", true), ("", "a", false),
            ("*", "", true), ("weight", "hidden/weight", false),
        ] as [(NamePattern, String, Bool)] {
            #expect(pattern.matches(path) == fits, "\(pattern) \(path)")
        }
    }
}
