import Foundation
import Testing
import Toolchain

/// Runs the set-up script with stand-ins for the programs that it asks and that it would install with.
@Suite struct SetupTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/setup.sh").path

    private static let packages = [
        "llvm-19-dev", "lld-19", "zlib1g-dev", "dataset-fashion-mnist", "qemu-user", "libc6-arm64-cross",
        "openmpi-bin",
    ]

    /// How the script ended, and what it printed and asked the package manager for.
    private struct Run {
        let exitStatus: Int32?
        let output: String
        let standardError: String
    }

    private func run(installed: [String], user: Int, installing: String = "exit 0") throws -> Run {
        try withFolder { folder in
            let answers = installed.map { "installed \($0)" }.joined(separator: "\\n")
            let programs = [
                ("swift", "exit 0"), ("id", "echo \(user)"), ("dpkg-query", "printf '\(answers)\\n'"),
                ("apt-get", "echo \"apt-get $*\" >> \(folder)/log\n\(installing)"), ("env", "shift; exec \"$@\""),
                ("grep", "exec /usr/bin/grep \"$@\""),
            ]
            for (name, body) in programs {
                _ = try store(Array("#!/bin/bash\n\(body)\n".utf8), as: "\(name).text", in: folder)
            }
            // Copied by a process of its own: a file that this process has just written may still be open for writing in a
            // child that another test starts meanwhile, and cannot be executed then.
            let copy = "cd \(folder) && for f in *.text; do cp $f ${f%.text} && chmod 755 ${f%.text}; done"
            #expect(
                try Subprocess.run("/bin/bash", ["-c", copy], environment: ["PATH": "/usr/bin:/bin"]).exitStatus == 0)
            // The folder alone is searched, so that no sudo of this machine is found.
            let outcome = try Subprocess.run("/bin/bash", [Self.script], environment: ["PATH": folder])
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            return Run(
                exitStatus: outcome.exitStatus, output: outcome.output + log, standardError: outcome.standardError)
        }
    }

    @Test func nothingIsSaidOrDoneWhenAllIsThere() throws {
        let outcome = try run(installed: Self.packages, user: 1000)
        #expect(outcome.exitStatus == 0)
        #expect(outcome.output.isEmpty && outcome.standardError.isEmpty)
    }

    @Test func onlyWhatIsMissingIsInstalled() throws {
        let outcome = try run(installed: Self.packages.filter { $0 != "lld-19" && $0 != "qemu-user" }, user: 0)
        #expect(outcome.exitStatus == 0)
        #expect(
            outcome.output == """
                setup: installing lld-19 qemu-user
                apt-get -o DPkg::Lock::Timeout=300 -qq update
                apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install lld-19 qemu-user

                """)
    }

    @Test func withoutRightsTheCommandToRunIsTold() throws {
        let outcome = try run(installed: Self.packages.filter { $0 != "lld-19" }, user: 1000)
        #expect(outcome.exitStatus == 1)
        #expect(
            outcome.standardError == """
                setup: missing: lld-19
                setup: installing them needs root rights; run: sudo apt-get update && \
                sudo apt-get install -y --no-install-recommends lld-19

                """)
    }

    @Test func aFailedInstallationIsToldWithTheCommandThatShowsWhy() throws {
        let outcome = try run(
            installed: Self.packages.filter { $0 != "lld-19" }, user: 0,
            installing: "case \"$*\" in *install*) exit 100;; esac")
        #expect(outcome.exitStatus == 1)
        #expect(
            outcome.standardError == """
                setup: can't install lld-19; to see why, run: sudo apt-get update && \
                sudo apt-get install -y --no-install-recommends lld-19

                """)
    }
}
