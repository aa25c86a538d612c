import Launch
import Testing

/// Command lines for `mpirun`, and what holds for every engine.
@Suite struct MPICommandTests {
    private func arguments(
        _ launcher: MPICommand.Launcher, threads: Int? = nil, isRoot: Bool = false,
        environment: [LaunchJob.Variable] = []
    ) throws -> String {
        let job = try LaunchJob(program: ["./train", "a b"], processes: 4, threads: threads, environment: environment)
        return ShellText.quoted(try MPICommand(job, launcher: launcher, isRoot: isRoot).arguments)
    }

    @Test func openMPI() throws {
        let end = "--mca odls_base_sigkill_timeout 10 -n 4"
        #expect(try arguments(.openMPI) == "--bind-to none --oversubscribe \(end) ./train 'a b'")
        #expect(
            try arguments(.openMPI, isRoot: true)
                == "--allow-run-as-root --bind-to none --oversubscribe \(end) ./train 'a b'")
        #expect(
            try arguments(.openMPI, threads: 2)
                == "--use-hwthread-cpus --map-by slot:PE=2 --bind-to hwthread \(end) ./train 'a b'")
        #expect(
            try arguments(.openMPI, environment: [.init(name: "A", value: "1;2"), .init(name: "B", value: "")])
                == "--bind-to none --oversubscribe \(end) env 'A=1;2' B= ./train 'a b'")
    }

    @Test func hydra() throws {
        #expect(try arguments(.hydra, isRoot: true) == "-n 4 ./train 'a b'")
        #expect(try arguments(.hydra, threads: 2) == "-bind-to hwthread:2 -n 4 ./train 'a b'")
    }

    @Test func launchersAreToldApart() {
        #expect(MPICommand.Launcher(version: "mpirun (Open MPI) 4.1.4\n\nReport bugs to …") == .openMPI)
        #expect(MPICommand.Launcher(version: "HYDRA build details:\n    Version: 4.0.2") == .hydra)
        #expect(MPICommand.Launcher(version: "Intel(R) MPI Library for Linux* OS, Version 2021.9") == .hydra)
    }

    @Test func whatCantBeStarted() throws {
        func message(_ body: () throws -> Void) -> String? {
            #expect(throws: LaunchError.self, performing: body)?.description
        }
        func job(_ program: [String] = ["a"], _ n: Int = 2, nodes: Int? = nil, threads: Int? = nil, name: String = "A")
            throws
        {
            let variable = LaunchJob.Variable(name: name, value: "1")
            _ = try LaunchJob(program: program, processes: n, nodes: nodes, threads: threads, environment: [variable])
        }
        #expect(message { try job(["a"], 0) } == "-n 0: not a number of anything; give one from 1")
        #expect(message { try job(nodes: 0) } == "--nodes 0: not a number of anything; give one from 1")
        #expect(message { try job(threads: -1) } == "--threads -1: not a number of anything; give one from 1")
        #expect(
            message { try job(nodes: 3) }
                == "--nodes 3: more than there are processes; give at most 2, or more processes with -n")
        for program in [[], [""]] {
            #expect(
                message { try job(program) }
                    == "PROGRAM: no program is named; end the command with it and its arguments: "
                    + "-- ./train --epochs 3")
        }
        for name in ["", "1A", "A B", "A-B", "é"] {
            #expect(
                message { try job(name: name) }
                    == "--environment \(name)=…: not a variable's name; use letters, digits and _, "
                    + "with no digit in front")
        }
        #expect(
            message { try job(["a\0"]) } == "PROGRAM: an argument has a zero byte in it; no program can be given that")
        #expect(
            message {
                _ = try MPICommand(LaunchJob(program: ["a"], processes: 2, nodes: 2), launcher: .openMPI, isRoot: false)
            }
                == "--nodes 2: mpirun does not choose machines; leave it out, or call mpirun yourself with --host or --hostfile"
        )
    }
}
