import ArgumentParser
import Execution

/// How many threads an option asks for: 0, for one a processor, to as many as a library takes.
enum ThreadCount {
    /// Reads the option's value.
    static func parse(_ text: String) throws -> Int {
        let allowed = CompiledModel.threadCounts
        guard let count = Int(text), allowed.contains(count) else {
            throw ValidationError("expected a number of threads from 0 to \(allowed.upperBound), got '\(text)'")
        }
        return count
    }
}
