import Benchmarking
import Execution
import Foundation

/// A call on one thread and on several, alone and while other processes keep processors busy.
struct CompetingBenchmark {
    let call: (_ threads: Int) throws -> PreparedCall
    let threads: Int
    let competitors: Int
    let seconds: Double

    /// The times of one number of threads.
    struct Row {
        let threads: Int
        let alone: Timing
        let competing: Timing
        var slowdown: Double { competing.median / alone.median }
    }

    /// One thread first, then `threads`.
    func run() throws -> [Row] {
        try (threads > 1 ? [1, threads] : [1]).map { threads in
            let call = try call(threads)
            let alone = try Timing.measure(seconds: seconds) { try call.run() }
            let processes = try (0..<competitors).map { _ in try Self.busyProcess() }
            defer {
                for process in processes {
                    process.terminate()
                    process.waitUntilExit()
                }
            }
            return Row(
                threads: threads, alone: alone, competing: try Timing.measure(seconds: seconds) { try call.run() })
        }
    }

    private static func busyProcess() throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "while :; do :; done"]
        try process.run()
        return process
    }

    static func text(_ rows: [Row], competitors: Int) -> String {
        var table = TextTable("µs, median / min", "alone", "with \(competitors) busy", "slowdown")
        for row in rows {
            table.add(
                "\(row.threads) thread\(row.threads == 1 ? "" : "s")",
                "\(row.alone.median.rounded3) / \(row.alone.least.rounded3)",
                "\(row.competing.median.rounded3) / \(row.competing.least.rounded3)", row.slowdown.rounded3)
        }
        return table.text
    }

    static func value(_ rows: [Row], competitors: Int) -> JSONValue {
        .object([
            ("competing", .integer(competitors)),
            (
                "rows",
                .list(
                    rows.map { row in
                        .object([
                            ("threads", .integer(row.threads)), ("alone", row.alone.value),
                            ("with_competition", row.competing.value), ("slowdown", .number(row.slowdown)),
                        ])
                    })
            ),
        ])
    }
}
