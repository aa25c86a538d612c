import ArgumentParser

/// For how many seconds an option asks to measure: more than none, and no more than a day.
enum MeasuringTime {
    /// Reads the option's value.
    static func parse(_ text: String) throws -> Double {
        guard let seconds = Double(text), seconds > 0, seconds <= 86_400 else {
            throw ValidationError("expected a number of seconds greater than 0, and 86400 at most, got '\(text)'")
        }
        return seconds
    }
}
