import GraphIR
import GraphTracing
import HostTensors

let comparisonOperators: [OperatorDefinition] = [
    row("And") { try $0.tensor(0) .& $0.tensor(1) },
    row(
        "Cast", ["to", "saturate", "round_mode"],
        limits: "strings, complex numbers and types of less than 16 bits but for integers of 8"
    ) {
        node in
        guard let dtype = try node.dtype("to") else { throw node.failure("attribute 'to' is missing") }
        return try node.x.cast(to: dtype)
    },
    row("CastLike", since: 15, ["saturate", "round_mode"], limits: "as Cast") { node in
        try node.x.cast(to: node.tensor(1).dtype)
    },
    row("Equal") { try $0.tensor(0) .== $0.tensor(1) },
    row("Greater") { try $0.tensor(0) .> $0.tensor(1) },
    row("GreaterOrEqual", since: 12) { try $0.tensor(0) .>= $0.tensor(1) },
    row("IsInf", since: 10, ["detect_negative", "detect_positive"]) { node in
        let x = try node.x
        let isInfinite = .!(isFinite(x)) .& .!(isNaN(x))
        switch (node.bool("detect_negative", true), node.bool("detect_positive", true)) {
        case (true, true): return isInfinite
        case (true, false): return isInfinite .& (x .< 0)
        case (false, true): return isInfinite .& (x .> 0)
        case (false, false): return isInfinite .& .!isInfinite
        }
    },
    row("IsNaN", since: 9) { isNaN(try $0.x) },
    row("Less") { try $0.tensor(0) .< $0.tensor(1) },
    row("LessOrEqual", since: 12) { try $0.tensor(0) .<= $0.tensor(1) },
    row("Not") { .!(try $0.x) },
    row("Or") { try $0.tensor(0) .| $0.tensor(1) },
    row("Where", since: 9, moves: .rest) { select(try $0.tensor(0), try $0.tensor(1), try $0.tensor(2)) },
    row("Xor") { node in
        (try node.tensor(0)) .!= (try node.tensor(1))
    },
]
