// Writes the checkpoint of step 1, then gets stuck half-way through the files of step 2, so that a test can kill it.
// usage: SlowCheckpoint DIRECTORY

import Datasets
import Estimator
import Glibc
import HostTensors

/// Writes half of each file, says so on standard output, and never returns.
struct StuckWriter: CheckpointFileWriter {
    func write(_ bytes: [UInt8], path: String) throws {
        try WholeFile.write(Array(bytes.prefix(bytes.count / 2)), path: path)
        let message = "stuck\n"
        Glibc.write(STDOUT_FILENO, message, message.utf8.count)
        while true { pause() }
    }
}

let features = try HostTensor([Float](repeating: 0, count: 4), shape: [2, 2])
let labels = HostTensor([Int32(0), 1])
let inputs = try ExampleTypes(Dataset(features: features, labels: labels))
for step in 1...2 {
    let store =
        step == 1
        ? CheckpointStore(directory: CommandLine.arguments[1])
        : CheckpointStore(directory: CommandLine.arguments[1], writer: StuckWriter())
    let manifest = CheckpointManifest(
        step: step, seed: 7, position: .init(batch: step), dataset: "test", graph: "test", inputs: inputs)
    try store.save(
        Checkpoint(
            manifest: manifest, states: ["w": HostTensor([Float(step), 2, 3]), "n": HostTensor(scalar: Int64(step))]))
}
