import GraphIR
import GraphPasses

/// The most memory that a model may plan for a call of any of its functions: states, constants, workspace.
public struct MemoryLimit: Sendable, Hashable {
    /// The limit, in bytes.
    public var bytes: Int
    /// The sizes of named dimensions up to which it holds; without one, up to the largest the dimension allows.
    public var sizes: [String: Int]
    /// The number of threads with which it holds: each has memory of its own for kernels that run item by item.
    public var threads: Int

    /// Makes a limit.
    public init(bytes: Int, sizes: [String: Int] = [:], threads: Int = 1) {
        self.bytes = bytes
        self.sizes = sizes
        self.threads = threads
    }

    /// What a manifest says of it.
    var manifestOptions: [String: String] {
        let sizes = sizes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return ["memory_limit": "\(bytes)", "memory_limit_sizes": sizes, "memory_limit_threads": "\(threads)"]
    }

    /// A size for each of the dimensions; throws a `GraphError` for one that a dimension does not allow, and for a dimension that is
    /// none of them.
    func sizes(of dims: [DimSymbol]) throws -> [String: Int] {
        if let unknown = sizes.keys.sorted().first(where: { name in !dims.contains { $0.name == name } }) {
            throw GraphError(
                "memory limit: the model has no dimension '\(unknown)'",
                remedy: dims.isEmpty ? "leave its size out" : "it has: \(dims.map(\.name).joined(separator: ", "))")
        }
        var all: [String: Int] = [:]
        for dim in dims {
            let size = sizes[dim.name] ?? dim.range.upperBound
            guard dim.range.contains(size) else {
                throw GraphError(
                    "memory limit: dimension \(dim.name) is \(size), expected "
                        + "\(dim.range.lowerBound)...\(dim.range.upperBound)",
                    remedy: "limit the memory at a size that the model accepts")
            }
            all[dim.name] = size
        }
        return all
    }
}

/// How one function of a model stays within a memory limit.
public struct MemoryFit: Sendable, Hashable, CustomStringConvertible {
    /// The function's name.
    public var function: String
    /// The sizes of named dimensions.
    public var sizes: [String: Int]
    /// The bytes that a call plans for: states, constants, workspace.
    public var planned: Int
    /// The bytes that it would plan for without a limit.
    public var unlimited: Int
    /// The floating-point operations that are done again, as a part of those that are done without a limit.
    public var extraOperations: Double
    /// What is computed again; nil where nothing was to be done.
    public var recomputation: Recomputation?

    /// `train at B = 8: memory planned 84.6 MiB, without a limit 134.3 MiB; 11.4 % more operations`.
    public var description: String {
        let cost =
            extraOperations > 0
            ? "\((extraOperations * 1000).rounded() / 10) % more operations" : "nothing is computed again for it"
        return
            "\(function)\(Self.text(sizes)): memory planned \(planned.mebibytes), without a limit \(unlimited.mebibytes); \(cost)"
    }

    static func text(_ sizes: [String: Int]) -> String {
        let named = sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        return named.isEmpty ? "" : " at " + named.joined(separator: ", ")
    }
}

extension [MemoryFit] {
    /// By function, what is computed again: for `Compiler.optimized` and `CompileOptions`.
    public var recomputation: [String: Recomputation] {
        Dictionary(compactMap { fit in fit.recomputation.map { (fit.function, $0) } }, uniquingKeysWith: { $1 })
    }
}

extension Int {
    /// A number of bytes, rounded up to a tenth of a mebibyte: a limit of so much can be kept. Less than that as it is.
    var mebibytes: String {
        Double(self) < 0x1p20 / 10 ? "\(self) B" : "\((Double(self) / 0x1p20 * 10).rounded(.up) / 10) MiB"
    }
}
