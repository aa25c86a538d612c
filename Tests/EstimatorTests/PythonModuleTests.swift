import Artifacts
import Compiler
import Foundation
import GraphIR
import HostTensors
import Testing

/// The Python module that is written beside a library, used by Python.
@Suite struct PythonModuleTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Names that Python keeps for itself or the class has already, dimensions that no axis is, element types of all kinds.
    private static let graph = """
        module v1 @odd {
          dim B in 1...64
          dim T in 2...8 multiple 2
          state %w : f32[4] parameter "hidden/weight"
          state %n : i64[] counter "step"
          func @predict(%x: f32[B,4] "image", %c: bool[B] "class", %h: bf16[4] "half") {
            %0 = broadcast %w axes [1] shape [B,4] : f32[B,4]
            %1 = mul %x, %0 : f32[B,4]
            %2 = cast %h to f32 : f32[4]
            %3 = broadcast %2 axes [1] shape [B,4] : f32[B,4]
            %4 = add %1, %3 : f32[B,4]
            %5 = not %c : bool[B]
            output %4 : f32[B,4] "lambda"
            output %5 : bool[B] "not a class"
          }
          func @close(%x: f32[2*T+1] "x") {
            %0 = reduce %x kind sum axes [0] : f32[]
            %1 = iota axis 0 shape [T] dtype i32 : i32[T]
            output %0 : f32[] "sum"
            output %1 : i32[T] "numbers"
          }
          func @count() {
            %0 = constant value i64[]{1} : i64[]
            %1 = add %n, %0 : i64[]
            update %n = %1
          }
          func @property(%x: i32[2] "self") {
            %0 = neg %x : i32[2]
            output %0 : i32[2] "y"
          }
        }

        """

    @Test func pythonCallsALibrary() throws {
        guard let python = PythonTools.python else { return PythonTools.skipped("NumPy") }
        var options = CompileOptions()
        options.emit = [.so, .python]
        let module = try GraphModule(text: Self.graph)
        options.selfTest = SelfTest(of: module)
        let weights = [(name: "hidden/weight", tensor: HostTensor([Float(1), 2, 3, 4]))]
        try Compiler.compile(module, options: options, weights: weights, to: folder.path)
        let script = """
            import copy, sys
            sys.path.insert(0, sys.argv[1])
            import numpy as np
            import odd

            def refused(body):
                try:
                    body()
                    print("no error")
                except odd.ModelError as error:
                    print(str(error).replace(sys.argv[1], "FOLDER"))

            model = odd.Model(sys.argv[1] + "/odd.weights.safetensors", threads=2)
            outputs = model.predict([[1, 1, 1, 1], [2, 0, 2, 0]], [True, False], np.full(4, 0x3F80, np.uint16))
            print(outputs["lambda"].tolist(), outputs["not a class"].tolist(), outputs["lambda"].dtype, model.threads)
            outputs = model.close_(np.arange(9, dtype=np.float32)[::-1], sizes={"T": 4})
            print(float(outputs["sum"]), outputs["numbers"].tolist())
            print(model.property_([1, -2])["y"].tolist())
            print(model.count(), model["step"], model.states["hidden/weight"])
            model["hidden/weight"] = [0, 0, 0, 1]
            model.save(sys.argv[1] + "/saved.safetensors")
            with odd.Model(sys.argv[1] + "/saved.safetensors", variant="baseline") as other:
                print(other["hidden/weight"].tolist(), int(other["step"]), other.variant)
            passed, message, rows = odd.self_test(threads=2, variant="baseline")
            print(passed, message == "", len(rows), rows[0]["function"], rows[0]["tensor"], rows[0]["error"] <= rows[0]["bound"])
            refused(lambda: odd.self_test(variant="z80"))
            refused(lambda: other.count())
            refused(lambda: model.predict(np.zeros((2, 3)), [True, True], np.zeros(4, np.uint16)))
            refused(lambda: model.predict(np.zeros((2, 4)), [True], np.zeros(4, np.uint16)))
            refused(lambda: model.predict(np.zeros((65, 4)), [True] * 65, np.zeros(4, np.uint16)))
            refused(lambda: model.predict(np.zeros((2, 4)), [1, 0], np.zeros(4, np.uint16)))
            refused(lambda: model.property_([1, 1 << 40]))
            refused(lambda: model.close_(np.zeros(9)))
            refused(lambda: model.close_(np.zeros(9), sizes={"T": 3}))
            refused(lambda: model.close_(np.zeros(9), sizes={"T": 6}))
            refused(lambda: model.__setitem__("hidden/weight", [1, 2]))
            refused(lambda: model["nothing"])
            refused(lambda: model.call("nothing", []))
            refused(lambda: model.property_([1, 2], sizes={"N": 2}))
            refused(lambda: copy.copy(model))
            refused(lambda: odd.Model(sys.argv[1] + "/none.safetensors"))
            refused(lambda: odd.Model(variant="z80"))
            refused(lambda: odd.Model(library="/none.so"))
            """
        let lines = try PythonTools.run(python, script, [folder.path]).split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "[[2.0, 3.0, 4.0, 5.0], [3.0, 1.0, 7.0, 1.0]] [False, True] float32 2",
                "36.0 [0, 1, 2, 3]",
                "[-1, 2]",
                "{} 1 (dtype('float32'), (4,))",
                "[0.0, 0.0, 0.0, 1.0] 1 baseline",
                "True True 10 predict lambda True",
                "variant 'z80': there are baseline, v3, v4",
                "the model is closed",
                "predict, input 'image': axis 1: expected 4, got 3",
                "predict, input 'class': axis 0: expected 2 (B), got 1",
                "predict: dimension B: got 65, allowed 1...64",
                "predict, input 'class': expected bool, got int64: convert it with astype",
                "property, input 'self': expected int32, from -2147483648 to 2147483647, got 1099511627776",
                "close: the size of dimension 'T' is not known: give it in sizes",
                "close, input 'x': axis 0: expected 7 (2*T+1), got 9",
                "close, input 'x': axis 0: expected 13 (2*T+1), got 9",
                "state 'hidden/weight': expected the shape (4,), got (2,)",
                "there is no state 'nothing'",
                "there is no function 'nothing'; there are predict, close, count, property",
                "property: there is no dimension 'N'; there are none",
                "a model can't be copied or pickled: make another one, and give it the states by save and load",
                "load 'FOLDER/none.safetensors': cannot be opened",
                "variant 'z80': there are baseline, v3, v4",
                "library /none.so: /none.so: cannot open shared object file: No such file or directory",
            ])
    }
}
