import Glibc
import HostTensors

/// A call of a compiled model's function that can be made many times: its inputs are copied and its outputs have their
/// memory once, so that `run` is the C function and nothing else.
public final class PreparedCall {
    private let model: CompiledModel
    private let function: Int32
    private let name: String
    private let dims: [Int64]
    private let blocks: [TensorBlock]
    private let addresses: [UnsafeMutableRawPointer?]
    private let outputs: [(name: String, dtype: DType, shape: [Int], block: TensorBlock)]

    init(model: CompiledModel, function: Int32, bound: BoundCall, dims: [Int64]) throws {
        self.model = model
        self.function = function
        self.dims = dims
        name = bound.function.name
        let inputs = bound.inputs.map { tensor in
            let block = TensorBlock(byteCount: tensor.byteCount)
            tensor.withUnsafeBytes { if let base = $0.baseAddress { memcpy(block.start, base, $0.count) } }
            return block
        }
        outputs = zip(bound.function.outputs, try bound.outputShapes()).map { output, shape in
            let dtype = output.type.dtype
            let block = TensorBlock(byteCount: shape.reduce(dtype.byteCount, *))
            return (output.name, dtype, shape, block)
        }
        blocks = inputs + outputs.map(\.block)
        addresses = blocks.map(\.start)
    }

    /// Makes the call, again and again if told to; throws an `ExecutionError` with the library's reason if it refuses.
    public func run(times: Int = 1) throws {
        try model.invoke(function, dims: dims, tensors: addresses, times: times, place: "function '\(name)'")
    }

    /// Copies of what the last call gave, by name in the function's order; zeros before the first.
    public func results() throws -> NamedTensors {
        var results: NamedTensors = [:]
        for output in outputs {
            results[output.name] = try HostTensor(
                copying: UnsafeRawBufferPointer(start: output.block.start, count: output.block.byteCount),
                dtype: output.dtype, shape: output.shape)
        }
        return results
    }
}

/// Zeroed memory on cache lines of its own.
private final class TensorBlock {
    let start: UnsafeMutableRawPointer
    let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
        let allocated = max(64, (byteCount + 63) / 64 * 64)
        start = .allocate(byteCount: allocated, alignment: 64)
        memset(start, 0, allocated)
    }

    deinit { start.deallocate() }
}
