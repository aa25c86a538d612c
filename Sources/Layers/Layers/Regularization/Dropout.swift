import GraphIR
import GraphTracing
import HostTensors

/// In training, each element is 0 with probability `rate` and scaled by 1/(1 - rate) otherwise; else the input itself.
public struct Dropout: ScopedLayer {
    /// The share of elements set to 0.
    public let rate: Double
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that drops a share of its input, 0 or more and below 1.
    public init(rate: Double, file: String = #fileID, line: Int = #line) {
        self.rate = rate
        scope = LayerScope("Dropout", file: file, line: line)
    }

    /// The thinned input in training, the input itself in inference.
    public func apply(_ input: Tensor) -> Tensor {
        if rate == 0 { return input }
        return input.inTraining { $0.dropout(input, rate: rate) }
    }
}

/// Dropout of whole channels: all of a channel's elements in an example are 0 together (Tompson et al., 2015).
public struct SpatialDropout: ScopedLayer {
    /// The share of channels set to 0.
    public let rate: Double
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that drops a share of its input's channels, 0 or more and below 1.
    public init(
        rate: Double, layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        self.rate = rate
        self.layout = layout
        scope = LayerScope("SpatialDropout", file: file, line: line)
    }

    /// The input without some channels in training, the input itself in inference.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        guard input.rank >= 3 else {
            return Tensor(
                failure: GraphError(
                    "SpatialDropout needs batch, channels and spatial axes, got \(input.type)",
                    place: PlaceScope.current?.description, remedy: "use Dropout where there are no spatial axes"))
        }
        if rate == 0 { return input }
        let channels = layout.channelAxis(spatial: input.rank - 2)
        let shape = input.shape.enumerated().map { [0, channels].contains($0.offset) ? $0.element : 1 }
        return input.inTraining { $0.dropout(.full(1, TensorType(input.dtype, shape)), rate: rate) * input }
    }
}

/// In training, the input plus normal numbers of mean 0; else the input itself.
public struct GaussianNoise: ScopedLayer {
    /// The standard deviation of what is added.
    public let standardDeviation: Double
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of noise.
    public init(standardDeviation: Double, file: String = #fileID, line: Int = #line) {
        self.standardDeviation = standardDeviation
        scope = LayerScope("GaussianNoise", file: file, line: line)
    }

    /// The noisy input in training, the input itself in inference.
    public func apply(_ input: Tensor) -> Tensor {
        if !(standardDeviation >= 0 && standardDeviation.isFinite) {
            return .wrongNoise("GaussianNoise: 'standardDeviation' is \(standardDeviation)", "a number of 0 or more")
        }
        return input.inTraining { input + ($0.normal(input.shape) * standardDeviation).cast(to: input.dtype) }
    }
}

/// In training, the input times normal numbers of mean 1 and variance rate / (1 - rate); else the input itself (Srivastava
/// et al., 2014).
public struct GaussianDropout: ScopedLayer {
    /// The share of elements that dropout of the same variance would set to 0.
    public let rate: Double
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of noise that multiplies.
    public init(rate: Double, file: String = #fileID, line: Int = #line) {
        self.rate = rate
        scope = LayerScope("GaussianDropout", file: file, line: line)
    }

    /// The noisy input in training, the input itself in inference.
    public func apply(_ input: Tensor) -> Tensor {
        if !(rate >= 0 && rate < 1) {
            return .wrongNoise("GaussianDropout: 'rate' is \(rate)", "0 or more and below 1")
        }
        let deviation = (rate / (1 - rate)).squareRoot()
        return input.inTraining { input * ($0.normal(input.shape) * deviation + 1).cast(to: input.dtype) }
    }
}

extension Tensor {
    /// A tensor that carries the error that there is no noise of such a size.
    fileprivate static func wrongNoise(_ message: String, _ expected: String) -> Tensor {
        Tensor(
            failure: GraphError(message, place: PlaceScope.current?.description, remedy: "expected \(expected)"))
    }

    /// What random numbers make of it in training; itself in inference.
    func inTraining(_ change: (RandomPosition) -> Tensor) -> Tensor {
        if isFailed || Phase.current == .inference { return self }
        do { return change(try RandomPosition.next()) } catch {
            return Tensor(failure: error as? GraphError ?? GraphError("\(error)"))
        }
    }
}
