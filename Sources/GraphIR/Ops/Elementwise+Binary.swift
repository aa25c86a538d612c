import HostTensors

/// Elementwise operations of two operands.
let binaryOps: [OpDefinition] = [
    .binary("add", .add, "The sum.", "x + y", on: .numbers) { builder, input in [input.cotangent, input.cotangent] },
    .binary("mul", .mul, "The product.", "x · y", on: .numbers) { builder, input in
        [
            try builder.mul(input.cotangent, input.operand(1)),
            try builder.mul(input.cotangent, input.operand(0)),
        ]
    },
]
