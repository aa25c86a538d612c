import GraphIR
import KernelIR

extension KernelDraft {
    /// The loops of a convolution; throws for one with padding or input dilation.
    mutating func convAxes(_ root: GraphOp) throws -> Contraction {
        let parts = root.attributes.keyword("layout").split(separator: ",").map { Array($0) }
        let attributes = root.attributes
        let dilated = attributes.ints("inputDilation").contains { $0 != 1 }
        guard parts.count == 3, !dilated, attributes.intLists("padding").allSatisfy({ $0.allSatisfy { $0 == 0 } })
        else {
            throw GraphError(
                "conv with padding or input dilation reached lowering", place: root.place?.description,
                remedy: "the layout pass makes padding explicit")
        }
        let (x, w) = (type(root.operands[0]).shape, type(root.operands[1]).shape)
        let result = type(root.results[0]).shape
        let spatial = parts[0].filter { $0 != "N" && $0 != "C" }
        let groups = attributes.int("groups")
        func at(_ letters: [Character], _ letter: Character) -> Int { letters.firstIndex(of: letter) ?? 0 }
        var outputs: [Character: IndexExpression] = [:]
        var axesByLetter: [Character: [LoopAxis]] = [:]
        for letter in parts[2] {
            let extent = result[at(parts[2], letter)]
            if letter == "C", groups > 1 {
                let (groupAxes, groupIndex) = axes([Dim(groups)], "g")
                let perGroup = extent.dividedExactly(by: Dim(groups)) ?? extent
                let (axes, index) = axes([perGroup], "c")
                axesByLetter[letter] = groupAxes + axes
                outputs[letter] = groupIndex[0] * perGroup + index[0]
                outputs["G"] = groupIndex[0]
            } else {
                let (axes, index) = axes([extent], String(letter).lowercased())
                axesByLetter[letter] = axes
                outputs[letter] = index[0]
            }
        }
        var reduced: [LoopAxis] = []
        var kernel: [Character: IndexExpression] = [:]
        for letter in parts[1] where letter != "O" {
            let (axes, index) = axes([w[at(parts[1], letter)]], "k")
            reduced += axes
            kernel[letter] = index[0]
        }
        kernel["O"] = outputs["C"]
        let channels = w[at(parts[1], "I")]
        var input: [Character: IndexExpression] = ["N": outputs["N"] ?? 0]
        input["C"] = (outputs["G"] ?? 0) * channels + (kernel["I"] ?? 0)
        for (number, letter) in spatial.enumerated() {
            input[letter] =
                (outputs[letter] ?? 0) * Dim(attributes.ints("strides")[number])
                + (kernel[letter] ?? 0) * Dim(attributes.ints("kernelDilation")[number])
        }
        return Contraction(
            outputs: parts[2].flatMap { axesByLetter[$0] ?? [] }, reduced: reduced,
            indices: parts[2].map { outputs[$0] ?? 0 }, left: flatten(parts[0].map { input[$0] ?? 0 }, x),
            right: flatten(parts[1].map { kernel[$0] ?? 0 }, w))
    }
}
