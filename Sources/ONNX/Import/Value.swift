import GraphIR
import GraphTracing
import HostTensors

/// What a name of an ONNX graph stands for while the graph is imported.
struct Value {
    /// The value in the graph that is being made.
    let tensor: Tensor
    /// Its contents, where they are known.
    let constant: HostTensor?
    /// Its whole numbers, where they are known but for named dimensions.
    let sizes: SizeTensor?
    /// Whether it is a state, whose contents the graph does not hold.
    let isState: Bool

    /// A value that is computed when the graph runs.
    init(_ tensor: Tensor) { self.init(tensor, constant: nil, sizes: nil, isState: false) }

    /// A constant.
    init(constant: HostTensor) {
        self.init(Tensor(constant), constant: constant, sizes: SizeTensor(constant), isState: false)
    }

    /// A weight: a state with these first contents.
    init(state: Variable, contents: HostTensor) {
        self.init(state.value, constant: contents, sizes: nil, isState: true)
    }

    /// Whole numbers that follow from shapes.
    init(sizes: SizeTensor) {
        self.init(sizes.tensor, constant: sizes.constant, sizes: sizes, isState: false)
    }

    private init(_ tensor: Tensor, constant: HostTensor?, sizes: SizeTensor?, isState: Bool) {
        self.tensor = tensor
        self.constant = constant
        self.sizes = sizes
        self.isState = isState
    }
}
