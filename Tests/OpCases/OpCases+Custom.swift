import CustomCode
import GraphIR

/// Code of a user's, with gradients in other operations. `f64` only, because code and gradients have types of their own.
let customCases: [OpCase] = {
    let cubed = CustomCode(
        name: "cubed", language: .c,
        source: """
            #include <strata_operation.h>
            STRATA_OPERATION(cubed) {
                const double *x = operands[0].data;
                double *y = results[0].data;
                int64_t row = strata_row_count(operands[0]);
                for (int64_t i = begin * row; i < end * row; i++) y[i] = x[i] * x[i] * x[i];
            }
            """, isDividedByRows: true)
    let row = f64(B, 5)
    var slope = FunctionBuilder(name: "body")
    let scaled = CustomCode(
        name: "scaled", language: .cpp,
        source: """
            #include <strata_operation.h>
            template <typename T> static T *elements(strata_tensor tensor) { return static_cast<T *>(tensor.data); }
            STRATA_OPERATION(scaled) {
                const double *x = elements<double>(operands[0]), *factor = elements<double>(operands[1]);
                double sum = 0;
                for (int64_t i = begin; i < end; i++)
                    for (int64_t j = 0; j < 3; j++) sum += elements<double>(results[0])[3 * i + j] = x[3 * i + j] * factor[j];
                *elements<double>(results[1]) = sum;
            }
            """)
    let (block, factors) = (f64(B, 3), f64(3))
    var product = FunctionBuilder(name: "body")
    do {
        let (x, _, c) = (slope.input("x", row), slope.input("y", row), slope.input("c", row))
        let square = try slope.scaled(slope.mul(x, x), by: 3)
        slope.output("g0", try slope.mul(square, c))

        let (a, f) = (product.input("a", block), product.input("f", factors))
        _ = (product.input("r", block), product.input("s", f64()))
        let (outer, sum) = (product.input("cr", block), product.input("cs", f64()))
        let all = try product.add(outer, product.broadcast(sum, axes: [], shape: [B, 3]))
        product.output("g0", try product.mul(all, product.broadcast(f, axes: [1], shape: [B, 3])))
        product.output("g1", try product.reduce("sum", product.mul(all, a), axes: [0]))
    } catch {
        preconditionFailure("\(error)")
    }
    return [
        OpCase(
            "custom", [(row, .anywhere)],
            ["code": .code(cubed), "results": .types([row]), "gradient": .function(slope.function)]),
        OpCase(
            "custom", "with two results", [(block, .anywhere), (factors, .positive)],
            ["code": .code(scaled), "results": .types([block, f64()]), "gradient": .function(product.function)]),
    ]
}()
