import GraphIR
import HostTensors

/// A container whose members are named by position alone, such as a sequence of layers.
public protocol PositionallyNamed {
    /// The members in order.
    var members: [Any] { get }
}

/// The variables and layers inside a model, with their paths in declaration order; a shared one is named where it
/// occurs first.
public struct ModelContents: Sendable {
    /// The variables, each once: `hidden/weight`.
    public private(set) var variables: [(path: String, variable: Variable)] = []
    /// The identities of layers, each once: `hidden`.
    public private(set) var layers: [(path: String, layer: LayerScope)] = []
    private var seen: Set<ObjectIdentifier> = []

    /// Looks through stored properties, arrays, optionals and nested values of a model.
    ///
    /// Throws for dictionaries and sets that hold variables, since their members have no order.
    public init(of model: Any) throws {
        try visit(model, path: "")
    }

    private mutating func visit(_ value: Any, path: String) throws {
        switch value {
        case let variable as Variable:
            if seen.insert(ObjectIdentifier(variable)).inserted {
                variables.append((path.isEmpty ? variable.name ?? "variable" : path, variable))
            }
            return
        case let layer as LayerScope:
            if seen.insert(ObjectIdentifier(layer)).inserted {
                // The identity is a property of the layer: its own name is not part of the layer's path.
                let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
                layers.append((parent.isEmpty ? layer.kind : parent, layer))
            }
            return
        case is HostTensor, is String, is any Numeric, is Bool, is Tensor, is Initializer: return
        case let container as any PositionallyNamed:
            return try visitElements(container.members, path: path)
        default: break
        }
        try visitChildren(Mirror(reflecting: value), of: value, path: path)
    }

    private mutating func visitChildren(_ mirror: Mirror, of value: Any, path: String) throws {
        switch mirror.displayStyle {
        case .class:
            guard seen.insert(ObjectIdentifier(value as AnyObject)).inserted else { return }
            if let parent = mirror.superclassMirror { try visitMembers(parent, path: path) }
            try visitMembers(mirror, path: path)
        case .collection:
            if let first = mirror.children.first, first.value is any Numeric { return }
            try visitElements(mirror.children.map(\.value), path: path)
        case .optional:
            if let wrapped = mirror.children.first { try visit(wrapped.value, path: path) }
        case .dictionary, .set:
            var found = self
            try found.visitElements(mirror.children.map(\.value), path: path)
            guard found.variables.count == variables.count else {
                throw GraphError(
                    "'\(path)' keeps variables in a dictionary or set, whose members have no order",
                    remedy: "keep them in an array or in named properties")
            }
        case .struct, .tuple, .enum: try visitMembers(mirror, path: path)
        default: return
        }
    }

    private mutating func visitElements(_ elements: [Any], path: String) throws {
        for (at, element) in elements.enumerated() { try visit(element, path: Self.join(path, "\(at)")) }
    }

    private mutating func visitMembers(_ mirror: Mirror, path: String) throws {
        for (at, child) in mirror.children.enumerated() {
            try visit(child.value, path: Self.join(path, child.label.map(Self.propertyName) ?? "\(at)"))
        }
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }

    /// The property behind the storage of a wrapper (`_x`), a lazy property or a tuple's element (`.0`).
    private static func propertyName(_ label: String) -> String {
        for prefix in ["$__lazy_storage_$_", "_", "."] where label.hasPrefix(prefix) {
            return String(label.dropFirst(prefix.count))
        }
        return label
    }
}
