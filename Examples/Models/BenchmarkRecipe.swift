import GraphIR
import HostTensors

/// The tensors of a benchmark workload: the same bits for every program that takes part.
///
/// `T1` to `T4` train (perceptron, LeNet, GPT and, as `T3long`, GPT on one long text, logistic regression); `I0`, `I1b1`, `I1b64`, `I2`, `I2b8` (ResNet-50), `I3`, `I3b8` (MiniLM),
/// `I4`, `I5a`, `I5b` infer.
public struct BenchmarkRecipe: Sendable {
    /// The workload's name.
    public let workload: String

    /// The workloads there are.
    public static let workloads = [
        "T1", "T2", "T3", "T3long", "T4", "I0", "I1b1", "I1b64", "I2", "I2b8", "I3", "I3b8", "I4", "I5a", "I5b",
    ]
    /// The number of training batches, used in turn: step k uses batch k mod 4.
    public static let batchCount = 4
    /// The steps whose losses are reported: L[k] is the loss before update k.
    public static let lossSteps = [0, 1, 10, 25, 50]

    /// The recipe of a workload; throws an error that lists those there are.
    public init(workload: String) throws {
        guard Self.workloads.contains(workload) else {
            throw GraphError(
                "there is no recipe for workload '\(workload)'",
                remedy: "there are: \(Self.workloads.joined(separator: ", "))")
        }
        self.workload = workload
    }

    /// Whether the workload trains.
    public var isTraining: Bool { workload.hasPrefix("T") }

    /// The graph file it runs on, without its extension.
    public var graph: String {
        switch workload {
        case "T1", "I1b1", "I1b64": "mlp"
        case "T2": "lenet"
        case "T3": "gpt"
        case "T3long": "longtext"
        case "I2", "I2b8": "resnet50"
        case "I3", "I3b8": "minilm"
        case "T4": "logistic"
        case "I4": "rowchain"
        case "I5a": "matmul512"
        case "I5b": "matmul1024"
        default: "increment"
        }
    }

    /// The prefix of its parameters' streams.
    private var family: String {
        String(workload.prefix(2))
    }

    /// The texts of a batch and the tokens of each, of the workloads that train on texts.
    private var texts: (count: Int, length: Int)? {
        switch workload {
        case "T3": (8, 128)
        case "T3long": (1, 2048)
        default: nil
        }
    }

    /// The batch of an inference workload whose name may end in it, else 1.
    private var examples: Int { Int(workload.dropFirst(3)) ?? 1 }

    /// The value of the parameter with this path in the graph (`w1`, `c1/w`), of this shape.
    public func parameter(path: String, shape: [Int]) throws -> HostTensor {
        let name = path.replacing("/", with: ".")
        let stream = RecipeStream("\(family)/\(name)")
        if workload == "I4" { return try stream.reals(shape, scale: 0.125, offset: name == "a" ? 1 : 0) }
        let part = name.split(separator: ".").last ?? ""
        if part.hasPrefix("b") {
            return isTraining ? HostTensor(zeros: shape, dtype: .f32) : try stream.reals(shape, scale: 0.125)
        }
        // Kernels are [inputs, outputs], or [outputs, inputs, height, width].
        let fanIn = shape.count == 4 ? shape.dropFirst().reduce(1, *) : shape.first ?? 1
        let numerator: Double = workload == "T4" ? 3 : 6
        return try stream.reals(shape, scale: (numerator / Double(fanIn)).squareRoot())
    }

    /// Training batch k mod 4: the function's inputs by name.
    public func batch(_ step: Int) throws -> [String: HostTensor] {
        let number = step % Self.batchCount
        if let (texts, length) = texts {
            let tokens = try RecipeStream("\(workload)/tok/\(number)").integers([texts, length + 1], below: 256)
            return ["ids": try tokens.columns(0..<length), "label": try tokens.columns(1..<length + 1)]
        }
        let shape = workload == "T2" ? [64, 1, 28, 28] : [128, 784]
        return [
            "image": try RecipeStream("\(workload)/x/\(number)").reals(shape),
            "label": try RecipeStream("\(workload)/y/\(number)").integers([shape[0]], below: 10),
        ]
    }

    /// The inputs of an inference workload, by the names of the graph's inputs.
    public func inputs() throws -> [String: HostTensor] {
        switch workload {
        case "I0": ["x": try RecipeStream("I0/x").reals([1, 10])]
        case "I1b1", "I1b64":
            ["image": try RecipeStream("I1/x").reals([examples, 784])]
        case "I2", "I2b8": ["image": try RecipeStream("I2/x").reals([examples, 3, 224, 224])]
        case "I3", "I3b8": ["ids": try RecipeStream("I3/ids").integers([examples, 128], below: 30_522)]
        case "I4": ["x": try RecipeStream("I4/x").reals([1024, 1024], scale: 2)]
        case "I5a", "I5b":
            [
                "a": try RecipeStream("I5/a").reals(workload == "I5a" ? [512, 512] : [1024, 1024]),
                "b": try RecipeStream("I5/b").reals(workload == "I5a" ? [512, 512] : [1024, 1024]),
            ]
        default: try batch(0)
        }
    }

    /// The states of a module: its parameters by the recipe, everything else zero.
    public func states(of module: GraphModule) throws -> [HostTensor] {
        try module.states.map { state in
            let shape = state.type.constantShape ?? []
            if let known = RecipeParameter(family: family, path: state.path, shape: shape) {
                return try known.value(family, shape: shape)
            }
            return state.role == .parameter
                ? try parameter(path: state.path, shape: shape) : HostTensor(zeros: shape, dtype: state.type.dtype)
        }
    }

    /// Floating-point operations of one step or inference, two a multiply-add: matrix products and convolutions only.
    ///
    /// A training step counts forward, input gradient and weight gradient, less the unused input gradient of the first layer.
    public var flops: Double {
        func perceptron(_ batch: Int) -> Double { Double(2 * batch * (784 * 512 + 512 * 256 + 256 * 10)) }
        if let (count, length) = texts {
            let layer = 2 * count * length * (12 * 256 * 256 + 2 * length * 256)
            return Double(3 * (4 * layer + 2 * count * length * 256 * 256))
        }
        switch workload {
        case "T1": return 3 * perceptron(128) - Double(2 * 128 * 784 * 512)
        case "T2":
            let first = 64 * 28 * 28 * 32 * 25
            let rest = 64 * (14 * 14 * 64 * 800 + 3136 * 1024 + 1024 * 10)
            return Double(4 * first + 6 * rest)
        case "T4": return Double(4 * 128 * 784 * 10)
        case "I2", "I2b8": return Double(examples) * 8_178_368_512
        case "I3", "I3b8": return Double(examples * 6 * 2 * 128 * (12 * 384 * 384 + 2 * 128 * 384))
        case "I1b1", "I1b64": return perceptron(examples)
        case "I5a": return Double(2 * 512 * 512 * 512)
        case "I5b": return Double(2 * 1024 * 1024 * 1024)
        default: return 0
        }
    }
}

extension HostTensor {
    /// Some columns of an i32 matrix.
    fileprivate func columns(_ range: Range<Int>) throws -> HostTensor {
        let numbers = try scalars(as: Int32.self)
        let taken = (0..<shape[0]).flatMap { row in
            numbers[(row * shape[1] + range.lowerBound)..<(row * shape[1] + range.upperBound)]
        }
        return try HostTensor(taken, shape: [shape[0], range.count])
    }
}
