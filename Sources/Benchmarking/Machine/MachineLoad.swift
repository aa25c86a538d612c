import Glibc

/// Processor time spent so far, by the whole machine and by this process, in seconds.
struct MachineLoad {
    let all: Double
    let own: Double

    static var now: MachineLoad {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        let own = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        return MachineLoad(all: busySeconds, own: own)
    }

    /// Processors that other processes used since an earlier moment.
    func others(since before: MachineLoad, seconds: Double) -> Double {
        max(0, ((all - before.all) - (own - before.own)) / seconds)
    }

    /// The first line of /proc/stat: user, nice, system, idle, I/O wait, interrupts and stolen time, in clock ticks.
    private static var busySeconds: Double {
        let line = ProcessFacts.lines("/proc/stat").first ?? ""
        let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard ticks.count >= 8 else { return 0 }
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / ProcessFacts.ticksPerSecond
    }
}
