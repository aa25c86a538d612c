import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Lowering
import Testing

/// Which operations share a kernel, by how many kernels a function of theirs becomes.
@Suite struct KernelSharingTests {
    private static let cases: [(name: String, kernels: Int, body: String)] = [
        (
            "one sum of vectors that differ in length only", 1,
            """
              %c = add %a, %a : f32[96]
              %d = add %b, %b : f32[160]
              output %c : f32[96] "c"
              output %d : f32[160] "d"
            """
        ),
        (
            "sums of unlike numbers", 2,
            """
              %c = add %a, %a : f32[96]
              %d = mul %b, %b : f32[160]
              output %c : f32[96] "c"
              output %d : f32[160] "d"
            """
        ),
        (
            "one drawing for streams and scales", 1,
            """
              %k = constant value f32[]{0.5} : f32[]
              %l = constant value f32[]{0.25} : f32[]
              %kk = broadcast %k axes [] shape [96] : f32[96]
              %ll = broadcast %l axes [] shape [160] : f32[160]
              %r = random %seed, %step stream 3 shape [96] : f32[96]
              %s = random %seed, %step stream 4 shape [160] : f32[160]
              %c = mul %r, %kk : f32[96]
              %d = mul %s, %ll : f32[160]
              output %c : f32[96] "c"
              output %d : f32[160] "d"
            """
        ),
        (
            "constants of other operations stay in the code", 2,
            """
              %k = constant value f32[]{0.5} : f32[]
              %l = constant value f32[]{0.25} : f32[]
              %kk = broadcast %k axes [] shape [96] : f32[96]
              %ll = broadcast %l axes [] shape [160] : f32[160]
              %c = mul %a, %kk : f32[96]
              %d = mul %b, %ll : f32[160]
              output %c : f32[96] "c"
              output %d : f32[160] "d"
            """
        ),
        (
            "sums of rows keep their lengths, what fills them does not", 3,
            """
              %s = reduce %a kind sum axes [0] : f32[]
              %t = reduce %b kind sum axes [0] : f32[]
              %c = broadcast %s axes [] shape [96] : f32[96]
              %d = broadcast %t axes [] shape [160] : f32[160]
              output %c : f32[96] "c"
              output %d : f32[160] "d"
            """
        ),
    ]

    @Test(arguments: cases)
    func shares(name: String, kernels: Int, body: String) throws {
        let module = try GraphModule(
            text: """
                module v1 @m {
                  func @main(%a: f32[96] "a", %b: f32[160] "b", %seed: i64[] "seed", %step: i64[] "step") {
                \(body)
                  }
                }
                """)
        let (optimized, plans) = try optimize(module)
        let lowered = try lower(optimized, plans: plans, target: Target(architecture: .aarch64, level: .baseline))
        #expect(lowered.kernels.count == kernels, "\(lowered.kernels)")
        let inputs = [
            HostTensor((0..<96).map { Float($0) }), HostTensor((0..<160).map { Float(-$0) }),
            HostTensor(scalar: Int64(5)), HostTensor(scalar: Int64(2)),
        ]
        let named = Dictionary(uniqueKeysWithValues: zip(["a", "b", "seed", "step"], inputs))
        let wanted = try Interpreter(module: module).run("main", inputs: named)
        var states: [HostTensor] = []
        let found = try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &states)
        #expect(found == Array(wanted.values))
    }

    @Test func sharesCopiesFromSeveralPlaces() throws {
        let starts = [0, 1, 5, 15]
        let functions = starts.map { start in
            """
              func @from\(start)(%x: f32[16,B] "x") {
                %0 = slice %x starts [\(start),0] sizes [1,B] strides [1,1] : f32[1,B]
                output %0 : f32[1,B] "y"
              }

            """
        }
        let module = try GraphModule(text: "module v1 @m {\n  dim B in 1...64\n\(functions.joined())}\n")
        let (optimized, plans) = try optimize(module)
        let lowered = try lower(optimized, plans: plans, target: Target(architecture: .aarch64, level: .baseline))
        // A copy from the beginning has no place to leave open.
        #expect(lowered.kernels.count == 2, "\(lowered.kernels)")
        for kernel in lowered.kernels { #expect(kernel.verify(dims: lowered.module.dims).unproved == []) }
        let x = try HostTensor((0..<48).map { Float($0) }).reshaped([16, 3])
        for start in starts {
            var states: [HostTensor] = []
            let found = try LoweredInterpreter(lowered).run("from\(start)", inputs: [x], states: &states)
            #expect(try found[0].scalars(as: Float.self) == (0..<3).map { Float(3 * start + $0) })
        }
    }
}
