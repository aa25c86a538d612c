/// y[m, n] = a · b, each operand as it is or transposed.
struct GemmShape: SweepShape {
    let m: Int
    let n: Int
    let k: Int
    let transposesA: Bool
    let transposesB: Bool

    init(_ draw: inout SweepDraw) {
        m = draw.logUniform(8...2048)
        n = draw.logUniform(8...2048)
        k = draw.logUniform(8...2048)
        transposesA = draw.pick([false, true])
        transposesB = draw.pick([false, true])
    }

    init(m: Int, n: Int, k: Int, transposesA: Bool = false, transposesB: Bool = false) {
        (self.m, self.n, self.k) = (m, n, k)
        (self.transposesA, self.transposesB) = (transposesA, transposesB)
    }

    var name: String { "gemm \(transposesA ? "t" : "n")\(transposesB ? "t" : "n") \(m)×\(n)×\(k)" }

    var graph: String {
        let a = transposesA ? "\(k),\(m)" : "\(m),\(k)"
        let b = transposesB ? "\(n),\(k)" : "\(k),\(n)"
        return """
            module v1 @sweep {
              func @main(%a: f32[\(a)] "a", %b: f32[\(b)] "b") {
                %0 = dot %a, %b contract [\(transposesA ? 0 : 1)],[\(transposesB ? 1 : 0)] : f32[\(m),\(n)]
                output %0 : f32[\(m),\(n)] "y"
              }
            }

            """
    }

    var flops: Double { 2 * Double(m) * Double(n) * Double(k) }
    var bytesRead: Double { 4 * (Double(m) * Double(k) + Double(k) * Double(n)) }
    var bytesWritten: Double { 4 * Double(m) * Double(n) }
    var count: Int { m * n }

    func expected(_ index: Int, _ inputs: [UnsafeBufferPointer<Float>]) -> (value: Double, margin: Double) {
        let (row, column) = (index / n, index % n)
        var (sum, total) = (0.0, 0.0)
        for at in 0..<k {
            let a = inputs[0][transposesA ? at * m + row : row * k + at]
            let b = inputs[1][transposesB ? column * k + at : at * n + column]
            sum += Double(a) * Double(b)
            total += abs(Double(a) * Double(b))
        }
        return (sum, summationMargin(k, total))
    }
}
