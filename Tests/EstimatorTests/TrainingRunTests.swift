import Datasets
import Estimator
import Execution
import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// How trainings begin, go on and end.
@Suite struct TrainingRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func estimator(
        _ directory: String? = nil, checkpoints: CheckpointPolicy = CheckpointPolicy(everySteps: 4),
        warmStart: WarmStart? = nil, log: MessageLog = MessageLog(), learningRate: Double = 0.1,
        stop: StopRequest = StopRequest(), compiler: any ModuleCompiler = NativeCompiler()
    ) throws -> Estimator {
        let config = RunConfig(
            modelDirectory: directory.map { "\(folder.path)/\($0)" }, seed: 1, engine: .interpreted,
            checkpoints: checkpoints, warmStart: warmStart, summaries: .none, showsProgress: false, logger: log.logger,
            stopRequest: stop, compiler: compiler)
        return try Estimator(config: config) {
            try RegressionModel.module($0.features[0].type(), $0.labels[0].type(), learningRate: learningRate)
        }
    }

    private func steps(_ directory: String) throws -> [Int] {
        try CheckpointStore(directory: "\(folder.path)/\(directory)").steps()
    }

    @Test func stepsAddUpAndMaxStepsDoesNot() throws {
        let training = try RegressionModel.examples(25).batched(8)
        #expect(try estimator("model").train(on: training, steps: 3).lastStep == 3)
        #expect(try estimator("model").train(on: training, steps: 3).lastStep == 6)
        #expect(try estimator("model").train(on: training, maxSteps: 7).lastStep == 7)
        #expect(try estimator("model").train(on: training, maxSteps: 7).lastStep == 7)
        let straight = try estimator("straight")
        try straight.train(on: training, maxSteps: 7)
        #expect(try estimator("model").states() == straight.states())
    }

    @Test func epochsArePassesOverTheData() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let summary = try estimator("model").train(on: training, epochs: 2)
        #expect(summary.lastStep == 8 && summary.ending == .reachedEpochs)
        #expect(try estimator("model").train(on: training, epochs: 2).lastStep == 8)
        #expect(try estimator("model").train(on: training, epochs: 3).lastStep == 12)
        // Streams do not tell how long they are.
        let stream = try RegressionModel.examples(25).filtered { _ in true }.batched(8)
        #expect(try estimator().train(on: stream, epochs: 2).lastStep == 8)
    }

    /// Copies the descriptors of the model directory's lock, as a process does that is started meanwhile.
    private final class Copier: TrainingHook {
        var copies: [Int32] = []
        func beforeStep(_ step: Int, batch: Batch) {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                if let target, target.hasSuffix("/model/.lock"), let number = Int32(name) { copies.append(dup(number)) }
            }
        }
    }

    @Test func aCopyOfTheLockDoesNotOutliveTheTraining() throws {
        let copier = Copier()
        let training = try RegressionModel.examples(8).batched(8)
        try estimator("model").train(on: training, maxSteps: 1, hooks: [copier])
        defer { for copy in copier.copies { close(copy) } }
        #expect(!copier.copies.isEmpty)
        #expect(try estimator("model").train(on: training, maxSteps: 2).lastStep == 2)
    }

    private final class Recorder: TrainingHook {
        var events: [String] = []
        func begin(step: Int) { events.append("begin \(step)") }
        func beforeStep(_ step: Int, batch: Batch) { events.append("before \(step) \(batch.count)") }
        func afterStep(_ progress: TrainingProgress) { events.append("after \(progress.step)") }
        func checkpoint(step: Int, path: String) {
            events.append("checkpoint \(step) \(path.split(separator: "/").last ?? "")")
        }
        func end(_ summary: TrainingSummary) { events.append("end \(summary.lastStep)") }
    }

    @Test func hooksHearOfEveryMoment() throws {
        let recorder = Recorder()
        let training = try RegressionModel.examples(10).batched(8)
        try estimator("model", checkpoints: .init(everySteps: 2)).train(on: training, maxSteps: 3, hooks: [recorder])
        #expect(
            recorder.events == [
                "begin 0", "before 0 8", "after 1", "before 1 2", "after 2", "checkpoint 2 checkpoint-2", "before 2 8",
                "after 3", "checkpoint 3 checkpoint-3", "end 3",
            ])
    }

    @Test func theCheckpointsOfThePolicyAreKept() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let policy = CheckpointPolicy(everySteps: 2, keepLast: 2, keepEverySteps: 6)
        try estimator("model", checkpoints: policy).train(on: training, maxSteps: 17)
        #expect(try steps("model") == [0, 6, 12, 16, 17])
    }

    @Test func theBestCheckpointIsKeptAndFoundAgain() throws {
        let training = try RegressionModel.examples(25).batched(8)
        // Examples of other weights: the longer the training, the worse.
        let other = try RegressionModel.examples(25).mapped { example in
            ["features": try example["features"], "label": HostTensor(scalar: Float(0))]
        }.batched(25)
        let policy = CheckpointPolicy(everySteps: 2, keepLast: 1, keepBest: .smallest("loss"))
        let trained = try estimator("model", checkpoints: policy)
        let result = try trained.trainAndEvaluate(TrainSpec(training, maxSteps: 9), EvalSpec(other))
        #expect(result.evaluation.step == 9)
        #expect(try steps("model") == [2, 9])
        let best = try #require(try trained.restoreBest(by: .smallest("loss")))
        #expect(best.step == 2 && trained.step == 2)
        #expect(try trained.evaluate(on: other)["loss"] == best.metrics["loss"])
    }

    /// A training that goes on from an earlier checkpoint has another future: nothing of the first is gone on from, or judged by.
    @Test func whatCameAfterAnEarlierCheckpointIsVoid() throws {
        let training = try RegressionModel.examples(25).batched(8)
        func make() throws -> Estimator { try estimator("model", checkpoints: .init(everySteps: 2, keepLast: 9)) }
        let trained = try make()
        try trained.trainAndEvaluate(TrainSpec(training, maxSteps: 10), EvalSpec(training))
        try trained.restore(step: 4)
        _ = try trained.evaluate(on: training)
        #expect(try steps("model") == [0, 2, 4, 6, 8, 10])
        try trained.train(on: training, maxSteps: 5)
        #expect(try steps("model") == [0, 2, 4, 5])
        let resumed = try make()
        #expect(try resumed.train(on: training, maxSteps: 7).firstStep == 5)
        #expect(try resumed.restoreBest(by: .smallest("loss"))?.step == 4)
        let straight = try estimator("straight")
        try straight.train(on: training, maxSteps: 7)
        try resumed.restore(step: 7)
        #expect(try resumed.states() == straight.states())
    }

    @Test func trainingStopsEarlyAndStaysStopped() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let spec = TrainSpec(
            training, maxSteps: 1000, earlyStopping: EarlyStopping(.smallest("loss"), patience: 2, margin: 0.1))
        let first = try estimator("model").trainAndEvaluate(spec, EvalSpec(training))
        #expect(first.training.ending == .stoppedEarly && first.training.lastStep < 100)
        let again = try estimator("model").trainAndEvaluate(spec, EvalSpec(training))
        #expect(again.training.lastStep == first.training.lastStep && again.training.ending == .stoppedEarly)
        #expect(again.evaluation == first.evaluation)
    }

    @Test func evaluationsFollowCheckpointsAndAThrottle() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let log = MessageLog()
        try estimator(log: log).trainAndEvaluate(
            TrainSpec(training, maxSteps: 10), EvalSpec(training, name: "held out"))
        #expect(
            log.messages.map { $0.prefix(25) }
                == ["info: held out at step 4: ", "info: held out at step 8: ", "info: held out at step 10:"].map {
                    $0.prefix(25)
                })
        let throttled = MessageLog()
        try estimator(log: throttled).trainAndEvaluate(
            TrainSpec(training, maxSteps: 10), EvalSpec(training, steps: 1, throttleSeconds: 1e6))
        #expect(throttled.messages.count == 1 && throttled.messages[0].hasPrefix("info: evaluation at step 10: "))
    }

    @Test func evaluatingChangesNoBitOfATraining() throws {
        let training = try RegressionModel.examples(25).shuffled(seed: 1).batched(8)
        try estimator("straight").train(on: training, maxSteps: 10)
        try estimator("judged").trainAndEvaluate(TrainSpec(training, maxSteps: 10), EvalSpec(training))
        for file in ["state.safetensors", "manifest.json"] {
            #expect(
                try WholeFile.read(path: "\(folder.path)/straight/checkpoint-10/\(file)")
                    == WholeFile.read(path: "\(folder.path)/judged/checkpoint-10/\(file)"))
        }
    }

    @Test func aRequestedStopSavesAndGoesOn() throws {
        let training = try RegressionModel.examples(25).shuffled(seed: 1).batched(8)
        let stop = StopRequest()
        let first = try estimator("model", stop: stop)
        let interruption = #expect(throws: TrainingInterrupted.self) {
            try first.train(on: training, maxSteps: 20) { if $0.step == 6 { stop.request() } }
        }
        #expect(interruption?.step == 6 && interruption?.checkpoint == "\(folder.path)/model/checkpoint-6")
        let straight = try estimator("straight")
        try straight.train(on: training, maxSteps: 20)
        let resumed = try estimator("model")
        try resumed.train(on: training, maxSteps: 20)
        #expect(try resumed.states() == straight.states())
    }

    @Test func warmStartsTakeWhatMatches() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let first = try estimator("first")
        try first.train(on: training, maxSteps: 8)
        let log = MessageLog()
        let second = try estimator(
            "second", warmStart: WarmStart(from: "\(folder.path)/first", pattern: "linear/*"), log: log)
        try second.train(on: training, maxSteps: 0)
        #expect(try second.states()["linear/weight"] == first.states()["linear/weight"])
        #expect(try second.states()["linear/weight/momentum"]?.doubles() == [0, 0, 0])
        #expect(log.messages.first == "info: starting with 1 states of \(folder.path)/first")
        let byName = WarmStart(
            from: "\(folder.path)/first/checkpoint-4", pattern: "*weight", renamed: ["linear/weight": "dense/weight"])
        let missing = #expect(throws: ExecutionError.self) {
            try estimator(warmStart: byName).train(on: training, maxSteps: 1)
        }
        #expect(missing?.description.contains("expected a state 'dense/weight', got none of that name") == true)
        let reversed = WarmStart(
            from: "\(folder.path)/first", pattern: "linear/*", renamed: ["dense/weight": "linear/weight"])
        let unknown = #expect(throws: ExecutionError.self) {
            try estimator(warmStart: reversed).train(on: training, maxSteps: 1)
        }
        #expect(unknown?.description.contains("got 'dense/weight'; this model has: linear/weight, ") == true)
        let nothing = #expect(throws: ExecutionError.self) {
            try estimator(warmStart: WarmStart(from: "\(folder.path)/first", pattern: "x*")).train(
                on: training, maxSteps: 1)
        }
        #expect(nothing?.description.contains("expected states that match 'x*', got none") == true)
        let file = "\(folder.path)/narrow.safetensors"
        try WholeFile.write(
            try Safetensors.encode([("linear/weight", HostTensor([1, 2] as [Float]))]), path: file)
        let narrow = #expect(throws: ExecutionError.self) {
            try estimator(warmStart: WarmStart(from: file)).train(on: training, maxSteps: 1)
        }
        #expect(
            narrow?.description
                == "warm start from \(file): expected f32[3] for the state 'linear/weight', got f32[2]; "
                + "make the models alike there, or leave it out of the pattern '*'")
    }

    /// Writes a file instead of compiling.
    private struct FileCompiler: ModuleCompiler {
        func compile(
            _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
        ) throws -> CompiledFiles {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try WholeFile.write([1], path: "\(folder)/library")
            return CompiledFiles(
                library: "\(folder)/library", manifest: "\(folder)/library", all: ["\(folder)/library"])
        }
    }

    @Test func exportersWriteTheirChoice() throws {
        let training = try RegressionModel.examples(25).batched(8)
        // A process that was killed while it exported has left this.
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/model/export/latest/.3.partial/x86_64-linux", withIntermediateDirectories: true)
        let trained = try estimator("model", compiler: FileCompiler())
        try trained.trainAndEvaluate(
            TrainSpec(training, maxSteps: 14),
            EvalSpec(
                training,
                exporters: [
                    StandardExporter.latest(keep: 2), StandardExporter.final(),
                    StandardExporter.best(by: .smallest("loss")),
                ])
        )
        func exports(_ name: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/model/export/\(name)").sorted()
        }
        #expect(try exports("latest") == ["12", "14"] && exports("final") == ["14"] && exports("best") == ["14"])
        // Examples of other weights, on which the model gets worse: the first evaluation stays the best.
        let other = try RegressionModel.examples(25).mapped { example in
            ["features": try example["features"], "label": HostTensor(scalar: Float(0))]
        }.batched(25)
        try estimator("worse", compiler: FileCompiler()).trainAndEvaluate(
            TrainSpec(training, maxSteps: 14),
            EvalSpec(other, exporters: [StandardExporter.best(by: .smallest("loss"), keep: 3)]))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/worse/export/best") == ["4"])
        #expect(
            FileManager.default.fileExists(atPath: "\(folder.path)/model/export/final/14/x86_64-linux/library")
                || FileManager.default.fileExists(atPath: "\(folder.path)/model/export/final/14/aarch64-linux/library"))
    }

    /// Fails to write.
    private struct FailingCompiler: ModuleCompiler {
        func compile(
            _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
        ) throws -> CompiledFiles {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            throw ExecutionError(
                place: "\(folder)/library", expected: "room", actual: "none", remedy: "free disk space")
        }
    }

    @Test func anExportThatFailsNamesTheFolderAskedFor() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let trained = try estimator("full", compiler: FailingCompiler())
        let error = #expect(throws: ExecutionError.self) {
            try trained.trainAndEvaluate(
                TrainSpec(training, maxSteps: 2), EvalSpec(training, exporters: [StandardExporter.final()]))
        }
        let exports = "\(folder.path)/full/export/final"
        let text = error?.description ?? ""
        #expect(
            text.hasPrefix("exporter 'final': expected an export in \(exports)/2, got an error (\(exports)/2/"),
            "\(text)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: exports) == [])
    }

    /// Divides by what falls to zero, so that a later layer is not the one to blame.
    private struct Fragile: Layer {
        let first = Dense(units: 4)
        let second = Dense(units: 1)
        func callAsFunction(_ x: Tensor) -> Tensor {
            let inner = scope("fragile") { log(first(x) - 100) }
            return second(inner)
        }
    }

    @Test(arguments: [EngineKind.interpreted, .compiled]) func whatMadeANaNIsNamed(engine: EngineKind) throws {
        let training = try RegressionModel.examples(25).mapped { example in
            ["features": try example["features"], "label": try example["label"].reshaped([1])]
        }.batched(8)
        let trained = try Estimator(
            model: Fragile(), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1),
            config: RunConfig(engine: engine, showsProgress: false, logger: MessageLog().logger))
        let error = try #require(throws: ExecutionError.self) { try trained.train(on: training, maxSteps: 5) }
        #expect(error.place.hasPrefix("training, step 1, layer 'fragile' at TrainingRunTests.swift:"), "\(error.place)")
        #expect(
            error.actual.hasPrefix("operation 'log' made nan at [0, 0] and 31 more of 32 elements"), "\(error.actual)")
        #expect(error.remedy.hasSuffix("the model is back at step 0"))
    }

    @Test func aNaNInTheDataIsNamed() throws {
        let training = try RegressionModel.examples(25).mapped { example in
            let isBad = example.index == 20
            return [
                "features": isBad ? HostTensor([1, .nan, 0] as [Float]) : try example["features"],
                "label": try example["label"],
            ]
        }.batched(8)
        let error = try #require(throws: ExecutionError.self) {
            try estimator("model").train(on: training, maxSteps: 50)
        }
        #expect(
            error.description.hasPrefix(
                "training, step 3, input 'features': expected finite numbers, got nan at [4, 1] of 24 elements in batch 2 of epoch 0"
            ))
        #expect(try estimator("model").states().values.allSatisfy { $0.doubles().allSatisfy(\.isFinite) })
    }
}
