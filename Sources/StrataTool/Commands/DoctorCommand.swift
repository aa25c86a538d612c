import ArgumentParser
import Cluster
import Toolchain

/// `strata doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what Strata needs of this machine, what is missing, and how to get it.",
        discussion: "Exits with 1 when something is missing without which nothing can be compiled.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = EnvironmentReport.gather(mpiLibrary: Cluster.mpiLibrary())
        if json {
            print(Self.value(report).text)
        } else {
            print(report)
        }
        if !report.isComplete { throw ExitCode.failure }
    }

    private static func value(_ report: EnvironmentReport) -> JSONValue {
        let processor = report.processor
        let facts = report.facts.map { fact in
            JSONValue.object([
                ("name", .string(fact.name)), ("purpose", .string(fact.purpose)), ("found", JSONValue(fact.found)),
                ("required", .bool(fact.isRequired)), ("remedy", .string(fact.remedy)),
            ])
        }
        return .object([
            ("complete", .bool(report.isComplete)),
            (
                "processor",
                .object([
                    ("architecture", .string(processor.architecture.rawValue)),
                    ("level", .string(processor.level.rawValue)), ("model", .string(processor.model)),
                    ("cores", .integer(processor.coreCount)),
                ])
            ), ("facts", .list(facts)),
        ])
    }
}
