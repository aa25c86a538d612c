import Datasets
import Estimator
import Execution
import Foundation
import HostTensors
import Testing

@Suite struct EstimatorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func estimator(
        _ directory: String? = nil, checkpointEvery: Int = 1000, log: MessageLog = MessageLog(),
        learningRate: Double = 0.1
    ) throws -> Estimator {
        let config = RunConfig(
            modelDirectory: directory.map { "\(folder.path)/\($0)" }, seed: 1, engine: .interpreted,
            checkpoints: CheckpointPolicy(everySteps: checkpointEvery), showsProgress: false, logger: log.logger)
        return try Estimator(config: config) {
            try RegressionModel.module($0.features[0].type(), $0.labels[0].type(), learningRate: learningRate)
        }
    }

    @Test func trainsToConvergenceEvaluatesAndPredicts() throws {
        let training = try RegressionModel.examples(100).shuffled(seed: 1).batched(16)
        let estimator = try estimator()
        let summary = try estimator.train(on: training, maxSteps: 200)
        #expect(summary.firstStep == 0 && summary.lastStep == 200)
        #expect(try #require(summary.loss) < 1e-6)

        let test = try RegressionModel.examples(50, seed: 9).batched(16)
        let metrics = try estimator.evaluate(on: test)
        #expect(try #require(metrics["loss"]) < 1e-6)
        #expect(metrics["count"] == 50)
        // Metrics begin anew each time.
        #expect(try estimator.evaluate(on: test) == metrics)

        let features = try #require(try test.tensors()["features"])
        let predicted = try #require(try estimator.predict(on: Dataset(features: features).batched(7))["value"])
        let labels = try #require(try test.tensors()["label"])
        #expect(predicted.shape == [50])
        #expect(predicted.isClose(to: labels, relative: 1e-3, absolute: 1e-3))
    }

    @Test func aResumedTrainingGivesTheSameBits() throws {
        let training = try RegressionModel.examples(25).shuffled(seed: 4).batched(8)
        var whole: [Double] = []
        let straight = try estimator("straight")
        try straight.train(on: training, maxSteps: 10) { whole.append($0.loss) }

        var parts: [Double] = []
        try estimator("parts").train(on: training, maxSteps: 5) { parts.append($0.loss) }
        let resumed = try estimator("parts")
        try resumed.train(on: training, maxSteps: 10) { parts.append($0.loss) }
        #expect(parts == whole)
        #expect(try resumed.states() == straight.states())
        for file in ["state.safetensors", "manifest.json"] {
            #expect(
                try WholeFile.read(path: "\(folder.path)/parts/checkpoint-10/\(file)")
                    == WholeFile.read(path: "\(folder.path)/straight/checkpoint-10/\(file)"))
        }
    }

    @Test func trainingToAStepThatIsReachedDoesNothing() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let log = MessageLog()
        let estimator = try estimator("model", log: log)
        try estimator.train(on: training, maxSteps: 5)
        let before = try estimator.states()
        let summary = try estimator.train(on: training, maxSteps: 5)
        #expect(summary.firstStep == 5 && summary.lastStep == 5 && summary.loss == nil)
        #expect(try estimator.states() == before)
        #expect(log.messages == ["info: step 5 of 5 is reached already: nothing to train"])
    }

    @Test func aNewEstimatorFindsTheTrainedModel() throws {
        let training = try RegressionModel.examples(25).batched(8)
        let first = try estimator("model")
        try first.train(on: training, maxSteps: 5)
        let second = try estimator("model")
        #expect(try second.evaluate(on: training) == first.evaluate(on: training))
        #expect(second.step == 5)
    }

    /// The message says what is wrong with which file, and the training ends as if nothing had happened.
    @Test(arguments: [
        ("state.safetensors", "truncate", "bytes, got "), ("state.safetensors", "flip", "expected SHA-256 "),
        ("manifest.json", "truncate", "expected a checkpoint manifest, got other JSON, or none"),
        ("manifest.json", "remove", "No such file or directory"),
    ]) func aDamagedNewestCheckpointIsReplacedByTheOneBefore(file: String, damage: String, reason: String) throws {
        let training = try RegressionModel.examples(25).shuffled(seed: 1).batched(8)
        try estimator("model", checkpointEvery: 2).train(on: training, maxSteps: 4)
        let path = "\(folder.path)/model/checkpoint-4"
        try CheckpointTests.damage("\(path)/\(file)", damage)
        let log = MessageLog()
        let resumed = try estimator("model", log: log)
        let summary = try resumed.train(on: training, maxSteps: 6)
        #expect(summary.firstStep == 2)
        #expect(log.messages.count == 2)
        let warning = try #require(log.messages.first)
        #expect(warning.hasPrefix("warning: passing over the damaged checkpoint \(path): \(path)/\(file): "))
        #expect(warning.contains(reason), "\(warning)")
        #expect(log.messages.last == "info: going on from \(folder.path)/model/checkpoint-2")
        try expectTheEndOfAnUndisturbedTraining(training, steps: 6)
    }

    /// Has no room from some step on.
    private struct DiskThatFills: CheckpointFileWriter {
        let lastStep: Int
        func write(_ bytes: [UInt8], path: String) throws {
            if (1...lastStep).contains(where: { path.contains("checkpoint-\($0).") }) || path.contains("checkpoint-0.")
            {
                return try WholeFile.write(bytes, path: path)
            }
            try WholeFile.write(Array(bytes.prefix(10)), path: path)
            throw FileError(
                path: path, place: .wholeFile, expected: "room", actual: "\"No space left on device\"",
                remedy: "free disk space")
        }
    }

    @Test func aFullDiskEndsTheTrainingWhichGoesOnWithRoom() throws {
        let training = try RegressionModel.examples(25).shuffled(seed: 1).batched(8)
        let config = RunConfig(
            modelDirectory: "\(folder.path)/model", seed: 1, engine: .interpreted,
            checkpoints: CheckpointPolicy(everySteps: 2), showsProgress: false, logger: MessageLog().logger,
            checkpointWriter: DiskThatFills(lastStep: 2))
        let full = try Estimator(config: config) {
            try RegressionModel.module($0.features[0].type(), $0.labels[0].type())
        }
        let error = try #require(throws: ExecutionError.self) { try full.train(on: training, maxSteps: 6) }
        #expect(error.description.contains("No space left on device"))
        #expect(
            error.description.hasSuffix(
                "the checkpoint of step 2 is intact: make room and train again to go on from it"))
        let log = MessageLog()
        try estimator("model", log: log).train(on: training, maxSteps: 6)
        #expect(log.messages == ["info: going on from \(folder.path)/model/checkpoint-2"])
        try expectTheEndOfAnUndisturbedTraining(training, steps: 6)
    }

    private func expectTheEndOfAnUndisturbedTraining(_ training: Dataset, steps: Int) throws {
        try estimator("straight").train(on: training, maxSteps: steps)
        for file in ["state.safetensors", "manifest.json"] {
            #expect(
                try WholeFile.read(path: "\(folder.path)/model/checkpoint-\(steps)/\(file)")
                    == WholeFile.read(path: "\(folder.path)/straight/checkpoint-\(steps)/\(file)"))
        }
    }

    @Test func anotherDatasetStartsAtItsFirstBatch() throws {
        let log = MessageLog()
        let estimator = try estimator(log: log)
        try estimator.train(on: RegressionModel.examples(25).batched(8), maxSteps: 3)
        try estimator.train(on: RegressionModel.examples(30).batched(8), maxSteps: 4)
        #expect(log.messages == ["notice: the dataset is another one than before: starting at its first batch"])
    }

    @Test func anInfiniteLossStopsBeforeItIsSaved() throws {
        let training = try RegressionModel.examples(25).batched(25)
        let estimator = try estimator("model", checkpointEvery: 2, learningRate: 1e3)
        let error = #expect(throws: ExecutionError.self) { try estimator.train(on: training, maxSteps: 100) }
        let text = try #require(error?.description)
        #expect(text.hasPrefix("training, step "))
        #expect(text.contains(": expected finite numbers, got operation '"))
        let kept = try #require(try CheckpointStore(directory: "\(folder.path)/model").steps().last)
        #expect(
            text.hasSuffix(
                "; lower the learning rate or look for bad values in the data; "
                    + "the model is back at step \(kept)"))
        _ = try estimator.evaluate(on: training)
        #expect(estimator.step == kept)
    }

    @Test func withoutTrainingThereIsNothingToUse() throws {
        let dataset = try RegressionModel.examples(5).batched(5)
        let error = #expect(throws: ExecutionError.self) { try estimator().evaluate(on: dataset) }
        #expect(
            error?.description
                == "estimator: expected a trained model, got none; call train(on:maxSteps:) first")
        let empty = #expect(throws: ExecutionError.self) { try estimator("none").predict(on: dataset) }
        #expect(
            empty?.description == "model directory \(folder.path)/none: expected a trained model, got none; "
                + "call train(on:maxSteps:) first")
    }

    @Test func examplesOfAnotherTypeAreRefused() throws {
        let estimator = try estimator()
        try estimator.train(on: RegressionModel.examples(5).batched(5), maxSteps: 1)
        let wide = try Dataset(features: HostTensor(zeros: [2, 4], dtype: .f32))
        let error = #expect(throws: ExecutionError.self) { try estimator.predict(on: wide) }
        #expect(
            error?.description
                == "dataset, column 'features': expected f32[B,3], which the model was made for, got f32[B,4]; "
                + "give examples of the same type, or use another estimator")
        let unlabelled = try Dataset(features: HostTensor(zeros: [2, 3], dtype: .f32))
        let missing = #expect(throws: ExecutionError.self) { try estimator.evaluate(on: unlabelled) }
        #expect(
            missing?.description == "dataset: expected a column 'label', which the model was made for, "
                + "got columns features; give examples with labels")
    }

    @Test func twoTrainingsInOneDirectoryAreRefused() throws {
        let training = try RegressionModel.examples(5).batched(5)
        let outer = try estimator("model")
        let inner = try estimator("model")
        var text: String?
        try outer.train(on: training, maxSteps: 1) { _ in
            do {
                try inner.train(on: training, maxSteps: 1)
            } catch { text = "\(error)" }
        }
        #expect(
            text == "\(folder.path)/model: expected one training in a model directory at a time, got a second one; "
                + "wait for the other to end, or use another model directory")
    }

    /// That the folder is not there is no reason: why it could not be made is.
    @Test func aDirectoryThatCannotBeMadeSaysWhy() throws {
        #expect(mkdir("/sys/kernel/strata", 0o777) != 0)
        let reason = String(cString: strerror(errno))
        let up = String(repeating: "../", count: folder.path.count { $0 == "/" })
        let estimator = try estimator("\(up)sys/kernel/strata/model")
        let error = #expect(throws: ExecutionError.self) {
            try estimator.train(on: RegressionModel.examples(5).batched(5), maxSteps: 1)
        }
        #expect(
            error?.description.hasSuffix(
                "expected a model directory that can be written, got \"\(reason)\"; check the path and its permissions")
                == true)
    }

    @Test func aNumberThatMakesNoSenseIsRefused() throws {
        let error = #expect(throws: ExecutionError.self) { try estimator(checkpointEvery: 0) }
        #expect(
            error?.description
                == "RunConfig, checkpoints.everySteps: expected at least 1, got 0; correct the configuration")
    }
}
