import Foundation
import Strata
import Testing

/// The code of `docs/guides/onnx.md`.
@Suite struct OnnxGuide {
    private let holder = GuideFolder()
    private var models: String { holder.path }

    struct Digits: Layer {
        let edges = Conv2D(filters: 4, kernelSize: 3, activation: .relu)
        let pool = GlobalAveragePool()
        let logits = Dense(units: 3)
        func callAsFunction(_ image: Tensor) -> Tensor { logits(pool(edges(image))) }
    }

    private static func numbers(_ stream: UInt32, _ shape: [Int]) throws -> HostTensor {
        let count = shape.reduce(1, *)
        let uniform = RandomStream.uniform(seed: 3, stream: stream, step: 0, count: count)
        return try HostTensor(uniform.map { $0 - 0.5 }, shape: shape)
    }

    /// Weights as PyTorch keeps them, written as `strata import` writes them.
    private func importedWeights() throws -> [(String, HostTensor)] {
        [
            ("conv.weight", try Self.numbers(0, [4, 1, 3, 3])), ("conv.bias", try Self.numbers(1, [4])),
            ("fc.weight", try Self.numbers(2, [3, 4])), ("fc.bias", try Self.numbers(3, [3])),
        ]
    }

    @Test func aTrainingBeginsWithImportedWeights() throws {
        try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
        let weights = try importedWeights()
        try Safetensors.write(weights, path: "\(models)/digits.safetensors")
        let pictures = try Self.numbers(4, [16, 8, 8, 1])
        let images = try Dataset(features: pictures, labels: HostTensor((0..<16).map { Int32($0 % 3) }))

        let imported = try Safetensors.read(path: "\(models)/digits.safetensors")
        let turned = try imported.entries.map { name, tensor in
            switch tensor.shape.count {
            case 2: (name, try Tensor(tensor).transposed().evaluated())
            case 4: (name, try Tensor(tensor).transposed([2, 3, 1, 0]).evaluated())
            default: (name, tensor)
            }
        }
        try Safetensors.write(turned, path: "\(models)/turned.safetensors")
        let start = WarmStart(
            from: "\(models)/turned.safetensors",
            renamed: [
                "edges/weight": "conv.weight", "edges/bias": "conv.bias",
                "logits/weight": "fc.weight", "logits/bias": "fc.bias",
            ])
        let estimator = try Estimator(
            model: Digits(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            config: RunConfig(warmStart: start))
        try estimator.train(on: images.batched(8), steps: 20)

        let fresh = try Estimator(
            model: Digits(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            config: RunConfig(warmStart: start))
        try fresh.train(on: images.batched(8), steps: 0)
        let found = try #require(try fresh.predict(on: images.batched(16))["logits"]).doubles()
        let wanted = try Self.predicted(pictures, Dictionary(uniqueKeysWithValues: weights))
        #expect(found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(try estimator.states()["logits/weight"] != fresh.states()["logits/weight"])
    }

    /// What PyTorch makes of the images with weights in its order of axes.
    private static func predicted(_ pictures: HostTensor, _ weights: [String: HostTensor]) throws -> [Double] {
        func elements(_ name: String) throws -> [Double] { try #require(weights[name]).doubles() }
        let (taps, biases) = (try elements("conv.weight"), try elements("conv.bias"))
        let (factors, offsets) = (try elements("fc.weight"), try elements("fc.bias"))
        let pixels = pictures.doubles()
        return (0..<pictures.shape[0]).flatMap { image in
            let features = (0..<4).map { channel in
                let sums = (0..<36).map { place in
                    (0..<9).reduce(biases[channel]) { sum, tap in
                        let (row, column) = (place / 6 + tap / 3, place % 6 + tap % 3)
                        return sum + taps[channel * 9 + tap] * pixels[image * 64 + row * 8 + column]
                    }
                }
                return sums.reduce(0) { $0 + max(0, $1) } / 36
            }
            return (0..<3).map { output in
                (0..<4).reduce(offsets[output]) { $0 + factors[output * 4 + $1] * features[$1] }
            }
        }
    }
}
