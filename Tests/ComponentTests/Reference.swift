import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Testing

/// What another implementation says of one family of components: the tensors that a script in `Reference` wrote.
struct Reference: Sendable {
    private let file: SafetensorsFile
    private let family: String

    init(_ family: String) throws {
        self.family = family
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        file = try Safetensors.read(path: folder.appendingPathComponent("Reference/\(family).safetensors").path)
    }

    /// One tensor: f64 or i32.
    func callAsFunction(_ component: String, _ what: String) throws -> HostTensor {
        try #require(file["\(component)/\(what)"], "\(family).safetensors has no \(component)/\(what)")
    }

    /// The components that have a tensor of this name.
    func components(with what: String) -> Set<String> {
        Set(file.entries.map(\.name).filter { $0.hasSuffix("/\(what)") }.map { String($0.dropLast(what.count + 1)) })
    }
}

extension Tensor {
    /// Expects the value to be near to another.
    func expectClose(
        to expected: HostTensor, _ tolerance: Double = 1e-10, _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try evaluated()
        #expect(found.shape == expected.shape, "\(what)", sourceLocation: sourceLocation)
        #expect(
            found.converted(to: .f64).isClose(
                to: expected.converted(to: .f64), relative: tolerance, absolute: tolerance),
            "\(what): \(found) instead of \(expected)", sourceLocation: sourceLocation)
    }
}

/// The gradient of a sum of outputs against central differences, at some elements of each f64 tensor.
func checkGradient(
    _ what: String, at points: [HostTensor], elements: Int = 9, tolerance: Double = 2e-6,
    sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Tensor]) throws -> Tensor
) throws {
    let types = points.enumerated().map { at, point in
        (name: "x\(at)", type: TensorType(point.dtype, point.shape.map { Dim($0) }))
    }
    let varied = points.indices.filter { points[$0].dtype == .f64 }
    let value = try trace(types) { [("value", try weighted(function($0)))] }
    let slopes = try trace(types) { inputs in
        zip(varied, gradients(of: try weighted(function(inputs)), withRespectTo: varied.map { inputs[$0] })).map {
            ("\($0)", $1)
        }
    }
    func named(_ points: [HostTensor]) -> [String: HostTensor] {
        Dictionary(uniqueKeysWithValues: points.enumerated().map { ("x\($0)", $1) })
    }
    let interpreter = try Interpreter(module: value)
    let found = try Interpreter(module: slopes).run("main", inputs: named(points))
    for at in varied {
        let gradient = try #require(found["\(at)"]).doubles()
        for element in stride(from: 0, to: gradient.count, by: max(1, gradient.count / elements)) {
            let sides = try [1e-5, -1e-5].map { step in
                var moved = points
                try moved[at].withMutableScalars(as: Double.self) { $0[element] += step }
                return try #require(interpreter.run("main", inputs: named(moved))["value"]).doubles()[0]
            }
            let slope = (sides[0] - sides[1]) / 2e-5
            #expect(
                abs(slope - gradient[element]) <= tolerance * max(1, abs(slope)),
                "\(what): gradient \(gradient[element]) of operand \(at)[\(element)], slope \(slope)",
                sourceLocation: sourceLocation)
        }
    }
}

/// A sum in which every element counts differently, so that errors do not cancel.
private func weighted(_ x: Tensor) -> Tensor {
    let count = Dim.product(x.shape).constant ?? 1
    let weights = (0..<count).map { at -> Double in 1 + 0.37 * Double(at % 5) - 0.2 * Double(at % 3) }
    return (x.cast(to: .f64).reshaped(to: [-1]) * Tensor(HostTensor(weights as [Double]))).sum()
}
