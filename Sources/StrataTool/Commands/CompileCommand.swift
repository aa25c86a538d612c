import ArgumentParser
import Compiler
import GraphIR

/// `strata compile`
struct CompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile", abstract: "Compile a graph to a library with a C header.")

    @OptionGroup var graph: GraphOptions

    func run() throws {
        _ = try graph.read()
        throw Failure("not there yet")
    }
}
