import ArgumentParser
import Execution
import Foundation
import Glibc
import Logging
import Serving

/// `strata serve`: the program that answers requests.
@main
struct StrataServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strata serve",
        abstract: "Serve models over HTTP, by the Open Inference Protocol (KServe's and Triton's 'v2').",
        discussion: """
            A model is what 'strata compile' or an Estimator's export wrote, or a graph with --weights. Requests that wait \
            while a call runs are joined into the next one. The server ends on SIGTERM or SIGINT, when it has answered what \
            it has; a line 'serving … on http://…' says that it listens.
            """)

    @Argument(
        help: ArgumentHelp(
            "A folder, manifest or library of a compiled model, or a graph; with NAME=, requests ask for that name.",
            valueName: "[name=]path"))
    var models: [ModelArgument]

    @Option(help: ArgumentHelp("The function that requests call.", valueName: "name"))
    var function = "predict"

    @Option(
        help: ArgumentHelp(
            "Take a model's states from this safetensors file; with several models NAME=FILE.",
            valueName: "[name=]file"))
    var weights: [ModelArgument] = []

    @Option(
        help: ArgumentHelp(
            "Share a model's states, and what depends on them alone, through this file; with several models NAME=FILE.",
            valueName: "[name=]file"))
    var image: [ModelArgument] = []

    @Option(help: ArgumentHelp("The address or name to listen at; 0.0.0.0 for all.", valueName: "host"))
    var host = "127.0.0.1"

    @Option(parsing: .unconditional, help: ArgumentHelp("The port; 0 takes a free one.", valueName: "port"))
    var port = 8000

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Join requests to at most this many rows; 1 joins none. (default: what the model allows)", valueName: "rows"
        ))
    var maxBatch: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Wait up to so many milliseconds for more requests to join, though nothing runs.", valueName: "ms"))
    var maxDelay = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Let at most so many requests wait for a model; more are answered by status 503.", valueName: "requests"))
    var maxQueue = 1024

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Take bodies of at most so many MiB; larger ones are answered by status 413.", valueName: "MiB"))
    var maxBody = 64

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use so many threads for a call. (default: the processors, shared among the contexts)", valueName: "n"))
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Make up to so many calls of a model at once; each has its own memory.", valueName: "n"))
    var contexts = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Close a connection that is silent for so long while no answer is computed for it.", valueName: "seconds"))
    var idleTimeout = 60.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Let requests take so long to be finished when the server ends.", valueName: "seconds"))
    var shutdownTimeout = 25.0

    @Flag(help: "Log every request.")
    var verbose = false

    func validate() throws {
        guard !models.isEmpty else { throw ValidationError("name a compiled model's folder, or a graph") }
        guard maxDelay >= 0, maxDelay <= 86_400_000 else {
            throw ValidationError("--max-delay \(maxDelay): give milliseconds from 0")
        }
        guard shutdownTimeout >= 0, shutdownTimeout <= 86_400 else {
            throw ValidationError("--shutdown-timeout \(shutdownTimeout): give seconds from 0")
        }
        guard idleTimeout >= 0.001, idleTimeout <= 86_400 else {
            throw ValidationError("--idle-timeout \(idleTimeout): give seconds from 0.001")
        }
        guard maxBody >= 1, maxBody <= 1 << 20 else { throw ValidationError("--max-body \(maxBody): give MiB from 1") }
        for (option, least, value) in [
            ("--max-batch", 1, maxBatch ?? 1), ("--max-queue", 1, maxQueue), ("--contexts", 1, contexts),
        ] where value < least { throw ValidationError("\(option) \(value): give a number from \(least)") }
        guard contexts <= 256 else { throw ValidationError("--contexts \(contexts): give at most 256") }
        guard CompiledModel.threadCounts.contains(threads ?? 0) else {
            throw ValidationError(
                "--threads \(threads ?? 0): give a number from 0 to \(CompiledModel.threadCounts.upperBound)")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port \(port): give one from 0 to 65535") }
        for (option, files) in [("--weights", weights), ("--image", image)] {
            for file in files {
                if let name = file.name {
                    guard models.contains(where: { $0.name == name }) else {
                        throw ValidationError(
                            "\(option) \(name)=\(file.path): no model is called that; name it \(name)=PATH")
                    }
                } else if models.count > 1 {
                    throw ValidationError(
                        "\(option) \(file.path): say which model's it is, NAME=FILE, and name the model NAME=PATH")
                }
            }
        }
    }

    func run() async throws {
        // Whatever becomes of a connection is answered where it is written to.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "strata.serving")
        logger.logLevel = verbose ? .debug : .info
        let server = try InferenceServer(
            models: models.map(load),
            configuration: ServerConfiguration(
                host: host, port: port, maxBatch: maxBatch, maxDelay: .nanoseconds(Int64(maxDelay * 1e6)),
                maxQueue: maxQueue, maxBodyBytes: maxBody << 20, idleTimeout: .seconds(idleTimeout),
                shutdownTimeout: .seconds(shutdownTimeout)),
            logger: logger)
        let signals = TerminationSignals { Task { await server.shutdown() } }
        try await server.run { address in
            print("serving \(server.models.map(\.name).joined(separator: ", ")) on \(address)")
            fflush(nil)
        }
        signals.cancel()
    }

    private func load(_ model: ModelArgument) throws -> ServedModel {
        func file(_ files: [ModelArgument]) -> String? { files.first { $0.name == nil || $0.name == model.name }?.path }
        return try ServedModel(
            model.path, name: model.name, function: function, weights: file(weights), image: file(image),
            contexts: contexts, threads: threads ?? 0)
    }

    /// Reads the command line, serves, and ends with status 1 and a message where that fails.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                print(fullMessage(for: error))
            } else if code == .validationFailure {
                write("error: " + fullMessage(for: error).trimmingPrefix("Error: "))
            } else {
                write("error: \(error)")
            }
            Glibc.exit(code.rawValue)
        }
    }

    private static func write(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}

/// `PATH` or `NAME=PATH`.
struct ModelArgument: ExpressibleByArgument {
    let name: String?
    let path: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), !argument[..<equals].contains("/") else {
            if argument.isEmpty { return nil }
            (name, path) = (nil, argument)
            return
        }
        (name, path) = (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
        if path.isEmpty || equals == argument.startIndex { return nil }
    }
}
