import GraphIR
import GraphTracing
import HostTensors

/// Random first values.
extension Initializer {
    /// Uniform numbers between two bounds.
    public static func uniform(from low: Double = -0.05, to high: Double = 0.05) -> Initializer {
        drawn("uniform") { request in request.random.uniform(request.type.shape) * (high - low) + low }
    }

    /// Normal numbers of a mean and a standard deviation.
    public static func normal(mean: Double = 0, standardDeviation: Double = 0.05) -> Initializer {
        drawn("normal") { request in request.random.normal(request.type.shape) * standardDeviation + mean }
    }

    /// Normal numbers without those more than two standard deviations from the mean; `standardDeviation` is that before
    /// they are left out.
    public static func truncatedNormal(mean: Double = 0, standardDeviation: Double = 0.05) -> Initializer {
        drawn("truncatedNormal") { request in
            truncatedUnitNormal(request.random.uniform(request.type.shape)) * standardDeviation + mean
        }
    }

    /// A random matrix with orthogonal rows or columns of length `gain`, whichever there are fewer of; of more than two
    /// axes all but the last count as rows (Saxe et al., 2014).
    public static func orthogonal(gain: Double = 1) -> Initializer {
        drawn("orthogonal") { request in
            let shape = request.type.shape.map { $0.constant ?? 1 }
            guard shape.count >= 2 else {
                return Tensor(
                    failure: GraphError(
                        "orthogonal needs at least two axes, got \(request.type)",
                        remedy: "initialize vectors in another way"))
            }
            let (rows, columns) = (shape.dropLast().reduce(1, *), shape[shape.count - 1])
            let isTall = rows >= columns
            let normal = request.random.normal(isTall ? [Dim(rows), Dim(columns)] : [Dim(columns), Dim(rows)])
            let tall = orthonormalized(normal)
            return (isTall ? tall : tall.transposed()).reshaped(to: request.type.shape) * gain
        }
    }

    /// The identity matrix times `gain`; rows or columns beyond the square are 0.
    public static func identity(gain: Double = 1) -> Initializer {
        drawn("identity") { request in
            guard request.type.rank == 2 else {
                return Tensor(
                    failure: GraphError(
                        "identity needs two axes, got \(request.type)", remedy: "choose another initializer"))
            }
            let shape = request.type.shape
            let isDiagonal = Tensor.iota(axis: 0, shape: shape) .== Tensor.iota(axis: 1, shape: shape)
            return isDiagonal.cast(to: .f32) * gain
        }
    }

    /// An initializer of this library, whose f32 numbers are converted to what is asked for.
    static func drawn(_ name: String, _ make: @escaping @Sendable (Request) -> Tensor) -> Initializer {
        Initializer(name) { request in PlaceScope.withoutLines { make(request).cast(to: request.type.dtype) } }
    }

    /// Uniform numbers in [0, 1) to normal ones within two standard deviations: `√2 erf⁻¹((2u - 1) erf(√2))`, with the
    /// inverse in Giles' polynomial (2010), which holds to 10⁻⁶ in this range.
    private static func truncatedUnitNormal(_ uniform: Tensor) -> Tensor {
        let x = (uniform * 2 - 1) * 0.954_499_736_103_641_6
        let w = -log((1 - x) * (x + 1)) - 2.5
        let coefficients = [
            2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
            -0.00417768164, 0.246640727, 1.50140941,
        ]
        let polynomial = coefficients.dropFirst().reduce(Tensor.full(coefficients[0], x.type)) { $0 * w + $1 }
        return polynomial * x * 2.0.squareRoot()
    }

    /// The nearest matrix with orthonormal columns to a matrix with as many rows or more: each step takes every singular
    /// value σ nearer to 1, first by a polynomial that raises small ones fast, then by Newton and Schulz' `(3σ - σ³) / 2`.
    ///
    /// Of a matrix of independent normal numbers this is uniform among such matrices.
    private static func orthonormalized(_ matrix: Tensor) -> Tensor {
        func gram(_ x: Tensor) -> Tensor { dot(x, x, contracting: ([0], [0])) }
        var x = matrix / sqrt((matrix * matrix).sum())
        for _ in 0..<14 {
            let squares = gram(x)
            x = x * 3.4445 + matmul(x, squares * -4.7750 + matmul(squares, squares) * 2.0315)
        }
        for _ in 0..<6 { x = x * 1.5 - matmul(x, gram(x)) * 0.5 }
        return x
    }
}
