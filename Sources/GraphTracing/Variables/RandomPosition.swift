import GraphIR
import HostTensors

/// Where random numbers come from: a seed and a step; with a stream number they name one sequence of numbers.
public struct RandomPosition: Sendable {
    /// The seed, `i64[]`.
    public var seed: Tensor
    /// The step, `i64[]`: each step has numbers of its own.
    public var step: Tensor
    /// The sequence's number.
    public var stream: Int

    /// Names a sequence of random numbers.
    public init(seed: Tensor, step: Tensor, stream: Int) {
        self.seed = seed
        self.step = step
        self.stream = stream
    }

    /// A fixed position, for values made outside any traced function.
    public init(seed: Int64, stream: Int) {
        self.init(
            seed: Tensor(HostTensor(scalar: seed)), step: Tensor(HostTensor(scalar: Int64(0))), stream: stream)
    }

    /// Uniform f32 numbers in [0, 1).
    public func uniform(_ shape: [Dim]) -> Tensor {
        Tensor.apply("random", [seed, step], ["stream": .int(stream), "shape": .dims(shape)])
    }

    /// Normal f32 numbers of mean 0 and variance 1.
    public func normal(_ shape: [Dim]) -> Tensor {
        Tensor.apply("randomNormal", [seed, step], ["stream": .int(stream), "shape": .dims(shape)])
    }

    /// `u < rate ? 0 : x / (1 - rate)` with u uniform in [0, 1).
    public func dropout(_ x: Tensor, rate: Double) -> Tensor {
        Tensor.apply("dropout", [x, seed, step], ["rate": .float(rate), "stream": .int(stream)])
    }

    /// The first stream number of what happens inside steps; initial values use the numbers below.
    static let firstStepStream = 1 << 30
}
