import Foundation
import Testing
import Toolchain

@Suite struct LinkingTests {
    private static func library(of architecture: Architecture, level: CPULevel = .baseline) throws -> [UInt8] {
        let target = Target(architecture: architecture, level: level)
        return try Linker.locate().sharedObject(
            objects: [LLVMCompiler.object(ir: Samples.add, target: target)], soname: "libadd.so",
            architecture: architecture, exports: ["add"])
    }

    #if arch(x86_64)
        @Test(arguments: Target.all(of: .x86_64).filter { $0.level.rank <= Target.host.level.rank })
        func aKernelRunsInThisProcess(target: Target) throws {
            try withFolder { folder in
                let path = try store(Self.library(of: .x86_64, level: target.level), as: "libadd.so", in: folder)
                let handle = try #require(dlopen(path, RTLD_NOW | RTLD_LOCAL))
                let symbol = try #require(dlsym(handle, "add"))
                typealias Add =
                    @convention(c) (
                        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int
                    ) -> Void
                let add = unsafeBitCast(symbol, to: Add.self)
                let x = (0..<37).map { Float($0) }
                let y = (0..<37).map { Float($0) * 0.5 }
                var z = [Float](repeating: .nan, count: 37)
                add(x, y, &z, 37)
                #expect(z == (0..<37).map { Float($0) * 1.5 })
            }
        }
    #endif

    @Test(arguments: Architecture.allCases)
    func renamedSymbolsAreLinkedByTheirNewNames(architecture: Architecture) throws {
        let ir = """
            declare void @common_call()
            declare void @other()
            define void @common_enter() {
              call void @common_call()
              call void @other()
              ret void
            }

            """
        let target = Target(architecture: architecture, level: .baseline)
        let object = try LLVMCompiler.object(ir: ir, target: target)
        let renamed = try ELFFile.renamingSymbols(of: object, from: "common_", to: "much_longer_than_that_")
        #expect(try ELFFile(renamed).exportedSymbols == ["much_longer_than_that_enter"])
        #expect(try ELFFile(renamed).undefinedSymbols == ["much_longer_than_that_call", "other"])
        let rest = """
            define void @much_longer_than_that_call() {
              ret void
            }
            define void @other() {
              ret void
            }

            """
        let library = try Linker.locate().sharedObject(
            objects: [renamed, LLVMCompiler.object(ir: rest, target: target)], soname: "libnames.so",
            architecture: architecture, exports: ["much_longer_than_that_enter"])
        #expect(try ELFFile(library).exportedSymbols == ["much_longer_than_that_enter"])
        #expect(try ELFFile(library).undefinedSymbols.isEmpty)
        #expect(throws: ProgramError.self) {
            try ELFFile.renamingSymbols(of: Array(object.prefix(60)), from: "common_", to: "x_")
        }
    }

    private static let canEmulate =
        Subprocess.find("qemu-aarch64") != nil
        && FileManager.default.fileExists(atPath: EnvironmentReport.aarch64Root + "/lib/libc.so.6")

    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"))
    func aKernelForAArch64RunsUnderTheEmulator() throws {
        try withFolder { folder in
            let library = try store(Self.library(of: .aarch64), as: "libadd.so", in: folder)
            let program = folder + "/program"
            let target = Target(architecture: .aarch64, level: .baseline)
            try Linker.locate().program(
                objects: [LLVMCompiler.object(ir: Samples.addingProgram, target: target)], libraries: [library],
                output: program, architecture: .aarch64)
            let emulator = try #require(Subprocess.find("qemu-aarch64"))
            let outcome = try Subprocess.run(emulator, ["-L", EnvironmentReport.aarch64Root, program])
            #expect(outcome.exitStatus == 66, "\(outcome.standardError)")
        }
    }

    @Test(arguments: Architecture.allCases)
    func aLibraryNeedsTheCLibraryAndShowsItsExportsOnly(architecture: Architecture) throws {
        let target = Target(architecture: architecture, level: .baseline)
        let object = try LLVMCompiler.object(ir: Samples.usingCLibrary, target: target)
        #expect(try ELFFile(object).undefinedSymbols == ["memcpy", "pthread_cond_wait"])
        let library = try ELFFile(
            Linker.locate().sharedObject(
                objects: [object], soname: "libsample.so", architecture: architecture, exports: ["copy_and_wait"]))
        #expect(library.undefinedSymbols == ["memcpy", "pthread_cond_wait"])
        #expect(library.exportedSymbols == ["copy_and_wait"])
        #expect(library.needed == ["libc.so.6"])
        #expect(library.soname == "libsample.so")
        #expect(library.symbols.contains { $0.name == "helper" && $0.isFunction && $0.byteCount > 0 })
    }

    @Test func conditionVariablesAreNotThoseOfTheFirstRelease() throws {
        func hasVersion(_ architecture: Architecture) throws -> Bool {
            let target = Target(architecture: architecture, level: .baseline)
            let library = try Linker.locate().sharedObject(
                objects: [LLVMCompiler.object(ir: Samples.usingCLibrary, target: target)], soname: "libsample.so",
                architecture: architecture, exports: ["copy_and_wait"])
            #if arch(x86_64)
                if architecture == .x86_64 {
                    try withFolder { folder in
                        let path = try store(library, as: "libsample.so", in: folder)
                        #expect(dlopen(path, RTLD_NOW | RTLD_LOCAL) != nil)
                    }
                }
            #endif
            return Data(library).range(of: Data("GLIBC_2.3.2\0".utf8)) != nil
        }
        #expect(try hasVersion(.x86_64))
        #expect(try !hasVersion(.aarch64))
    }

    @Test(arguments: Architecture.allCases)
    func foldersLeaveNoTrace(architecture: Architecture) throws {
        func build(in folder: String) throws -> Data {
            let target = Target(architecture: architecture, level: .baseline)
            let object = try store(
                LLVMCompiler.object(ir: Samples.usingCLibrary, target: target), as: "part.o", in: folder)
            let output = folder + "/libsample.so"
            try Linker.locate().sharedObject(
                objectFiles: [object], output: output, soname: "libsample.so", architecture: architecture,
                exports: ["copy_and_wait"])
            return try Data(contentsOf: URL(fileURLWithPath: output))
        }
        let first = try withFolder(build)
        let second = try withFolder { folder in
            let deeper = folder + "/a folder with a longer name"
            try FileManager.default.createDirectory(atPath: deeper, withIntermediateDirectories: true)
            return try build(in: deeper)
        }
        #expect(first == second)
        #expect(first.range(of: Data(FileManager.default.temporaryDirectory.path.utf8)) == nil)
    }

    @Test func anExportThatNothingDefinesIsAnError() throws {
        let object = try LLVMCompiler.object(ir: Samples.add, target: Target(architecture: .x86_64, level: .baseline))
        let error = #expect(throws: ToolchainError.self) {
            try Linker.locate().sharedObject(
                objects: [object], soname: "libadd.so", architecture: .x86_64, exports: ["add", "subtract"])
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("libadd.so can't be linked: "))
        #expect(text.contains("symbol 'subtract'"))
    }

    @Test func anotherArchitecturesObjectIsAnError() throws {
        let object = try LLVMCompiler.object(ir: Samples.add, target: Target(architecture: .aarch64, level: .baseline))
        #expect(throws: ToolchainError.self) {
            try Linker.locate().sharedObject(
                objects: [object], soname: "libadd.so", architecture: .x86_64, exports: ["add"])
        }
    }

    @Test func aMissingLinkerSaysHowToGetOne() {
        let error = #expect(throws: ToolchainError.self) {
            try Linker.locate(candidates: ["/nowhere/ld.lld", "ld.lld"], searchPath: ["/nowhere/bin"])
        }
        #expect(
            error?.description == "no linker found (looked for /nowhere/ld.lld, ld.lld): "
                + "sudo apt-get install --no-install-recommends lld-19")
    }

    @Test func aLinkerThatIsNoProgramIsAnError() {
        let error = #expect(throws: ProgramError.self) {
            try Linker(path: "/nowhere/ld.lld").sharedObject(
                objects: [], soname: "libnone.so", architecture: .x86_64, exports: [])
        }
        #expect(error?.description == "/nowhere/ld.lld can't be started: No such file or directory")
    }
}

@Suite struct StaticArchiveTests {
    @Test func theLinkerFindsMembersByTheirSymbols() throws {
        try withFolder { folder in
            let target = Target(architecture: .x86_64, level: .baseline)
            let caller = "declare i32 @two()\ndefine i32 @caller() {\n  %r = call i32 @two()\n  ret i32 %r\n}\n"
            let members = try [("one", 1), ("two", 2), ("three", 3)].map { name, value in
                StaticArchive.Member(
                    name: "a-rather-long-name-of-\(name).o",
                    content: try LLVMCompiler.object(ir: Samples.constant(name, value), target: target))
            }
            let archive = try store(StaticArchive.bytes(of: members), as: "libparts.a", in: folder)
            let object = try store(LLVMCompiler.object(ir: caller, target: target), as: "caller.o", in: folder)
            let output = folder + "/libcaller.so"
            try Linker.locate().sharedObject(
                objectFiles: [object, archive], output: output, soname: "libcaller.so", architecture: .x86_64,
                exports: ["caller"])
            let linked = try ELFFile([UInt8](Data(contentsOf: URL(fileURLWithPath: output))))
            #expect(linked.undefinedSymbols.isEmpty)
            #expect(linked.symbols.filter(\.isFunction).map(\.name).sorted() == ["caller", "two"])
        }
    }

    @Test func theLayoutIsTheGNUFormWithoutTimesOrOwners() throws {
        let target = Target(architecture: .x86_64, level: .baseline)
        let object = try LLVMCompiler.object(ir: Samples.constant("f", 1), target: target)
        let archive = try StaticArchive.bytes(of: [.init(name: "f.o", content: object)])
        let index = "!<arch>\n/               0           0     0     0       10        `\n"
        #expect(archive.starts(with: Array(index.utf8)))
        // The index: one symbol, in the member right behind the index, called f.
        #expect(Array(archive[68..<78]) == [0, 0, 0, 1, 0, 0, 0, 78, 0x66, 0])
        let member = "f.o/            0           0     0     644     "
        #expect(archive[78...].starts(with: Array(member.utf8)))
        #expect(archive.count == 78 + 60 + object.count + object.count % 2)
    }

    @Test func aMemberThatIsNoObjectIsAnError() {
        #expect(throws: ProgramError.malformedELF(reason: "expected it to start with 7f 45 4c 46 02 01")) {
            try StaticArchive.bytes(of: [.init(name: "text.o", content: Array("text".utf8))])
        }
    }
}

@Suite struct ELFFileTests {
    @Test func noPrefixOfAFileReadsOutsideIt() throws {
        let object = try LLVMCompiler.object(ir: Samples.add, target: Target(architecture: .x86_64, level: .baseline))
        for count in 0..<object.count {
            #expect(throws: ProgramError.self) { try ELFFile(Array(object[..<count])) }
        }
    }

    @Test func noChangedByteReadsOutsideTheFile() throws {
        let object = try LLVMCompiler.object(ir: Samples.add, target: Target(architecture: .x86_64, level: .baseline))
        for index in object.indices {
            var changed = object
            changed[index] ^= 0xff
            // Either it still reads, or it is an error: no trap.
            _ = try? ELFFile(changed)
        }
    }
}
