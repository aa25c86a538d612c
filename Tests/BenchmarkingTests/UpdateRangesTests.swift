import Benchmarking
import Execution
import GraphIR
import HostTensors
import Testing

/// What a new state may be where sums are off by a tolerance.
@Suite struct UpdateRangesTests {
    /// Adam's first step of 0.001, of gradients that are sums over rows.
    private static let text = """
        module v1 @step {
          dim B in 1...8
          state %w : f32[4] parameter "w"
          state %m : f32[4] slot "m"
          state %v : f32[4] slot "v"
          func @train(%x: f32[B,4] "x") {
            %g = reduce %x kind sum axes [0] : f32[4]
            %0 = constant value f32[4]{0.1, 0.1, 0.1, 0.1} : f32[4]
            %1 = constant value f32[4]{0.001, 0.001, 0.001, 0.001} : f32[4]
            %2 = constant value f32[4]{1e-8, 1e-8, 1e-8, 1e-8} : f32[4]
            %m1 = mul %g, %0 : f32[4]
            %s = mul %g, %g : f32[4]
            %v1 = mul %s, %1 : f32[4]
            %3 = div %m1, %0 : f32[4]
            %4 = div %v1, %1 : f32[4]
            %5 = sqrt %4 : f32[4]
            %6 = add %5, %2 : f32[4]
            %7 = div %3, %6 : f32[4]
            %8 = mul %7, %1 : f32[4]
            %9 = sub %w, %8 : f32[4]
            update %w = %9
            update %m = %m1
            update %v = %v1
          }
        }

        """

    /// What a step is given: gradients 1, -0.5, 0.01 and, all of it cancelled, 1e-6.
    private static let rows: [Float] = [3, -1, 0.005, 1, -2, 0.5, 0.005, -0.999999]

    /// The states that a program leaves, by path.
    private func states(after text: String) throws -> [String: HostTensor] {
        let module = try GraphModule(text: text)
        var states = Self.before
        _ = try Interpreter(module: module).run(
            "train", inputs: ["x": HostTensor(Self.rows, shape: [2, 4])], states: &states)
        return Dictionary(uniqueKeysWithValues: zip(module.states.map(\.path), states))
    }

    private static let before =
        [HostTensor([Float(0.5), -0.5, 1, 0])] + [HostTensor](repeating: HostTensor(zeros: [4], dtype: .f32), count: 2)

    /// Whether states are those that a step should leave.
    private func isClose(_ found: [String: HostTensor], tolerance: Double) throws -> Bool {
        let module = try GraphModule(text: Self.text)
        let ranges = try UpdateRanges(
            of: module.functions[0], in: module, inputs: ["x": HostTensor(Self.rows, shape: [2, 4])], sizes: ["B": 2],
            states: Self.before, tolerance: tolerance
        ).ranges
        let wanted = try states(after: Self.text)
        return try found.allSatisfy { path, tensor in
            TensorComparison(
                name: path, isState: true, compiled: tensor, interpreted: try #require(wanted[path]),
                tolerance: tolerance, range: ranges[path]
            ).isClose
        }
    }

    /// The same where one state's elements are changed.
    private func isClose(_ path: String, tolerance: Double, _ change: (Int, Double) -> Double) throws -> Bool {
        var found = try states(after: Self.text)
        found[path] = HostTensor(try #require(found[path]).doubles().enumerated().map { Float(change($0, $1)) })
        return try isClose(found, tolerance: tolerance)
    }

    /// Programs that are wrong in one place leave states that are too, whatever the precision of products.
    @Test(arguments: [
        ("kind sum axes", "kind max axes"), ("sub %w, %8", "add %w, %8"), ("mul %g, %g", "mul %g, %x0"),
        ("div %m1, %0", "mul %m1, %0"), ("sqrt %4", "tanh %4"), ("update %v = %v1", "update %v = %4"),
        ("update %m = %m1", "update %m = %8"), ("{0.1, 0.1, 0.1, 0.1}", "{0.2, 0.1, 0.1, 0.1}"),
    ])
    func wrongProgramsAreSeen(_ right: String, _ wrong: String) throws {
        let text = Self.text.replacing(
            "%g = reduce", with: "%x0 = reduce %x kind max axes [0] : f32[4]\n    %g = reduce")
        #expect(try isClose(states(after: text), tolerance: 5e-2))
        let changed = text.replacing(right, with: wrong)
        #expect(changed != text)
        #expect(try !isClose(states(after: changed), tolerance: 5e-2))
    }

    /// A whole step the other way where a gradient is near 0, nowhere else; with less tolerance, only where nothing but rounding is left.
    @Test(arguments: [(5e-2, [false, false, true, true]), (1e-4, [false, false, false, true])])
    func aStepMayGoTheOtherWayWhereTheGradientMay(tolerance: Double, allowed: [Bool]) throws {
        for at in 0..<4 {
            // A step is 0.001; the step of gradient -0.5 goes up.
            let turned = try isClose("w", tolerance: tolerance) { $0 == at ? $1 + (at == 1 ? -0.002 : 0.002) : $1 }
            #expect(turned == allowed[at], "\(at)")
        }
    }

    /// The tolerance is one of gradients: steps must be right for them, however imprecise products are.
    @Test func wrongStepsAreSeen() throws {
        #expect(try isClose("w", tolerance: 5e-2) { $1 })
        #expect(try !isClose("w", tolerance: 5e-2) { $0 == 0 ? $1 + 0.0005 : $1 }, "half a step")
        #expect(try !isClose("w", tolerance: 5e-2) { $0 == 2 ? $1 - 0.001 : $1 }, "two steps")
        #expect(try !isClose("w", tolerance: 5e-2) { $0 == 3 ? .nan : $1 })
    }

    /// The square of a gradient that may be 0 may be, although it is more at both ends of the range.
    @Test func squaresMayBeLeastWithinTheRange() throws {
        #expect(try isClose("v", tolerance: 0.5) { $0 == 1 ? 0 : $1 })
    }

    @Test func slotsFollowTheGradient() throws {
        for (path, share) in [("m", 0.04), ("v", 0.08)] {
            #expect(try isClose(path, tolerance: 5e-2) { $1 * (1 + share) })
            #expect(try !isClose(path, tolerance: 5e-2) { $1 * (1 + 4 * share) })
            // Of gradient 0.01, which may be 0.
            #expect(try isClose(path, tolerance: 5e-2) { $0 == 2 ? 0 : $1 })
            #expect(try !isClose(path, tolerance: 5e-2) { $0 == 1 ? 0 : $1 })
        }
    }
}
