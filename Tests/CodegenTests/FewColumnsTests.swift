import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Rows of a few elements have their rows in lanes, whole vectors and parts of one, and what is turned round is turned in registers.
@Suite struct FewColumnsTests {
    static let columns = [2, 3, 8, 10, 13, 16, 17]
    static let rows = [1, 7, 16, 33, 64]

    @Test(arguments: AccuracyTests.levels, columns)
    func everyNumberOfRows(level: CPULevel, columns n: Int) throws {
        let target = Target(architecture: Target.host.architecture, level: level)
        for m in Self.rows {
            let module = try GraphModule(
                text: """
                    module v1 @few {
                      func @main(%x: f32[\(m),\(n)] "x", %label: i32[\(m)] "label") {
                        %0 = softmax %x axis 1 : f32[\(m),\(n)]
                        %1 = crossEntropy %x, %label : f32[\(m)]
                        %2 = argreduce %x kind max axis 1 : i32[\(m)]
                        %3 = transpose %x permutation [1,0] : f32[\(n),\(m)]
                        %4 = argreduce %3 kind min axis 1 : i32[\(n)]
                        %5 = reduce %x kind max axes [1] : f32[\(m)]
                        output %0 : f32[\(m),\(n)] "softmax"
                        output %1 : f32[\(m)] "loss"
                        output %2 : i32[\(m)] "best"
                        output %3 : f32[\(n),\(m)] "turned"
                        output %4 : i32[\(n)] "least"
                        output %5 : f32[\(m)] "largest"
                      }
                    }
                    """)
            // The same number now and then, so that the first of equal ones matters, and one that is none.
            var values = (0..<m * n).map { Float(($0 * 7919) % 23) / 4 - 2 }
            values[m * n / 2] = .nan
            let x = try HostTensor(values, shape: [m, n])
            let labels = HostTensor((0..<m).map { Int32($0 * 5 % n) })
            let few = try RandomCase(module, inputs: [x, labels])
            let (gap, place) = try few.worst(of: few.compiled(target))
            #expect(gap <= 1e-6, "\(m)×\(n): \(place)")
        }
    }
}
