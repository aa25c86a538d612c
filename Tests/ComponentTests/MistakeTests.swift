import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// What makes no sense is an error that names it, and never another model than was meant.
@Suite struct MistakeTests {
    // MARK: - Labels of another shape

    private static let elementwise: [(name: String, loss: Loss)] = [
        ("denseSoftmaxCrossEntropy", .denseSoftmaxCrossEntropy), ("sigmoidCrossEntropy", .sigmoidCrossEntropy),
        ("smoothed", .sigmoidCrossEntropy(labelSmoothing: 0.1)), ("weighted", .sigmoidCrossEntropy(positiveWeight: 3)),
        ("focal", .focal()), ("softmaxFocal", .softmaxFocal()), ("hinge", .hinge), ("squaredHinge", .squaredHinge),
        ("categoricalHinge", .categoricalHinge), ("meanSquaredError", .meanSquaredError),
        ("meanAbsoluteError", .meanAbsoluteError), ("meanAbsolutePercentageError", .meanAbsolutePercentageError),
        ("meanSquaredLogarithmicError", .meanSquaredLogarithmicError), ("huber", .huber()), ("logCosh", .logCosh),
        ("poisson", .poisson), ("logPoisson", .logPoisson), ("klDivergence", .klDivergence),
        ("cosineSimilarity", .cosineSimilarity), ("triplet", .triplet()), ("classes", .softmaxCrossEntropy),
    ]

    @Test(arguments: elementwise.indices) func aLossRepeatsNoLabels(at: Int) {
        let (name, loss) = Self.elementwise[at]
        let isOfClasses = ["triplet", "classes"].contains(name)
        let labels = Tensor.zeros(TensorType(isOfClasses ? .i32 : .f32, isOfClasses ? [4, 1] : [4]))
        let values = loss.values(outputs: .ones(TensorType(.f32, [4, 1])), labels: labels)
        #expect(values.isFailed, "\(name) gave \(values.type)")
    }

    @Test func theErrorNamesBothShapesAndTheRemedy() {
        let loss = Loss.meanSquaredError(outputs: Tensor([[1], [2]]), labels: Tensor([1, 2]))
        #expect(
            "\(loss)"
                == "error: layer 'loss': meanSquaredError of outputs f32[2,1] needs labels of the same shape, got f32[2] "
                + "(reshape the labels to [2,1], or flatten the outputs to [2]; nothing is repeated silently)")
    }

    @Test(arguments: [
        (TensorType(.f32, [2, 3]), "use denseSoftmaxCrossEntropy"),
        (TensorType(.i32, [2, 3]), "use denseSoftmaxCrossEntropy"),
        (TensorType(.f32, [2]), "converted(to: .i32)"), (TensorType(.i32, [2, 1]), "reshape the labels"),
    ])
    func labelsThatAreNoClassesNameTheWayOut(_ labels: TensorType, _ remedy: String) {
        for loss in [Loss.softmaxCrossEntropy, .softmaxCrossEntropy(labelSmoothing: 0.1)] {
            let text = "\(loss.values(outputs: .ones(TensorType(.f32, [2, 3])), labels: .ones(labels)))"
            #expect(text.contains("needs whole-number labels i32[2], the index of the class of each, got \(labels)"))
            #expect(text.contains(remedy), "\(text)")
        }
    }

    @Test func accuracyOfDistributionsNamesTheOtherMetric() {
        let outputs = Tensor.ones(TensorType(.f32, [2, 3]))
        let sums = StreamingMetric.accuracy.contributions(.init(outputs: outputs, labels: outputs, losses: outputs))
        #expect("\(sums[0])".contains("there is categoricalAccuracy"), "\(sums[0])")
    }

    @Test func aMaskOfAnotherTypeIsNamedAsItWasGiven() {
        let x = Tensor.ones(TensorType(.f32, [2, 3, 4]))
        let attention = MultiHeadAttention(heads: 2, size: 4)
        let masks: [(mask: TensorType, message: String)] = [
            (TensorType(.bool, [2, 4]), "needs a mask bool[2,3] or of [batch, heads, queries, keys], got bool[2,4]"),
            (TensorType(.f32, [2, 3]), "got f32[2,3] (compare it with a number: mask .> 0)"),
        ]
        for (mask, message) in masks {
            let mask = Tensor.ones(mask)
            #expect("\(attention(x, mask: mask))".contains(message), "\(attention(x, mask: mask))")
            let read = "\(Bidirectional(GRU(units: 2))(x, mask: mask))"
            #expect(read.contains("GRU over f32[2,3,4] needs a mask bool[2,3], got \(mask.type)"), "\(read)")
        }
    }

    private static let metrics: [(name: String, metric: StreamingMetric)] = [
        ("mse", .meanSquaredError), ("rmse", .rootMeanSquaredError), ("mae", .meanAbsoluteError), ("r2", .r2),
        ("cosine", .cosineSimilarity), ("binaryAccuracy", .binaryAccuracy), ("precision", .precision),
        ("recall", .recall), ("f1", .f1), ("auc", .auc()), ("categoricalAccuracy", .categoricalAccuracy),
        ("accuracy", .accuracy), ("topK", .topK(1)), ("confusions", .confusionMatrix(classes: 1)),
    ]

    @Test(arguments: metrics.indices) func aMetricRepeatsNoLabels(at: Int) {
        let (name, metric) = Self.metrics[at]
        let isOfClasses = ["accuracy", "topK", "confusions"].contains(name)
        let labels = Tensor.zeros(TensorType(isOfClasses ? .i32 : .f32, isOfClasses ? [4, 1] : [4]))
        let outputs = Tensor.ones(TensorType(.f32, [4, 1]))
        let sums = metric.contributions(.init(outputs: outputs, labels: labels, losses: outputs))
        #expect(!sums.contains { !$0.isFailed }, "\(name) gave \(sums.map(\.type))")
    }

    @Test(arguments: [0, 2, 4]) func confusionsOfOtherClassesAreAnError(_ classes: Int) {
        let outputs = Tensor.ones(TensorType(.f32, [2, 3]))
        let batch = StreamingMetric.Batch(outputs: outputs, labels: Tensor([0, 1] as [Int32]), losses: outputs)
        for metric in [
            StreamingMetric.confusionMatrix(classes: classes), .macroF1(classes: classes),
            .macroPrecision(classes: classes), .macroRecall(classes: classes),
            .meanIntersectionOverUnion(classes: classes),
        ] {
            let text = "\(metric.contributions(batch)[0])"
            #expect(
                text.contains(
                    "\(metric.name) of \(classes) classes is given outputs f32[2,3] (give it as many as the "),
                "\(text)")
        }
    }

    @Test func topOfNothingIsAnError() {
        let outputs = Tensor.ones(TensorType(.f32, [2, 3]))
        let labels = Tensor(HostTensor([0, 1] as [Int32]))
        let sums = StreamingMetric.topK(0).contributions(.init(outputs: outputs, labels: labels, losses: outputs))
        #expect("\(sums[0])".contains("topK needs a number of at least 1, got 0"))
    }

    // MARK: - Layers of senseless sizes

    private static let image = TensorType(.f32, [2, 8, 8, 4])
    private static let sequence = TensorType(.f32, [2, 5, 4])

    private static let layers: [(layer: any Layer, input: TensorType, message: String)] = [
        (Dense(units: 0), TensorType(.f32, [2, 3]), "Dense: 'units' is 0 (give a number of at least 1)"),
        (Dense(units: 2, inputs: -1), TensorType(.f32, [2, 3]), "Dense: 'inputs' is -1"),
        (LSTM(units: -1), sequence, "LSTM: 'units' is -1"), (GRU(units: 0), sequence, "GRU: 'units' is 0"),
        (SimpleRNN(units: -3), sequence, "SimpleRNN: 'units' is -3"),
        (Bidirectional(LSTM(units: -1)), sequence, "LSTM: 'units' is -1"),
        (Conv2D(filters: 0, kernelSize: 3), image, "Conv2D: 'filters' is 0"),
        (Conv2D(filters: 4, kernelSize: [3, 0]), image, "Conv2D: 'kernelSize' is [3, 0]"),
        (Conv2D(filters: 4, kernelSize: 3, groups: 0), image, "Conv2D: 'groups' is 0"),
        (Conv2D(filters: 4, kernelSize: 3, strides: 0), image, "Conv2D: 'strides' is 0"),
        (ConvTranspose2D(filters: 0, kernelSize: 3), image, "ConvTranspose2D: 'filters' is 0"),
        (DepthwiseConv2D(kernelSize: 3, multiplier: 0), image, "DepthwiseConv2D: 'multiplier' is 0"),
        (MaxPool2D(size: 0), image, "MaxPool2D: 'size' is 0"),
        (UpSampling2D(size: 0), image, "UpSampling2D: 'size' is 0"),
        (ZeroPadding2D(-1), image, "ZeroPadding2D: 'amounts' is -1"),
        (Embedding(vocabulary: 4, size: -3), TensorType(.i32, [2]), "Embedding: 'size' is -3"),
        (RepeatVector(0), TensorType(.f32, [2, 3]), "RepeatVector: 'count' is 0"),
        (Reshape([-2]), TensorType(.f32, [2, 3]), "Reshape: 'shape' is -2"),
        (MultiHeadAttention(heads: 0, size: 4), sequence, "MultiHeadAttention: 'heads' is 0"),
        (GroupNorm(groups: 0), image, "GroupNorm: 'groups' is 0"),
    ]

    @Test func noiseThatMakesNoSenseIsAnError() {
        let noise: [(layer: any Layer, message: String)] = [
            (
                SpatialDropout(rate: 0.5),
                "SpatialDropout needs batch, channels and spatial axes, got f32[2,3] (use Dropout"
            ),
            (GaussianDropout(rate: 1), "GaussianDropout: 'rate' is 1.0 (expected 0 or more and below 1)"),
            (GaussianDropout(rate: -0.1), "GaussianDropout: 'rate' is -0.1"),
            (
                GaussianNoise(standardDeviation: -1),
                "GaussianNoise: 'standardDeviation' is -1.0 (expected a number of 0"
            ),
            (GaussianNoise(standardDeviation: .nan), "GaussianNoise: 'standardDeviation' is nan"),
        ]
        for (layer, message) in noise {
            let output = layer(.zeros(TensorType(.f32, [2, 3])))
            #expect(output.isFailed && "\(output)".contains(message), "\(output)")
        }
    }

    @Test(arguments: layers.indices) func aLayerOfASenselessSizeNamesIt(at: Int) {
        let (layer, type, message) = Self.layers[at]
        let output = layer(.zeros(type))
        #expect(output.isFailed && "\(output)".contains(message), "\(message): \(output)")
        #expect("\(output)".contains("MistakeTests.swift:"), "\(output)")
    }

    // MARK: - Optimizers, schedules and patterns

    private static let optimizers: [(optimizer: Optimizer, message: String)] = [
        (.sgd(learningRate: -0.1), "optimizer 'sgd': learning rate constant: 'rate' is -0.1"),
        (.adam(learningRate: Double.nan), "'rate' is nan"),
        (.sgd(learningRate: .step(0.1, every: 0)), "learning rate step: 'every' is 0"),
        (.sgd(learningRate: .exponential(0.1, factor: 0.5, every: -1)), "exponential: 'every' is -1"),
        (.sgd(learningRate: .inverseTime(0.1, factor: 0.5, every: 0)), "inverseTime: 'every' is 0"),
        (.sgd(learningRate: .cosine(0.1, over: 0)), "cosine: 'over' is 0"),
        (.sgd(learningRate: .polynomial(-0.1, over: 10)), "polynomial: 'rate' is -0.1"),
        (.sgd(learningRate: .cosineRestarts(0.1, first: 0)), "cosineRestarts: 'first' is 0"),
        (.sgd(learningRate: .piecewise([(-1, until: 5)], then: 0.1)), "piecewise: 'rate' is -1"),
        (.sgd(learningRate: .oneCycle(peak: .infinity, over: 10)), "oneCycle: 'peak' is inf"),
        (.sgd(learningRate: LearningRate.constant(0.1).warmedUp(over: -5)), "'warmedUp(over:)' is -5"),
        (.sgd(learningRate: .cosine(0.1, over: 0).warmedUp(over: 5)), "'over' is 0"),
        (.sgd(momentum: 1), "optimizer 'momentum': 'momentum' is 1.0 (expected 0 or more and below 1)"),
        (.sgd(momentum: .nan), "'momentum' is nan"), (.momentum(momentum: -0.1), "'momentum' is -0.1"),
        (.adam(beta1: 1), "optimizer 'adam': 'beta1' is 1.0 (expected 0 or more and below 1)"),
        (.adam(beta2: -0.1), "'beta2' is -0.1"),
        (.adam(epsilon: -1e-8), "optimizer 'adam': 'epsilon' is -1e-08 (expected a number of 0 or more)"),
        (.adam(epsilon: .infinity), "'epsilon' is inf"), (.adamW(beta2: 1.5), "'beta2' is 1.5"),
        (.adamW(weightDecay: -1), "decaying is -1.0"), (.adamW(epsilon: .nan), "'epsilon' is nan"),
        (.amsgrad(beta1: .nan), "'beta1' is nan"), (.nadam(beta2: 1), "'beta2' is 1.0"),
        (.adamax(epsilon: -1), "'epsilon' is -1"), (.lamb(weightDecay: .nan), "'weightDecay' is nan"),
        (.lion(beta2: 1), "optimizer 'lion': 'beta2' is 1.0"), (.lion(weightDecay: .nan), "decaying is nan"),
        (.ftrl(l2: -1), "optimizer 'ftrl': 'l2' is -1.0"),
        (.ftrl(initialAccumulator: -1), "'initialAccumulator' is -1.0"),
        (.adagrad(initialAccumulator: -0.1), "'initialAccumulator' is -0.1"),
        (.adagrad(epsilon: -1), "'epsilon' is -1"),
        (.adadelta(rho: 1), "optimizer 'adadelta': 'rho' is 1.0"), (.rmsprop(rho: 2), "'rho' is 2.0"),
        (.rmsprop(momentum: -1), "'momentum' is -1.0"), (.rmsprop(epsilon: .nan), "'epsilon' is nan"),
        (.adafactor(epsilon2: -1), "'epsilon2' is -1.0"), (.adafactor(clipThreshold: .nan), "'clipThreshold' is nan"),
        (.adam(beta1: 1).freezing(["bias"]), "'beta1' is 1.0"),
        (.sgd().clipping(.norm(0)), "clipping is norm(0.0) (expected a bound above 0)"),
        (.sgd().clipping(.globalNorm(-1)), "globalNorm(-1.0)"), (.sgd().clipping(.value(.nan)), "value(nan)"),
        (.sgd().decaying(-1), "decaying is -1.0"),
        (.sgd().averagingWeights(decay: 1), "averagingWeights(decay:) is 1.0"),
        (.sgd().averagingWeights(decay: -0.5), "averagingWeights(decay:) is -0.5"),
        (.sgd().accumulating(batches: 0), "accumulating(batches:) is 0"),
        (.sgd().freezing(["nothing/*"]), "freezing: no parameter matches 'nothing/*' (there are: weight, bias)"),
        (.sgd().constraining(["wieght"], to: .unitNorm), "constraining to unitNorm: no parameter matches 'wieght'"),
    ]

    private func build(_ optimizer: Optimizer, _ loss: Loss = .meanSquaredError) throws {
        _ = try TrainingModule.build(
            model: Dense(units: 1), loss: loss, optimizer: optimizer, input: FeatureSpec("x", .f32, [2]))
    }

    @Test(arguments: optimizers.indices) func aSenselessOptimizerIsNamedBeforeTheFirstStep(at: Int) {
        let (optimizer, message) = Self.optimizers[at]
        let error = #expect(throws: GraphError.self, "\(message)") { try build(optimizer) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(error.map { "\($0)" } ?? "")")
    }

    @Test(arguments: [["*"], ["weight", "bias"]]) func trainingOfNothingIsAnError(_ patterns: [String]) {
        let error = #expect(throws: GraphError.self) { try build(.adam().freezing(patterns.map { NamePattern($0) })) }
        #expect(
            "\(error.map { "\($0)" } ?? "")"
                == "optimizer 'adam', freezing: all parameters are frozen, so that training would change none: weight, bias "
                + "(leave out of the patterns what shall be trained)")
    }

    @Test func anOptimizerThatMakesSenseIsBuilt() throws {
        try build(
            .sgd(learningRate: LearningRate.cosine(0.1, over: 1).warmedUp(over: 0)).clipping(.norm(1))
                .averagingWeights(decay: 0).freezing(["bias"]), .meanSquaredError.adding(.l2()))
    }

    @Test(arguments: [
        (["wieght"], "optimizer, byPrefix: no parameter's path begins with 'wieght' (there are: weight, bias)"),
        (
            ["w", "weight"],
            "optimizer, byPrefix: no parameter is left for 'weight', as an earlier prefix has them all "
                + "(put the longer one first)"
        ),
    ])
    func anOptimizerOfNoParameterIsNamed(prefixes: [String], message: String) {
        let choice = OptimizerChoice(.sgd(), byPrefix: prefixes.map { ($0, .adam()) })
        let error = #expect(throws: GraphError.self) {
            _ = try TrainingModule.build(
                ModelFunction(Dense(units: 1), loss: .meanSquaredError), optimizer: choice,
                features: [FeatureSpec("x", .f32, [2])])
        }
        #expect("\(error.map { "\($0)" } ?? "")" == message)
    }

    @Test func aPenaltyOnNothingIsAnError() {
        let error = #expect(throws: GraphError.self) {
            try build(.sgd(), .meanSquaredError.adding(.l2(), on: ["typo/*"]))
        }
        #expect(
            "\(error.map { "\($0)" } ?? "")"
                == "loss, adding l2: no parameter matches 'typo/*' (there are: weight, bias)")
    }
}
