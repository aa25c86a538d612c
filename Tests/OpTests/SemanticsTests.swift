import Foundation
import GraphIR
import HostTensors
import OrderedCollections
import Testing

/// The statements of `docs/semantics.md` that are easy to get wrong.
@Suite struct SemanticsTests {
    private func evaluate(
        _ op: String, _ operands: [HostTensor], _ attributes: Attributes = [:]
    ) throws -> HostTensor {
        try OpTable.definition(of: op).evaluate(operands: operands, attributes: attributes)[0]
    }

    @Test("NaN reaches every result it could decide")
    func notANumber() throws {
        let x = HostTensor([1, Double.nan, 3, Double.nan])
        #expect(try evaluate("reduce", [x], ["kind": .keyword("max"), "axes": .ints([0])]).doubles()[0].isNaN)
        #expect(try evaluate("reduce", [x], ["kind": .keyword("min"), "axes": .ints([0])]).doubles()[0].isNaN)
        #expect(
            try evaluate("argreduce", [x], ["kind": .keyword("max"), "axis": .int(0)]) == HostTensor(scalar: Int32(1)))
        #expect(
            try evaluate("argreduce", [x], ["kind": .keyword("min"), "axis": .int(0)]) == HostTensor(scalar: Int32(1)))
        #expect(
            try evaluate("compare", [x, x], ["direction": .keyword("equal")])
                == HostTensor([true, false, true, false]))
        #expect(
            try evaluate("compare", [x, x], ["direction": .keyword("notEqual")])
                == HostTensor([false, true, false, true]))
        let windows: Attributes = [
            "kind": .keyword("max"), "window": .ints([2]), "strides": .ints([1]), "padding": .intLists([[1, 0]]),
        ]
        #expect(try evaluate("reduceWindow", [x], windows).doubles().map(\.isNaN) == [false, true, true, true])
        let cotangent = HostTensor([1.0, 10, 100, 1000])
        #expect(try evaluate("windowScatter", [x, cotangent], windows) == HostTensor([1.0, 110, 0, 1000]))
    }

    @Test("of equal elements the first wins")
    func firstWins() throws {
        let x = HostTensor([1.0, 3, 3, 2])
        #expect(
            try evaluate("argreduce", [x], ["kind": .keyword("max"), "axis": .int(0)]) == HostTensor(scalar: Int32(1)))
        let windows: Attributes = [
            "kind": .keyword("max"), "window": .ints([4]), "strides": .ints([1]), "padding": .intLists([[0, 0]]),
        ]
        #expect(try evaluate("windowScatter", [x, HostTensor([5.0])], windows) == HostTensor([0.0, 5, 0, 0]))
    }

    @Test("reductions of nothing are neutral")
    func emptyReductions() throws {
        func reduced(_ kind: String, _ dtype: DType) throws -> HostTensor {
            try evaluate(
                "reduce", [HostTensor(zeros: [0], dtype: dtype)], ["kind": .keyword(kind), "axes": .ints([0])])
        }
        #expect(try reduced("sum", .f32) == HostTensor(scalar: Float(0)))
        #expect(try reduced("prod", .i32) == HostTensor(scalar: Int32(1)))
        #expect(try reduced("max", .f32) == HostTensor(scalar: -Float.infinity))
        #expect(try reduced("min", .i8) == HostTensor(scalar: Int8.max))
        #expect(try reduced("max", .i32) == HostTensor(scalar: Int32.min))
        #expect(try reduced("max", .u16) == HostTensor(scalar: UInt16(0)))
        #expect(try reduced("min", .u64) == HostTensor(scalar: UInt64.max))
        #expect(try reduced("and", .bool) == HostTensor(scalar: true))
        #expect(try reduced("or", .bool) == HostTensor(scalar: false))
    }

    @Test("integer corners")
    func integers() throws {
        let x = HostTensor([Int32.min, 7, -7, Int32.min])
        let y = HostTensor([Int32(-1), 0, 0, 3])
        #expect(try evaluate("div", [x, y]) == HostTensor([Int32.min, 0, 0, -715_827_882]))
        #expect(try evaluate("rem", [x, y]) == HostTensor([Int32(0), 0, 0, -2]))
        #expect(try evaluate("abs", [x]) == HostTensor([Int32.min, 7, 7, Int32.min]))
        #expect(try evaluate("neg", [HostTensor([UInt8(1)])]) == HostTensor([UInt8(255)]))
        let distance = HostTensor([Int32(31), 32, -1, 1])
        #expect(try evaluate("shiftRight", [x, distance]) == HostTensor([Int32(-1), 0, -1, Int32.min / 2]))
        #expect(
            try evaluate("shiftLeft", [HostTensor([Int32(1), 1, 1, 1]), distance]) == HostTensor([Int32.min, 0, 0, 2]))
        #expect(
            try evaluate("reduce", [HostTensor([UInt8(200), 100])], ["kind": .keyword("sum"), "axes": .ints([0])])
                == HostTensor(scalar: UInt8(44)))
    }

    @Test("casts truncate, saturate and round to even")
    func casts() throws {
        let x = HostTensor([2.9, -2.9, 1e20, Double.nan, 300])
        #expect(try evaluate("cast", [x], ["to": .dtype(.i32)]) == HostTensor([Int32(2), -2, .max, 0, 300]))
        #expect(try evaluate("cast", [x], ["to": .dtype(.u8)]) == HostTensor([UInt8(2), 0, 255, 0, 255]))
        #expect(try evaluate("cast", [HostTensor([Int32(300)])], ["to": .dtype(.u8)]) == HostTensor([UInt8(44)]))
        #expect(try evaluate("cast", [x], ["to": .dtype(.bool)]) == HostTensor([true, true, true, true, true]))
    }

    @Test("random numbers are the stream's, dropout keeps what is at least the rate")
    func random() throws {
        let (seed, step) = (HostTensor(scalar: Int64(-5)), HostTensor(scalar: Int64(9)))
        let expected = RandomStream.uniform(seed: UInt64(bitPattern: -5), stream: 3, step: 9, count: 200)
        let attributes: Attributes = ["stream": .int(3), "shape": .dims([2, 100])]
        #expect(try evaluate("random", [seed, step], attributes) == HostTensor(expected, shape: [2, 100]))
        let ones = try HostTensor([Float](repeating: 1, count: 200), shape: [2, 100])
        let dropped = try evaluate("dropout", [ones, seed, step], ["rate": .float(0.25), "stream": .int(3)])
        let rate = Float(0.25)
        #expect(try dropped.scalars(as: Float.self) == expected.map { $0 < rate ? 0 : Float(1 / 0.75) })
    }

    @Test("normal numbers have mean 0 and variance 1")
    func normal() throws {
        let numbers = try evaluate(
            "randomNormal", [HostTensor(scalar: Int64(1)), HostTensor(scalar: Int64(0))],
            ["stream": .int(0), "shape": .dims([100_000])]
        ).doubles()
        let mean = numbers.reduce(0, +) / 1e5
        let variance = numbers.reduce(0) { $0 + $1 * $1 } / 1e5
        #expect(mean.magnitude < 0.015)
        #expect((variance - 1).magnitude < 0.02)
        #expect(numbers.allSatisfy { $0.isFinite })
    }

    @Test("docs/ops.md is what the table says")
    func documentation() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../docs/ops.md")
        let committed = try String(contentsOf: path, encoding: .utf8)
        #expect(
            committed == OpTable.markdown(),
            "docs/ops.md is out of date: run `swift run strata ops > docs/ops.md`")
    }
}
