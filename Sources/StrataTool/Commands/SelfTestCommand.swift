import ArgumentParser
import Execution
import Foundation
import KernelIR

/// `strata self-test`
struct SelfTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-test",
        abstract: "Have a compiled library prove on this machine that it computes what it should.",
        discussion: """
            The library must have been compiled with --self-test. It then holds what the reference interpreter made of \
            random inputs, calls each of its functions with them at every CPU level that this machine can run, and \
            compares. A row is a call: how many outputs and states were compared, and the one whose error is the \
            largest part of its bound. Neither the graph nor LLVM is needed. Exits with 1 when an error is beyond its bound.
            """)

    @Argument(
        help: ArgumentHelp("The library libNAME.so, or the folder with it.", valueName: "library"),
        completion: .file())
    var library: String

    @Option(help: ArgumentHelp("Only this CPU level. (default: all that this machine can run)", valueName: "level"))
    var cpu: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Use this many threads; 0 for all processors. (default: 0)", valueName: "n"),
        transform: ThreadCount.parse)
    var threads = 0

    @Flag(help: "List every output and state.")
    var all = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard let cpu, CPULevel(rawValue: cpu) == nil else { return }
        throw ValidationError(
            "--cpu \(cpu): expected one of \(CPULevel.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    func run() throws {
        let report = try SelfTestReport(of: library, threads: threads, level: cpu.flatMap(CPULevel.init(rawValue:)))
        if json {
            print(Self.value(report).text)
        } else {
            if !report.results.isEmpty { Standard.output(all ? Self.whole(report) : Self.summary(report)) }
            print(Self.verdict(report))
        }
        if !report.passed { throw ExitCode.failure }
    }

    private static func verdict(_ report: SelfTestReport) -> String {
        if let failure = report.failure { return "FAILED: \(failure)" }
        let variants = report.results.reduce(into: [String]()) { names, result in
            if names.last != result.variant { names.append(result.variant) }
        }
        if variants.isEmpty { return "nothing to test: no function of \(report.name) has an output or updates a state" }
        return "passed: \(report.name) computes what it should at \(variants.joined(separator: ", "))"
    }

    /// Every result.
    private static func whole(_ report: SelfTestReport) -> String {
        var table = TextTable("level", "function", "sizes", "kind", "tensor", "error", "allowed", "")
        for result in report.results { add(result, count: nil, to: &table) }
        return table.text
    }

    /// The worst result of every call, and all that failed.
    private static func summary(_ report: SelfTestReport) -> String {
        var table = TextTable("level", "function", "sizes", "compared", "worst", "error", "allowed", "")
        var rest = report.results[...]
        while let first = rest.first {
            let call = rest.prefix {
                ($0.variant, $0.function, $0.sizes) == (first.variant, first.function, first.sizes)
            }
            let failed = call.filter { !$0.passed }
            let worst = call.reduce(first) { share(of: $1) > share(of: $0) ? $1 : $0 }
            for result in failed.isEmpty ? [worst] : failed { add(result, count: call.count, to: &table) }
            rest = rest.dropFirst(call.count)
        }
        return table.text
    }

    /// The part of its bound that an error is; of exact results that of any error.
    private static func share(of result: SelfTestReport.Result) -> Double {
        result.error == 0 ? 0 : result.error / max(result.bound, .leastNormalMagnitude)
    }

    private static func add(_ result: SelfTestReport.Result, count: Int?, to table: inout TextTable) {
        let kind = result.isState ? "state" : "output"
        table.add(
            result.variant, result.function, result.sizes, count.map(String.init) ?? kind,
            count == nil ? result.tensor : "\(kind) \(result.tensor)",
            text(ofError: result.error), result.bound.rounded3,
            result.passed ? "ok" : "FAIL")
    }

    private static func text(ofError error: Double) -> String {
        guard error.isFinite else { return "\(error)" }
        return error < 1000 ? error.rounded3 : String(format: "%.2e", error)
    }

    private static func value(_ report: SelfTestReport) -> JSONValue {
        let results = report.results.map { result in
            JSONValue.object([
                ("variant", .string(result.variant)), ("function", .string(result.function)),
                ("sizes", .string(result.sizes)), ("kind", result.isState ? "state" : "output"),
                ("name", .string(result.tensor)), ("passed", .bool(result.passed)), ("error", .number(result.error)),
                ("bound", .number(result.bound)),
            ])
        }
        return .object([
            ("name", .string(report.name)), ("library", .string(report.library)), ("passed", .bool(report.passed)),
            ("failure", JSONValue(report.failure)), ("results", .list(results)),
        ])
    }
}
