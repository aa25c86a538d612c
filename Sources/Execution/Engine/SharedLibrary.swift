import Glibc
import HostTensors

/// A shared object in this process, for as long as this value lives. Threads of its own end with the contexts that they work for.
final class SharedLibrary: @unchecked Sendable {
    /// The file it came from.
    let path: String
    private let handle: UnsafeMutableRawPointer

    /// Loads the shared object at `path`; throws an `ExecutionError` with the loader's reason, or when the file is not whole.
    init(path: String) throws {
        if let file = SharedObjectFile(path: path), file.byteCount < file.promisedCount {
            throw ExecutionError(
                place: path, expected: "a whole shared object, of \(file.promisedCount) bytes or more",
                actual: "\(file.byteCount) bytes", remedy: "the file was cut off: copy it or compile the model again")
        }
        let name = Self.name(ofFileNowAt: path)
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) }?.replacing(name, with: path)
            throw ExecutionError(
                place: path, expected: "a shared object for this machine",
                actual: reason.map { "\"\($0)\"" } ?? "an unknown failure",
                remedy: "compile the model for this machine's architecture")
        }
        self.path = path
        self.handle = handle
    }

    deinit { dlclose(handle) }

    /// A name of the path that differs where there is another file now: the loader takes a name that it knows for the library that it
    /// has, and a model may be exported again to the same place.
    private static func name(ofFileNowAt path: String) -> String {
        // A name without a slash would be searched for in the system's folders.
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "./"
        let file = slash.map { String(path[path.index(after: $0)...]) } ?? path
        var state = stat()
        guard stat(path, &state) == 0 else { return folder + file }
        // The file's number, in ways to say "here".
        let here = String(UInt64(state.st_ino), radix: 2).map { $0 == "1" ? "./" : "/" }.joined()
        return folder + here + file
    }

    /// The function of that name as a C function pointer type; throws when it is not exported.
    func function<Function>(_ name: String, as type: Function.Type) throws -> Function {
        guard let address = dlsym(handle, name) else {
            throw ExecutionError(
                place: path, expected: "an exported function '\(name)'", actual: "none of that name",
                remedy: "is this a library made by Strata, under the name it was compiled with?")
        }
        return unsafeBitCast(address, to: type)
    }
}
