import GraphIR
import HostTensors

/// What a library is to offer: its name, its dimension symbols, its states and its functions, in module order.
public struct ArtifactDescription: Sendable, Hashable {
    /// The library's name, a C identifier: `libNAME.so`, `NAME.h`, `NAME_predict`.
    public var name: String
    /// The dimension symbols, in module order.
    public var dims: [ArtifactDim]
    /// The states, in module order.
    public var states: [ArtifactState]
    /// The functions, in module order.
    public var functions: [ArtifactFunction]
    /// The options it is compiled with, recorded in the manifest.
    public var options: [String: String]
    /// Bytes of constant data in the code of one CPU level; nil if not known.
    public var constantBytes: Int?
    /// Whether its code records when kernels run: `NAME_record` then gives a context the memory for that.
    public var recordsKernels: Bool
    /// Hashes of what it is compiled from, recorded in the manifest: `["graph": "9f86d0…"]`.
    public var sourceHashes: [String: String]
    /// What the library tests itself with: it then has `NAME_self_test`. Nil for a library without that.
    public var selfTest: ArtifactSelfTest?

    /// Makes a description; nothing is checked before the library is built.
    public init(
        name: String, dims: [ArtifactDim] = [], states: [ArtifactState] = [], functions: [ArtifactFunction] = [],
        options: [String: String] = [:], constantBytes: Int? = nil, recordsKernels: Bool = false,
        sourceHashes: [String: String] = [:], selfTest: ArtifactSelfTest? = nil
    ) {
        self.name = name
        self.dims = dims
        self.states = states
        self.functions = functions
        self.options = options
        self.constantBytes = constantBytes
        self.recordsKernels = recordsKernels
        self.sourceHashes = sourceHashes
        self.selfTest = selfTest
    }
}

/// A dimension symbol: every call gives it a value, which is checked at entry.
public struct ArtifactDim: Sendable, Hashable {
    /// The symbol, a C identifier.
    public var name: String
    /// The values allowed.
    public var range: ClosedRange<Int>
    /// The number that each value must be a multiple of; 1 for any.
    public var multiple: Int

    /// Makes a dimension symbol.
    public init(name: String, range: ClosedRange<Int>, multiple: Int = 1) {
        self.name = name
        self.range = range
        self.multiple = multiple
    }
}

/// A state: memory of a context that functions read and update, in plain row-major order.
public struct ArtifactState: Sendable, Hashable {
    /// The path name, as `hidden/weight`.
    public var name: String
    /// What it is for; a weights file must hold every parameter and buffer, and may hold the rest.
    public var role: StateRole
    /// The element type.
    public var dtype: DType
    /// The extents.
    public var shape: [Int]

    /// Makes a state.
    public init(name: String, role: StateRole, dtype: DType, shape: [Int]) {
        self.name = name
        self.role = role
        self.dtype = dtype
        self.shape = shape
    }

    /// Bytes of its elements.
    public var byteCount: Int { shape.reduce(dtype.byteCount, *) }
}

/// An input or output of a function.
public struct ArtifactTensor: Sendable, Hashable {
    /// The name callers know it by.
    public var name: String
    /// The element type.
    public var dtype: DType
    /// The type in graph text, as `f32[B, 784]`.
    public var type: String

    /// Makes an input or output.
    public init(name: String, dtype: DType, type: String) {
        self.name = name
        self.dtype = dtype
        self.type = type
    }
}

/// A graph function, which becomes the C function `NAME_<name>`.
public struct ArtifactFunction: Sendable, Hashable {
    /// The name, a C identifier.
    public var name: String
    /// Indices of the dimension symbols that its inputs and outputs use, ascending: the first arguments of the C function.
    public var dims: [Int]
    /// The inputs, in order.
    public var inputs: [ArtifactTensor]
    /// The outputs, in order.
    public var outputs: [ArtifactTensor]

    /// Makes a function.
    public init(name: String, dims: [Int] = [], inputs: [ArtifactTensor] = [], outputs: [ArtifactTensor] = []) {
        self.name = name
        self.dims = dims
        self.inputs = inputs
        self.outputs = outputs
    }
}
