import GraphTracing
import HostTensors
import Layers
import Training

/// A model that is made of feature columns and a head, ready to be trained.
public protocol CannedModel: Sendable {
    /// The model in all modes.
    var function: ModelFunction { get }
    /// What trains it.
    var optimizer: OptimizerChoice { get }
}

extension Estimator {
    /// Makes an estimator of a canned model.
    public convenience init(
        _ model: some CannedModel, config: RunConfig = RunConfig(), name: String = "model"
    ) throws {
        try self.init(model.function, optimizer: model.optimizer, config: config, name: name)
    }
}

/// How a network on top of feature columns is made.
public struct DeepOptions: Sendable {
    /// The number of outputs of each hidden layer.
    public var hiddenUnits: [Int]
    /// Applied to the outputs of hidden layers.
    public var activation: Activation
    /// The share of hidden outputs that is dropped in training.
    public var dropout: Double

    /// Describes hidden layers.
    public init(hiddenUnits: [Int], activation: Activation = .relu, dropout: Double = 0) {
        self.hiddenUnits = hiddenUnits
        self.activation = activation
        self.dropout = dropout
    }
}

/// The networks of a model, whose names begin the paths of their parameters.
private struct Parts: Sendable {
    var linear: LinearNetwork?
    var deep: DeepNetwork?
    var baseline: BaselineNetwork?
}

/// A linear model: a weight for each number of the columns.
struct LinearModel {
    static func function(_ columns: [FeatureColumn], _ head: Head, _ file: String, _ line: Int) -> ModelFunction {
        let network = LinearNetwork(columns, units: head.units, file: file, line: line)
        return ModelFunction(Parts(linear: network)) { features, labels, mode in
            head.outputs(logits: network(features), features: features, labels: labels, mode: mode)
        }
    }
}

/// A linear classifier.
public struct LinearClassifier: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// Two classes, or more, or another head.
    public init(
        columns: [FeatureColumn], classes: Int = 2, head: Head? = nil,
        optimizer: Optimizer = .adam(learningRate: 0.01), file: String = #fileID, line: Int = #line
    ) {
        function = LinearModel.function(columns, head ?? .classes(classes), file, line)
        self.optimizer = OptimizerChoice(optimizer)
    }
}

/// A linear regressor.
public struct LinearRegressor: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// One number, or another head.
    public init(
        columns: [FeatureColumn], head: Head = .regression(), optimizer: Optimizer = .adam(learningRate: 0.01),
        file: String = #fileID, line: Int = #line
    ) {
        function = LinearModel.function(columns, head, file, line)
        self.optimizer = OptimizerChoice(optimizer)
    }
}

/// A deep model: hidden layers on the numbers of the columns.
struct DeepModel {
    static func function(
        _ columns: [FeatureColumn], _ options: DeepOptions, _ head: Head, _ file: String, _ line: Int
    ) -> ModelFunction {
        let network = DeepNetwork(
            columns, hiddenUnits: options.hiddenUnits, activation: options.activation, dropout: options.dropout,
            units: head.units, file: file, line: line)
        return ModelFunction(Parts(deep: network)) { features, labels, mode in
            head.outputs(logits: network(features), features: features, labels: labels, mode: mode)
        }
    }
}

/// A classifier with hidden layers.
public struct DNNClassifier: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// Two classes, or more, or another head.
    public init(
        columns: [FeatureColumn], hidden: DeepOptions, classes: Int = 2, head: Head? = nil,
        optimizer: Optimizer = .adam(learningRate: 1e-3), file: String = #fileID, line: Int = #line
    ) {
        function = DeepModel.function(columns, hidden, head ?? .classes(classes), file, line)
        self.optimizer = OptimizerChoice(optimizer)
    }
}

/// A regressor with hidden layers.
public struct DNNRegressor: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// One number, or another head.
    public init(
        columns: [FeatureColumn], hidden: DeepOptions, head: Head = .regression(),
        optimizer: Optimizer = .adam(learningRate: 1e-3), file: String = #fileID, line: Int = #line
    ) {
        function = DeepModel.function(columns, hidden, head, file, line)
        self.optimizer = OptimizerChoice(optimizer)
    }
}

/// Wide and deep: the sum of a linear and a deep model, each with an optimizer of its own (Cheng et al., 2016).
struct WideAndDeepModel {
    static func function(
        _ linearColumns: [FeatureColumn], _ deepColumns: [FeatureColumn], _ options: DeepOptions, _ head: Head,
        _ file: String, _ line: Int
    ) -> ModelFunction {
        let linear = LinearNetwork(linearColumns, units: head.units, file: file, line: line)
        let deep = DeepNetwork(
            deepColumns, hiddenUnits: options.hiddenUnits, activation: options.activation, dropout: options.dropout,
            units: head.units, file: file, line: line)
        return ModelFunction(Parts(linear: linear, deep: deep)) { features, labels, mode in
            head.outputs(
                logits: linear(features) + deep(features), features: features, labels: labels, mode: mode)
        }
    }

    static func optimizers(linear: Optimizer, deep: Optimizer) -> OptimizerChoice {
        OptimizerChoice(deep, byPrefix: [("linear/", linear)])
    }
}

/// A wide and deep classifier.
public struct DNNLinearCombinedClassifier: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// Two classes, or more, or another head.
    public init(
        linearColumns: [FeatureColumn], deepColumns: [FeatureColumn], hidden: DeepOptions, classes: Int = 2,
        head: Head? = nil, linearOptimizer: Optimizer = .adam(learningRate: 0.01),
        deepOptimizer: Optimizer = .adam(learningRate: 1e-3), file: String = #fileID, line: Int = #line
    ) {
        function = WideAndDeepModel.function(
            linearColumns, deepColumns, hidden, head ?? .classes(classes), file, line)
        optimizer = WideAndDeepModel.optimizers(linear: linearOptimizer, deep: deepOptimizer)
    }
}

/// A wide and deep regressor.
public struct DNNLinearCombinedRegressor: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// One number, or another head.
    public init(
        linearColumns: [FeatureColumn], deepColumns: [FeatureColumn], hidden: DeepOptions,
        head: Head = .regression(), linearOptimizer: Optimizer = .adam(learningRate: 0.01),
        deepOptimizer: Optimizer = .adam(learningRate: 1e-3), file: String = #fileID, line: Int = #line
    ) {
        function = WideAndDeepModel.function(linearColumns, deepColumns, hidden, head, file, line)
        optimizer = WideAndDeepModel.optimizers(linear: linearOptimizer, deep: deepOptimizer)
    }
}

/// A baseline: the same answer for every example, whatever its features; what other models have to beat.
struct BaselineModel {
    static func function(_ head: Head, _ file: String, _ line: Int) -> ModelFunction {
        let network = BaselineNetwork(units: head.units, file: file, line: line)
        return ModelFunction(Parts(baseline: network)) { features, labels, mode in
            head.outputs(logits: network(features), features: features, labels: labels, mode: mode)
        }
    }
}

/// A classifier that learns how frequent the classes are.
public struct BaselineClassifier: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// Two classes, or more, or another head.
    public init(
        classes: Int = 2, head: Head? = nil, optimizer: Optimizer = .adam(learningRate: 0.05),
        file: String = #fileID, line: Int = #line
    ) {
        function = BaselineModel.function(head ?? .classes(classes), file, line)
        self.optimizer = OptimizerChoice(optimizer)
    }
}

/// A regressor that learns the mean of the labels.
public struct BaselineRegressor: CannedModel {
    /// The model in all modes.
    public let function: ModelFunction
    /// What trains it.
    public let optimizer: OptimizerChoice

    /// One number, or another head.
    public init(
        head: Head = .regression(), optimizer: Optimizer = .adam(learningRate: 0.05), file: String = #fileID,
        line: Int = #line
    ) {
        function = BaselineModel.function(head, file, line)
        self.optimizer = OptimizerChoice(optimizer)
    }
}

extension Head {
    /// The head for so many classes, of which an example has one.
    static func classes(_ count: Int) -> Head { count <= 2 ? .binary() : .multiClass(count) }
}
