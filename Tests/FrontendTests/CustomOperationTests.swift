import CustomCode
import GraphIR
import GraphTracing
import HostTensors
import Testing

/// Operations in C and C++ as a user registers and uses them.
@Suite struct CustomOperationTests {
    /// y = x / (1 + |x|) of f32.
    private static let softsign = """
        #include <strata_operation.h>
        #include <math.h>
        static float softsign_of(float x) { return x / (1 + fabsf(x)); }
        STRATA_OPERATION(softsigned) {
            const float *x = (const float *)operands[0].data;
            float *y = (float *)results[0].data;
            int64_t row = strata_row_count(operands[0]);
            for (int64_t i = begin * row; i < end * row; i++) y[i] = softsign_of(x[i]);
        }
        """

    @Test(arguments: [CustomOperation.Code.c(softsign), .cpp(softsign)])
    func isEvaluatedOnTheSpot(_ code: CustomOperation.Code) throws {
        let softsigned = try CustomOperation("softsigned", code: code, isDividedByRows: true)
        let y = softsigned(Tensor([[-1, 0], [1, 3]]) + 0)
        #expect(try y.evaluated() == HostTensor([-0.5, 0, 0.5, 0.75] as [Float], shape: [2, 2]))
        #expect(y.type == TensorType(.f32, [2, 2]))
    }

    @Test func knowsShapesAndTypesOfAnyRank() throws {
        let about = try CustomOperation(
            "about",
            code: .c(
                """
                #include <strata_operation.h>
                STRATA_OPERATION(about) {
                    int32_t *all = results[0].data;
                    for (int at = 0; at < 3; at++) {
                        *all++ = operands[at].rank;
                        *all++ = operands[at].dtype;
                        *all++ = (int32_t)strata_count(operands[at]);
                    }
                    *all++ = (int32_t)begin;
                    *all++ = (int32_t)end;
                }
                """), results: { _ in [TensorType(.i32, [11])] })
        let found = about(Tensor(1.5), Tensor([[1, 2, 3]]), Tensor(HostTensor([true, false])))
        #expect(try found.evaluated().doubles() == [0, 1, 1, 2, 1, 3, 1, 12, 2, 0, 11])
    }

    @Test func givesSeveralResults() throws {
        let ends = try CustomOperation(
            "ends",
            code: .cpp(
                """
                #include <strata_operation.h>
                #include <algorithm>
                STRATA_OPERATION(ends) {
                    auto x = static_cast<const float *>(operands[0].data);
                    auto found = std::minmax_element(x, x + strata_count(operands[0]));
                    *static_cast<float *>(results[0].data) = *found.first;
                    *static_cast<float *>(results[1].data) = *found.second;
                }
                """), results: { _ in [TensorType(.f32), TensorType(.f32)] })
        let found = ends.results([Tensor([3, -2, 7, 1])])
        #expect(try found.map { try $0.evaluated().doubles() } == [[-2], [7]])
    }

    @Test func gradientsFlowThroughIt() throws {
        let softsigned = try CustomOperation(
            "softsigned", code: .c(Self.softsign), isDividedByRows: true,
            gradient: { given in
                let distance = 1 + abs(given.operands[0])
                return [given.cotangents[0] / (distance * distance)]
            })
        let x = Tensor([-1, 0, 3])
        let slope = gradient { (softsigned($0) * $0).sum() }(x)
        // (x s(x))' = s(x) + x s'(x)
        #expect(try slope.evaluated().doubles() == [-0.75, 0, 0.9375])
        let outside = Tensor(2)
        let doubled = try CustomOperation(
            "softsigned", code: .c(Self.softsign), isDividedByRows: true, gradient: { [$0.cotangents[0] * outside] })
        #expect(try gradient { doubled($0).sum() }(Tensor([1, 1])).evaluated().doubles() == [2, 2])
        // The gradient of a gradient differentiates the gradient's own operations.
        let second = gradient { gradient { softsigned($0).sum() }($0).sum() }(Tensor([1]))
        #expect(try second.evaluated().doubles() == [-0.25])
    }

    /// What is wrong with a registration, and a part of what is said of it.
    private static let refused: [(name: String, code: String, part: String)] = [
        ("oops", "int x = ;", "oops.c:1:9: error: expected expression"),
        ("oops", "int x = 1;", "defines no function of that name: write STRATA_OPERATION(oops)"),
        (
            "oops", "#include <strata_operation.h>\nint strange(void);\nSTRATA_OPERATION(oops) { strange(); }",
            "uses strange, which neither it nor the libraries of C, mathematics and C++ define"
        ),
        // In this process, but not where a library is loaded.
        (
            "oops", "#include <strata_operation.h>\nint crc32(void);\nSTRATA_OPERATION(oops) { crc32(); }",
            "uses crc32, which neither it"
        ),
        (
            "oops",
            """
            #include <strata_operation.h>
            static volatile int t;
            __attribute__((constructor)) static void early(void) { t = 3; }
            STRATA_OPERATION(oops) {}
            """, "early(void) { t = 3; }"
        ),
        ("o ops", "", "'o ops' cannot name a custom operation (use letters, digits and underscores)"),
    ]

    @Test(arguments: refused)
    func sayWhatIsWrong(name: String, code: String, part: String) {
        let error = #expect(throws: (any Error).self) { try CustomOperation(name, code: .c(code)) }
        #expect(error.map { "\($0)".contains(part) } ?? false, "\(error.map { "\($0)" } ?? "nothing")")
    }

    /// Code in C++ that runs when it is loaded, and its place.
    private static let constructing: [(code: String, place: String)] = [
        ("#include <vector>\nstatic std::vector<float> table(9, 1);", "3:27"),
        ("#include <stdlib.h>\nint drawn = rand();", "3:5"),
    ]

    @Test(arguments: 0..<constructing.count)
    func constructorsAreRefused(_ at: Int) {
        let code = "#include <strata_operation.h>\n\(Self.constructing[at].code)\nSTRATA_OPERATION(oops) {}"
        let error = #expect(throws: CustomCodeError.self) { try CustomOperation("oops", code: .cpp(code)) }
        let words = error.map { "\($0)" } ?? "nothing"
        #expect(words.contains("make objects that are constructed, outside of functions, static ones of a function\n"))
        let place = Self.constructing[at].place
        #expect(words.contains("oops.cpp:\(place): warning: declaration requires a global"), "\(words)")
    }

    /// None of these runs when it is loaded: constants, objects of functions and of threads.
    private static let constructedLater: [(code: String, value: String)] = [
        ("constexpr int table[] = {1, 2};", "table[0]"),
        ("#include <memory>\nstd::unique_ptr<int> made;", "!made"),
        (
            "#include <vector>\nstatic int first() { static const std::vector<int> t(9, 1); return t[0]; }",
            "first()"
        ),
        ("#include <vector>\nthread_local std::vector<int> mine(3, 1);", "mine[0]"),
    ]

    @Test(arguments: 0..<constructedLater.count)
    func objectsThatAreConstructedLaterAreTaken(_ at: Int) throws {
        let (code, value) = Self.constructedLater[at]
        let text = """
            #include <strata_operation.h>
            \(code)
            STRATA_OPERATION(fine) { *(float *)results[0].data = \(value); }
            """
        let fine = try CustomOperation("fine", code: .cpp(text), results: { _ in [TensorType(.f32)] })
        #expect(try fine(Tensor(0)).evaluated().doubles() == [1])
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: FileError.self) { try CustomOperation("lost", code: .file("/nowhere/lost.c")) }
    }

    /// What is wrong with a use.
    private static let misused: [(gradient: CustomOperation.Gradient?, part: String)] = [
        (nil, "the custom operation 'softsigned' has no gradient"),
        ({ _ in [] }, "softsigned: its gradient gives 0 tensors for 1 operands"),
        ({ [$0.cotangents[0].sum()] }, "softsigned: its gradient gives f32[] for operand 0, which is f32[2]"),
    ]

    @Test(arguments: 0..<misused.count)
    func mistakesAreErrorsWithAPlace(_ at: Int) throws {
        let (rule, part) = Self.misused[at]
        let softsigned = try CustomOperation(
            "softsigned", code: .c(Self.softsign), isDividedByRows: true, gradient: rule)
        let slope = gradient { softsigned($0).sum() }(Tensor([1, 2]))
        let error = #expect(throws: (any Error).self) { try slope.evaluated() }
        let text = error.map { "\($0)" } ?? "nothing"
        #expect(text.contains(part) && text.contains("CustomOperationTests.swift"), "\(text)")
    }

    @Test func aGradientOfWhatItIsNotGivenIsRefused() throws {
        var tracer = ModuleTracer(name: "captures")
        let types = [("x", TensorType(.f32, [2])), ("w", TensorType(.f32, [2]))]
        let error = #expect(throws: (any Error).self) {
            try tracer.function("main", inputs: types) { inputs in
                let weighted = try CustomOperation(
                    "softsigned", code: .c(Self.softsign), gradient: { [$0.cotangents[0] * inputs[1]] })
                return [("slope", gradient { weighted($0).sum() }(inputs[0]))]
            }
        }
        let part = "softsigned: its gradient uses a tensor that it is not given (make that an operand of the operation)"
        #expect(error.map { "\($0)".contains(part) } ?? false, "\(error.map { "\($0)" } ?? "nothing")")
    }

    @Test func operandsThatDoNotFitAreRefused() throws {
        let softsigned = try CustomOperation(
            "softsigned", code: .c(Self.softsign),
            results: { types in
                guard types[0].dtype == .f32 else { throw GraphError("softsigned takes f32, it is given \(types[0])") }
                return [types[0]]
            })
        let y = softsigned(Tensor(HostTensor([1, 2] as [Int32])))
        let error = #expect(throws: (any Error).self) { try y.evaluated() }
        #expect(error.map { "\($0)".contains("softsigned takes f32, it is given i32[2]") } ?? false)
        #expect(throws: (any Error).self) { try softsigned().evaluated() }
        let pair = try CustomOperation("softsigned", code: .c(Self.softsign), operands: 2)
        let lonely = #expect(throws: (any Error).self) { try pair(Tensor([1, 2])).evaluated() }
        #expect(lonely.map { "\($0)".contains("softsigned takes 2 operands, it is given 1") } ?? false)
        let none = try CustomOperation("softsigned", code: .c(Self.softsign), results: { _ in [] })
        #expect(throws: (any Error).self) { try none(Tensor([1, 2])).evaluated() }
        let divided = try CustomOperation(
            "softsigned", code: .c(Self.softsign), isDividedByRows: true, results: { _ in [TensorType(.f32)] })
        #expect(throws: (any Error).self) { try divided(Tensor([1, 2])).evaluated() }
    }

    @Test func twoCodesOfOneNameAreRefused() throws {
        let one = try CustomOperation("softsigned", code: .c(Self.softsign))
        let other = try CustomOperation("softsigned", code: .c(Self.softsign + "\n/* another */"))
        var tracer = ModuleTracer(name: "two")
        try tracer.function("main", inputs: [("x", TensorType(.f32, [2]))]) { [("y", one(other($0[0])))] }
        let module = try tracer.module()
        #expect(
            module.diagnostics().contains {
                "\($0)".contains("there are two custom operations called 'softsigned' whose code differs")
            })
    }
}
