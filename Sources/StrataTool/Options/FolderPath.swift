/// The path of a folder as a command line gives it.
enum FolderPath {
    /// The path without slashes at its end, which a shell's completion adds: paths below it have one then.
    static func trimmed(_ path: String) -> String {
        var rest = path[...]
        while rest.count > 1, rest.last == "/" { rest.removeLast() }
        return String(rest)
    }
}
