import ArgumentParser

/// How many threads an option asks for: 0, for one a processor, to the 256 that a library takes.
enum ThreadCount {
    /// Reads the option's value.
    static func parse(_ text: String) throws -> Int {
        guard let count = Int(text), (0...256).contains(count) else {
            throw ValidationError("expected a number of threads from 0 to 256, got '\(text)'")
        }
        return count
    }
}
