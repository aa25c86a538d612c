import GraphIR
import HostTensors
import Synchronization

/// A tensor that lives across calls; whoever holds the same object shares it.
///
/// In a traced function it is a state of the module: `value` reads it and `assign` records its new value. Outside, it
/// holds its value itself.
public final class Variable: Sendable {
    /// What it is for.
    public let role: StateRole
    /// How its first value is made.
    public let initializer: Initializer
    /// Its name, if it has one of its own; its path in a traced model counts otherwise.
    public let name: String?
    /// Where it is made.
    public let place: Place

    private struct Memory {
        var type: TensorType?
        var fans: (input: Int, output: Int) = (1, 1)
        var value: Tensor?
        /// How many variables of the same source line were read outside any trace before.
        var number: Int?
    }
    private let memory: Mutex<Memory>
    /// How many variables of each source line were read outside any trace: the one count that is kept for a whole process.
    ///
    /// Layers that one line makes, such as those of a loop, have to begin differently, and nothing else that tells them apart is the same
    /// in every run of the program: an address is not, and what a layer is applied to may be the same for all. The order of first reads
    /// is, as long as one thread makes them. A trace does not count: there, paths in the model tell its variables apart.
    private static let read = Mutex<[String: Int]>([:])

    /// A variable with a first value.
    public convenience init(
        _ initial: HostTensor, name: String? = nil, role: StateRole = .parameter, file: String = #fileID,
        line: Int = #line
    ) {
        self.init(
            shape: initial.shape, dtype: initial.dtype, initializer: .values(initial), name: name, role: role,
            file: file, line: line)
    }

    /// A variable whose first value an initializer makes; without `shape`, its first use decides it.
    public init(
        shape: [Int]? = nil, dtype: DType = .f32, initializer: Initializer, name: String? = nil,
        role: StateRole = .parameter, file: String = #fileID, line: Int = #line
    ) {
        self.role = role
        self.initializer = initializer
        self.name = name
        place = Place(layer: "", file: PlaceScope.fileName(file), line: line)
        var memory = Memory()
        if let shape {
            memory.type = TensorType(dtype, shape.map { Dim($0) })
            memory.fans = Self.fans(of: shape)
        }
        self.memory = Mutex(memory)
    }

    /// Inputs and outputs of a dense kernel [inputs, outputs]; of other ranks the first and last axis.
    private static func fans(of shape: [Int]) -> (input: Int, output: Int) {
        (shape.dropLast().reduce(1, *), shape.last ?? 1)
    }
}

extension Variable {
    /// Element type and shape, once they are known.
    public var type: TensorType? { memory.withLock { $0.type } }

    /// Whether an optimizer trains it.
    public var isTrainable: Bool { role == .parameter }

    /// The current value; while tracing, what the traced call has made of it so far.
    public var value: Tensor {
        guard let type else {
            return Tensor(
                failure: GraphError(
                    "variable '\(label)' has no shape yet", place: place.description,
                    remedy: "give it a shape, or call its layer first"))
        }
        guard let recorder = TraceRecorder.current else { return storedValue }
        return recorder.substitute(of: self)?.value(of: type) ?? recorder.value(of: self)
    }

    /// The current value as a tensor of this type, which the first use decides; fails if it has another.
    ///
    /// `fans` are the inputs that feed one output and the outputs that one input feeds, for initializers.
    public func value(of wanted: TensorType, fans: (input: Int, output: Int)? = nil) -> Tensor {
        let known = memory.withLock { memory -> TensorType in
            if let type = memory.type, wanted != type { return type }
            if memory.type == nil || memory.value == nil, let fans { memory.fans = fans }
            memory.type = wanted
            return wanted
        }
        guard known == wanted else {
            return Tensor(
                failure: GraphError(
                    "parameter '\(label)' is \(known), but \(wanted) is needed here",
                    place: (PlaceScope.current ?? place).description,
                    remedy: "the layer was first used with another input; inputs of one layer must agree"))
        }
        return value
    }

    /// Gives the variable a new value of its type; while tracing, an update of the state at the end of the call.
    public func assign(_ tensor: Tensor, file: String = #fileID, line: Int = #line) {
        var tensor = tensor
        if !tensor.isFailed, let type, tensor.type != type {
            tensor = Tensor(
                failure: GraphError(
                    "assign: variable '\(label)' is \(type), got \(tensor.type)",
                    place: PlaceScope.call(file, line).description, remedy: "assign a tensor of the same type"))
        }
        if let recorder = TraceRecorder.current { return recorder.assign(tensor, to: self) }
        let result: Tensor
        do { result = Tensor(try tensor.evaluated()) } catch let error as TraceError {
            result = Tensor(failure: error.errors[0])
        } catch { result = Tensor(failure: GraphError("\(error)")) }
        memory.withLock { $0.value = result }
    }

    /// Adds to the value.
    public func assignAdd(_ tensor: Tensor, file: String = #fileID, line: Int = #line) {
        assign(value + tensor, file: file, line: line)
    }

    /// Subtracts from the value.
    public func assignSubtract(_ tensor: Tensor, file: String = #fileID, line: Int = #line) {
        assign(value - tensor, file: file, line: line)
    }
}

extension Variable {
    /// Its path in the traced model, else its own name.
    var label: String { TraceRecorder.current?.path(of: self) ?? name ?? "variable" }

    /// The expression of the first value.
    func initialValue(_ random: RandomPosition) -> Tensor {
        let (type, fans) = memory.withLock { ($0.type, $0.fans) }
        guard let type else {
            return Tensor(
                failure: GraphError(
                    "the shape of '\(label)' is not known", place: place.description,
                    remedy: "trace a function that uses it, or give it a shape"))
        }
        guard type.constantShape?.contains(where: { $0 < 0 }) != true else {
            return Tensor(
                failure: GraphError(
                    "'\(label)' has the shape \(type)", place: place.description, remedy: "sizes are at least 0"))
        }
        let value = initializer.value(
            Initializer.Request(type: type, fanIn: fans.input, fanOut: fans.output, random: random))
        guard value.isFailed || value.type == type else {
            return Tensor(
                failure: GraphError(
                    "initializer '\(initializer.name)' of '\(label)' gives \(value.type), expected \(type)",
                    place: place.description))
        }
        return value
    }

    /// The value held outside any trace; the first is made with seed 0 and a stream of its own, which the source line decides
    /// and how many variables of that line were read before, so that each run of a program makes the same.
    private var storedValue: Tensor {
        if let value = memory.withLock({ $0.value }) { return value }
        let initial = initialValue(RandomPosition(seed: 0, stream: stream))
        let value = (try? Tensor(initial.evaluated())) ?? initial
        memory.withLock { $0.value = value }
        return value
    }

    private var stream: Int {
        let line = "\(place.file):\(place.line)"
        let number = memory.withLock { memory in
            if let number = memory.number { return number }
            let number = Self.read.withLock { counts in
                defer { counts[line, default: 0] += 1 }
                return counts[line, default: 0]
            }
            memory.number = number
            return number
        }
        let text = number == 0 ? line : "\(line) \(number)"
        let hash = text.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Int(hash) % RandomPosition.firstStepStream
    }
}

/// A variable of a layer that an optimizer trains.
public typealias Parameter = Variable
