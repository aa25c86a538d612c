import HostTensors

/// A self-test as constants of a library, `strata_rt_test`.
struct SelfTestTable {
    let test: ArtifactSelfTest

    /// The fields of the structure.
    func fields(_ table: inout ConstantTable) -> [String] {
        let states = test.states.map(Self.filling)
        let cases = test.cases.enumerated().map { number, tested in fields(tested, number, &table) }
        return [
            table.structures("test_states", states), "i64 \(cases.count)",
            table.structures("test_cases", cases),
        ]
    }

    /// `strata_rt_test_case`.
    private func fields(_ tested: TestCase, _ number: Int, _ table: inout ConstantTable) -> [String] {
        let goldens = tested.goldens.enumerated().map { at, golden in
            fields(golden, "test_\(number)_\(at)", &table)
        }
        return [
            "i64 \(tested.function)", table.integers("test_\(number)_dims", tested.dims), table.text(tested.sizes),
            "i64 \(tested.seed)", table.structures("test_\(number)_inputs", tested.inputs.map(Self.filling)),
            "i64 \(goldens.count)", table.structures("test_\(number)_goldens", goldens),
        ]
    }

    /// `strata_rt_filling`.
    private static func filling(_ filling: TestFilling) -> [String] {
        [
            "i64 \(filling.count)", number(of: filling.dtype), literal(filling.low), literal(filling.high),
            "i64 \(filling.keeps ? 1 : 0)",
        ]
    }

    /// `strata_rt_golden`.
    private func fields(_ golden: TestGolden, _ name: String, _ table: inout ConstantTable) -> [String] {
        let (state, output) =
            switch golden.place {
            case .state(let index): (index, -1)
            case .output(let index): (-1, index)
            }
        return [
            table.text(golden.name), "i64 \(state)", "i64 \(output)", "i64 \(golden.count)",
            Self.number(of: golden.dtype), Self.literal(golden.scale), Self.literal(golden.norm),
            Self.literal(golden.bound), "i64 \(golden.strange)",
            table.array("\(name)_samples", of: golden.samples.map(Self.literal), type: "double"),
            table.array("\(name)_sums", of: golden.sums.map(Self.literal), type: "double"),
        ]
    }

    /// The number that the runtime knows an element type by.
    private static func number(of dtype: DType) -> String { "i64 \(DType.allCases.firstIndex(of: dtype) ?? 0)" }

    /// The bits of a number.
    private static func literal(_ value: Double) -> String {
        let digits = String(value.bitPattern, radix: 16, uppercase: true)
        return "double 0x" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
