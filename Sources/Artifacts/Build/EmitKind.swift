/// A kind of file that a build can deliver; the manifest is always among them.
public enum EmitKind: String, CaseIterable, Sendable, Hashable {
    /// `libNAME.so`, the shared library.
    case so
    /// `libNAME.a`, the static library.
    case a
    /// `NAME.o`, everything in one relocatable object.
    case o
    /// `NAME.h`, the C header.
    case header
    /// `NAME.py`, a Python module that calls the shared library.
    case python
    /// `NAME.hpp`, a C++ class over the C header.
    case hpp
    /// `NAME.swift`, a Swift class that calls the library, and `module.modulemap`, by which Swift sees the C header.
    case swift
    /// `NAME.<level>.ll`, the kernels and plans as LLVM IR.
    case ll
    /// `NAME.<level>.s`, the same as assembly.
    case asm

    /// Whether it is made of machine code.
    var isLinked: Bool { self == .so || self == .a || self == .o }
}
