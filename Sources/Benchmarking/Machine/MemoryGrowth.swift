import Glibc

/// How much the process's resident memory grew, at most, while something ran.
public enum MemoryGrowth {
    /// Runs `body`; gives the growth in bytes, or nil where the system does not tell. Pages that other threads touch meanwhile
    /// count too, and memory that was freed before and is used again does not.
    public static func measure<Result>(_ body: () throws -> Result) rethrows -> (result: Result, bytes: Int?) {
        // The largest size so far begins anew.
        let reset = open("/proc/self/clear_refs", O_WRONLY)
        let isReset = reset >= 0 && write(reset, "5", 1) == 1
        if reset >= 0 { close(reset) }
        let before = ProcessFacts.status("VmRSS")
        let result = try body()
        guard isReset, let before, let peak = ProcessFacts.status("VmHWM") else { return (result, nil) }
        return (result, max(0, Int((peak - before) * 1024)))
    }
}
