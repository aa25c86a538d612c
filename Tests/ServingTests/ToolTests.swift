import Foundation
import Strata
import Toolchain
import Testing

/// `strata serve`, as a user runs it: a model is trained, exported and served by the programs that were built.
@Suite struct ServeToolTests {
    struct Classifier: Layer {
        let logits = Dense(units: 2)
        func callAsFunction(_ point: Tensor) -> Tensor { logits(point) }
    }

    /// The built programs, found from where the tests' own code lies.
    private static let folder: URL? = {
        for place in [CommandLine.arguments.first ?? ""] + Bundle.allBundles.map(\.bundlePath) {
            var folder = URL(fileURLWithPath: place)
            for _ in 0..<4 {
                folder.deleteLastPathComponent()
                if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("strata-serve").path) {
                    return folder
                }
            }
        }
        return nil
    }()

    private func start(_ arguments: [String]) throws -> (process: Process, output: FileHandle, errors: FileHandle) {
        let process = Process()
        process.executableURL = try #require(Self.folder).appendingPathComponent("strata")
        process.arguments = ["serve"] + arguments
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        return (process, output.fileHandleForReading, errors.fileHandleForReading)
    }

    @Test(arguments: [
        (["--help"], 0, "USAGE: strata serve [<options>] <[name=]path> ..."),
        ([], 64, "error: Missing expected argument '<[name=]path> ...'"),
        (["a", "--max-batch", "0"], 64, "error: --max-batch 0: give a number from 1"),
        (
            ["a", "b", "--weights", "w"], 64,
            "error: --weights w: say which model's it is, NAME=FILE, and name the model"
        ),
        (["a", "--idle-timeout", "0"], 64, "error: --idle-timeout 0.0: give seconds from 0.001"),
        (["a", "--weights", "b=w"], 64, "error: --weights b=w: no model is called that; name it b=PATH"),
        (["/nowhere"], 1, "error: /nowhere: expected a compiled model, got no such file; check the path"),
    ])
    func aCommandLineIsChecked(arguments: [String], code: Int32, message: String) throws {
        let (process, output, errors) = try start(arguments)
        let text = String(decoding: output.readDataToEndOfFile() + errors.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == code)
        #expect(text.contains(message), "\(text)")
    }

    @Test func aServerThatWasNotBuiltIsNamed() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/strata-serve-tests-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let tool = try #require(Self.folder).appendingPathComponent("strata").path
        let copied = try Subprocess.run("/bin/sh", ["-c", "cp \"$0\" \"$1\"", tool, folder + "/strata"])
        #expect(copied.isSuccess, "\(copied)")
        let outcome = try Subprocess.run(folder + "/strata", ["serve", "model"])
        #expect(outcome.exitStatus == 1)
        #expect(
            outcome.standardError
                == "error: \(folder)/strata-serve is not there: build it with 'swift build -c release --product strata-serve'\n"
        )
    }

    @Test func whatWasTrainedIsServed() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/strata-serve-tests-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let points = try HostTensor((0..<64).map { Float($0 % 7) - 3 }, shape: [32, 2])
        let labels = HostTensor((0..<32).map { Int32($0 % 2) })
        let data = try Dataset(features: points, labels: labels)
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), name: "points")
        try estimator.train(on: data.batched(8), maxSteps: 4)
        try estimator.export(to: folder)
        let expected = try #require(try estimator.predict(on: data.batched(32))["logits"])

        let (process, output, _) = try start(
            ["classifier=" + folder, "--port", "0", "--contexts", "2", "--idle-timeout", "3600"])
        defer { if process.isRunning { process.terminate() } }
        let line = String(decoding: output.availableData, as: UTF8.self)
        let port = try #require(Int(line.split(separator: ":").last?.split(separator: "\n").first ?? ""))
        #expect(line == "serving classifier on http://127.0.0.1:\(port)\n")
        let client = TestClient(port: port)
        let json =
            #"{"inputs":[{"name":"features","datatype":"FP32","shape":[32,2],"parameters":{"binary_data_size":256}}],"#
            + #""parameters":{"binary_data_output":true}}"#
        let answer = try await client.send(
            .POST, "/v2/models/classifier/infer", headers: [("Inference-Header-Content-Length", "\(json.utf8.count)")],
            body: Array(json.utf8) + points.bytes)
        #expect(answer.status == 200, "\(answer.text)")
        // The bits that the estimator has.
        #expect(Array(answer.body.suffix(expected.byteCount)) == expected.bytes)
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }
}
