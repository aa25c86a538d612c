import GraphIR
import KernelIR

/// How one contraction is computed.
public struct ContractionSchedule: Sendable, Hashable, Codable {
    /// The forms of kernels a contraction may become.
    public enum Form: String, CaseIterable, Sendable, Hashable, Codable {
        /// Tiles of bf16 parts.
        case tiles
        /// Fused multiply-adds on the right operand's panels.
        case panels
        /// Fused multiply-adds on operands where they are.
        case direct
    }

    /// The form; where a contraction or a machine does not allow it, the standard choice is made.
    public var form: Form
    /// Rows of the register tile, where elements of one operand meet vectors of the other; nil for the standard choice.
    public var rows: Int?
    /// Vectors of that tile; nil for the standard choice.
    public var vectors: Int?

    /// Makes a schedule.
    public init(form: Form, rows: Int? = nil, vectors: Int? = nil) {
        self.form = form
        self.rows = rows
        self.vectors = vectors
    }
}

/// Schedules found by measuring, by what they are for: later compilations read them, so that equal tables give equal code.
public struct ScheduleTable: Sendable, Hashable {
    private var schedules: [String: ContractionSchedule]

    /// Makes a table; no entries leave every choice to the standard model.
    public init(_ schedules: [String: ContractionSchedule] = [:]) { self.schedules = schedules }

    /// The entries in the order of their keys.
    public var entries: [(key: String, schedule: ContractionSchedule)] {
        schedules.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The schedule for a contraction, if the table has one.
    public subscript(key: String) -> ContractionSchedule? {
        get { schedules[key] }
        set { schedules[key] = newValue }
    }

    /// What a contraction is known by: `v4 float32 dot f32[B,784] f32[784,512] contract [1],[0] batch [],[]`.
    public static func key(
        _ op: GraphOp, in function: GraphFunction, target: Target, precision: Precision
    ) -> String {
        let types = op.operands.map { function.type(of: $0).description }.joined(separator: " ")
        let attributes = op.attributes.map { "\($0.key) \($0.value)" }.joined(separator: " ")
        return "\(target.level.rawValue) \(precision.rawValue) \(op.name) \(types) \(attributes)"
    }
}
