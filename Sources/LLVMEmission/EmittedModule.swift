/// A lowered module as LLVM IR: one text that shows it whole, or several that compile apart from each other.
public struct EmittedModule: Sendable {
    /// Definitions, and the declarations of what they call in other modules.
    struct Part: Sendable {
        var text: String
        var declarations: Set<String>
    }

    /// What begins every text.
    let header: String
    /// A kernel each, in the module's order.
    let kernels: [Part]
    /// The plans, the workspace functions, and the constants that only these use.
    let plans: Part
    /// What the plans declare where the kernels are elsewhere.
    let kernelDeclarations: [String]
    /// What ends every text.
    let footer: String

    /// Everything as one LLVM module.
    public var text: String { module(kernels + [plans]) }

    /// The same as several LLVM modules to be linked: neighbouring kernels together until they are worth a module of their own,
    /// and the plans. The division follows from the text alone.
    public var units: [String] {
        var units: [String] = []
        var gathered: [Part] = []
        for kernel in kernels {
            gathered.append(kernel)
            if gathered.reduce(0, { $0 + $1.text.utf8.count }) >= Self.unitBytes {
                units.append(module(gathered))
                gathered = []
            }
        }
        var last = plans
        last.declarations.formUnion(kernelDeclarations.prefix(kernels.count - gathered.count))
        return units + [module(gathered + [last])]
    }

    /// From how many bytes of text on kernels are a unit. A unit costs about a millisecond of its own, and this much text about 15.
    private static let unitBytes = 32 << 10

    private func module(_ parts: [Part]) -> String {
        let declarations = parts.reduce(into: Set<String>()) { $0.formUnion($1.declarations) }
        return """
            \(header)
            \(declarations.sorted().joined(separator: "\n"))

            \(parts.map(\.text).joined(separator: "\n"))
            \(footer)
            """
    }
}
