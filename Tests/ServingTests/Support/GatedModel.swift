import Execution
import GraphIR
import HostTensors
import Serving
import Synchronization

/// A model `y = x + 1` whose calls wait until the test lets them go on, and which remembers them.
final class GatedModel: ModelEngine {
    let signature: ModelSignature
    let threads = 1
    let variant = "test"
    private let gate = Gate()
    private let isOpen = Mutex(true)
    private let shapes = Mutex<[[Int]]>([])

    /// `predict(x: f32[B,T]) -> (y: f32[B,T])`.
    init(name: String = "gated") {
        let dims = [DimSymbol("B", range: 1...8), DimSymbol("T", range: 1...4)]
        let type = TensorType(.f32, [Dim(symbol: "B"), Dim(symbol: "T")])
        signature = ModelSignature(
            name: name, dims: dims, states: [],
            functions: [
                FunctionSignature(
                    name: "predict", inputs: [TensorSignature("x", type)], outputs: [TensorSignature("y", type)])
            ])
    }

    /// The model as it is served; from now on its calls wait.
    static func served(name: String = "gated") throws -> (ServedModel, GatedModel) {
        let gated = GatedModel(name: name)
        let served = try ServedModel(contexts: [Model(gated)])
        gated.isOpen.withLock { $0 = false }
        gated.shapes.withLock { $0 = [] }
        return (served, gated)
    }

    /// The shapes that calls had, those that wait included.
    var calls: [[Int]] { shapes.withLock { $0 } }

    /// Lets all calls go on, from now on.
    func open() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = true }
            return isOpen
        }
        if !wasOpen { gate.open() }
    }

    func run(_ function: String, _ inputs: NamedTensors, sizes: [String: Int]) throws -> NamedTensors {
        guard let x = inputs["x"] else { return [:] }
        shapes.withLock { $0.append(x.shape) }
        if !isOpen.withLock({ $0 }) { gate.wait() }
        let sums = try x.scalars(as: Float.self).map { $0 + 1 }
        if sums.contains(667) { throw Broken() }
        return ["y": try HostTensor(sums, shape: x.shape)]
    }

    struct Broken: Error {}

    func state(_ path: String) throws -> HostTensor { HostTensor(scalar: 0 as Float) }

    func setState(_ path: String, to value: HostTensor) throws {}
}
