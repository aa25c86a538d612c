import GraphIR
import HostTensors

/// Running combinations, sorting.
let orderCases: [OpCase] = {
    var cases: [OpCase] = []
    for kind in ["sum", "prod", "max", "min"] {
        for (exclusive, reverse) in [(false, false), (true, false), (false, true), (true, true)] {
            // The extremum of nothing is infinite, and has no slope.
            if exclusive && ["max", "min"].contains(kind) { continue }
            let attributes: Attributes = [
                "kind": .keyword(kind), "exclusive": .bool(exclusive), "reverse": .bool(reverse),
            ]
            let word = "\(kind)\(exclusive ? ", exclusive" : "")\(reverse ? ", reverse" : "")"
            cases.append(
                OpCase(
                    "cumulative", word, [(f64(B, 5), .anywhere)], attributes.merging(["axis": .int(1)]) { $1 }))
            cases.append(
                OpCase(
                    "cumulative", word + ", of columns", [(f64(B, 4, 3), .anywhere)],
                    attributes.merging(["axis": .int(1)]) { $1 }))
        }
    }
    cases.append(
        OpCase(
            "cumulative", "sum over the batch", [(f64(B, 20), .anywhere)],
            ["kind": .keyword("sum"), "axis": .int(0)]))
    for descending in [false, true] {
        let word = descending ? "descending" : "ascending"
        for op in ["argsort", "sort"] {
            cases.append(
                OpCase(op, word, [(f64(B, 19), .anywhere)], ["axis": .int(1), "descending": .bool(descending)]))
            cases.append(
                OpCase(
                    op, word + ", of columns", [(f64(5, B, 3), op == "sort" ? .anywhere : .below(3))],
                    ["axis": .int(0), "descending": .bool(descending)]))
        }
        cases.append(
            OpCase(
                "topk", word, [(f64(B, 9), .anywhere)],
                ["k": .int(4), "axis": .int(1), "largest": .bool(descending)]))
    }
    cases.append(OpCase("topk", "of columns", [(f64(7, B), .anywhere)], ["k": .int(2), "axis": .int(0)]))
    return cases
}()
