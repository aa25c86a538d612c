import Foundation
import Testing
import Toolchain

/// `strata launch`: what is printed, run and handed over.
@Suite struct LaunchCommandTests {
    @Test(arguments: [
        (["--engine", "mpi", "-n", "2"], "PROGRAM: no program is named; end the command with it and its arguments: "),
        (["--engine", "mpi", "-n", "0", "--", "a"], "-n 0: not a number of anything; give one from 1"),
        (["--engine", "mpi", "--", "a"], "Missing expected argument '--processes <n>'"),
        (["-n", "2", "--", "a"], "Missing expected argument '--engine <engine>'"),
        (["--engine", "ssh", "-n", "2", "--", "a"], "The value 'ssh' is invalid for '--engine <engine>'."),
        (
            ["--engine", "mpi", "-n", "2", "--environment", "A", "--", "a"],
            "The value 'A' is invalid for '--environment "
        ),
        (
            ["--engine", "mpi", "-n", "2", "--submit", "--", "a"],
            "--submit is not for --engine mpi, which runs at once"
        ),
        (["--engine", "mpi", "-n", "2", "-o", "f", "--", "a"], "--output is not for --engine mpi, which runs at once"),
        (
            ["--engine", "slurm", "-n", "2", "--submit", "--print", "--", "a"],
            "--output, --submit and --print exclude each "
        ),
        (
            ["--engine", "slurm", "-n", "2", "--image", "i", "--", "a"],
            "--image is for --engine kubernetes, not for slurm; leave it out"
        ),
        (
            ["--engine", "slurm", "-n", "2", "--time", "2h", "--", "a"],
            "--time 2h: not a time; give hours:minutes:seconds"
        ),
        (["--engine", "kubernetes", "-n", "2", "--", "a"], "--image: no container image is named; give one with the "),
        (
            ["--engine", "kubernetes", "-n", "2", "--image", "i", "--volume", "data", "--", "a"],
            "--volume data:: '' is no place in a container; give a path that begins with /"
        ),
        (
            ["--engine", "kubernetes", "-n", "2", "--image", "i", "--name", "My_Job", "--", "a"],
            "--name My_Job: not a name that Kubernetes takes; use lower-case letters and digits"
        ),
    ])
    func aWrongCommandLineEndsWith64(arguments: [String], message: String) throws {
        let result = try Tool.run(["launch"] + arguments)
        #expect(result.code == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("error: " + message), "\(result.errors)")
    }

    @Test func aScriptIsPrintedOrWritten() throws {
        try Tool.withFolder { folder in
            let arguments = ["launch", "--engine", "slurm", "-n", "2", "--threads", "4"]
            let program = ["--", "./train", "--help", "it's"]
            let printed = try Tool.run(arguments + program)
            #expect(printed.code == 0, "\(printed.errors)")
            #expect(printed.output.hasPrefix("#!/bin/bash\n#SBATCH --job-name=train\n#SBATCH --ntasks=2\n"))
            #expect(printed.output.contains("\\\n    ./train --help 'it'\\''s'\n"))
            #expect(try Tool.run(arguments + ["--print"] + program).output == printed.output)
            let written = try Tool.run(arguments + ["--output", folder + "/job.sh"] + program)
            #expect(written.code == 0 && written.output == folder + "/job.sh\n")
            #expect(try String(contentsOfFile: folder + "/job.sh", encoding: .utf8) == printed.output)
        }
    }

    @Test func aManifestIsPrinted() throws {
        let result = try Tool.run(
            "launch", "--engine", "kubernetes", "-n", "4", "--nodes", "2", "--image", "train:1", "--volume",
            "data:/data", "--environment", "A=b=c", "--", "/opt/train")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("\nkind: MPIJob\nmetadata:\n  name: \"train\"\n"))
        #expect(
            result.output.contains("\n            - \"env\"\n            - \"A=b=c\"\n            - \"/opt/train\"\n"))
        #expect(result.output.contains("\n              claimName: \"data\"\n"))
    }

    /// Programs of the engines' names, found first: what they are given, and what becomes of their answers.
    private func withEngine(_ name: String, _ script: String, _ body: ([String: String], String) throws -> Void) throws
    {
        try Tool.withFolder { folder in
            let path = "\(folder)/\(name)"
            try ("#!/bin/sh\n" + script).write(toFile: path + ".text", atomically: true, encoding: .utf8)
            // Copied by a process of its own: a file that this process has just written may still be open for writing in a child that
            // another test starts meanwhile, and cannot be executed then.
            let copied = try Subprocess.run("/bin/sh", ["-c", "cp \"$0.text\" \"$0\" && chmod 755 \"$0\"", path])
            #expect(copied.isSuccess, "\(copied)")
            var environment = ProcessInfo.processInfo.environment
            environment["PATH"] = folder + ":/usr/bin:/bin"
            try body(environment, folder)
        }
    }

    @Test func aJobIsHandedOver() throws {
        try withEngine("sbatch", "echo Submitted; grep ntasks \"$1\"") { environment, _ in
            let result = try Tool.run(
                ["launch", "--engine", "slurm", "-n", "3", "--submit", "--", "a"], environment: environment)
            #expect(result.code == 0 && result.output == "Submitted\n#SBATCH --ntasks=3\n", "\(result)")
        }
        try withEngine("kubectl", "echo \"$1 $2\"; grep ^kind \"$3\"") { environment, _ in
            let result = try Tool.run(
                ["launch", "--engine", "kubernetes", "-n", "3", "--image", "i", "--submit", "--", "a"],
                environment: environment)
            #expect(result.code == 0 && result.output == "apply -f\nkind: MPIJob\n", "\(result)")
        }
    }

    @Test func aRefusalIsPassedOn() throws {
        try withEngine("sbatch", "echo 'no such partition' >&2; exit 3") { environment, _ in
            let result = try Tool.run(
                ["launch", "--engine", "slurm", "-n", "3", "--submit", "--", "a"], environment: environment)
            #expect(result.code == 1 && result.output.isEmpty)
            #expect(result.errors == "error: sbatch has not taken the job: no such partition\n")
        }
    }

    @Test func aMissingEngineIsNamed() throws {
        let environment = ["PATH": "/nowhere"]
        let slurm = try Tool.run(
            ["launch", "--engine", "slurm", "-n", "3", "--submit", "--", "a"], environment: environment)
        #expect(slurm.code == 1)
        #expect(
            slurm.errors
                == "error: sbatch, which hands jobs over, is in none of the folders of PATH: call this where it is, "
                + "or write a file with --output and take it there\n")
        let mpi = try Tool.run(["launch", "--engine", "mpi", "-n", "3", "--", "a"], environment: environment)
        #expect(mpi.code == 1)
        #expect(
            mpi.errors == "error: mpirun, which starts the processes, is in none of the folders of PATH: "
                + "sudo apt-get install --no-install-recommends openmpi-bin\n")
    }

    /// The tool becomes `mpirun`: its exit status and what ends it are the tool's.
    @Test func mpirunTakesOver() throws {
        let script = "[ \"$1\" = --version ] && echo 'mpirun (Open MPI) 4.1.4' && exit; echo \"$@\"; exit 75"
        try withEngine("mpirun", script) { environment, folder in
            let arguments = ["launch", "--engine", "mpi", "-n", "3", "--environment", "A=b c"]
            let result = try Tool.run(arguments + ["--", "./train", "x"], environment: environment)
            #expect(result.code == 75)
            #expect(result.output.hasSuffix(" --mca odls_base_sigkill_timeout 5 -n 3 env A=b c ./train x\n"))
            let printed = try Tool.run(arguments + ["--print", "--", "./train", "x"], environment: environment)
            #expect(printed.code == 0 && printed.output.hasPrefix("\(folder)/mpirun "))
            #expect(printed.output.hasSuffix(" -n 3 env 'A=b c' ./train x\n"))
        }
        let ending = "[ \"$1\" = --version ] && echo HYDRA && exit; kill -TERM $$; sleep 60"
        try withEngine("mpirun", ending) { environment, _ in
            let outcome = try Subprocess.run(
                Tool.path, ["launch", "--engine", "mpi", "-n", "3", "--", "a"], environment: environment)
            #expect(outcome.signal == SIGTERM, "\(outcome)")
        }
    }
}
