import CustomCode
import HostTensors
import OrderedCollections

/// A compile-time argument of an operation.
public enum Attribute: Equatable, Sendable {
    /// A whole number: `axis 1`.
    case int(Int)
    /// A number: `rate 0.5`.
    case float(Double)
    /// A truth value: `keepDims true`.
    case bool(Bool)
    /// A bare word out of a fixed set: `kind max`.
    case keyword(String)
    /// Free text, quoted: `label "loss"`.
    case string(String)
    /// An element type: `to f32`.
    case dtype(DType)
    /// Whole numbers: `axes [0, 1]`.
    case ints([Int])
    /// Lists of whole numbers: `contract [1],[0]`.
    case intLists([[Int]])
    /// Dimensions: `shape [B,784]`.
    case dims([Dim])
    /// Types of tensors: `results [f32[B,10],i32[B]]`.
    case types([TensorType])
    /// A tensor's contents: `value f32[2]{1, 2}`.
    case tensor(HostTensor)
    /// What is computed again and again, or maybe not: `body (%x: f32[3] "x") { … }`.
    case function(GraphFunction)
    /// C or C++ of the user's: `code @softclip`.
    case code(CustomCode)
}

extension Attribute {
    /// The attribute with numbers in place of named dimensions; throws when one has no number.
    public func bound(to sizes: [String: Int]) throws -> Attribute {
        switch self {
        case .dims(let dims): .dims(try dims.map { Dim(try $0.value(sizes)) })
        case .types(let types):
            .types(try types.map { TensorType($0.dtype, try $0.shape.map { Dim(try $0.value(sizes)) }) })
        case .function(let body): .function(try body.bound(to: sizes))
        default: self
        }
    }
}

/// The attributes of one operation, in the order its definition declares them.
public typealias Attributes = OrderedDictionary<String, Attribute>
