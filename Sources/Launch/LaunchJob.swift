/// A program to be started as several processes, by whatever engine.
public struct LaunchJob: Sendable, Equatable {
    /// A variable of the processes' environment.
    public struct Variable: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its value, any text.
        public let value: String

        /// Describes a variable.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The number of processes.
    public let processes: Int
    /// The number of machines; nil to leave it to the engine.
    public let nodes: Int?
    /// The number of processors for each process; nil to leave it to the engine.
    public private(set) var threads: Int?
    /// The job's name; nil for one made of the program's.
    public let name: String?
    /// What the processes find in their environment, in order.
    public let environment: [Variable]
    /// The program and its arguments.
    public let program: [String]

    /// Describes a job.
    ///
    /// Throws a `LaunchError` for numbers that are too small, no program, and names that no shell knows.
    public init(
        program: [String], processes: Int, nodes: Int? = nil, threads: Int? = nil, name: String? = nil,
        environment: [Variable] = []
    ) throws {
        for (option, number) in [("-n", processes), ("--nodes", nodes ?? 1), ("--threads", threads ?? 1)]
        where number < 1 {
            throw LaunchError(
                place: "\(option) \(number)", reason: "not a number of anything", remedy: "give one from 1")
        }
        if let nodes, nodes > processes {
            throw LaunchError(
                place: "--nodes \(nodes)", reason: "more than there are processes",
                remedy: "give at most \(processes), or more processes with -n")
        }
        guard let first = program.first, !first.isEmpty else {
            throw LaunchError(
                place: "PROGRAM", reason: "no program is named",
                remedy: "end the command with it and its arguments: -- ./train --epochs 3")
        }
        for variable in environment where !Self.isShellName(variable.name) {
            throw LaunchError(
                place: "--environment \(variable.name)=…", reason: "not a variable's name",
                remedy: "use letters, digits and _, with no digit in front")
        }
        let texts = program + environment.map(\.value)
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw LaunchError(
                place: "PROGRAM", reason: "an argument has a zero byte in it", remedy: "no program can be given that")
        }
        self.processes = processes
        self.nodes = nodes
        self.threads = threads
        self.name = name
        self.environment = environment
        self.program = program
    }

    /// The same, with processors left to the engine.
    var withoutThreads: LaunchJob {
        var job = self
        job.threads = nil
        return job
    }

    private static func isShellName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// The program's name without its folder, as names of jobs may be: lower-case letters, digits, and `-` between them.
    var nameOfProgram: String {
        let file = program[0].split(separator: "/").last.map(String.init) ?? ""
        let words = file.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let name = words.joined(separator: "-").lowercased().prefix(40)
        let trimmed = name.hasSuffix("-") ? name.dropLast() : name
        return trimmed.isEmpty ? "strata" : String(trimmed)
    }
}
