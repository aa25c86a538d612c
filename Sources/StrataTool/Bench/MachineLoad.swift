import Foundation
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

/// What the operating system says of this process.
enum ProcessFacts {
    static var ticksPerSecond: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

    static func lines(_ path: String) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    /// The largest resident size so far, in MiB.
    static var peakResidentMiB: Double {
        for line in lines("/proc/self/status") where line.hasPrefix("VmHWM:") {
            let words = line.split { $0 == " " || $0 == "\t" }
            return (words.count > 1 ? Double(words[1]) ?? 0 : 0) / 1024
        }
        return 0
    }

    /// Seconds since this process was started.
    static var age: Double {
        let stat = lines("/proc/self/stat").first ?? ""
        // The command's name is in parentheses and may hold blanks; the start time is the 20th field after it.
        let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
        guard fields.count > 19, let started = Double(fields[19]) else { return 0 }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - started / ticksPerSecond
    }
}
