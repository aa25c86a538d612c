import Glibc

/// A shared object in this process. It is never unloaded, because threads of its own may still run its code.
struct SharedLibrary: @unchecked Sendable {
    /// The file it came from.
    let path: String
    private let handle: UnsafeMutableRawPointer

    /// Loads the shared object at `path`; throws an `ExecutionError` with the loader's reason.
    init(path: String) throws {
        // A name without a slash would be searched for in the system's folders.
        guard let handle = dlopen(path.contains("/") ? path : "./\(path)", RTLD_NOW | RTLD_LOCAL) else {
            throw ExecutionError(
                place: path, expected: "a shared object for this machine",
                actual: dlerror().map { "\"\(String(cString: $0))\"" } ?? "an unknown failure",
                remedy: "compile the model for this machine's architecture")
        }
        self.path = path
        self.handle = handle
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
