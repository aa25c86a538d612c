import HostTensors
import OrderedCollections

/// How constants' contents appear in text.
public enum ConstantStyle: Sendable, Hashable {
    /// Every element is written.
    case inline
    /// Constants of more than so many elements appear by content hash, `f32[784,128]@5f…`; the rest is written.
    case hashed(above: Int)

    /// The style of graph files: more than 64 elements go to the side file.
    public static let sideFile = ConstantStyle.hashed(above: 64)

    /// Whether a tensor is to appear by hash.
    func hashes(_ tensor: HostTensor) -> Bool {
        if case .hashed(let limit) = self { return tensor.count > limit }
        return false
    }
}

/// Tensors by content hash: what a graph's text refers to.
public struct ConstantStore: Sendable, Equatable {
    /// The tensors, in insertion order.
    public private(set) var tensors: OrderedDictionary<String, HostTensor> = [:]

    /// Makes an empty store.
    public init() {}

    /// Adds a tensor, once, and gives its hash.
    @discardableResult
    public mutating func insert(_ tensor: HostTensor) -> String {
        let hash = tensor.contentHash
        if tensors[hash] == nil { tensors[hash] = tensor }
        return hash
    }

    /// The tensor of that hash.
    public subscript(hash hash: String) -> HostTensor? { tensors[hash] }

    /// Whether nothing is stored.
    public var isEmpty: Bool { tensors.isEmpty }
}

extension ConstantStore {
    /// Stores the constants of a function and of the bodies in it that `style` writes by hash.
    fileprivate mutating func insert(from function: GraphFunction, _ style: ConstantStyle) {
        for attribute in function.ops.lazy.flatMap(\.attributes.values) {
            switch attribute {
            case .tensor(let tensor) where style.hashes(tensor): insert(tensor)
            case .function(let body): insert(from: body, style)
            default: continue
            }
        }
    }
}

extension GraphModule {
    /// The constants that `style` writes by hash, in order of first use.
    public func hashedConstants(_ style: ConstantStyle = .sideFile) -> ConstantStore {
        var store = ConstantStore()
        for function in functions { store.insert(from: function, style) }
        return store
    }
}
