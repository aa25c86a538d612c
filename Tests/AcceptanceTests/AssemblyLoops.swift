/// A loop in assembly text that holds no other.
struct InnerLoop {
    /// The function it is in.
    let function: String
    /// Its instructions, without labels, directives and comments.
    let instructions: [Substring]

    /// Fused multiply-adds of whole vectors.
    var multiplyAdds: Int {
        instructions.count { $0.hasPrefix("vfmadd") && $0.contains("ps") || $0.hasPrefix("fmla") }
    }
    /// Products of whole vectors, fused with an addition or not.
    var products: Int { multiplyAdds + separateProducts }
    private var separateProducts: Int { instructions.count { $0.hasPrefix("mulps") } }
    /// Whether whole vectors are added only as products of a sum are, as in no transform of a convolution's tiles.
    var isSumOfProducts: Bool {
        let additions = ["addps", "subps", "vaddps", "vsubps", "fadd", "fsub"]
        return instructions.count { line in additions.contains { line.hasPrefix($0) } } == separateProducts
    }
    /// Instructions that read or write the stack: by the stack pointer, or by a frame pointer made from it.
    let stackAccesses: [Substring]

    /// The innermost loops of an assembly text: from a label to a later branch back to it, with no such pair inside.
    static func all(in assembly: String) -> [InnerLoop] {
        var loops: [InnerLoop] = []
        var function = "", body: [Substring] = []
        func close() { loops += innermost(of: body, function) }
        for raw in assembly.split(separator: "\n") {
            let line = trimmed(raw)
            guard !line.isEmpty else { continue }
            if line.hasSuffix(":"), !line.hasPrefix(".L") {
                close()
                (function, body) = (String(line.dropLast()), [])
            } else if !line.hasPrefix(".") || line.hasSuffix(":") {
                body.append(line)
            }
        }
        close()
        return loops
    }

    private static func trimmed(_ raw: Substring) -> Substring {
        let code = raw.prefix { $0 != "#" }.split(separator: "//", omittingEmptySubsequences: false)[0]
        let start = code.drop { $0 == " " || $0 == "\t" }
        return start.dropLast(start.reversed().prefix { $0 == " " || $0 == "\t" }.count)
    }

    private static func innermost(of body: [Substring], _ function: String) -> [InnerLoop] {
        var places: [Substring: Int] = [:]
        for (at, line) in body.enumerated() where line.hasSuffix(":") { places[line.dropLast()] = at }
        var spans: [ClosedRange<Int>] = []
        for (at, line) in body.enumerated() where line.hasPrefix("j") || line.hasPrefix("b") || line.contains("bnz") {
            guard let label = line.split(whereSeparator: { " \t,".contains($0) }).last else { continue }
            if let start = places[label], start < at { spans.append(start...at) }
        }
        let frames = framePointers(of: body)
        return spans.filter { span in
            !spans.contains { $0 != span && span.lowerBound <= $0.lowerBound && $0.upperBound <= span.upperBound }
        }.map { span in
            let instructions = body[span].filter { !$0.hasSuffix(":") }
            return InnerLoop(
                function: function, instructions: instructions,
                stackAccesses: instructions.filter { line in frames.contains { line.contains($0) } })
        }
    }

    /// How an operand of the stack is spelled in this function.
    private static func framePointers(of body: [Substring]) -> [String] {
        var frames = ["(%rsp", "[sp"]
        if body.contains(where: { $0.hasPrefix("mov") && $0.hasSuffix("%rsp, %rbp") }) { frames.append("(%rbp") }
        if body.contains(where: { $0.contains("x29, sp") }) { frames.append("[x29") }
        return frames
    }
}
