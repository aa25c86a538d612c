import ArgumentParser
import Execution
import GraphIR

/// An argument of the form `NAME=SIZE`.
struct NamedSize: ExpressibleByArgument {
    let name: String
    let size: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let size = Int(parts[1]) else { return nil }
        (name, self.size) = (String(parts[0]), size)
    }
}

/// Sizes of named dimensions, each by its name.
struct DimOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The size of one named dimension; may be repeated.", valueName: "name=size"))
    var dim: [NamedSize] = []

    func validate() throws { try DistinctNames.require(dim.map(\.name), "--dim", "dimension") }

    /// The sizes given, by dimension; throws a `Failure` for a dimension that the graph does not have, and for a size that it
    /// does not allow.
    func given(of module: GraphModule) throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        for option in dim {
            let (name, size) = (option.name, option.size)
            guard let declared = module.dims.first(where: { $0.name == name }) else {
                let names = module.dims.isEmpty ? "none" : module.dims.map(\.name).joined(separator: ", ")
                throw Failure("--dim \(name)=\(size): the graph has no such dimension; it has: \(names)")
            }
            try declared.require(size, "--dim \(name)=\(size)")
            sizes[name] = size
        }
        return sizes
    }
}

/// Sizes of all named dimensions.
struct SizeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The size of the graph's named dimensions, but for those of --dim. (default: 64, or the nearest size allowed)",
            valueName: "n"))
    var batch: Int?

    @OptionGroup var dims: DimOptions

    /// A size for every named dimension: the one asked for, else 64 or what its range allows.
    func sizes(of module: GraphModule) throws -> [String: Int] {
        var sizes = try dims.given(of: module)
        for dim in module.dims where sizes[dim.name] == nil {
            let size = batch ?? min(max(64 / dim.multiple * dim.multiple, dim.range.lowerBound), dim.range.upperBound)
            try dim.require(size, "--batch \(size)")
            sizes[dim.name] = size
        }
        return sizes
    }

    /// The sizes of a function's own named dimensions.
    func sizes(of module: GraphModule, for function: FunctionSignature) throws -> [String: Int] {
        try sizes(of: module).filter { function.dims.contains($0.key) }
    }
}

extension DimSymbol {
    /// Throws a `Failure` that names the option when a size is not allowed.
    fileprivate func require(_ size: Int, _ option: String) throws {
        guard range.contains(size), size % multiple == 0 else {
            throw Failure(
                "\(option): dimension \(name) must be in \(range.lowerBound)...\(range.upperBound)"
                    + (multiple > 1 ? " and a multiple of \(multiple)" : ""))
        }
    }
}
