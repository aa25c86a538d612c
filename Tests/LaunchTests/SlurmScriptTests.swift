import Foundation
import Launch
import Testing

/// Batch scripts for Slurm.
@Suite struct SlurmScriptTests {
    @Test func everythingThatCanBeSaid() throws {
        let job = try LaunchJob(
            program: ["./train", "--title", "it's \"new\""], processes: 4, nodes: 2, threads: 8, name: "austen",
            environment: [.init(name: "STRATA_LOG", value: "a b"), .init(name: "DATA", value: "/data")])
        let text = try SlurmScript(job, time: "02:00:00", partition: "long").text
        #expect(
            text == """
                #!/bin/bash
                #SBATCH --job-name=austen
                #SBATCH --nodes=2
                #SBATCH --ntasks=4
                #SBATCH --cpus-per-task=8
                #SBATCH --time=02:00:00
                #SBATCH --partition=long
                #SBATCH --output=austen-%j.out
                #SBATCH --open-mode=append
                #SBATCH --requeue
                # A minute before the time is up, the processes get SIGTERM: a training saves a checkpoint and exits with 75.
                #SBATCH --signal=TERM@60
                export STRATA_LOG='a b'
                export DATA=/data

                # When one process has ended, the others have half a minute to end too: what one that crashed has left waiting is ended then.
                srun --mpi=pmix --cpus-per-task=8 --kill-on-bad-exit=0 --wait=30 \\
                    ./train --title 'it'\\''s "new"'
                status=$?

                # 75: interrupted and saved. The job waits for its turn again, and goes on from there.
                if [ "$status" -eq 75 ]; then
                    scontrol requeue "$SLURM_JOB_ID"
                fi
                exit "$status"

                """)
    }

    @Test func whatIsNotSaidIsLeftToSlurm() throws {
        let text = try SlurmScript(LaunchJob(program: ["/opt/My Train!"], processes: 3)).text
        let options = text.split(separator: "\n").filter { $0.hasPrefix("#SBATCH") }
        #expect(
            options == [
                "#SBATCH --job-name=my-train", "#SBATCH --ntasks=3", "#SBATCH --cpus-per-task=1",
                "#SBATCH --output=my-train-%j.out", "#SBATCH --open-mode=append", "#SBATCH --requeue",
                "#SBATCH --signal=TERM@60",
            ])
        #expect(text.contains("\\\n    '/opt/My Train!'\nstatus=$?\n"))
    }

    /// The script with `srun` and `scontrol` replaced: what it runs, and what it does with each status.
    @Test(arguments: [(0, ""), (75, "requeue 7\n"), (1, ""), (137, "")])
    func onlyWhatWasInterruptedIsStartedAgain(status: Int, said: String) throws {
        let job = try LaunchJob(
            program: ["./train", "it's", "a\nb"], processes: 2, environment: [.init(name: "A", value: "x'y\n$z")])
        let stand = """
            srun() { while [ "$1" != ./train ]; do shift; done; printf '%s|' "$A" "$@"; return \(status); }
            scontrol() { echo "$@"; }
            SLURM_JOB_ID=7

            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", try stand + SlurmScript(job).text]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(printed == "x'y\n$z|./train|it's|a\nb|" + said)
        #expect(process.terminationStatus == status)
    }

    @Test(arguments: ["02:00:00", "1-12:00:00", "100:00:00", "0:0:1"])
    func times(time: String) throws {
        #expect(
            try SlurmScript(LaunchJob(program: ["a"], processes: 1), time: time).text
                .contains("\n#SBATCH --time=\(time)\n"))
    }

    @Test(arguments: ["", "2h", "02:00", "2", "1-25:00:00", "00:60:00", "00:00:61", "-1:00:00", "1:00:00\n", "١:00:00"])
    func badTimes(time: String) throws {
        let job = try LaunchJob(program: ["a"], processes: 1)
        let error = #expect(throws: LaunchError.self) { try SlurmScript(job, time: time) }
        #expect(
            error?.description
                == "--time \(time): not a time; give hours:minutes:seconds, as 02:00:00, with days in front as "
                + "1-12:00:00")
    }

    @Test(arguments: ["", "a b", "-x", "a\n#SBATCH --uid=0", "a'b", "%j"]) func badNames(name: String) throws {
        let job = try LaunchJob(program: ["a"], processes: 1)
        let named = try LaunchJob(program: ["a"], processes: 1, name: name)
        let remedy = "not a name that Slurm takes; use letters, digits, '.', '_' and '-'"
        #expect(
            #expect(throws: LaunchError.self) { try SlurmScript(job, partition: name) }?.description
                == "--partition \(name): \(remedy)")
        #expect(
            #expect(throws: LaunchError.self) { try SlurmScript(named) }?.description == "--name \(name): \(remedy)")
    }
}
