import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing

/// Products that a mask hides are not computed: which sums run in a window, and where.
@Suite struct TriangleTests {
    /// A mask `%a` of 40 queries and 48 keys, and scores `%s` for B × 2 heads; what is made of them, and how many sums have a window.
    private static let cases: [(name: String, mask: String, body: String, windows: Int)] = [
        ("scores, and values mixed by their softmax", causal(8), softmax("-1e30") + mixed, 2),
        ("the same of a row that shows nothing: its weights are all alike", causal(-1), softmax("-1e30") + mixed, 1),
        ("numbers that need not be below all scores", causal(8), softmax("-1000") + mixed, 1),
        ("a mask of other elements, too", both, softmax("-1e30") + mixed, 1),
        ("weights that are set to zero", causal(0), masked + mixed, 2),
        ("the same by other words", strict, masked + mixed, 2),
        ("sums over queries", causal(0), masked + summed, 2),
        ("scores that are an output, too", causal(0), masked + mixed + output("s"), 1),
        ("a mask that hides what comes first", reversed, masked + mixed, 2),
        ("a mask along one axis", keys, masked + mixed, 0),
        ("weights some of which are dropped", causal(8), dropped + mixed, 2),
        ("weights of heads that are counted otherwise", causal(8), grouped, 2),
        ("scores of which some are replaced", causal(8), replaced + mixed, 2),
        ("scores that are bounded, weighted by a mask of ones and zeros", causal(0), weighted("tanh") + mixed, 2),
    ]

    private static let shape = "B,2,40,48"
    private static let counted = """
        %i = iota axis 2 shape [B,2,40,48] dtype i32 : i32[B,2,40,48]
        %j = iota axis 3 shape [B,2,40,48] dtype i32 : i32[B,2,40,48]

        """
    private static func causal(_ offset: Int) -> String {
        counted + """
            %f = constant value i32[]{\(offset)} : i32[]
            %g = broadcast %f axes [] shape [\(shape)] : i32[\(shape)]
            %h = add %i, %g : i32[\(shape)]
            %a = compare %j, %h direction lessEqual : bool[\(shape)]

            """
    }
    private static let strict = counted + "%a = compare %i, %j direction greater : bool[\(shape)]\n"
    private static let reversed = counted + "%a = compare %i, %j direction lessEqual : bool[\(shape)]\n"
    private static let keys = "%a = broadcast %m axes [3] shape [\(shape)] : bool[\(shape)]\n"
    private static let both =
        causal(8).replacing("%a =", with: "%c =") + """
            %l = broadcast %m axes [3] shape [\(shape)] : bool[\(shape)]
            %a = and %c, %l : bool[\(shape)]

            """
    private static func hidden(_ number: String) -> String {
        """
        %n = constant value f32[]{\(number)} : f32[]
        %nn = broadcast %n axes [] shape [\(shape)] : f32[\(shape)]
        %t = select %a, %s, %nn : f32[\(shape)]

        """
    }
    private static let masked = hidden("0").replacing("%t", with: "%p")
    private static func softmax(_ number: String) -> String {
        hidden(number) + "%p = softmax %t axis 3 : f32[\(shape)]\n"
    }
    private static func weighted(_ function: String) -> String {
        """
        %x = abs %s : f32[\(shape)]
        %y = \(function) %x : f32[\(shape)]
        %n = cast %a to f32 : f32[\(shape)]
        %p = mul %y, %n : f32[\(shape)]

        """
    }
    private static let dropped =
        softmax("-1e30").replacing("%p", with: "%r") + """
            %z = constant value f32[]{0} : f32[]
            %zz = broadcast %z axes [] shape [\(shape)] : f32[\(shape)]
            %x = broadcast %m axes [3] shape [\(shape)] : bool[\(shape)]
            %p = select %x, %zz, %r : f32[\(shape)]

            """
    private static let replaced =
        """
        %x = broadcast %m axes [3] shape [\(shape)] : bool[\(shape)]
        %c = constant value f32[]{-1e29} : f32[]
        %cc = broadcast %c axes [] shape [\(shape)] : f32[\(shape)]
        %r = select %x, %cc, %s : f32[\(shape)]

        """ + softmax("-1e30").replacing("%a, %s,", with: "%a, %r,")
    private static let grouped =
        dropped + """
            %y = reshape %p shape [B,2,1,40,48] : f32[B,2,1,40,48]
            %o = dot %y, %v contract [4],[2] batch [0,1],[0,1] : f32[B,2,1,40,9]
            output %o : f32[B,2,1,40,9] "o"

            """
    private static let mixed = """
        %o = dot %p, %v contract [3],[2] batch [0,1],[0,1] : f32[B,2,40,9]
        output %o : f32[B,2,40,9] "o"

        """
    private static let summed = """
        %o = dot %p, %w contract [2],[2] batch [0,1],[0,1] : f32[B,2,48,9]
        output %o : f32[B,2,48,9] "o"

        """
    private static func output(_ name: String) -> String { "output %\(name) : f32[\(shape)] \"\(name)\"\n" }

    private static func module(_ mask: String, _ body: String) throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @masked {
                  dim B in 1...8
                  func @main(%q: f32[B,2,40,5] "q", %k: f32[B,2,5,48] "k", %v: f32[B,2,48,9] "v", %w: f32[B,2,40,9] "w", %m: bool[48] "m") {
                    \(mask)%s = dot %q, %k contract [3],[2] batch [0,1],[0,1] : f32[\(shape)]
                    \(body)
                  }
                }

                """)
    }

    typealias Products = LongTextTests.Products

    @Test(
        arguments: cases,
        [Products(), Products(target: Target(architecture: .aarch64, level: .baseline)), .tiles(.dot), .tiles(.amx)])
    func sumsRunWhereTheMaskShows(
        sample: (name: String, mask: String, body: String, windows: Int), products: Products
    ) throws {
        try check(sample.mask, sample.body, windows: sample.windows, products)
    }

    /// A sum that is left out would be 0, its logarithm infinite, and that times a mask's zero NaN. Logarithms of bf16 products are off by more than
    /// a bound for products says.
    @Test(arguments: [Products(), Products(target: Target(architecture: .aarch64, level: .baseline))])
    func logarithmsAreOfWholeSums(products: Products) throws {
        try check(Self.causal(0), Self.weighted("log") + Self.mixed, windows: 1, products)
    }

    private func check(_ mask: String, _ body: String, windows wanted: Int, _ products: Products) throws {
        let module = try Self.module(mask, body)
        let lowered = try products.prepare(module)
        try expectSoundKernels(lowered)
        // What splits operands for tiles has windows, too.
        let windows = lowered.kernels.flatMap(\.body).reduce(0) { $0 + $1.windowedSums }
        #expect(windows == wanted, "\(lowered.kernels.text)")
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 2], seed: 3)
        let random = try RandomCase(module, inputs: inputs)
        let worst = try random.worst(ofKernels: lowered)
        #expect(worst.gap < products.bound, "\(worst.place)")
        guard products.runHere else { return }
        var states: [HostTensor] = []
        let compiled = try PlanHarness(lowered, threads: 2).run("main", inputs: inputs, states: &states)
        let worstCompiled = try random.worst(of: compiled)
        #expect(worstCompiled.gap < products.bound, "\(worstCompiled.place)")
    }
}

extension KernelStatement {
    /// How many loops in it have a window and make sums: of products in registers or in tiles.
    fileprivate var windowedSums: Int {
        guard case .loop(let loop) = self else { return 0 }
        let sums = loop.window != nil && (!assignedAccumulators.isEmpty || usesTileRegisters)
        return (sums ? 1 : 0) + loop.body.reduce(0) { $0 + $1.windowedSums }
    }
}
