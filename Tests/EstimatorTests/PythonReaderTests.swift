import Datasets
import Estimator
import Foundation
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// What a training leaves behind, read by the Python programs it is meant for.
@Suite struct PythonReaderTests {
    private struct Perceptron: Layer {
        let hidden = Dense(units: 4, activation: .relu)
        let logits = Dense(units: 3)
        func callAsFunction(_ point: Tensor) -> Tensor { logits(hidden(point)) }
    }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// 20 steps, interrupted after 10, with everything recorded.
    private func train() throws -> Estimator {
        let places = RandomStream.uniform(seed: 1, stream: 0, step: 0, count: 60)
        let training = try Dataset(
            features: HostTensor(places, shape: [30, 2]), labels: HostTensor((0..<30).map { Int32($0 % 3) })
        ).batched(10)
        var trained: Estimator?
        for steps in [10, 20] {
            let estimator = try Estimator(
                model: Perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02),
                metrics: [.accuracy],
                config: RunConfig(
                    modelDirectory: folder.path + "/model", engine: .interpreted,
                    summaries: SummaryPolicy(everySteps: 5), showsProgress: false, logger: MessageLog().logger))
            try estimator.train(on: training, maxSteps: steps)
            trained = estimator
        }
        return try #require(trained)
    }

    @Test func tensorBoardReadsTheEvents() throws {
        guard let python = PythonTools.python else { return PythonTools.skipped("TensorBoard's reader") }
        _ = try train()
        let script = """
            import sys
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
            run = EventAccumulator(sys.argv[1] + "/model/events/train")
            run.Reload()
            tags = run.Tags()
            print(sorted(tags["scalars"]))
            print(sorted(tags["histograms"]))
            print([event.step for event in run.Scalars("loss")])
            histogram = run.Histograms("hidden/weight")[-1].histogram_value
            print(histogram.num, sum(histogram.bucket))
            nodes = {node.name: node for node in run.Graph().node}
            print("states/hidden/weight" in nodes, all(i in nodes for n in nodes.values() for i in n.input if ":" not in i))
            """
        let output = try PythonTools.run(python, script, [folder.path])
        #expect(
            output == """
                ['accuracy', 'loss', 'steps per second']
                ['hidden/bias', 'hidden/weight', 'logits/bias', 'logits/weight']
                [5, 10, 15, 20]
                8.0 8.0
                True True

                """)
    }

    @Test func safetensorsReadsTheCheckpoint() throws {
        guard let python = PythonTools.python else { return PythonTools.skipped("Python's safetensors") }
        let states = try train().states()
        let script = """
            import sys
            from safetensors.numpy import load_file
            states = load_file(sys.argv[1] + "/model/checkpoint-20/state.safetensors")
            for name in sorted(states):
                print(name, states[name].dtype, list(states[name].shape), float(states[name].astype("float64").sum()))
            """
        let lines = try PythonTools.run(python, script, [folder.path]).split(separator: "\n").map {
            $0.split(separator: " ")
        }
        #expect(lines.map { String($0[0]) } == states.keys.sorted())
        for line in lines {
            let tensor = try #require(states[String(line[0])])
            let sum = try #require(Double(line[line.count - 1]))
            #expect(abs(sum - tensor.doubles().reduce(0, +)) < 1e-6, "\(line)")
        }
    }
}

/// The Python packages that read what Strata writes, in an environment of their own.
enum PythonTools {
    /// The interpreter of `.build/python`; nil where there is none.
    static var python: String? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appendingPathComponent(".python/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    static func skipped(_ what: String) {
        print("skipped: \(what) is not installed; scripts/setup.sh installs it where PyPI can be reached")
    }

    static func run(_ python: String, _ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}
