import GraphIR
import HostTensors
import Testing

/// A fault put into a valid module, and what the verifier says of it.
struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let expected: String
    let make: @Sendable (inout GraphModule) -> Void
    var testDescription: String { name }

    init(_ name: String, _ expected: String, _ make: @escaping @Sendable (inout GraphModule) -> Void) {
        self.name = name
        self.expected = expected
        self.make = make
    }

    private static let dot = "func @train, %0 = dot, layer 'hidden' at Classifier.swift:14"

    static let all: [Fault] = [
        Fault(
            "operations out of order",
            "func @train, %0 = relu, layer 'hidden' at Classifier.swift:14: operand %1 is read before it is made (order operations so that each reads only what came before)"
        ) {
            $0.functions[0].ops.swapAt(0, 1)
        },
        Fault(
            "operand out of range",
            "\(dot): operand %?99 is read before it is made (order operations so that each reads only what came before)"
        ) {
            $0.functions[0].ops[0].operands[0] = ValueID(99)
        },
        Fault("wrong result type", "\(dot): type mismatch: dot gives f32[B,3], %0 is f32[B,5]") {
            let result = $0.functions[0].ops[0].results[0].index
            $0.functions[0].values[result].type.shape[1] = 5
        },
        Fault("unknown op", "\(dot.replacing("dot", with: "dto")): unknown op 'dto' (did you mean 'dot'?)") {
            $0.functions[0].ops[0].name = "dto"
        },
        Fault("missing attribute", "\(dot): dot: attribute 'contract' is missing") {
            $0.functions[0].ops[0].attributes.removeValue(forKey: "contract")
        },
        Fault("default not filled in", "\(dot): attributes are not complete (fill in the defaults)") {
            $0.functions[0].ops[0].attributes.removeValue(forKey: "batch")
        },
        Fault("value made twice", "func @train, %1 = relu, layer 'hidden' at Classifier.swift:14: %1 is made twice") {
            $0.functions[0].ops[1].results = $0.functions[0].ops[0].results
        },
        Fault(
            "undeclared dim",
            "func @predict, %image: undeclared dim 'B' in f32[B,4] (declare it at the start of the module: dim B in 1...1024)"
        ) {
            $0.dims = []
        },
        Fault("size not positive", "func @predict, %image: axis 1 of f32[B,0] has the size 0 (sizes are at least 1)") {
            let input = $0.functions[1].inputs[0].value.index
            $0.functions[1].values[input].type.shape[1] = 0
        },
        Fault("duplicate state path", "duplicate state path \"hidden/weight\" (give each state path its own name)") {
            $0.states[1].path = "hidden/weight"
        },
        Fault("duplicate function", "duplicate function '@train' (give each function its own name)") {
            $0.functions[1].name = "train"
        },
        Fault("duplicate output", "func @predict: duplicate output \"weights\" (give each output its own name)") {
            $0.functions[1].outputs[0].name = "weights"
        },
        Fault(
            "state identifier",
            "state %1w: '1w' is not an identifier (use letters, digits and underscores, a digit not first)"
        ) {
            $0.states[0].identifier = "1w"
        },
        Fault(
            "symbolic state",
            "state %w1: the shape f32[B,3] is symbolic (a state lives across calls, so its sizes must be numbers)"
        ) {
            $0.states[0].type.shape[0] = Dim(symbol: "B")
        },
        Fault("state updated twice", "func @train: state %w1 is updated twice (bind its new value once)") {
            $0.functions[0].updates.append($0.functions[0].updates[0])
        },
        Fault(
            "ill-typed update",
            "func @train: type mismatch: state %w1 is f32[4,3], its new value is f32[] (a state keeps its type)"
        ) {
            $0.functions[0].updates[0].value = $0.functions[0].outputs[0].value
        },
        Fault("output of nothing", "func @train: output \"loss\" is %?500, which nothing makes") {
            $0.functions[0].outputs[0].value = ValueID(500)
        },
        Fault(
            "no multiple in range",
            "dim 'B' has no multiple of 8192 in 1...4096 (widen the range, or choose a smaller divisor)"
        ) {
            $0.dims[0].multiple = 8192
        },
        Fault(
            "too many bytes",
            "func @predict, %image: f32[B,1099511627776] can take more than 2^56 bytes (lower its sizes or the ranges of its dims)"
        ) {
            let input = $0.functions[1].inputs[0].value.index
            $0.functions[1].values[input].type.shape[1] = Dim(1 << 50)
            $0.functions[1].values[input].type.shape[1] = Dim(1 << 40)
            $0.dims[0].range = 1...(1 << 30)
        },
    ]
}

@Suite struct VerifierTests {
    @Test(arguments: Fault.all)
    func namesTheFaultAndItsPlace(_ fault: Fault) throws {
        var module = try GraphModule(text: Sample.classifier)
        fault.make(&module)
        let error = try #require(throws: VerificationError.self) { try verify(module) }
        #expect(error.diagnostics.map(\.description).contains(fault.expected), "\(error)")
        // Printing and canonicalizing are for broken graphs too.
        #expect(!module.text().isEmpty)
        #expect(!module.canonicalized().functions.isEmpty)
    }

    @Test func reportsEveryFaultAtOnce() throws {
        var module = try GraphModule(text: Sample.classifier)
        module.states[1].path = module.states[0].path
        module.functions[0].ops[0].name = "nothing"
        module.functions[1].outputs[0].value = ValueID(-1)
        #expect(module.diagnostics().count == 3)
    }

    @Test(arguments: [("B-B2", true), ("B*C-C", false), ("B*C-2*C", true), ("2*B-1", false), ("C-B+60", false)])
    func boundsOfPolynomialsAreExact(_ size: String, _ isWrong: Bool) throws {
        let text = """
            module v1 @m {
              dim B in 2...8
              dim B2 in 1...2
              dim C in 1...64
              func @f(%x: f32[\(size)+0] "x") { }
            }
            """
        if isWrong {
            #expect(throws: ParseError.self) { try GraphModule(text: text) }
        } else {
            #expect(try GraphModule(text: text).diagnostics() == [])
        }
    }
}
