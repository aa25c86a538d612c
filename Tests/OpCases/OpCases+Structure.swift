import GraphIR
import HostTensors

/// A body from types and a rule.
private func body(
    _ types: [TensorType], _ rule: (inout FunctionBuilder, [ValueID]) throws -> [ValueID]
) -> Attribute {
    var builder = FunctionBuilder(name: "body")
    let inputs = types.enumerated().map { builder.input("v\($0)", $1) }
    do {
        for (at, value) in try rule(&builder, inputs).enumerated() { builder.output("r\(at)", value) }
    } catch {
        preconditionFailure("\(error)")
    }
    return .function(builder.function)
}

/// Bodies: conditions, scans and loops. `f64` only, because bodies have types of their own.
let structureCases: [OpCase] = {
    let row = f64(B, 3)
    let step = body([row, row, f64(3, 3)]) { builder, values in
        let product = try builder.dot(values[0], values[2], contract: ([1], [0]))
        let next = try builder.unary("tanh", builder.add(product, values[1]))
        return [next, try builder.mul(next, values[1])]
    }
    let recurrence: [(TensorType, OpCase.Domain)] = [
        (row, .anywhere), (f64(4, B, 3), .anywhere), (f64(3, 3), .anywhere),
    ]
    let scan: Attributes = ["carries": .int(1), "sequences": .int(1), "length": .int(4), "body": step]
    let powers = body([f64(4), TensorType(.i32)]) { builder, values in
        let number = try builder.broadcast(builder.cast(values[1], to: .f64), axes: [], shape: [4])
        return [
            try builder.mul(values[0], values[0]), try builder.add(values[1], builder.splat(1, like: values[1])),
            try builder.mul(values[0], number),
        ]
    }
    let cond: [(TensorType, OpCase.Domain)] = [(row, .anywhere), (row, .positive)]
    let then = body([row, row]) { [try $0.mul($1[0], $1[1])] }
    let otherwise = body([row, row]) { [try $0.emit1("silu", $1[1])] }
    let isSmall = body([row, f64()]) { builder, values in
        let largest = try builder.reduce("max", builder.unary("abs", values[0]), axes: [0, 1])
        return [try builder.compare("less", largest, values[1])]
    }
    let doubled = body([row, f64()]) { [try $0.scaled($1[0], by: 2)] }
    return [
        OpCase("scan", recurrence, scan),
        OpCase("scan", "reverse", recurrence, scan.merging(["reverse": .bool(true)]) { $1 }),
        OpCase(
            "scan", "without sequences, counting", [(f64(4), .small), (TensorType(.i32), .exactly(2))],
            ["carries": .int(2), "length": .int(3), "body": powers]),
        OpCase("cond", "holds", [(TensorType(.bool), .exactly(1))] + cond, ["then": then, "else": otherwise]),
        OpCase("cond", "does not hold", [(TensorType(.bool), .exactly(0))] + cond, ["then": then, "else": otherwise]),
        OpCase(
            "loop", [(row, .small), (f64(), .exactly(3))],
            ["carries": .int(1), "limit": .int(6), "condition": isSmall, "body": doubled]),
    ]
}()
