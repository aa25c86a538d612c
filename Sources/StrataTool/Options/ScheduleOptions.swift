import ArgumentParser
import Foundation
import Lowering

/// Schedules that were found by measuring.
struct ScheduleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Compute contractions as this file says, written by 'strata tune'.", valueName: "file"))
    var schedules: String?

    /// The table of the file; empty without one.
    func table() throws -> ScheduleTable {
        guard let schedules else { return ScheduleTable() }
        return try ScheduleFile.read(schedules)
    }
}

/// The file that `strata tune` writes: JSON, an entry a contraction.
enum ScheduleFile {
    private struct Content: Codable {
        var format: Int
        var processor: String
        var contractions: [String: ContractionSchedule]
    }

    /// The bounds of what a table may ask for; no machine has more registers.
    private static let limits = (rows: 1...30, vectors: 1...8)

    /// Reads a file; throws a `Failure` that names it when it is not one of these, or asks for what no machine has.
    static func read(_ path: String) throws -> ScheduleTable {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("\(path): the schedules can't be read; write them with 'strata tune'")
        }
        let content: Content
        do { content = try JSONDecoder().decode(Content.self, from: data) } catch {
            throw Failure("\(path): this is no file of schedules; write one with 'strata tune'")
        }
        guard content.format == 1 else {
            throw Failure("\(path): format \(content.format), this version reads 1; write it again with 'strata tune'")
        }
        for (key, schedule) in content.contractions.sorted(by: { $0.key < $1.key }) {
            guard limits.rows.contains(schedule.rows ?? 1), limits.vectors.contains(schedule.vectors ?? 1) else {
                throw Failure(
                    "\(path): '\(key)': a tile of \(schedule.rows ?? 1) rows and \(schedule.vectors ?? 1) vectors; "
                        + "allowed are \(limits.rows) and \(limits.vectors)")
            }
        }
        return ScheduleTable(content.contractions)
    }

    /// The bytes of a file with a table; equal tables give equal bytes.
    static func bytes(_ table: ScheduleTable, processor: String) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let content = Content(
            format: 1, processor: processor,
            contractions: Dictionary(uniqueKeysWithValues: table.entries.map { ($0.key, $0.schedule) }))
        return try encoder.encode(content) + Data("\n".utf8)
    }
}
