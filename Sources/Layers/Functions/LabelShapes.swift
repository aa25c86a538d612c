import GraphIR
import GraphTracing

extension Tensor {
    /// A tensor that carries the error that labels do not have the shape that outputs call for, by default their own; nil
    /// if they do.
    static func labelMisfit(
        _ name: String, outputs: Tensor, labels: Tensor, shape: (Tensor) -> [Dim] = { $0.shape }
    ) -> Tensor? {
        // The sum carries the errors of both.
        if outputs.isFailed || labels.isFailed { return outputs + labels }
        let wanted = shape(outputs)
        guard labels.shape != wanted else { return nil }
        let alike = wanted == outputs.shape ? " of the same shape" : " [\(text(wanted))]"
        let areDistributions = wanted != outputs.shape && labels.shape == outputs.shape
        let flattened = wanted.last == 1 && wanted.dropLast() == labels.shape[...]
        return Tensor(
            failure: GraphError(
                "\(name) of outputs \(outputs.type) needs labels\(alike), got \(labels.type)",
                place: PlaceScope.current?.description,
                remedy: areDistributions
                    ? "give the index of the class of each; for labels that are distributions there is categoricalAccuracy"
                    : "reshape the labels to [\(text(wanted))]"
                        + (flattened ? ", or flatten the outputs to [\(text(labels.shape))]" : "")
                        + "; nothing is repeated silently"))
    }

    private static func text(_ shape: [Dim]) -> String { shape.map { "\($0)" }.joined(separator: ",") }
}

extension StreamingMetric.Batch {
    /// A tensor that carries the error that the labels do not have the outputs' shape; nil if they do.
    func misfit(_ name: String) -> Tensor? { Tensor.labelMisfit(name, outputs: outputs, labels: labels) }

    /// A tensor that carries the error that the labels are not one for each choice of the last axis; nil if they are.
    func choiceMisfit(_ name: String) -> Tensor? {
        Tensor.labelMisfit(name, outputs: outputs, labels: labels) { Array($0.shape.dropLast()) }
    }
}
