import CodegenTemplates

/// The texts that generated files are made from, part of the program.
enum EmbeddedText {
    /// The Mustache template of a library's C header.
    static var header: String { text(strata_template_header_text()) }

    /// The Mustache template of the Python module that calls a library.
    static var python: String { text(strata_template_python_text()) }

    /// The Mustache template of the C++ class that calls a library.
    static var cpp: String { text(strata_template_cpp_text()) }

    /// The Mustache template of the Swift class that calls a library.
    static var swift: String { text(strata_template_swift_text()) }

    /// The runtime of generated libraries as target-neutral LLVM IR, every symbol of it prefixed `strata_rt_`.
    static var runtime: String { text(strata_template_runtime_text()) }

    /// What libraries that record kernels hold beside the runtime, in the same form.
    static var record: String { text(strata_template_record_text()) }

    /// What libraries that test themselves hold beside the runtime, in the same form.
    static var selfTest: String { text(strata_template_self_test_text()) }

    /// What x86-64 supplies to the runtime, as LLVM IR.
    static var runtimeOnX86_64: String { text(strata_template_x86_64_text()) }

    /// What AArch64 supplies to the runtime, as LLVM IR.
    static var runtimeOnAArch64: String { text(strata_template_aarch64_text()) }

    private static func text(_ start: UnsafePointer<CChar>) -> String { String(cString: start) }
}
