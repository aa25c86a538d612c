/// A batch script that has Slurm start a job, and start it again when it was interrupted.
public struct SlurmScript: Sendable, Equatable {
    private let job: LaunchJob
    private let time: String?
    private let partition: String?

    /// Describes a script.
    ///
    /// Throws a `LaunchError` for a name, time or partition that Slurm would not take.
    public init(_ job: LaunchJob, time: String? = nil, partition: String? = nil) throws {
        for (option, name) in [("--name", job.name), ("--partition", partition)] {
            guard let name, !Self.isName(name) else { continue }
            throw LaunchError(
                place: "\(option) \(name)", reason: "not a name that Slurm takes",
                remedy: "use letters, digits, '.', '_' and '-'")
        }
        if let time, !Self.isTime(time) {
            throw LaunchError(
                place: "--time \(time)", reason: "not a time",
                remedy: "give hours:minutes:seconds, as 02:00:00, with days in front as 1-12:00:00")
        }
        self.job = job
        self.time = time
        self.partition = partition
    }

    /// The script; equal jobs give equal texts.
    public var text: String {
        get throws {
            try LaunchTemplate.slurm.render([
                "name": job.name ?? job.nameOfProgram,
                "nodes": job.nodes.map { ["nodes": $0] },
                "processes": job.processes,
                "threads": job.threads ?? 1,
                "time": time.map { ["time": $0] },
                "partition": partition.map { ["partition": $0] },
                "environment": job.environment.map { ["name": $0.name, "value": ShellText.quoted($0.value)] },
                "program": ShellText.quoted(job.program),
            ])
        }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("-")
            && name.utf8.allSatisfy { LaunchJob.isLetter($0) || LaunchJob.isDigit($0) || "._-".utf8.contains($0) }
    }

    private static func isTime(_ time: String) -> Bool {
        let parts = time.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !isNumber(parts[0], below: 10_000) { return false }
        let clock = parts[parts.count - 1].split(separator: ":", omittingEmptySubsequences: false)
        return clock.count == 3 && isNumber(clock[0], below: parts.count == 2 ? 24 : 10_000)
            && isNumber(clock[1], below: 60) && isNumber(clock[2], below: 60)
    }

    private static func isNumber(_ text: Substring, below limit: Int) -> Bool {
        text.utf8.allSatisfy(LaunchJob.isDigit) && Int(text).map { $0 < limit } == true
    }
}
