import GraphIR
import GraphPasses
import HostTensors
import Testing

/// Every rule on a graph it applies to: it must apply, and every output must keep every bit, special values included.
@Suite struct RewriteRuleTests {
    /// A rule's name and the body of a function of `x y : f32[B,4]`, `c : bool[B,4]`, `n : i32[B,4]`, `b : f32[B]`, `s : f32[]`
    /// that ends in an output.
    struct Example: CustomTestStringConvertible, Sendable {
        var rule: String
        var body: [String]
        /// Whether the rule rounds differently (a power written as a product) or turns -0 into 0.
        var isInexact = false
        var testDescription: String { rule }

        init(_ rule: String, _ body: String..., isInexact: Bool = false) {
            self.rule = rule
            self.body = body
            self.isInexact = isInexact
        }

        func module() throws -> GraphModule {
            let lines = body.map { "    \($0)\n" }.joined()
            let inputs =
                "%x: f32[B,4] \"x\", %y: f32[B,4] \"y\", %c: bool[B,4] \"c\", %n: i32[B,4] \"n\", "
                + "%b: f32[B] \"b\", %s: f32[] \"s\", %w: f32[4,3] \"w\""
            return try GraphModule(
                text: "module v1 @rule {\n  dim B in 1...64\n  func @main(\(inputs)) {\n\(lines)  }\n}\n", source: rule)
        }
    }

    private static func splat(_ number: String, _ dtype: String = "f32") -> [String] {
        [
            "%0 = constant value \(dtype)[]{\(number)} : \(dtype)[]",
            "%1 = broadcast %0 axes [] shape [B,4] : \(dtype)[B,4]",
        ]
    }

    private static func withSplat(
        _ rule: String, _ number: String, _ last: String, dtype: String = "f32", isInexact: Bool = false
    ) -> Example {
        var example = Example(rule, isInexact: isInexact)
        example.body = splat(number, dtype) + ["%2 = \(last) : \(dtype)[B,4]", "output %2 : \(dtype)[B,4] \"z\""]
        return example
    }

    private static func unary(_ rule: String, _ one: String, _ other: String, dtype: String = "f32") -> Example {
        Example(
            rule, "%0 = \(one) : \(dtype)[B,4]", "%1 = \(other) : \(dtype)[B,4]", "output %1 : \(dtype)[B,4] \"z\"")
    }

    private static func single(_ rule: String, _ op: String, dtype: String = "f32", shape: String = "[B,4]") -> Example
    {
        Example(rule, "%0 = \(op) : \(dtype)\(shape)", "output %0 : \(dtype)\(shape) \"z\"")
    }

    static let arithmetic: [Example] =
        ["add", "mul", "max", "min"].map { withSplat("\($0)-constant-right", "0.5", "\($0) %1, %x") }
        + ["and", "or", "xor"].map { withSplat("\($0)-constant-right", "6", "\($0) %1, %n", dtype: "i32") }
        + [
            withSplat("add-neutral", "-0", "add %x, %1"),
            withSplat("add-neutral", "0", "add %n, %1", dtype: "i32"),
            withSplat("sub-zero", "0", "sub %x, %1"), withSplat("mul-one", "1", "mul %x, %1"),
            withSplat("div-one", "1", "div %x, %1"), withSplat("mul-minus-one", "-1", "mul %x, %1"),
            withSplat("div-power", "8", "div %x, %1"), withSplat("div-power", "-0.25", "div %x, %1"),
            withSplat("pow-one", "1", "pow %x, %1"), withSplat("pow-two", "2", "pow %x, %1", isInexact: true),
            unary("neg-neg", "neg %x", "neg %0"), unary("add-neg", "neg %x", "add %y, %0"),
            unary("neg-add", "neg %x", "add %0, %y"), unary("sub-neg", "neg %x", "sub %y, %0"),
            unary("abs-neg", "neg %x", "abs %0"), unary("abs-abs", "abs %x", "abs %0"),
            Example(
                "mul-neg-neg", "%0 = neg %x : f32[B,4]", "%1 = neg %y : f32[B,4]", "%2 = mul %0, %1 : f32[B,4]",
                "output %2 : f32[B,4] \"z\""),
            single("max-same", "max %x, %x"), single("min-same", "min %x, %x"), single("cast-same", "cast %x to f32"),
            Example(
                "cast-cast", "%0 = cast %x to f64 : f64[B,4]", "%1 = cast %0 to f16 : f16[B,4]",
                "output %1 : f16[B,4] \"z\""),
        ]

    static let logic: [Example] = [
        unary("not-not", "not %c", "not %0", dtype: "bool"),
        single("and-same", "and %n, %n", dtype: "i32"), single("or-same", "or %n, %n", dtype: "i32"),
        single("select-same", "select %c, %x, %x"),
        Example(
            "select-not", "%0 = not %c : bool[B,4]", "%1 = select %0, %x, %y : f32[B,4]", "output %1 : f32[B,4] \"z\""),
        Example(
            "select-true", "%0 = constant value bool[]{true} : bool[]",
            "%1 = broadcast %0 axes [] shape [B,4] : bool[B,4]", "%2 = select %1, %x, %y : f32[B,4]",
            "output %2 : f32[B,4] \"z\""),
        Example(
            "select-false", "%0 = constant value bool[]{false} : bool[]",
            "%1 = broadcast %0 axes [] shape [B,4] : bool[B,4]", "%2 = select %1, %x, %y : f32[B,4]",
            "output %2 : f32[B,4] \"z\""),
    ]

    static let places: [Example] = [
        single("broadcast-same", "broadcast %x axes [0,1] shape [B,4]"),
        Example(
            "broadcast-broadcast", "%0 = broadcast %b axes [0] shape [B,4] : f32[B,4]",
            "%1 = broadcast %0 axes [1,2] shape [3,B,4] : f32[3,B,4]", "output %1 : f32[3,B,4] \"z\""),
        Example(
            "broadcast-reshape", "%0 = reshape %b shape [B,1] : f32[B,1]",
            "%1 = broadcast %0 axes [0,2] shape [B,4,1] : f32[B,4,1]", "output %1 : f32[B,4,1] \"z\""),
        Example(
            "hoist-broadcast", "%0 = broadcast %b axes [0] shape [B,4] : f32[B,4]",
            "%1 = broadcast %s axes [] shape [B,4] : f32[B,4]", "%2 = add %0, %1 : f32[B,4]",
            "output %2 : f32[B,4] \"z\""),
        Example(
            "sink-reshape", "%0 = reshape %x shape [4*B] : f32[4*B]",
            "%1 = broadcast %s axes [] shape [4*B] : f32[4*B]",
            "%2 = mul %0, %1 : f32[4*B]", "output %2 : f32[4*B] \"z\""),
        single("reshape-same", "reshape %x shape [B,4]"),
        Example(
            "reshape-reshape", "%0 = reshape %x shape [4*B] : f32[4*B]", "%1 = reshape %0 shape [B,2,2] : f32[B,2,2]",
            "output %1 : f32[B,2,2] \"z\""),
        Example(
            "reshape-repeated", "%0 = broadcast %s axes [] shape [B,4] : f32[B,4]",
            "%1 = reshape %0 shape [4*B] : f32[4*B]", "output %1 : f32[4*B] \"z\""),
        Example(
            "transpose-repeated", "%0 = broadcast %s axes [] shape [B,4] : f32[B,4]",
            "%1 = transpose %0 permutation [1,0] : f32[4,B]", "output %1 : f32[4,B] \"z\""),
        Example(
            "slice-repeated", "%0 = broadcast %s axes [] shape [B,4] : f32[B,4]",
            "%1 = slice %0 starts [0,1] sizes [B,2] strides [1,2] : f32[B,2]", "output %1 : f32[B,2] \"z\""),
        Example(
            "reverse-repeated", "%0 = broadcast %s axes [] shape [B,4] : f32[B,4]",
            "%1 = reverse %0 axes [1] : f32[B,4]", "output %1 : f32[B,4] \"z\""),
        single("transpose-same", "transpose %x permutation [0,1]"),
        Example(
            "transpose-transpose", "%0 = reshape %x shape [B,2,2] : f32[B,2,2]",
            "%1 = transpose %0 permutation [2,0,1] : f32[2,B,2]", "%2 = transpose %1 permutation [1,2,0] : f32[B,2,2]",
            "output %2 : f32[B,2,2] \"z\""),
        Example(
            "transpose-unit", "%0 = reshape %x shape [B,1,4] : f32[B,1,4]",
            "%1 = transpose %0 permutation [1,0,2] : f32[1,B,4]", "output %1 : f32[1,B,4] \"z\""),
        single("slice-same", "slice %x starts [0,0] sizes [B,4] strides [1,1]"),
        Example(
            "slice-slice", "%0 = slice %w starts [1,0] sizes [3,2] strides [1,2] : f32[3,2]",
            "%1 = slice %0 starts [0,1] sizes [2,1] strides [2,1] : f32[2,1]", "output %1 : f32[2,1] \"z\""),
        // Strides that no element takes may be large.
        Example(
            "slice-slice", "%0 = reshape %w shape [2,3,2] : f32[2,3,2]",
            "%1 = slice %0 starts [1,0,0] sizes [1,3,2] strides [2147483647,1,1] : f32[1,3,2]",
            "%2 = slice %1 starts [0,1,0] sizes [1,1,2] strides [2147483647,2147483647,1] : f32[1,1,2]",
            "%3 = slice %2 starts [0,0,1] sizes [1,1,1] strides [2147483647,2147483647,2147483647] : f32[1,1,1]",
            "output %3 : f32[1,1,1] \"z\""),
        Example(
            "slice-concat", "%0 = concat %w, %w axis 0 : f32[8,3]",
            "%1 = slice %0 starts [5,1] sizes [2,2] strides [2,1] : f32[2,2]", "output %1 : f32[2,2] \"z\""),
        Example(
            "reverse-none", "%0 = reshape %x shape [B,1,4] : f32[B,1,4]", "%1 = reverse %0 axes [1] : f32[B,1,4]",
            "output %1 : f32[B,1,4] \"z\""),
        unary("reverse-reverse", "reverse %x axes [0,1]", "reverse %0 axes [0,1]"),
        single("pad-none", "pad %x, %s low [0,0] high [0,0] interior [0,0]"),
        Example(
            "pad-pad", "%0 = pad %x, %s low [1,0] high [0,2] interior [0,0] : f32[B+1,6]",
            "%1 = pad %0, %s low [0,1] high [1,0] interior [0,0] : f32[B+2,7]", "output %1 : f32[B+2,7] \"z\""),
        single("concat-one", "concat %x axis 1"),
    ]

    static let combinations: [Example] = [
        single("reduce-none", "reduce %x kind max axes []"),
        Example(
            "reduce-none", "%0 = reduce %x kind sum axes [] : f32[B,4]", "output %0 : f32[B,4] \"z\"", isInexact: true),
        Example(
            "reduce-unit", "%0 = reshape %x shape [B,1,4] : f32[B,1,4]",
            "%1 = reduce %0 kind sum axes [1] : f32[B,4]", "output %1 : f32[B,4] \"z\"", isInexact: true),
        Example(
            "reduce-reduce", "%0 = reshape %x shape [B,2,2] : f32[B,2,2]",
            "%1 = reduce %0 kind max axes [1] : f32[B,2]", "%2 = reduce %1 kind max axes [0] : f32[2]",
            "output %2 : f32[2] \"z\""),
        Example(
            "reduce-broadcast", "%0 = broadcast %x axes [1,2] shape [3,B,4] : f32[3,B,4]",
            "%1 = reduce %0 kind min axes [0] : f32[B,4]", "output %1 : f32[B,4] \"z\""),
        Example(
            "dot-transpose-left", "%0 = transpose %x permutation [1,0] : f32[4,B]",
            "%1 = dot %0, %w contract [0],[0] : f32[B,3]", "output %1 : f32[B,3] \"z\""),
        Example(
            "dot-transpose-right", "%0 = transpose %w permutation [1,0] : f32[3,4]",
            "%1 = dot %x, %0 contract [1],[1] : f32[B,3]", "output %1 : f32[B,3] \"z\""),
        Example(
            "transpose-dot", "%0 = dot %w, %x contract [0],[1] : f32[3,B]",
            "%1 = transpose %0 permutation [1,0] : f32[B,3]", "output %1 : f32[B,3] \"z\""),
    ]

    static let examples = arithmetic + logic + places + combinations

    @Test func everyRuleHasAnExample() {
        let missing = Set(RewriteRule.all.map(\.name)).subtracting(Self.examples.map(\.rule))
        #expect(missing.sorted() == [])
    }

    @Test func namesAreUnique() {
        #expect(Set(RewriteRule.all.map(\.name)).count == RewriteRule.all.count)
    }

    @Test(arguments: examples)
    func ruleKeepsEveryBit(_ example: Example) throws {
        var module = try example.module()
        let original = try Interpreter(module: module)
        let rule = try #require(RewriteRule.all.first { $0.name == example.rule })
        let pass = GraphPass.rewriting(name: rule.name, summary: rule.law, by: [rule])
        #expect(try pass.run(&module.functions[0], PassContext(module)), "the rule must apply")
        try verify(module)
        for seed in UInt64(1)...5 {
            let inputs = Self.inputs(batch: Int(seed) + 1, seed: seed)
            let before = try original.run("main", inputs: inputs)
            let after = try Interpreter(module: module).run("main", inputs: inputs)
            for (name, tensor) in before {
                let other = try #require(after[name])
                if example.isInexact {
                    #expect(tensor.isClose(to: other, relative: 1e-6, absolute: 0))
                } else {
                    #expect(Self.bits(tensor) == Self.bits(other), "\(tensor) became \(other)")
                }
            }
        }
    }

    /// The elements as bits, all NaN alike.
    static func bits(_ tensor: HostTensor) -> [UInt64] {
        tensor.doubles().map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
    }

    /// Numbers that break careless laws, among usual ones.
    static func inputs(batch: Int, seed: UInt64) -> [String: HostTensor] {
        let special: [Float] = [
            0, -0.0, .infinity, -.infinity, .nan, 1, -1, .leastNonzeroMagnitude, -.leastNormalMagnitude,
            .greatestFiniteMagnitude, 0.1, -2.5, 3, 1e-20, 6.5e4,
        ]
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        func floats(_ shape: [Int]) -> HostTensor {
            let numbers = (0..<shape.reduce(1, *)).map { _ in special[next() % special.count] }
            return (try? HostTensor(numbers, shape: shape)) ?? HostTensor(zeros: shape, dtype: .f32)
        }
        let truths = (0..<4 * batch).map { _ in next() % 2 == 0 }
        let whole = (0..<4 * batch).map { _ in Int32(truncatingIfNeeded: next()) }
        return [
            "x": floats([batch, 4]), "y": floats([batch, 4]), "b": floats([batch]), "s": floats([]),
            "w": floats([4, 3]),
            "c": (try? HostTensor(truths, shape: [batch, 4])) ?? HostTensor(zeros: [batch, 4], dtype: .bool),
            "n": (try? HostTensor(whole, shape: [batch, 4])) ?? HostTensor(zeros: [batch, 4], dtype: .i32),
        ]
    }
}
