import ArgumentParser
import GraphIR

/// `strata ops`: for `strata ops > docs/ops.md` after the op table changed.
struct OpsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ops", abstract: "Print the text of docs/ops.md, from the op table.", shouldDisplay: false)

    func run() throws { Standard.output(OpTable.markdown()) }
}
