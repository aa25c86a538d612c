import ArgumentParser
import ONNX

/// `strata onnx`: for `strata onnx > docs/onnx.md` after the table of ONNX operators changed.
struct ONNXCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "onnx", abstract: "Print the text of docs/onnx.md, from the table of operators.",
        shouldDisplay: false)

    func run() throws { Standard.output(ONNXSupport.markdown()) }
}
