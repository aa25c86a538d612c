import GraphIR

/// What the current task knows of where in a user's program it is.
public enum PlaceScope {
    /// The scopes entered by name, joined by `/`.
    @TaskLocal static var path = ""
    /// The place of the layer call in progress; while it lasts, everything is recorded with it.
    @TaskLocal static var layerCall: Place?

    /// The place that operators record: that of the layer call in progress, if any.
    public static var current: Place? { layerCall ?? (path.isEmpty ? nil : Place(layer: path, file: "", line: 0)) }

    /// The place that a named function records: the layer call in progress, else the function's own call.
    public static func call(_ file: String, _ line: Int) -> Place {
        layerCall ?? Place(layer: path, file: fileName(file), line: line)
    }

    /// Runs `body`, code of a library rather than of a user: what it records gets the place of the layer call in progress,
    /// else the current layer path alone, and no lines of the library.
    public static func withoutLines<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $layerCall.withValue(layerCall ?? Place(layer: path, file: "", line: 0), operation: body)
    }

    /// Runs `body`; what it records gets the place of the layer call in progress, else the call at this source line.
    public static func at<Result>(_ file: String, _ line: Int, _ body: () throws -> Result) rethrows -> Result {
        try $layerCall.withValue(call(file, line), operation: body)
    }

    /// The last component of a `#fileID`.
    static func fileName(_ file: String) -> String {
        String(file[(file.lastIndex(of: "/").map { file.index(after: $0) } ?? file.startIndex)...])
    }
}

/// Runs `body` with `name` added to the layer path of everything it records.
public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let path = PlaceScope.path.isEmpty ? name : "\(PlaceScope.path)/\(name)"
    return try PlaceScope.$path.withValue(path, operation: body)
}

/// The identity of one layer, by which its path in the model is found and its calls are located.
public final class LayerScope: Sendable {
    /// The layer's type, its name as long as it is not part of a traced model.
    public let kind: String
    /// Where the layer is made.
    let file: String
    let line: Int

    /// Makes the identity of a layer that is made at a source line.
    public init(_ kind: String, file: String = #fileID, line: Int = #line) {
        self.kind = kind
        self.file = PlaceScope.fileName(file)
        self.line = line
    }

    /// Where the layer is made: its path in the traced model (else its kind) and source line.
    public var place: Place { Place(layer: path, file: file, line: line) }

    private var path: String { TraceRecorder.current?.path(of: self) ?? kind }

    /// Runs one call of the layer; what it records gets the layer's path and the call's line (else the layer's own).
    public func call<Result>(
        file: String? = nil, line: Int = 0, _ body: () throws -> Result
    ) rethrows -> Result {
        let own = place
        let place = file.map { Place(layer: own.layer, file: PlaceScope.fileName($0), line: line) } ?? own
        return try PlaceScope.$layerCall.withValue(place, operation: body)
    }
}
