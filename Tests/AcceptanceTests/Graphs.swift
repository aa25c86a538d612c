import Foundation
import GraphIR

/// The graphs that come with Strata.
enum Graphs {
    static let names = [
        "autoencoder", "dense", "fashion", "gpt", "increment", "lenet", "logistic", "longtext", "matmul1024",
        "matmul512", "minilm", "mlp", "resnet50", "rowchain", "text", "wideanddeep",
    ]
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    static func path(_ name: String) -> String { "\(root)/graphs/\(name).graph" }
    static func read(_ name: String) throws -> GraphModule { try GraphFile.read(path: path(name)) }

    /// L[k] of the training workloads, computed in f64 by the script that PyTorch's part of the benchmarks is.
    static func referenceLosses(_ workload: String) throws -> [Int: Double] {
        struct Reference: Decodable { let losses: [String: [String: Double]] }
        let path = root + "/Benchmarks/peers/reference.json"
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        let losses = reference.losses[workload] ?? [:]
        return Dictionary(uniqueKeysWithValues: losses.compactMap { key, loss in Int(key).map { ($0, loss) } })
    }
}
