import Datasets
import Estimator
import Execution
import HostTensors
import Layers
import Testing
import Training

/// What is asked for that makes no sense: an error before anything is trained, which names it and the way out.
@Suite struct RequestTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func classifier(
        _ loss: Loss = .softmaxCrossEntropy, directory: String? = nil,
        checkpoints: CheckpointPolicy = CheckpointPolicy()
    ) throws -> Estimator {
        try Estimator(
            model: Dense(units: 3), loss: loss, optimizer: .sgd(), metrics: [.accuracy, .confusionMatrix(classes: 3)],
            config: RunConfig(
                modelDirectory: directory.map { "\(folder.path)/\($0)" }, engine: .interpreted,
                checkpoints: checkpoints,
                showsProgress: false, logger: MessageLog().logger))
    }

    private func data(_ labels: [Int32] = [0, 1, 2, 2], weights: [Float]? = nil) throws -> Dataset {
        let plain = try Dataset(
            features: HostTensor(zeros: [labels.count, 2], dtype: .f32), labels: HostTensor(labels))
        guard let weights else { return plain.batched(2) }
        return try plain.zipped(with: Dataset(["weight": HostTensor(weights)], labels: "weight")).batched(2)
    }

    private func message(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "no error"
    }

    @Test func aPositionThatTheDataDoNotHaveIsNoTraining() throws {
        try classifier(directory: "position").train(on: data(), maxSteps: 3)
        let store = CheckpointStore(directory: "\(folder.path)/position")
        for position in [DataPosition(epoch: .max), DataPosition(batch: .max), DataPosition(batch: 3)] {
            var checkpoint = try store.read(step: 3)
            checkpoint.manifest.position = position
            try store.save(checkpoint)
            let error = message { try classifier(directory: "position").train(on: data(), maxSteps: 9) }
            #expect(error.hasPrefix("dataset, position: expected epoch 0 or more, batch 0 to 2, got"), "\(error)")
        }
    }

    // MARK: - Labels

    @Test(arguments: [3, -1, .max, .min] as [Int32]) func aLabelOutsideTheClassesIsNamed(_ label: Int32) throws {
        let wrong = try data([0, 1, 2, label])
        let expected =
            "dataset, column 'label', example 1 of batch 1 in epoch 0: expected a class from 0 to 2, as the model has 3, "
            + "got \(label); number classes from 0, give the model more outputs, or leave a label out with "
            + "ignoring(label:)"
        let estimator = try classifier()
        #expect(message { try estimator.train(on: wrong, maxSteps: 2) } == expected)
        try estimator.train(on: data(), maxSteps: 4)
        #expect(message { _ = try estimator.evaluate(on: wrong) } == expected)
    }

    @Test func labelsThatDoNotCountMayBeAnything() throws {
        let ignoring = try classifier(.softmaxCrossEntropy.ignoring(label: -1))
        try ignoring.train(on: data([0, 1, 2, -1]), maxSteps: 2)
        #expect(message { try ignoring.train(on: data([0, 1, 2, -2]), maxSteps: 4) }.contains("got -2"))
        let weighted = try classifier()
        try weighted.train(on: data([0, 1, 2, -1], weights: [1, 1, 1, 0]), maxSteps: 2)
        #expect(
            message { try weighted.train(on: data([0, 7, 2, -1], weights: [1, 1, 1, 0]), maxSteps: 4) }
                .contains("example 1 of batch 0 in epoch 1: expected a class from 0 to 2"))
    }

    /// Trains on labels of yes and no, one of which may be wrong.
    private func trainBinary(_ labels: HostTensor, _ loss: Loss = .sigmoidCrossEntropy) throws {
        let rows = labels.count
        let points = HostTensor((0..<rows).map { Float($0) })
        let estimator = try Estimator(
            model: Dense(units: 1), loss: loss, optimizer: .sgd(), metrics: [.binaryAccuracy, .auc()],
            config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
        try estimator.train(
            on: Dataset(features: points.reshaped([rows, 1]), labels: labels.reshaped([rows, 1])).batched(2),
            maxSteps: 2)
    }

    @Test func aLabelThatIsNeitherYesNorNoIsNamed() throws {
        let expected = "example 1 of batch 1 in epoch 0: expected a label from 0 for no to 1 for yes, got"
        #expect(message { try trainBinary(HostTensor([1, 0, 1, 2] as [Int32])) }.contains("\(expected) 2; map the"))
        #expect(message { try trainBinary(HostTensor([1, 0, 1, -1] as [Int64])) }.contains("\(expected) -1;"))
        #expect(message { try trainBinary(HostTensor([1, 0, 1, 1.5] as [Float])) }.contains("\(expected) 1.5;"))
        try trainBinary(HostTensor([1, 0, 0.25, 1] as [Float]))
        try trainBinary(HostTensor([true, false, true, true]))
        try trainBinary(HostTensor([1, 0, 1, -1] as [Int32]), .sigmoidCrossEntropy.ignoring(label: -1))
    }

    @Test func aCannedClassifierLooksAtItsLabelsToo() throws {
        let model = DNNClassifier(
            columns: [.numeric("features", width: 2)], hidden: DeepOptions(hiddenUnits: [2]), classes: 3)
        let estimator = try Estimator(
            model, config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
        #expect(message { try estimator.train(on: data([0, 1, 3, 2]), maxSteps: 2) }.contains("got 3; number classes"))
    }

    @Test(arguments: [DType.f64, .f16, .bf16]) func featuresOfAnotherPrecisionAreNamed(_ dtype: DType) throws {
        let features = HostTensor(zeros: [2, 2], dtype: dtype)
        let dataset = try Dataset(features: features, labels: HostTensor([0, 1] as [Int32])).batched(2)
        #expect(
            message { try classifier().train(on: dataset, maxSteps: 1) }
                == "function 'train', input 'features': expected numbers of f32, in which models are trained, got "
                + "\(dtype)[B,2], which makes the loss \(dtype)[]; convert the tensor with converted(to: .f32) before it "
                + "becomes a dataset, or cast it in the model")
    }

    @Test func labelsOfAnotherShapeAreNamed() throws {
        let estimator = try Estimator(
            model: Dense(units: 1), loss: .meanSquaredError, optimizer: .sgd(),
            config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
        let dataset = try Dataset(
            features: HostTensor(zeros: [4, 2], dtype: .f32), labels: HostTensor([1, 2, 3, 4] as [Float])
        ).batched(2)
        let error = message { try estimator.train(on: dataset, maxSteps: 1) }
        #expect(
            error.contains("outputs f32[B,1] needs labels of the same shape, got f32[B] (reshape the labels to [B,1]"))
    }

    // MARK: - Figures of several numbers

    @Test func aConfusionMatrixIsPartOfAnEvaluation() throws {
        let estimator = try classifier()
        try estimator.train(on: data(), maxSteps: 1)
        let metrics = try estimator.evaluate(on: data())
        let matrix = try #require(metrics.tensors["confusion_matrix"])
        #expect(matrix.shape == [3, 3] && matrix.doubles().reduce(0, +) == 4)
        #expect(metrics.entries.map(\.name) == ["loss", "accuracy"])
    }

    // MARK: - Numbers and names

    /// What is asked for, and what the error says of it.
    private struct Request: Sendable {
        let name: String
        let message: String
        let ask: @Sendable (Estimator, Dataset) throws -> Void

        init(_ name: String, _ message: String, _ ask: @escaping @Sendable (Estimator, Dataset) throws -> Void) {
            (self.name, self.message, self.ask) = (name, message, ask)
        }

        /// Asks for a training with evaluations.
        static func judged(
            _ name: String, _ message: String, stopping: EarlyStopping? = nil,
            _ eval: @escaping @Sendable (Dataset) -> EvalSpec = { EvalSpec($0) }
        ) -> Request {
            Request(name, message) { estimator, data in
                try estimator.trainAndEvaluate(TrainSpec(data, maxSteps: 5, earlyStopping: stopping), eval(data))
            }
        }
    }

    private static let requests = [
        Request("maxSteps", "training, maxSteps: expected 0 or more, got -1") {
            _ = try $0.train(on: $1, maxSteps: -1)
        },
        Request("steps", "training, steps: expected 0 or more, got -2") { _ = try $0.train(on: $1, steps: -2) },
        Request("epochs", "training, epochs: expected 0 or more, got -3") { _ = try $0.train(on: $1, epochs: -3) },
        Request("evaluation", "evaluation, steps: expected at least 1") { _ = try $0.evaluate(on: $1, steps: 0) },
        .judged("on the way", "evaluation, steps: expected at least 1") { EvalSpec($0, steps: -1) },
        .judged("throttle", "throttleSeconds: expected a number of seconds of 0 or more, got nan") {
            EvalSpec($0, throttleSeconds: .nan)
        },
        .judged(
            "patience", "early stopping, patience: expected at least 1, got 0",
            stopping: EarlyStopping(.smallest("loss"), patience: 0)),
        .judged(
            "what is watched",
            "early stopping: expected the name of a metric, got 'acuracy'; there are: loss, accuracy",
            stopping: EarlyStopping(.largest("acuracy"), patience: 1)),
        .judged("what is exported", "exporter 'best': expected the name of a metric, got 'acuracy'") {
            EvalSpec($0, exporters: [StandardExporter.best(by: .largest("acuracy"))])
        },
        Request("export", "export(to:): expected the path of a folder, got an empty text") { estimator, _ in
            _ = try estimator.export(to: "")
        },
    ]

    @Test(arguments: requests.indices) func aSenselessRequestIsNamed(at: Int) throws {
        let request = Self.requests[at]
        let estimator = try classifier(directory: "requests")
        try estimator.train(on: data(), maxSteps: 1)
        let error = message { try request.ask(estimator, data()) }
        #expect(error.contains(request.message), "\(request.name): \(error)")
        #expect(estimator.step == 1, "\(request.name) trained")
    }

    @Test func theBestOfAnUnknownMetricIsAnError() throws {
        let policy = CheckpointPolicy(everySteps: 1, keepBest: .largest("acuracy"))
        let keeping = try classifier(directory: "keeping", checkpoints: policy)
        #expect(
            message { try keeping.train(on: data(), maxSteps: 1) }
                == "RunConfig, checkpoints.keepBest: expected the name of a metric, got 'acuracy'; there are: loss, accuracy"
        )
        let judged = try classifier(directory: "judged")
        #expect(try judged.restoreBest(by: .largest("acuracy")) == nil)
        try judged.trainAndEvaluate(TrainSpec(data(), maxSteps: 1), EvalSpec(data()))
        #expect(
            message { try judged.restoreBest(by: .largest("acuracy")) }
                == "restoreBest(by:): expected the name of a metric, got 'acuracy'; there are: loss, accuracy")
        #expect(try judged.restoreBest(by: .largest("accuracy"))?.step == 1)
    }

    @Test func aCheckpointThatIsNotThereIsNamed() throws {
        let estimator = try classifier(directory: "kept")
        #expect(
            message { try estimator.restore(step: 1) }
                == "\(folder.path)/kept: expected a checkpoint of step 1, got none; there is no other either")
        try estimator.train(on: data(), maxSteps: 3)
        #expect(
            message { try estimator.restore(step: 1) }
                == "\(folder.path)/kept: expected a checkpoint of step 1, got none; there are those of steps 0, 3")
    }

    @Test func batchesLargerThanModelsTakeAreNamed() throws {
        let estimator = try classifier()
        try estimator.train(on: data(), maxSteps: 1)
        let large = try data([Int32](repeating: 1, count: 65_537))
        for request in [
            { try estimator.train(on: large.batched(1 << 20), maxSteps: 2) },
            { _ = try estimator.evaluate(on: large.batched(1 << 20)) },
            { _ = try estimator.predict(on: large.batched(1 << 20)) },
        ] as [() throws -> Void] {
            #expect(
                message(request)
                    == "dataset: expected batches of at most 65536 examples, got 65537; call batched(_:) with fewer; "
                    + "Optimizer.accumulating(batches:) makes one training step of several")
        }
        #expect(try estimator.predict(on: large.batched(65_536))["logits"]?.shape == [65_537, 3])
        #expect(try estimator.predict(on: data().batched(1 << 20))["logits"]?.shape == [4, 3])
    }

    @Test(arguments: [Double.nan, -1]) func checkpointsEverySoManySecondsNeedANumber(_ seconds: Double) throws {
        let error = message { _ = try classifier(checkpoints: CheckpointPolicy(everySeconds: seconds)) }
        #expect(error.hasPrefix("RunConfig, checkpoints.everySeconds: expected a number of seconds of 0 or more, got"))
    }

    @Test(arguments: [-1, 257, .max]) func threadsAreAsManyAsALibraryTakes(_ count: Int) {
        let error = message {
            _ = try Estimator(
                model: Dense(units: 3), loss: .softmaxCrossEntropy, optimizer: .sgd(),
                config: RunConfig(threads: count, showsProgress: false))
        }
        #expect(
            error == "RunConfig, threads: expected a number from 0 to 256, got \(count); give 0 to use every processor")
    }

    @Test func stepsBeyondAllMeasureDoNotOverflow() throws {
        let stop = StopRequest()
        let estimator = try Estimator(
            model: Dense(units: 3), loss: .softmaxCrossEntropy, optimizer: .sgd(),
            config: RunConfig(
                engine: .interpreted, showsProgress: false, logger: MessageLog().logger, stopRequest: stop))
        try estimator.train(on: data(), maxSteps: 1)
        stop.request()
        #expect(throws: TrainingInterrupted.self) { try estimator.train(on: data(), steps: .max) }
        #expect(throws: TrainingInterrupted.self) { try estimator.train(on: data(), epochs: .max) }
        stop.withdraw()
        try estimator.train(on: data(), steps: 1)
    }
}
