import HostTensors

/// Elementwise operations of one operand.
let unaryOps: [OpDefinition] = [
    .unary("neg", .neg, "Negation.", "-x", on: .numbers) { builder, input in try builder.neg(input.cotangent) },
    .unary("exp", .exp, "The exponential.", "e^x", on: .floats) { builder, input in
        try builder.mul(input.cotangent, input.result)
    },
]
