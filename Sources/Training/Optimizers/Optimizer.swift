import GraphIR
import GraphTracing
import HostTensors
import Layers

/// How parameters follow their gradients: a step as graph operations over the parameter and its slots.
///
/// What is common to all optimizers is added to one: `.adam(learningRate: 1e-3).clipping(.globalNorm(1)).decaying(0.01)`.
public struct Optimizer: Sendable {
    /// What one step of one parameter is computed from.
    public struct Step: Sendable {
        /// The parameter's path in the model.
        public var path: String
        /// The parameter's value.
        public var parameter: Tensor
        /// The derivative of the loss by it.
        public var gradient: Tensor
        /// The slots' values, in the order of `Optimizer.slots(for:)`.
        public var slots: [Tensor]
        /// The number of this step, from 1, `i64[]`.
        public var number: Tensor
        /// The learning rate, `f32[]`.
        public var rate: Tensor

        /// Describes a step.
        public init(
            path: String = "", parameter: Tensor, gradient: Tensor, slots: [Tensor], number: Tensor, rate: Tensor
        ) {
            self.path = path
            self.parameter = parameter
            self.gradient = gradient
            self.slots = slots
            self.number = number
            self.rate = rate
        }
    }

    /// A tensor kept beside a parameter: of its type and zero at first, unless said otherwise.
    public struct Slot: Sendable, ExpressibleByStringLiteral {
        /// Its name: `adam_m`.
        public let name: String
        /// What its elements are at first.
        public let initialValue: Double
        private let shape: @Sendable ([Int]) -> [Int]?

        /// Describes a slot; `shape` gives its shape for a parameter's, nil if such a parameter has none.
        public init(
            _ name: String, initialValue: Double = 0, shape: @escaping @Sendable ([Int]) -> [Int]? = { $0 }
        ) {
            self.name = name
            self.initialValue = initialValue
            self.shape = shape
        }

        /// A slot of the parameter's type, zero at first.
        public init(stringLiteral name: String) { self.init(name) }

        /// The slot's shape for a parameter of this shape, or nil.
        public func shape(for parameter: [Int]) -> [Int]? { shape(parameter) }
    }

    /// Its name: `adam`.
    public let name: String
    /// The learning rate.
    public let learningRate: LearningRate
    /// What changes gradients before they are followed, in order.
    public internal(set) var clippings: [Clipping] = []
    /// The decay of weights, apart from the gradient.
    public internal(set) var decay: WeightDecay?
    /// What parameters are made to satisfy after each step.
    public internal(set) var constraints: [(constraint: Constraint, parameters: [NamePattern])] = []
    /// The parameters that stay as they are.
    public internal(set) var frozen: [NamePattern] = []
    /// How many batches' gradients are averaged to one update.
    public internal(set) var accumulatedBatches = 1
    /// The share of itself that the running average of the weights keeps in an update; nil without averages.
    public internal(set) var averageDecay: Double?
    /// What is wrong with its numbers, if anything is: thrown when a model is built.
    private(set) var mistake: GraphError?
    private let allSlots: [Slot]
    private let update: @Sendable (Step) -> [Tensor]

    /// Makes an optimizer from what a step gives: the new parameter, then the new slots.
    public init(
        _ name: String, learningRate: some LearningRateConvertible, slots: [Slot] = [],
        update: @escaping @Sendable (Step) -> [Tensor]
    ) {
        self.name = name
        self.learningRate = learningRate.learningRate
        allSlots = slots
        self.update = update
    }

    /// The slots of a parameter of this shape.
    public func slots(for shape: [Int]) -> [(slot: Slot, shape: [Int])] {
        allSlots.compactMap { slot in slot.shape(for: shape).map { (slot, $0) } }
    }

    /// The new parameter and the new slots, by the rule alone, without decay, clipping and whatever else was added.
    public func callAsFunction(_ step: Step) -> (parameter: Tensor, slots: [Tensor]) {
        let results = update(step)
        return (results[0], Array(results.dropFirst()))
    }

    /// An optimizer of this library, which records no lines of its own.
    static func builtIn(
        _ name: String, _ learningRate: some LearningRateConvertible, slots: [Slot] = [],
        update: @escaping @Sendable (Step) -> [Tensor]
    ) -> Optimizer {
        Optimizer(name, learningRate: learningRate, slots: slots) { step in
            PlaceScope.withoutLines { update(step) }
        }
    }

    /// The same optimizer, which is a mistake where a share is not in 0..<1, or an amount negative or not finite.
    func requiring(
        shares: KeyValuePairs<String, Double> = [:], amounts: KeyValuePairs<String, Double> = [:]
    ) -> Optimizer {
        var optimizer = self
        for (argument, share) in shares where !(share >= 0 && share < 1) {
            optimizer.add("'\(argument)' is \(share)", "expected 0 or more and below 1")
        }
        for (argument, amount) in amounts where !(amount >= 0 && amount.isFinite) {
            optimizer.add("'\(argument)' is \(amount)", "expected a number of 0 or more")
        }
        return optimizer
    }

    private mutating func add(_ message: String, _ remedy: String) {
        mistake = mistake ?? GraphError(message, place: "optimizer '\(name)'", remedy: remedy)
    }
}
