import Glibc

/// How a program that trains ends: what to call from `main`.
///
/// The library itself never ends the process; a program that wants to be stopped well says
/// `exit(TrainingProgram.run { stop in … })` and gives `stop` to its `RunConfig`.
public enum TrainingProgram {
    /// Everything was done.
    public static let done: Int32 = 0
    /// Something is wrong; running again won't help.
    public static let failed: Int32 = 1
    /// Interrupted, and saved: run again to go on (EX_TEMPFAIL of sysexits.h).
    public static let runAgain: Int32 = 75

    /// Runs `body` and gives the code to exit with; messages go to standard error.
    ///
    /// From now on, the first SIGTERM or SIGINT makes the training save a checkpoint and end; a second one ends the
    /// process at once, with 128 + the signal's number. What comes within a second counts as one signal: a program that ends
    /// others, such as `timeout`, may send it to the process and to its group. A file that grows beyond the limit of sizes is an error, as a full
    /// disk is, and does not end the process. Call it before anything that makes threads.
    public static func run(_ body: (StopRequest) throws -> Void) -> Int32 {
        let request = StopRequest()
        signal(SIGXFSZ, SIG_IGN)
        guard listen(for: [SIGTERM, SIGINT], request) else {
            say("can't listen for signals: a signal ends the program without a checkpoint")
            return finish(body, request)
        }
        return finish(body, request)
    }

    private static func finish(_ body: (StopRequest) throws -> Void, _ request: StopRequest) -> Int32 {
        do {
            try body(request)
            return done
        } catch let interruption as TrainingInterrupted {
            say("\(interruption)")
            return runAgain
        } catch {
            say("\(error)")
            return failed
        }
    }

    /// Lets a thread wait for signals, which all others are kept from.
    private static func listen(for signals: [Int32], _ request: StopRequest) -> Bool {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        guard pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else { return false }
        let context = Unmanaged.passRetained(Listener(set: set, request: request))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Listener>.fromOpaque(context).takeRetainedValue().wait()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
            return false
        }
        pthread_detach(thread)
        return true
    }

    private static func say(_ text: String) {
        let line = "\(text)\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
    }

    /// Waits for signals as long as the process lives.
    private final class Listener {
        private var set: sigset_t
        private let request: StopRequest

        init(set: sigset_t, request: StopRequest) {
            self.set = set
            self.request = request
        }

        func wait() {
            var first: Double?
            while true {
                var signal: Int32 = 0
                guard sigwait(&set, &signal) == 0 else { return }
                let now = SystemTime.seconds()
                if let first {
                    if now - first < 1 { continue }
                    _exit(128 + signal)
                }
                first = now
                TrainingProgram.say(
                    "\(Terminal.changesLines ? Terminal.newLine : "")signal \(signal): saving a checkpoint; a second signal ends at once"
                )
                request.request()
            }
        }
    }
}
