import GraphIR
import KernelIR
import Lowering

extension LoweredModule {
    /// The kernels of one function (or of all) in the order they are called, for `strata dump --stage kernels`.
    public func kernelText(function name: String? = nil) -> String {
        var text = ""
        for function in functions where name == nil || function.name == name {
            text +=
                "// \(function.name): \(function.calls.count) calls for \(target.triple), \(target.level.rawValue)\n\n"
            for call in function.calls {
                let kernel = kernels[call.kernel]
                let numbers = zip(kernel.numbers, call.numbers).map { "\($0.name): \($1)" }
                let arguments = (call.arguments.map { function.buffers[$0].name } + numbers).joined(separator: ", ")
                let condition = call.isKept ? " once, kept" : call.condition.map { " if \($0)" } ?? ""
                text += "// \(kernel.origin)\n// \(kernel.name)(\(arguments))\(condition)\n\(kernel.text)\n"
            }
        }
        return text
    }

    /// The memory plan of one function (or of all), a buffer a line, for `strata dump --stage memory`.
    public func memoryText(function name: String? = nil) -> String {
        var text = ""
        for function in functions where name == nil || function.name == name {
            let kept = function.keptBytes > 0 ? ", kept between calls \(function.keptBytes) bytes" : ""
            let slots = function.chains.isEmpty ? "" : " and \(function.slotBytes) a thread"
            text +=
                "\(function.name): workspace \(function.arenaBytes) bytes\(slots)\(kept), \(function.calls.count) calls\n"
            for chain in function.chains {
                let items = chain.dimension == nil ? "items" : "examples"
                text +=
                    "  calls \(chain.calls.lowerBound)...\(chain.calls.upperBound - 1) for each of \(chain.items) \(items)\n"
            }
            for buffer in function.buffers {
                let span = "\(buffer.lifetime.lowerBound)...\(buffer.lifetime.upperBound)"
                let replaced = buffer.replaces.map { " in place of \(function.buffers[$0].name)" } ?? ""
                text +=
                    "  \(buffer.name) : \(buffer.type) in \(placeText(buffer.location)), calls \(span)\(replaced)\n"
            }
            text += "\n"
        }
        return text
    }

    private func placeText(_ location: BufferLocation) -> String {
        switch location {
        case .state(let number): "state \"\(module.states[number].path)\""
        case .input(let number): "input \(number)"
        case .output(let number): "output \(number)"
        case .constant(let number): "constant \(number)"
        case .arena(let offset): "workspace at \(offset)"
        case .slot(let offset, _): "the thread's workspace at \(offset)"
        case .kept(let offset): "kept memory at \(offset)"
        }
    }
}
