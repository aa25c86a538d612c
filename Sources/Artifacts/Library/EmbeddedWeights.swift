import HostTensors

/// Initial bytes of states, laid out to be taken into an object file by the assembler.
struct EmbeddedWeights {
    /// Where each state begins; every one on a cache line of its own.
    let offsets: [String: Int]
    /// The file that holds them, read when the module is compiled.
    let path: String

    private static let alignment = 64

    /// Lays out `weights`, and the bytes to be written to `path`.
    static func layOut(
        _ weights: [(name: String, tensor: HostTensor)], path: String
    ) -> (weights: EmbeddedWeights, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        var offsets: [String: Int] = [:]
        for (name, tensor) in weights {
            offsets[name] = bytes.count
            tensor.withUnsafeBytes { bytes.append(contentsOf: $0) }
            let used = bytes.count % alignment
            if used > 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - used)) }
        }
        return (EmbeddedWeights(offsets: offsets, path: path), bytes)
    }

    /// Assembly that includes the file, and the declaration of its symbol.
    func moduleAssembly(symbol: String) -> String {
        let quoted = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let lines = [
            ".section .rodata.\(symbol),\"a\",%progbits", ".globl \(symbol)", ".hidden \(symbol)", ".balign 64",
            "\(symbol):", ".incbin \"\(quoted)\"", ".size \(symbol), .-\(symbol)", ".text",
        ]
        let texts = lines.map {
            "module asm \"" + $0.replacing("\\", with: "\\5C").replacing("\"", with: "\\22") + "\"\n"
        }
        return texts.joined() + "@\(symbol) = external hidden constant i8\n"
    }
}
