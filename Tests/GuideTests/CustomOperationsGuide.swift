import Foundation
import Strata
import Testing

/// The code of `docs/guides/custom-operations.md`.
@Suite struct CustomOperationsGuide {
    private let holder = GuideFolder()
    private var folder: String { holder.path }

    /// The exponential moving average along each row, and its gradient: the same average from the end.
    private static func makeSmoothed() throws -> CustomOperation {
        let code = """
            #include <strata_operation.h>

            /* y[t] = k y[t - 1] + (1 - k) x[t], for each row; operand 1 is k. */
            STRATA_OPERATION(smoothed) {
                int64_t length = strata_row_count(operands[0]);
                float k = *(const float *)operands[1].data;
                for (int64_t row = begin; row < end; row++) {
                    const float *x = (const float *)operands[0].data + row * length;
                    float *y = (float *)results[0].data + row * length;
                    float last = 0;
                    for (int64_t t = 0; t < length; t++) y[t] = last = k * last + (1 - k) * x[t];
                }
            }
            """
        let plain = try CustomOperation("smoothed", code: .c(code), isDividedByRows: true, operands: 2)
        let smoothed = try CustomOperation(
            "smoothed", code: .c(code), isDividedByRows: true, operands: 2,
            gradient: { given in
                let back = plain(given.cotangents[0].reversed(axes: [1]), given.operands[1])
                return [back.reversed(axes: [1]), nil]
            })
        return smoothed
    }

    struct Forecast: Layer {
        let smoothed: CustomOperation
        let hidden = Dense(units: 16, activation: .relu)
        let value = Dense(units: 1)
        func callAsFunction(_ series: Tensor) -> Tensor { value(smoothed(hidden(series), Tensor(0.5))) }
    }

    @Test func aRegisteredOperationWorksLikeAnyOther() throws {
        let smoothed = try Self.makeSmoothed()
        let series = Tensor([[8, 0, 0, 8]])
        print(smoothed(series, Tensor(0.5)))
        print(gradient { (smoothed($0, Tensor(0.5)) * $0).sum() }(series))
        #expect(try smoothed(series, Tensor(0.5)).evaluated().doubles() == [4, 2, 1, 4.5])
    }

    @Test func severalResultsHaveTypesOfTheirOwn() throws {
        let series = Tensor([[8, 0, 0, 8]])
        let peak = try CustomOperation(
            "peak",
            code: .c(
                """
                #include <strata_operation.h>

                /* Where each row is largest, and its value there. */
                STRATA_OPERATION(peak) {
                    int64_t length = strata_row_count(operands[0]);
                    for (int64_t row = begin; row < end; row++) {
                        const float *x = (const float *)operands[0].data + row * length;
                        int32_t best = 0;
                        for (int32_t t = 1; t < length; t++) if (x[t] > x[best]) best = t;
                        ((int32_t *)results[0].data)[row] = best;
                        ((float *)results[1].data)[row] = x[best];
                    }
                }
                """), isDividedByRows: true, operands: 1,
            results: { types in
                guard types[0].dtype == .f32, types[0].rank == 2 else {
                    throw GraphError("peak: got \(types[0]), expected a matrix of f32")
                }
                let rows = types[0].shape[0]
                return [TensorType(.i32, [rows]), TensorType(.f32, [rows])]
            })
        let peaks = peak.results([series])
        print(peaks[0], peaks[1])
        #expect(try peaks[0].evaluated() == HostTensor([0] as [Int32]) && peaks[1].evaluated().doubles() == [8])
        #expect {
            try peak(Tensor([1])).evaluated()
        } throws: {
            "\($0)".contains("peak: got f32[1], expected a matrix of f32")
        }
    }

    @Test func aModelUsesIt() throws {
        let numbers = RandomStream.uniform(seed: 1, stream: 0, step: 0, count: 64 * 20)
        let features = try HostTensor(numbers, shape: [64, 20])
        let targets = HostTensor(zeros: [64, 1], dtype: .f32)
        let examples = try Dataset(features: features, labels: targets).batched(16)
        let estimator = try Estimator(
            model: Forecast(smoothed: Self.makeSmoothed()), loss: .meanSquaredError,
            optimizer: .adam(learningRate: 0.01), config: RunConfig(modelDirectory: "\(folder)/run"), name: "forecast")
        try estimator.train(on: examples, maxSteps: 200)
        let loss = try #require(try estimator.evaluate(on: examples)["loss"])
        #expect(loss < 0.02)
        try estimator.export(to: "\(folder)/exported", targets: [.host, .aarch64Linux])
    }
}
