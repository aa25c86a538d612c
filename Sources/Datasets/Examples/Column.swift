import HostTensors

/// One value that every example of a dataset has: its name, its element type and its shape.
public struct Column: Sendable, Hashable, CustomStringConvertible {
    /// The name by which models ask for it.
    public let name: String
    /// The element type.
    public let dtype: DType
    /// The shape in one example; nil where it varies from example to example.
    public let shape: [Int]?

    /// Describes a column.
    public init(_ name: String, _ dtype: DType = .f32, _ shape: [Int]? = []) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }

    /// `image: f32[28, 28, 1]`, or `tokens: i32 of varying shape`.
    public var description: String {
        shape.map { "\(name): \(dtype)[\($0.map(String.init).joined(separator: ", "))]" }
            ?? "\(name): \(dtype) of varying shape"
    }

    /// The bytes of one example; 0 where the shape varies.
    var rowBytes: Int { (shape?.reduce(1, *) ?? 0) * dtype.byteCount }
}

extension [Column] {
    /// Throws an `ExecutionError` when so many examples, kept at a time, do not fit into this machine's memory.
    func checkMemory(for examples: Int, what: String, remedy: String) throws {
        let bytes = reduce(0) { $0 + Swift.max(1, $1.rowBytes) }.multipliedOrLargest(by: examples)
        do { try HostTensor.requireMemory(byteCount: bytes, for: what) } catch {
            throw ExecutionError(
                place: "dataset", expected: "\(what) that fit into this machine's memory",
                actual: "\(what) of \(examples) examples, \(bytes) bytes", remedy: remedy)
        }
    }
}
