import GraphIR
import Testing

@Suite struct KeepingTests {
    private static let text = """
        module v1 @parts {
          dim B in 1...8
          dim T in 1...4
          state %a : f32[2] parameter "a"
          state %b : f32[3] parameter "b"
          state %c : i64[] counter "c"
          func @first(%x: f32[B,3] "x") {
            %0 = dot %x, %b contract [1],[0] : f32[B]
            output %0 : f32[B] "y"
          }
          func @second(%x: f32[T,2] "x") {
            %0 = dot %x, %a contract [1],[0] : f32[T]
            output %0 : f32[T] "y"
          }
          func @count() {
            %0 = constant value i64[]{1} : i64[]
            update %c = %0
          }
        }

        """

    @Test(
        arguments: [
            (["first"], ["B"], ["b"]), (["second"], ["T"], ["a"]), (["count"], [], ["c"]),
            (["count", "first"], ["B"], ["b", "c"]), (["first", "second", "count"], ["B", "T"], ["a", "b", "c"]),
        ] as [([String], [String], [String])])
    func whatFunctionsUseStays(functions: [String], dims: [String], states: [String]) throws {
        let part = try GraphModule(text: Self.text).keeping(functions: functions)
        #expect(part.functions.map(\.name).sorted() == functions.sorted())
        #expect(part.dims.map(\.name) == dims)
        #expect(part.states.map(\.path) == states)
        #expect(part.diagnostics().isEmpty)
        #expect(try GraphModule(text: part.text()).text() == part.text())
    }

    @Test func anUnknownFunctionIsRefused() throws {
        let error = #expect(throws: GraphError.self) { try GraphModule(text: Self.text).keeping(functions: ["third"]) }
        #expect(error?.description.contains("'third'") == true)
    }
}
