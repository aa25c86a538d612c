import ArgumentParser
import Foundation
import Glibc
import Toolchain

/// `strata serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models over HTTP, by the Open Inference Protocol.",
        discussion: """
            This starts the program strata-serve, which lies beside this one; 'strata serve --help' shows its options.
            """)

    /// The name of the program, which is a product of its own: it alone needs an HTTP library.
    static let program = "strata-serve"

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Models and options.", valueName: "argument"))
    var arguments: [String] = []

    /// Becomes the server, which so gets all signals, and whose exit status is this program's.
    func run() throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(Self.program).path
        guard FileBytes.isExecutable(path) else {
            throw Failure("\(path) is not there: build it with 'swift build -c release --product \(Self.program)'")
        }
        signal(SIGPIPE, SIG_DFL)
        let words = [path] + arguments
        execv(path, words.map { strdup($0) } + [nil])
        throw Failure("\(path) can't be started: \(String(cString: strerror(errno)))")
    }
}
