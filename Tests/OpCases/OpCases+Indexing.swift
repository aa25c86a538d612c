import GraphIR
import HostTensors

private func i32(_ shape: Dim...) -> TensorType { TensorType(.i32, shape) }

/// What reads and writes where data says; some indices point outside.
let indexingCases: [OpCase] = {
    var cases: [OpCase] = []
    let gathers: [(String, TensorType, TensorType, axis: Int, batch: Int, shape: [Dim])] = [
        ("rows", f64(5, 4), i32(B, 2), 0, 0, [B, 2, 4]),
        ("of a middle axis", f64(B, 5, 3), i32(7), 1, 0, [B, 7, 3]),
        ("along a row", f64(B, 6), i32(B, 4), 1, 1, [B, 4]),
        ("one of a row", f64(B, 6), i32(B), 1, 1, [B]),
        ("one row", f64(6, 20), i32(), 0, 0, [20]),
        ("numbers", f64(6), i32(B, 3), 0, 0, [B, 3]),
        ("rows of pairs", f64(B, 2, 5, 3, 2), i32(B, 4), 2, 1, [B, 2, 4, 3, 2]),
    ]
    for (variant, x, indices, axis, batch, shape) in gathers {
        let attributes: Attributes = ["axis": .int(axis), "batch": .int(batch)]
        cases.append(OpCase("gather", variant, [(x, .anywhere), (indices, .below(7))], attributes))
        cases.append(
            OpCase(
                "scatter", variant, [(x, .anywhere), (indices, .below(7)), (TensorType(.f64, shape), .anywhere)],
                attributes))
    }
    let starts: (TensorType, OpCase.Domain) = (i32(3), .below(6))
    cases.append(OpCase("dynamicSlice", [(f64(B, 7, 4), .anywhere), starts], ["sizes": .dims([B, 3, 2])]))
    cases.append(
        OpCase("dynamicSlice", "past the end", [(f64(4, 5, 6), .anywhere), starts], ["sizes": .dims([1, 4, 6])]))
    cases.append(OpCase("dynamicUpdateSlice", [(f64(B, 7, 4), .anywhere), (f64(B, 3, 2), .anywhere), starts]))
    cases.append(
        OpCase("dynamicUpdateSlice", "past the end", [(f64(4, 5, 6), .anywhere), (f64(1, 4, 6), .anywhere), starts]))
    return cases
}()
