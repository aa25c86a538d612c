import GraphIR
import GraphPasses
import HostTensors
import Testing

/// A sum over all rows is part of a kernel that has the rows in hand, exactly where that pays and nothing waits for the sum.
@Suite struct ColumnSumFusionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var columns = 40
        /// The operations, `COLS` standing for the number of columns.
        var ops: String
        /// The sums over rows in each kernel that works row by row.
        var sums: [Int]
        /// Words of the reason for one of the decisions on a value that a sum reads or gives.
        var reason: String?
    }

    static let softmax = """
        %0 = softmax %x axis 2 : f32[B,5,COLS]
        output %0 : f32[B,5,COLS] "y"

        """
    static let sumOfSoftmax =
        softmax + """
            %1 = reduce %0 kind sum axes [0,1] : f32[COLS]
            output %1 : f32[COLS] "sum"
            """
    static let twoSums = """
        %0 = mul %x, %g : f32[B,5,COLS]
        %1 = reduce %0 kind sum axes [0,1] : f32[COLS]
        %2 = reduce %g kind sum axes [0,1] : f32[COLS]
        output %1 : f32[COLS] "sum"
        output %2 : f32[COLS] "sum of g"
        """

    static let sumOfProduct = """
        %0 = mul %x, %g : f32[B,5,COLS]
        %1 = reduce %0 kind sum axes [0,1] : f32[COLS]
        output %0 : f32[B,5,COLS] "product"
        output %1 : f32[COLS] "sum"
        """

    static let cases = [
        Case(
            testDescription: "of what the rows give", ops: sumOfSoftmax, sums: [1],
            reason: "a sum over the rows: taken in while each row is in cache"),
        Case(
            testDescription: "of what the rows read, and work on it",
            ops: softmax + """
                %1 = mul %x, %g : f32[B,5,COLS]
                %2 = reduce %1 kind sum axes [0,1] : f32[COLS]
                output %2 : f32[COLS] "sum"
                """, sums: [1], reason: "a sum over the rows"),
        Case(
            testDescription: "rows too short", columns: 31, ops: sumOfSoftmax, sums: [0],
            reason: "a fixed number of elements, 32 to 4096"),
        Case(
            testDescription: "rows too long", columns: 4097, ops: sumOfSoftmax, sums: [0],
            reason: "a fixed number of elements, 32 to 4096"),
        Case(testDescription: "rows just short enough", columns: 4096, ops: sumOfSoftmax, sums: [1]),
        Case(testDescription: "rows just long enough", columns: 32, ops: sumOfSoftmax, sums: [1]),
        Case(
            testDescription: "the greatest, not the sum",
            ops: softmax + """
                %1 = reduce %0 kind max axes [0,1] : f32[COLS]
                output %1 : f32[COLS] "greatest"
                """, sums: [0]),
        Case(
            testDescription: "over the batch only",
            ops: softmax + """
                %1 = reduce %0 kind sum axes [0] : f32[5,COLS]
                output %1 : f32[5,COLS] "sum"
                """, sums: [0]),
        Case(
            testDescription: "with work on the sum",
            ops: softmax + """
                %1 = reduce %0 kind sum axes [0,1] : f32[COLS]
                %2 = exp %1 : f32[COLS]
                output %2 : f32[COLS] "exp"
                """, sums: [0], reason: "epilogue on the reduced values"),
        Case(
            testDescription: "which other work on the rows reads",
            ops: softmax + """
                %1 = reduce %0 kind sum axes [0,1] : f32[COLS]
                %2 = broadcast %1 axes [2] shape [B,5,COLS] : f32[B,5,COLS]
                %3 = sub %0, %2 : f32[B,5,COLS]
                output %3 : f32[B,5,COLS] "less"
                """, sums: [1], reason: "a broadcast repeats the value"),
        Case(
            testDescription: "on which the rows wait",
            ops: """
                %0 = reduce %x kind sum axes [0,1] : f32[COLS]
                %1 = broadcast %0 axes [2] shape [B,5,COLS] : f32[B,5,COLS]
                %2 = sub %x, %1 : f32[B,5,COLS]
                %3 = softmax %2 axis 2 : f32[B,5,COLS]
                output %3 : f32[B,5,COLS] "y"
                """, sums: [0]),
        Case(testDescription: "two of one value, long rows", columns: 64, ops: twoSums, sums: [2]),
        Case(testDescription: "two of one value, short rows", columns: 63, ops: twoSums, sums: []),
        Case(
            testDescription: "of what an elementwise kernel makes", columns: 64, ops: sumOfProduct, sums: [1],
            reason: "a sum over the rows"),
        Case(
            testDescription: "of what an elementwise kernel makes, short rows", columns: 63, ops: sumOfProduct,
            sums: [],
            reason: "their loops differ in structure"),
        Case(
            testDescription: "of different values", columns: 64,
            ops: """
                %0 = reduce %x kind sum axes [0,1] : f32[COLS]
                %1 = reduce %g kind sum axes [0,1] : f32[COLS]
                output %0 : f32[COLS] "sum"
                output %1 : f32[COLS] "sum of g"
                """, sums: []),
    ]

    @Test(arguments: cases) func sumsBesideRows(_ sample: Case) throws {
        let module = try GraphModule(
            text: """
                module v1 @case {
                  dim B in 1...64
                  func @main(%x: f32[B,5,COLS] "x", %g: f32[B,5,COLS] "g") {
                    \(sample.ops)
                  }
                }
                """.replacingOccurrences(of: "COLS", with: String(sample.columns)))
        let (optimized, plans) = try optimize(module)
        let function = optimized.functions[0]
        let rows = plans[0].groups.filter { $0.kind == .rows(outerRank: 2) }
        #expect(rows.map { $0.columnSums(in: function).count } == sample.sums)
        let reasons = plans[0].decisions.map(\.reason)
        if let reason = sample.reason { #expect(reasons.contains { $0.contains(reason) }, "\(reasons)") }
    }

    /// All gradients of a norm, and the sum of one of them that a bias before it needs, are one kernel.
    @Test(arguments: ["layerNorm", "rmsNorm"]) func gradientsOfANorm(_ norm: String) throws {
        let shape = [Dim(symbol: "B"), 5, 40]
        let (function, plan) = try FusionTests.groups { builder in
            let x = builder.input("x", TensorType(.f32, shape))
            let cotangent = builder.input("cotangent", TensorType(.f32, shape))
            let parameters = ["scale", "offset"].prefix(norm == "layerNorm" ? 2 : 1).map {
                builder.input($0, TensorType(.f32, [40]))
            }
            let y = try builder.emit(norm, [x] + parameters, ["axis": .int(2)])[0]
            let gradients = try builder.gradients(
                of: builder.mul(y, cotangent), withRespectTo: [x] + parameters)
            for (at, gradient) in gradients.enumerated() { builder.output("gradient \(at)", gradient) }
            builder.output("bias", try builder.reduce("sum", gradients[0], axes: [0, 1]))
        }
        #expect(plan.groups.map(\.kind) == [.rows(outerRank: 2)])
        #expect(plan.groups[0].columnSums(in: function).count == (norm == "layerNorm" ? 3 : 2))
    }

    /// A plan in which something reads a sum over rows in the kernel that makes it is refused.
    @Test func aSumThatItsKernelReadsIsRefused() throws {
        let function = try GraphModule(
            text: """
                module v1 @case {
                  func @main(%x: f32[64,64] "x") {
                    %0 = reduce %x kind sum axes [0] : f32[64]
                    %1 = reduce %x kind max axes [1] : f32[64]
                    %2 = add %0, %1 : f32[64]
                    output %2 : f32[64] "y"
                  }
                }
                """
        ).functions[0]
        let plan = fuse(function)
        try plan.check(function)
        let joined = FusionGroup(
            kind: .rows(outerRank: 1), members: [0, 1, 2], domain: [64, 64], inputs: [ValueID(0)],
            outputs: [ValueID(3)])
        let error = try #require(throws: GraphError.self) {
            try FusionPlan(groups: [joined], decisions: []).check(function)
        }
        #expect(error.message.contains("reads the sum of all rows"), "\(error)")
    }
}
