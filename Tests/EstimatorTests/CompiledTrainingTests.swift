import Compiler
import Datasets
import Estimator
import Execution
import Foundation
import GraphIR
import GraphTracing
import HostTensors
import KernelIR
import Layers
import Synchronization
import Testing
import Toolchain
import Training

/// A perceptron wide enough that its kernels are shared out between threads.
private struct Perceptron: Layer {
    let first = Dense(units: 192, activation: .relu)
    let dropout = Dropout(rate: 0.2)
    let second = Dense(units: 64, activation: .relu)
    let logits = Dense(units: 10)
    func callAsFunction(_ image: Tensor) -> Tensor { logits(second(dropout(first(image)))) }
}

/// A convolutional network of every kind of layer.
private struct Convolutional: Layer {
    let edges = Conv2D(filters: 4, kernelSize: 3, padding: .same, activation: .relu)
    let pool = MaxPool2D(size: 2)
    let mean = AveragePool2D(size: 2)
    let flatten = Flatten()
    let logits = Dense(units: 10)
    func callAsFunction(_ image: Tensor) -> Tensor { logits(flatten(mean(pool(edges(image))))) }
}

/// Training by compiled code: against the interpreter, across thread counts, interrupted, and exported.
@Suite struct CompiledTrainingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func images(_ count: Int, _ shape: [Int], batch: Int = 48) throws -> Dataset {
        let pixels = RandomStream.uniform(seed: 2, stream: 0, step: 0, count: count * shape.reduce(1, *))
        let labels = RandomStream.words(seed: 2, stream: 1, step: 0, count: count).map { Int32($0 % 10) }
        return try Dataset(
            features: HostTensor(pixels, shape: [count] + shape), labels: HostTensor(labels), featureName: "image"
        ).shuffled(seed: 3).batched(batch)
    }

    private func estimator(
        _ model: some Layer, _ directory: String? = nil, engine: EngineKind = .compiled, threads: Int = 1,
        learningRate: Double = 1e-3, precision: Precision = .float32, memoryLimit: MemoryLimit? = nil,
        log: MessageLog = MessageLog(), compiler: (any ModuleCompiler)? = nil
    ) throws -> Estimator {
        try Estimator(
            model: model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: learningRate),
            metrics: [.accuracy],
            config: RunConfig(
                modelDirectory: directory.map { "\(folder.path)/\($0)" }, seed: 5, engine: engine, threads: threads,
                precision: precision, memoryLimit: memoryLimit, showsProgress: false, logger: log.logger,
                compiler: compiler))
    }

    private func losses(_ estimator: Estimator, _ dataset: Dataset, steps: Int) throws -> [Double] {
        var losses: [Double] = []
        try estimator.train(on: dataset, maxSteps: steps) { losses.append($0.loss) }
        return losses
    }

    /// 100 examples in batches of 48, so that a shorter batch is among the steps.
    @Test(arguments: ["perceptron", "convolutional"]) func compiledFollowsInterpreted(name: String) throws {
        let isPerceptron = name == "perceptron"
        let dataset = try images(100, isPerceptron ? [40] : [8, 8, 1])
        func run(_ engine: EngineKind) throws -> ([Double], Metrics) {
            let estimator =
                isPerceptron
                ? try estimator(Perceptron(), engine: engine) : try estimator(Convolutional(), engine: engine)
            let losses = try losses(estimator, dataset, steps: 7)
            return (losses, try estimator.evaluate(on: dataset))
        }
        let (compiled, compiledMetrics) = try run(.compiled)
        let (interpreted, interpretedMetrics) = try run(.interpreted)
        for (one, other) in zip(compiled, interpreted) { #expect(abs(one - other) <= 1e-4 * abs(other)) }
        for (one, other) in zip(compiledMetrics.entries, interpretedMetrics.entries) {
            #expect(one.name == other.name)
            #expect(abs(one.value - other.value) <= 1e-3 * abs(other.value))
        }
    }

    @Test(arguments: ["perceptron", "convolutional"]) func theNumberOfThreadsChangesNoBit(name: String) throws {
        let isPerceptron = name == "perceptron"
        let dataset = try images(isPerceptron ? 300 : 100, isPerceptron ? [100] : [28, 28, 1])
        func run(_ threads: Int) throws -> ([Double], NamedTensors) {
            let estimator =
                isPerceptron
                ? try estimator(Perceptron(), threads: threads) : try estimator(Convolutional(), threads: threads)
            return (try losses(estimator, dataset, steps: isPerceptron ? 12 : 4), try estimator.states())
        }
        let (one, oneStates) = try run(1)
        for threads in [2, 3] {
            let (other, otherStates) = try run(threads)
            #expect(other == one)
            #expect(otherStates == oneStates)
        }
    }

    /// Layers whose results are larger than their weights.
    private struct Deep: Layer {
        let layers = (0..<8).map { _ in Dense(units: 64, activation: .gelu) }
        let logits = Dense(units: 10)
        func callAsFunction(_ image: Tensor) -> Tensor { logits(layers.reduce(image) { $1($0) }) }
    }

    /// The losses are those without a limit, the message says what it costs, and what can't be kept is an error before anything is trained.
    @Test func aMemoryLimitIsKept() throws {
        let batch = 480
        let dataset = try images(2 * batch, [64], batch: batch)
        func limit(_ bytes: Int) -> MemoryLimit { MemoryLimit(bytes: bytes, sizes: ["B": batch]) }
        let error = try #require(throws: (any Error).self) {
            _ = try losses(estimator(Deep(), memoryLimit: limit(3 << 18)), dataset, steps: 1)
        }
        // Enough for the first values, not for a step.
        #expect("\(error)".hasPrefix("train at B = 480"), "\(error)")
        let words = "\(error)".split(whereSeparator: { " ,".contains($0) })
        let at = try #require(words.firstIndex(of: "without"), "\(error)")
        let planned = try #require(Double(words[at - 2]), "\(error)") * 0x1p20
        let log = MessageLog()
        let limited = try losses(estimator(Deep(), memoryLimit: limit(Int(planned * 0.8)), log: log), dataset, steps: 4)
        let free = try losses(estimator(Deep()), dataset, steps: 4)
        #expect(zip(limited, free).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) } && limited.count == 4)
        #expect(log.messages.contains { $0.contains("train") && $0.contains("MiB") }, "\(log.messages)")
    }

    /// Counts how often it compiles.
    private final class CountingCompiler: ModuleCompiler {
        let count = Atomic(0)
        func compile(
            _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
        ) throws -> CompiledFiles {
            count.add(1, ordering: .relaxed)
            return try NativeCompiler().compile(module, for: target, weights: weights, to: folder)
        }
    }

    @Test func oneLibraryTrainsEvaluatesAndPredicts() throws {
        let compiler = CountingCompiler()
        let dataset = try images(100, [40])
        let estimator = try estimator(Perceptron(), "one", compiler: compiler)
        try estimator.trainAndEvaluate(TrainSpec(dataset, maxSteps: 4), EvalSpec(dataset.batched(30)))
        try estimator.train(on: dataset, steps: 2)
        _ = try estimator.evaluate(on: dataset.batched(100))
        _ = try estimator.predict(on: dataset.batched(1))
        #expect(compiler.count.load(ordering: .relaxed) == 1)
    }

    /// The plan is told before the first step, and its parts are what they must be at least.
    @Test func thePeakOfMemoryIsToldBeforeTheRun() throws {
        let log = MessageLog()
        let dataset = try images(100, [40])
        let estimator = try Estimator(
            model: Perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            config: RunConfig(threads: 1, showsProgress: false, logger: log.logger))
        var before: [String] = []
        try estimator.train(on: dataset, maxSteps: 1) { _ in before = log.messages }
        let plan = try estimator.memoryPlan(for: dataset)
        #expect(before == ["info: \(plan)"] && "\(plan)".hasPrefix("planned peak memory "))
        #expect(plan.batch == 48 * (40 + 1) * 4)
        #expect(plan.states == (try estimator.states().values.reduce(0) { $0 + $1.byteCount }))
        // The outputs of both hidden layers are kept for the gradient.
        #expect(plan.workspace >= 48 * (192 + 64) * 4)
    }

    /// What the configuration says of precision reaches the compiler; where there are tiles for it, it changes bits.
    @Test func theConfigurationChoosesThePrecision() throws {
        let dataset = try images(300, [100])
        func states(_ precision: Precision, _ compiler: (any ModuleCompiler)? = nil) throws -> NamedTensors {
            let estimator = try estimator(Perceptron(), precision: precision, compiler: compiler)
            try estimator.train(on: dataset, maxSteps: 3)
            return try estimator.states()
        }
        let half = try states(.bfloat16)
        #expect(try half == states(.float32, NativeCompiler(precision: .bfloat16)))
        #expect(try (half != states(.float32)) == Target.host.multipliesTiles(.bfloat16))
    }

    @Test func resumingGivesTheSameBits() throws {
        let dataset = try images(100, [40])
        let straight = try estimator(Perceptron(), "straight")
        try straight.train(on: dataset, maxSteps: 8)
        try estimator(Perceptron(), "parts", threads: 2).train(on: dataset, maxSteps: 3)
        let resumed = try estimator(Perceptron(), "parts")
        try resumed.train(on: dataset, maxSteps: 8)
        #expect(try resumed.states() == straight.states())
    }

    @Test func anotherCPULevelIsToldWhenATrainingGoesOn() throws {
        let dataset = try images(100, [40])
        let log = MessageLog()
        for (level, steps) in [(CPULevel?.none, 2), (nil, 3), (CPULevel.baseline, 4)] {
            let estimator = try Estimator(
                model: Perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
                config: RunConfig(
                    modelDirectory: folder.path + "/levels", threads: 1, level: level, showsProgress: false,
                    logger: log.logger))
            try estimator.train(on: dataset, maxSteps: steps)
        }
        let (best, least) = (Target.host.level, CPULevel.baseline)
        let notices = log.messages.filter { $0.hasPrefix("notice: ") }
        let expected =
            "notice: \(folder.path)/levels/checkpoint-3 was computed by '\(best.rawValue)', what follows by "
            + "'\(least.rawValue)': other bits than without the change"
        #expect(notices == (best == least ? [] : [expected]))
    }

    @Test func anExportAnswersAsTheEstimatorDoes() throws {
        let dataset = try images(60, [40])
        let estimator = try estimator(Perceptron())
        try estimator.train(on: dataset, maxSteps: 3)
        let exported = try estimator.export(to: folder.path + "/a", targets: [.host, .aarch64Linux])
        #expect(exported.count == 2)
        let model = try Model.load(try #require(exported.first).manifest, threads: 1)
        let image = try #require(try dataset.tensors()["image"])
        let own = try estimator.predict(on: Dataset(features: image).batched(60))
        #expect(try model.run("predict", ["image": image]) == own)

        // With a self-test it is another library, which says of itself the same.
        let tested = try estimator.export(to: folder.path + "/tested", selfTest: true)
        #expect(try SelfTestReport(of: #require(tested.first).library).passed)
        #expect(try Model.load(folder.path + "/tested", threads: 1).run("predict", ["image": image]) == own)

        let again = try estimator.export(to: folder.path + "/b", targets: [.host, .aarch64Linux])
        for (one, other) in zip(exported, again) {
            #expect(one.all.count == other.all.count && one.all.count >= 4)
            for (left, right) in zip(one.all, other.all) {
                #expect(try WholeFile.read(path: left) == WholeFile.read(path: right), "\(left)")
            }
        }
    }
}
