import ArgumentParser
import Execution
import Glibc

/// The program: reads the command line, runs a command, and ends with its exit code.
@main
enum StrataTool {
    static func main() {
        // What a reader of a closed pipe does not want is not an error of ours to crash on.
        signal(SIGPIPE, SIG_IGN)
        Standard.openClosed()
        do {
            var command = try StrataCommand.parseAsRoot()
            try command.run()
            end(.success)
        } catch {
            end(with: error)
        }
    }

    /// Ends the program at once. LLVM may still be loading on another thread, beside which its own clean-up must not run.
    private static func end(_ code: ExitCode) -> Never {
        guard code == .success, let reason = Standard.outputFailure() else {
            fflush(nil)
            _exit(code.rawValue)
        }
        Standard.error("error: the output can't be written: \(reason)")
        _exit(ExitCode.failure.rawValue)
    }

    /// Shows help on standard output and errors on standard error, as `error: what`, and exits.
    private static func end(with error: any Error) -> Never {
        let code = StrataCommand.exitCode(for: error)
        if code == .success {
            print(StrataCommand.fullMessage(for: error))
        } else if code == .validationFailure {
            let message = StrataCommand.fullMessage(for: error)
            let prefix = "Error: "
            Standard.error("error: " + (message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message))
        } else if !(error is ExitCode) {
            Standard.error("error: \(error)")
        }
        end(code)
    }
}

/// `strata`: the commands.
struct StrataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strata",
        abstract: "Compile, run and look inside model graphs.",
        discussion: """
            A graph is a text file such as graphs/mlp.graph. Exit codes: 0 when all went well, 1 when something \
            failed or a check found a difference, 64 for a wrong command line.
            """,
        version: "strata \(StrataVersion.text)",
        subcommands: [
            CompileCommand.self, ImportCommand.self, DumpCommand.self, RunCommand.self, BenchCommand.self,
            ProfileCommand.self, CheckCommand.self, SelfTestCommand.self, TuneCommand.self, ExplainCommand.self,
            PlotCommand.self, DoctorCommand.self, LaunchCommand.self, ServeCommand.self, OpsCommand.self,
            ONNXCommand.self, TourCommand.self,
        ])
}
