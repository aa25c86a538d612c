import ExampleModels
import Glibc
import GraphIR

// Writes the text graphs of all example models into a folder: `swift run WriteGraphs [graphs]`.

let folder = CommandLine.arguments.dropFirst().first ?? "graphs"
do {
    for example in ExampleModel.all {
        let path = "\(folder)/\(example.name).graph"
        try GraphFile.write(try example.module(), path: path)
        print("\(path): \(example.summary)")
    }
} catch {
    print("error: \(error)")
    exit(1)
}
