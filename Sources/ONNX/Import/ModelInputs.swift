import GraphIR
import HostTensors

/// The inputs of a model: their types, and the named dimensions in them.
struct ModelInputs {
    /// The inputs in order.
    private(set) var types: [(name: String, type: TensorType)] = []
    /// The named dimensions, in order of their first use.
    private(set) var symbols: [DimSymbol] = []
    /// The names that are the size of some axis alone.
    private let single: Set<String>

    /// The ranges of the named dimensions.
    var ranges: [String: ClosedRange<Int>] {
        Dictionary(symbols.map { ($0.name, $0.range) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads the inputs that are not initializers; throws for one that is no tensor of known rank, and for a choice that
    /// no dimension has.
    init(_ model: ONNXModel, without initializers: Set<String>, choices: [String: DimensionChoice]) throws {
        var unused = Set(choices.keys)
        single = Set(
            model.proto.graph.input.flatMap { $0.type.tensorType.shape.dim.map(\.dimParam) }.map(Self.identifier))
        for input in model.proto.graph.input where !initializers.contains(input.name) {
            let place = "\(model.path): input '\(input.name)'"
            guard case .tensorType(let tensor)? = input.type.value, let dtype = DType(onnx: Int(tensor.elemType)) else {
                throw GraphError(
                    "a tensor of a supported element type is expected", place: place,
                    remedy:
                        "export the model with tensors of \(DType.allCases.map(\.rawValue).joined(separator: ", ")) as inputs"
                )
            }
            guard tensor.hasShape else {
                throw GraphError(
                    "the number of axes is not known", place: place,
                    remedy: "export the model with the shapes of its inputs")
            }
            let shape = try tensor.shape.dim.enumerated().map { axis, dim in
                if case .dimValue(let size)? = dim.value {
                    guard size >= 1, size <= Int32.max else {
                        throw GraphError(
                            "axis \(axis) has the size \(size)", place: place,
                            remedy: "sizes are from 1 to \(Int32.max)")
                    }
                    return Dim(Int(size))
                }
                let given = dim.dimParam.isEmpty ? "\(input.name)_\(axis)" : dim.dimParam
                if choices[Self.identifier(given)] == nil, let sum = DimensionSum(given),
                    sum.names.allSatisfy(single.contains)
                {
                    return try sum.dim { try resolve($0, choices, &unused, place) }
                }
                return try resolve(Self.identifier(given), choices, &unused, place)
            }
            let largest = shape.reduce(Double(dtype.byteCount)) { $0 * Double($1.bounds(ranges).upperBound) }
            guard largest <= 0x1p56 else {
                throw GraphError(
                    "\(TensorType(dtype, shape)) can take more than 2^56 bytes", place: place,
                    remedy: "limit its dimensions with --dim NAME=1...MAX")
            }
            types.append((input.name, TensorType(dtype, shape)))
        }
        if let name = unused.min() {
            let known = Set(symbols.map(\.name)).union(choices.keys).subtracting(unused).sorted()
            throw GraphError(
                "\(model.path): the model's inputs have no dimension '\(name)'",
                remedy: known.isEmpty ? "all sizes are numbers" : "they have: \(known.joined(separator: ", "))")
        }
    }

    private mutating func resolve(
        _ name: String, _ choices: [String: DimensionChoice], _ unused: inout Set<String>, _ place: String
    ) throws -> Dim {
        unused.remove(name)
        switch choices[name] {
        case .size(let size)?:
            guard size >= 1 else {
                throw GraphError("dimension '\(name)' is to be \(size)", remedy: "sizes are at least 1")
            }
            return Dim(size)
        case .same(let other)?:
            let sum = DimensionSum(other) ?? DimensionSum(only: other)
            return try sum.dim { part in
                if case .same? = choices[part] {
                    throw GraphError(
                        "dimension '\(name)' is to be '\(other)', of which '\(part)' is to be another itself",
                        remedy: "name dimensions that stay")
                }
                return try resolve(part, choices, &unused, place)
            }
        case .range(let range)?: return declare(name, range)
        case nil: return declare(name, DimensionChoice.usual)
        }
    }

    private mutating func declare(_ name: String, _ range: ClosedRange<Int>) -> Dim {
        if !symbols.contains(where: { $0.name == name }) { symbols.append(DimSymbol(name, range: range)) }
        return Dim(symbol: name)
    }

    /// A name as an identifier of graph text: `batch-size` becomes `batch_size`.
    static func identifier(_ name: String) -> String {
        let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return text.first.map { $0.isNumber } ?? true ? "_" + text : text
    }
}
