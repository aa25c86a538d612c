import Glibc

/// The libraries of the system that the user's code may use, by soname; a name belongs to the first that has it.
package enum SystemLibrary: String, CaseIterable {
    case c = "libc.so.6"
    case mathematics = "libm.so.6"
    case compiler = "libgcc_s.so.1"
    case cpp = "libstdc++.so.6"

    /// The library of this machine that defines a name; it is taken to be the same on others.
    package static func defining(_ name: String) -> SystemLibrary? {
        // Where the tables of addresses are, the linker knows.
        if name == "_GLOBAL_OFFSET_TABLE_" { return .c }
        return allCases.first { library in
            guard let handle = dlopen(library.rawValue, RTLD_LAZY | RTLD_LOCAL) else { return false }
            defer { dlclose(handle) }
            return dlsym(handle, name) != nil
        }
    }
}
