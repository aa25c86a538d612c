// A program whose processes work together, for tests to start by an engine.
// usage: ClusterProgram trial [BYTES LONGEST]   every operation, with so many bytes a call and numbers a sum at most; process 0
//                                               prints what all got
//        ClusterProgram twice                   a cluster is asked for twice
//        ClusterProgram exit RANK STATUS        one process exits while the others wait for it
//        ClusterProgram die RANK                one process is ended by a signal while the others wait for it
//        ClusterProgram processors              process 0 prints how many threads each process should use
//        ClusterProgram work DIRECTORY          works until SIGTERM, exits with 75 to be run again, and is done when it is
//        ClusterProgram library FILE            says which library FILE is
import Cluster
import ClusterTrial
import Glibc

func say(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
    let line = line + "\n"
    _ = write(descriptor, line, line.utf8.count)
}

func trial(_ arguments: [String]) throws {
    let numbers = arguments.compactMap(Int.init)
    let cluster = try numbers.count == 2 ? Cluster.mpi(bytesPerCall: numbers[0]) : Cluster.mpi()
    let lines = try ClusterTrial.run(cluster, longest: numbers.last ?? .max)
    let all = try cluster.gather(Array(lines.joined(separator: "\n").utf8), "results")
    guard cluster.isFirst else { return }
    for (rank, text) in all.enumerated() { say("process \(rank)\n\(String(decoding: text, as: UTF8.self))") }
}

func twice() throws {
    let cluster = try Cluster.mpi()
    let again = try Cluster.mpi()
    try cluster.meet("first")
    try again.meet("second")
    if cluster.isFirst { say("\(again.count) processes, the same: \(cluster === again)") }
}

/// The process of that rank calls `end`; the others wait for it.
func leave(_ rank: String, _ end: () -> Void) throws {
    let cluster = try Cluster.mpi()
    try cluster.meet("beginning")
    if "\(cluster.rank)" == rank { end() } else { try cluster.meet("a step") }
}

func processors() throws {
    let cluster = try Cluster.mpi()
    let all = try cluster.gather([UInt8(min(255, cluster.processorsPerProcess()))], "processors")
    if cluster.isFirst { say("processors: \(all.map { $0[0] })") }
}

/// A file stands for a checkpoint: who finds it is done.
func work(_ directory: String) throws -> Int32 {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let cluster = try Cluster.mpi()
    let file = "\(directory)/saved"
    let isSaved = try cluster.broadcast([access(file, F_OK) == 0 ? 1 : 0], "checkpoint")[0] == 1
    if cluster.isFirst {
        say(isSaved ? "goes on with \(cluster.count)" : "begins with \(cluster.count) as \(getpid())")
    }
    if isSaved { return 0 }
    while true {
        var pending = sigset_t()
        sigpending(&pending)
        let isAsked = sigismember(&pending, SIGTERM) == 1
        if try cluster.meet("a step", signals: isAsked ? .stop : []).contains(.stop) { break }
        usleep(20_000)
    }
    if cluster.isFirst {
        // Longer than mpirun leaves processes that it ends.
        sleep(3)
        fclose(fopen(file, "w"))
        say("saved")
    }
    return 75
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("trial", 1), ("trial", 3): try trial(Array(arguments.dropFirst()))
    case ("twice", 1): try twice()
    case ("exit", 3): try leave(arguments[1]) { exit(Int32(arguments[2]) ?? 1) }
    case ("die", 2): try leave(arguments[1]) { kill(getpid(), SIGKILL) }
    case ("processors", 1): try processors()
    case ("work", 2): exit(try work(arguments[1]))
    case ("library", 2): say(try Cluster.mpi(library: arguments[1]).description)
    default:
        say("see the usage in main.swift", to: STDERR_FILENO)
        exit(64)
    }
} catch {
    say("\(error)", to: STDERR_FILENO)
    exit(1)
}
