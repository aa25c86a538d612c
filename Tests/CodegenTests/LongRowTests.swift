import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Norms of long rows far from 0, whose sums round away much of what distinguishes their elements.
@Suite struct LongRowTests {
    static let norms = [
        (name: "layerNorm", attributes: "axis 1", shape: "[3,16384]", part: "[16384]"),
        (name: "layerNorm", attributes: "axis 1", shape: "[3,N]", part: "[N]"),
        (name: "groupNorm", attributes: "axis 1 groups 2", shape: "[3,2,128,128]", part: "[2]"),
        (name: "groupNorm", attributes: "axis 3 groups 2", shape: "[3,128,128,2]", part: "[2]"),
    ]

    @Test(arguments: AccuracyTests.levels, norms)
    func farFromZero(level: CPULevel, norm: (name: String, attributes: String, shape: String, part: String)) throws {
        let module = try GraphModule(
            text: """
                module v1 @norm {
                  dim N in 1...20000
                  func @main(%x: f32\(norm.shape) "x", %s: f32\(norm.part) "s", %o: f32\(norm.part) "o") {
                    %0 = \(norm.name) %x, %s, %o \(norm.attributes) : f32\(norm.shape)
                    output %0 : f32\(norm.shape) "y"
                  }
                }
                """)
        let sizes = ["N": 16384]
        let types = module.functions[0].inputs.map { module.functions[0].type(of: $0.value) }
        let shapes = try types.map { try $0.shape(sizes) }
        let count = shapes[0].reduce(1, *)
        let noise = RandomStream.uniform(seed: 5, stream: 0, step: 0, count: count)
        let x = noise.map { 1e4 + 3.4 * $0 }
        let inputs = [
            try HostTensor(x, shape: shapes[0]),
            try HostTensor([Float](repeating: 1, count: shapes[1].reduce(1, *)), shape: shapes[1]),
            HostTensor(zeros: shapes[2], dtype: .f32),
        ]
        let data = try RandomCase(module, inputs: inputs)
        let target = Target(architecture: Target.host.architecture, level: level)
        let channelsLast = norm.attributes.hasPrefix("axis 3")
        let rows = norm.name == "layerNorm" ? 3 : 6
        let wanted = Self.normalized(x.map(Double.init), rows: rows, interleaved: channelsLast ? 2 : 1)
        for result in [try data.expected()[0].tensor, try data.compiled(target)[0]] {
            let worst = zip(result.doubles(), wanted).map { ($0 - $1).magnitude }.max()
            #expect(worst ?? 1 < 1e-5)
        }
    }

    /// Rows in f64, of which so many lie interleaved.
    private static func normalized(_ x: [Double], rows: Int, interleaved: Int) -> [Double] {
        let length = x.count / rows
        var result = x
        for row in 0..<rows {
            let start = row / interleaved * interleaved * length + row % interleaved
            let places = (0..<length).map { start + $0 * interleaved }
            let mean = places.reduce(0) { $0 + x[$1] } / Double(length)
            let variance = places.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Double(length)
            for place in places { result[place] = (x[place] - mean) / (variance + 1e-5).squareRoot() }
        }
        return result
    }
}
