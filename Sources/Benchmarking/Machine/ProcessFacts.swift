import Foundation
import Glibc

/// What the operating system says of this process.
public enum ProcessFacts {
    static var ticksPerSecond: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

    static func lines(_ path: String) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    /// Processors this process may run on.
    public static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The largest resident size so far, in MiB.
    public static var peakResidentMiB: Double { (status("VmHWM") ?? 0) / 1024 }

    /// A number in KiB from the system's description of this process.
    static func status(_ name: String) -> Double? {
        for line in lines("/proc/self/status") where line.hasPrefix(name + ":") {
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 ? Double(words[1]) : nil
        }
        return nil
    }

    /// Seconds since this process was started.
    public static var age: Double {
        let stat = lines("/proc/self/stat").first ?? ""
        // The command's name is in parentheses and may hold blanks; the start time is the 20th field after it.
        let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
        guard fields.count > 19, let started = Double(fields[19]) else { return 0 }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - started / ticksPerSecond
    }
}
