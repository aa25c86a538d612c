/// The exported C functions of a library as LLVM IR: each a few instructions before a call of the runtime.
struct ExportedFunctions {
    let description: ArtifactDescription
    /// The pointer to the manifest's text.
    let information: String

    /// The names of all exported functions, in the order of the header.
    static func names(_ description: ArtifactDescription) -> [String] {
        (["abi_version", "info", "create"] + (description.selfTest == nil ? [] : ["self_test"])
            + forwarded(description).map(\.name) + description.functions.map(\.name))
            .map { "\(description.name)_\($0)" }
    }

    private typealias Forwarded = (name: String, result: String, parameters: [String], runtime: String)

    private static func forwarded(_ description: ArtifactDescription) -> [Forwarded] {
        standard + (description.recordsKernels ? [("record", "i32", ["ptr", "ptr"], "record")] : [])
    }

    /// Functions that hand their arguments to the runtime as they are.
    private static let standard: [Forwarded] = [
        ("destroy", "void", ["ptr"], "destroy"),
        ("error", "ptr", ["ptr"], "error"),
        ("variant", "ptr", ["ptr"], "variant"),
        ("threads", "i32", ["ptr"], "threads"),
        ("state_bytes", "i32", ["ptr", "ptr", "ptr"], "state_bytes"),
        ("workspace_bytes", "i32", ["ptr", "ptr", "ptr", "ptr"], "workspace_bytes"),
        ("get", "i32", ["ptr", "ptr", "ptr", "i64"], "get"),
        ("set", "i32", ["ptr", "ptr", "ptr", "i64"], "set"),
        ("load", "i32", ["ptr", "ptr"], "load"),
        ("save", "i32", ["ptr", "ptr"], "save"),
        ("save_image", "i32", ["ptr", "ptr", "ptr"], "save_image"),
        ("map_image", "i32", ["ptr", "ptr", "ptr"], "map_image"),
        ("call", "i32", ["ptr", "ptr", "ptr", "ptr", "ptr"], "call_named"),
        ("invoke", "i32", ["ptr", "i32", "ptr", "ptr"], "invoke"),
    ]

    /// The functions as IR text.
    func ir() -> String {
        let fixed = """
            define i32 @\(name)_abi_version() {
              ret i32 \(RuntimeLayout.abiVersion)
            }

            define ptr @\(name)_info() {
              ret \(information)
            }

            declare hidden i32 @\(runtime)create(ptr, ptr, ptr)

            define i32 @\(name)_create(ptr %options, ptr %context) {
              %status = call i32 @\(runtime)create(ptr @\(runtime)library, ptr %options, ptr %context)
              ret i32 %status
            }


            """
        let forwarding = Self.forwarded(description).map { forward($0.name, $0.result, $0.parameters, to: $0.runtime) }
        let graph = description.functions.indices.map(graphFunction)
        return fixed + (description.selfTest == nil ? "" : selfTest) + (forwarding + graph).joined(separator: "\n")
    }

    private var selfTest: String {
        """
        declare hidden i32 @\(runtime)self_test(ptr, ptr, ptr, ptr, i64, ptr)

        define i32 @\(name)_self_test(ptr %options, ptr %results, i64 %capacity, ptr %count) {
          %status = call i32 @\(runtime)self_test(ptr @\(runtime)library, ptr @\(runtime)test, ptr %options, ptr %results, i64 %capacity, ptr %count)
          ret i32 %status
        }


        """
    }

    private var name: String { description.name }
    private var runtime: String { RuntimeLayout.prefix(description.name) }

    private func forward(_ function: String, _ result: String, _ types: [String], to target: String) -> String {
        let parameters = types.enumerated().map { "\($1) %\($0)" }.joined(separator: ", ")
        let call = "call \(result) @\(runtime)\(target)(\(parameters))"
        let body = result == "void" ? "  \(call)\n  ret void\n" : "  %answer = \(call)\n  ret \(result) %answer\n"
        return "declare hidden \(result) @\(runtime)\(target)(\(types.joined(separator: ", ")))\n\n"
            + "define \(result) @\(name)_\(function)(\(parameters)) {\n\(body)}\n"
    }

    /// The function of a graph function: its arguments become two arrays.
    private func graphFunction(_ index: Int) -> String {
        let function = description.functions[index]
        let dimCount = function.dims.count
        let tensorCount = function.inputs.count + function.outputs.count
        let parameters =
            ["ptr %context"] + (0..<dimCount).map { "i64 %dim\($0)" } + (0..<tensorCount).map { "ptr %tensor\($0)" }
        let stores =
            (0..<dimCount).map { store("i64", "dim", $0, into: "dims") }
            + (0..<tensorCount).map { store("ptr", "tensor", $0, into: "tensors") }
        return """
            define i32 @\(name)_\(function.name)(\(parameters.joined(separator: ", "))) {
              %dims = alloca [\(max(dimCount, 1)) x i64], align 8
              %tensors = alloca [\(max(tensorCount, 1)) x ptr], align 8
            \(stores.joined())  %status = call i32 @\(runtime)invoke(ptr %context, i32 \(index), ptr %dims, ptr %tensors)
              ret i32 %status
            }

            """
    }

    private func store(_ type: String, _ parameter: String, _ index: Int, into array: String) -> String {
        "  %\(parameter)_place\(index) = getelementptr \(type), ptr %\(array), i64 \(index)\n"
            + "  store \(type) %\(parameter)\(index), ptr %\(parameter)_place\(index), align 8\n"
    }
}
