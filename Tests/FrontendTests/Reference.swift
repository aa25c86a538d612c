import Foundation
import HostTensors
import Testing

/// The numbers that `Data/make_reference.py` writes.
struct Reference: Decodable, Sendable {
    struct Numbers: Decodable, Sendable {
        let shape: [Int]
        let values: [Double]

        func tensor(_ dtype: DType = .f32) throws -> HostTensor {
            try HostTensor(values, shape: shape).converted(to: dtype)
        }
    }
    struct Broadcast: Decodable, Sendable, CustomTestStringConvertible {
        let op: String
        let x: Numbers
        let y: Numbers
        let result: Numbers
        var testDescription: String { "\(op) \(x.shape) \(y.shape)" }
    }
    let broadcasting: [Broadcast]
    let benchmarkLosses: [String: [String: Double]]

    enum CodingKeys: String, CodingKey {
        case broadcasting
        case benchmarkLosses = "benchmark losses"
    }

    static let shared: Reference = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        guard let data = try? Data(contentsOf: folder.appendingPathComponent("Data/reference.json")),
            let reference = try? JSONDecoder().decode(Reference.self, from: data)
        else { preconditionFailure("Data/reference.json is missing: run make_reference.py") }
        return reference
    }()
}
