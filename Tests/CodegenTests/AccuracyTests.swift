import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Every scalar function of real numbers, compiled for every level of this machine, against the interpreter: within the units in
/// the last place that docs/semantics.md promises.
@Suite struct AccuracyTests {
    /// A function, the numbers it is tried on, and its bounds in units in the last place.
    struct Promise: Sendable {
        enum Domain: Sendable { case all, moderate, pairs, quotients }
        let op: String
        let domain: Domain
        let single: Int
        let double: Int
        /// Whether the sign of a zero is promised too.
        var signsZeros = true
    }

    static let promises = [
        Promise(op: "neg", domain: .all, single: 0, double: 0),
        Promise(op: "abs", domain: .all, single: 0, double: 0),
        Promise(op: "sign", domain: .all, single: 0, double: 0),
        Promise(op: "sqrt", domain: .all, single: 0, double: 0),
        Promise(op: "floor", domain: .all, single: 0, double: 0),
        Promise(op: "ceil", domain: .all, single: 0, double: 0),
        Promise(op: "round", domain: .all, single: 0, double: 0),
        Promise(op: "rsqrt", domain: .all, single: 1, double: 1),
        Promise(op: "exp", domain: .all, single: 2, double: 2),
        Promise(op: "log", domain: .all, single: 2, double: 4),
        Promise(op: "log1p", domain: .all, single: 2, double: 5),
        Promise(op: "expm1", domain: .all, single: 2, double: 5),
        Promise(op: "tanh", domain: .all, single: 6, double: 6),
        Promise(op: "logistic", domain: .all, single: 4, double: 4),
        Promise(op: "erf", domain: .all, single: 8, double: 8),
        Promise(op: "sin", domain: .moderate, single: 1, double: 4),
        Promise(op: "cos", domain: .moderate, single: 1, double: 4),
        Promise(op: "add", domain: .pairs, single: 0, double: 0),
        Promise(op: "sub", domain: .pairs, single: 0, double: 0),
        Promise(op: "mul", domain: .pairs, single: 0, double: 0),
        Promise(op: "div", domain: .pairs, single: 0, double: 0),
        Promise(op: "max", domain: .pairs, single: 0, double: 0, signsZeros: false),
        Promise(op: "min", domain: .pairs, single: 0, double: 0, signsZeros: false),
        Promise(op: "pow", domain: .pairs, single: 1, double: 2000),
        Promise(op: "rem", domain: .quotients, single: 0, double: 0),
    ]

    static var levels: [CPULevel] {
        let host = Target.host
        return CPULevel.levels(of: host.architecture).filter { $0.rank <= host.level.rank }
    }

    @Test(arguments: [DType.f32, .f64], levels)
    func keepsItsPromises(dtype: DType, level: CPULevel) throws {
        let module = try Self.module(dtype)
        let function = module.functions[0]
        let harness = try PlanHarness(module, target: Target(architecture: Target.host.architecture, level: level))
        let inputs = Self.inputs(dtype)
        let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
        let expected = try Interpreter(module: module).run(function.name, inputs: named)
        var states: [HostTensor] = []
        let computed = try harness.run(function.name, inputs: inputs, states: &states)
        for (promise, computed) in zip(Self.promises, computed) {
            let bound = dtype == .f32 ? promise.single : promise.double
            let reference = try #require(expected[promise.op])
            let found = try Self.worst(computed, reference, dtype, signsZeros: promise.signsZeros)
            let arguments = Self.arguments(promise, named, at: found.place)
            #expect(
                found.distance <= bound,
                """
                \(promise.op)(\(arguments)) is \(computed.doubles()[found.place]), \
                expected \(reference.doubles()[found.place])
                """)
        }
    }

    /// `x (1 + tanh x)`, of which gelu is made, would grow with -x where a unit in the last place is missing.
    @Test(arguments: [DType.f32, .f64], levels)
    func tanhIsOneWhereItRoundsToOne(dtype: DType, level: CPULevel) throws {
        let module = try Self.module(dtype)
        let harness = try PlanHarness(module, target: Target(architecture: Target.host.architecture, level: level))
        let inputs = Self.inputs(dtype)
        var states: [HostTensor] = []
        let computed = try harness.run(module.functions[0].name, inputs: inputs, states: &states)
        let at = try #require(Self.promises.firstIndex { $0.op == "tanh" })
        let end = dtype == .f32 ? 9.02 : 19.1
        let wrong = zip(inputs[0].doubles(), computed[at].doubles()).first { x, y in
            abs(x) > end && y != (x < 0 ? -1 : 1)
        }
        #expect(wrong == nil)
    }

    // MARK: The graph

    private static func module(_ dtype: DType) throws -> GraphModule {
        let inputs = ["all", "moderate", "left", "right", "numerator", "denominator"]
        let sizes = Self.inputs(dtype).map(\.count)
        let types = sizes.map { "\(dtype.rawValue)[\($0)]" }
        var lines: [String] = []
        for (at, promise) in promises.enumerated() {
            let (operands, type) =
                switch promise.domain {
                case .all: ("%all", types[0])
                case .moderate: ("%moderate", types[1])
                case .pairs: ("%left, %right", types[2])
                case .quotients: ("%numerator, %denominator", types[4])
                }
            lines.append("    %\(at) = \(promise.op) \(operands) : \(type)\n")
            lines.append("    output %\(at) : \(type) \"\(promise.op)\"\n")
        }
        let parameters = zip(inputs, types).map { "%\($0): \($1) \"\($0)\"" }.joined(separator: ", ")
        let operations = lines.filter { !$0.contains("output") } + lines.filter { $0.contains("output") }
        return try GraphModule(
            text: "module v1 @accuracy {\n  func @main(\(parameters)) {\n\(operations.joined())  }\n}\n")
    }

    private static func arguments(_ promise: Promise, _ inputs: [String: HostTensor], at place: Int) -> String {
        let names =
            switch promise.domain {
            case .all: ["all"]
            case .moderate: ["moderate"]
            case .pairs: ["left", "right"]
            case .quotients: ["numerator", "denominator"]
            }
        return names.map { inputs[$0].map { "\($0.doubles()[place])" } ?? "" }.joined(separator: ", ")
    }

    // MARK: The numbers

    /// What `module(_:)` takes, in order.
    private static func inputs(_ dtype: DType) -> [HostTensor] {
        let all = grid(dtype)
        let moderate = all.filter { !($0.magnitude > 1e5) || $0.isInfinite }
        let few = sample(dtype)
        let left = few.flatMap { x in few.map { _ in x } }
        let right = few.flatMap { _ in few }
        // A double's quotient of more than 2^52 has no exact remainder in compiled code.
        let quotients = zip(left, right).filter { dtype == .f32 || !(($0 / $1).magnitude > 0x1p48) || $0.isInfinite }
        return [all, moderate, left, right, quotients.map(\.0), quotients.map(\.1)].map {
            HostTensor($0).converted(to: dtype)
        }
    }

    private static func special(_ dtype: DType) -> [Double] {
        let (least, normal, huge) =
            dtype == .f32
            ? (0x1p-149, 0x1p-126, Double(Float.greatestFiniteMagnitude))
            : (Double.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude)
        let positive = [
            0, least, 3 * least, normal - least, normal, normal * 1.5, 1e-30, 0.5, 1, 1.5, 2, 3, 10, huge / 2, huge,
            .infinity,
        ]
        return positive + positive.map { -$0 } + [.nan]
    }

    /// Special values, every octave of both signs, and the range where results are neither 0 nor infinite more densely.
    private static func grid(_ dtype: DType) -> [Double] {
        var numbers = special(dtype)
        let octaves = dtype == .f32 ? -149..<128 : -1074..<1024
        for octave in octaves {
            for step in 0..<4 {
                let size = Double(sign: .plus, exponent: octave, significand: 1 + (Double(step) + 0.37) / 4)
                numbers += [size, -size]
            }
        }
        numbers += (-4000...4000).map { Double($0) * 0.00517 }
        numbers += (-3000...3000).map { Double($0) * (dtype == .f32 ? 0.0351 : 0.2511) }
        return numbers
    }

    private static func sample(_ dtype: DType) -> [Double] {
        special(dtype) + [-7, -2.5, -1.25, -0.3, 0.1, 0.7, 1.0001, 2.7, 12, 33.3, 1e5, 123456.75]
    }

    // MARK: Distances

    /// The largest distance in units in the last place, and where; a NaN on one side only is as far as can be.
    private static func worst(
        _ computed: HostTensor, _ expected: HostTensor, _ dtype: DType, signsZeros: Bool
    ) throws -> (distance: Int, place: Int) {
        let pairs: [(Int, Int)]
        if dtype == .f32 {
            pairs = try zip(computed.scalars(as: Float.self), expected.scalars(as: Float.self))
                .map { (order($0.bitPattern, $0.isNaN), order($1.bitPattern, $1.isNaN)) }
        } else {
            pairs = try zip(computed.scalars(as: Double.self), expected.scalars(as: Double.self))
                .map { (order($0.bitPattern, $0.isNaN), order($1.bitPattern, $1.isNaN)) }
        }
        var worst = (distance: 0, place: 0)
        for (place, (x, y)) in pairs.enumerated() where x != y {
            // Zeros are -1 and 0 in this order.
            let areZeros = Set([x, y]) == [-1, 0]
            let distance =
                if x == .max || y == .max {
                    Int.max
                } else if areZeros {
                    signsZeros ? Int.max : 0
                } else {
                    Int(clamping: x.subtractingReportingOverflow(y).overflow ? Int.max.magnitude : (x - y).magnitude)
                }
            if distance > worst.distance { worst = (distance, place) }
        }
        return worst
    }

    /// The place of a number in the order of all numbers: neighbours are one apart.
    private static func order<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits, _ isNaN: Bool) -> Int {
        if isNaN { return .max }
        let magnitude = Int(bits & (Bits.max >> 1))
        return bits.leadingZeroBitCount == 0 ? -1 - magnitude : magnitude
    }
}
