import Execution
import GraphTracing
import HostTensors
import Testing

@Suite struct CompiledFunctionTests {
    private let options = FunctionOptions(engine: .interpreted)

    @Test(arguments: EngineKind.allCases) func aClosureBecomesAFunctionOfHostTensors(engine: EngineKind) throws {
        let options = FunctionOptions(engine: engine)
        let function = try compile(options) { (x: Tensor, y: Tensor) in matmul(x, y) + 1 }
        let identity = try HostTensor([Float(1), 0, 0, 1], shape: [2, 2])
        let x = try HostTensor([Float(1), 2, 3, 4], shape: [2, 2])
        #expect(try function(x, identity).doubles() == [2, 3, 4, 5])
        // Another shape is traced again.
        let row = try HostTensor([Float(1), 2], shape: [1, 2])
        #expect(try function(row, identity).shape == [1, 2])
    }

    @Test(arguments: EngineKind.allCases) func variablesKeepTheirValuesAcrossCallsAndShapes(engine: EngineKind) throws {
        let options = FunctionOptions(engine: engine)
        let total = Variable(HostTensor(scalar: Float(10)), name: "total")
        let function = try compile(options) { (x: Tensor) in
            total.assignAdd(x.sum())
            return total.value
        }
        #expect(try function(HostTensor([Float(1), 2])).doubles() == [13])
        #expect(try function(HostTensor([Float(1), 2, 3])).doubles() == [19])
        #expect(try function(HostTensor([Float(0), 1])).doubles() == [20])
        #expect(try function.states().values.map { $0.doubles() } == [[20]])
    }

    @Test(arguments: EngineKind.allCases) func itsGradientIsAFunctionToo(engine: EngineKind) throws {
        let slope = gradient(of: { (x: Tensor) in (x * x * x).sum() })
        let function = try compile(FunctionOptions(engine: engine)) { (x: Tensor) in slope(x) }
        #expect(try function(HostTensor([Float(1), 2, -3])).doubles() == [3, 12, 27])
    }

    @Test func aWrongNumberOfTensorsIsNamed() throws {
        let function = try compile(options) { (x: Tensor) in x }
        let one = HostTensor(scalar: Float(1))
        let error = #expect(throws: ExecutionError.self) { try function(one, one) }
        #expect(
            error?.description
                == "compiled function: expected 1 tensor, got 2; give one tensor a parameter of the closure")
    }

    @Test func shapesThatDoNotFitAreLocated() throws {
        let function = try compile(options) { (x: Tensor, y: Tensor) in matmul(x, y) }
        let error = #expect(throws: TraceError.self) {
            try function(HostTensor(zeros: [2, 3], dtype: .f32), HostTensor(zeros: [4, 2], dtype: .f32))
        }
        #expect(error?.description.contains("f32[2,3]") == true, "\(String(describing: error))")
    }
}
