import Execution
import Foundation
import HostTensors
import KernelIR
import Testing
import Toolchain

@Suite struct CompiledModelTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        rows = try HostTensor((1...8).map(Float.init), shape: [2, 4])
        try SmallLibrary.build(in: folder.path, Target.host.architecture)
    }

    private let rows: HostTensor

    @Test(arguments: ["", "/shifting.json", "/libshifting.so"]) func loadsByFolderManifestOrLibrary(name: String) throws
    {
        let model = try Model.load(folder.path + name)
        #expect(
            try model.run("shift", ["x": rows])["sum"]?.doubles() == [11, 22, 33, 44, 15, 26, 37, 48])
        #expect(model.variant == Target.host.level.rawValue)
        #expect(model.threads >= 1)
        #expect(model.signature.functions.map(\.description) == ["shift(x: f32[B,4]) -> (sum: f32[B,4])"])
    }

    @Test(arguments: [0, 2, 63, 64, 100, 500, 0.25, 0.5, 0.9, 1] as [Double])
    func aLibraryThatWasCutOffIsAnError(_ part: Double) throws {
        let path = "\(folder.path)/libshifting.so"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let count = part < 1 ? Int(Double(whole.count) * part) : part == 1 ? whole.count - 1 : Int(part)
        try FileManager.default.removeItem(atPath: path)
        try whole.prefix(count).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ExecutionError.self) { try Model.load(folder.path) }
        #expect(error?.place == path)
        if count >= 64 { #expect(error?.description.contains("got \(count) bytes; the file was cut off") == true) }
    }

    /// A process that makes one model after another keeps neither their code nor their files.
    @Test func aLibraryIsInMemoryAsLongAsAModelOfIt() throws {
        let path = folder.path + "/libshifting.so"
        func isMapped() throws -> Bool {
            String(decoding: try WholeFile.read(path: "/proc/self/maps"), as: UTF8.self).contains(path)
        }
        do {
            var models = try (0..<2).map { _ in try Model.load(folder.path, threads: 2) }
            let shift = try models[0].prepare("shift")
            try shift([rows])
            models.removeAll()
            #expect(try isMapped())
            try shift([rows])
            #expect(shift.outputs[0].doubles() == [11, 22, 33, 44, 15, 26, 37, 48])
        }
        #expect(try !isMapped())
    }

    @Test func aModelSaysWhatItOffers() throws {
        #expect(
            try Model.load(folder.path).signature.description == """
                model 'shifting', B in 1...8
                  shift(x: f32[B,4]) -> (sum: f32[B,4])
                  parameter offset: f32[4]
                  counter calls: i64[]
                """)
    }

    @Test func statesAreKeptReadAndReplaced() throws {
        let model = try Model.load(folder.path, threads: 1)
        try model.run("shift", ["x": rows])
        try model.run("shift", ["x": rows])
        #expect(try model.state("calls") == HostTensor(scalar: Int64(2)))
        try model.setState("offset", to: HostTensor([Float(0), 0, 0, 1]))
        #expect(try model.run("shift", ["x": rows])["sum"]?.doubles() == [1, 2, 3, 5, 5, 6, 7, 9])
        // Another context has states of its own.
        let other = try Model.load(folder.path)
        #expect(try other.state("calls") == HostTensor(scalar: Int64(0)))
        try other.setStates(try model.states())
        #expect(try other.states() == model.states())
    }

    @Test func everyVariantOfThisMachineGivesTheSame() throws {
        let host = Target.host
        for level in CPULevel.levels(of: host.architecture) where level.rank <= host.level.rank {
            let model = try Model.load(folder.path, level: level)
            #expect(model.variant == level.rawValue)
            #expect(try model.run("shift", ["x": rows])["sum"]?.doubles() == [11, 22, 33, 44, 15, 26, 37, 48])
        }
    }

    @Test func wrongCallsAreRefusedBeforeTheyReachTheLibrary() throws {
        let model = try Model.load(folder.path)
        let error = #expect(throws: ExecutionError.self) {
            try model.run("shift", ["x": HostTensor(zeros: [9, 4], dtype: .f32)])
        }
        #expect(
            error?.description == "function 'shift', input 'x', axis 0: expected B in 1...8, got 9; "
                + "split or pad the batch, or widen the range when the model is made")
    }

    @Test func whatIsNoModelIsNamed() throws {
        let nowhere = folder.path + "/nowhere"
        let missing = #expect(throws: ExecutionError.self) { try Model.load(nowhere) }
        #expect(missing?.description == "\(nowhere): expected a compiled model, got no such file; check the path")
        let empty = folder.path + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let none = #expect(throws: ExecutionError.self) { try Model.load(empty) }
        #expect(
            none?.description == "\(empty): expected one library libNAME.so, got none; name the manifest of the model")
        for count in [-1, 257, .max] {
            let threads = #expect(throws: ExecutionError.self) { try Model.load(folder.path, threads: count) }
            #expect(
                threads?.description
                    == "\(folder.path)/libshifting.so: expected a thread count from 0 to 256, got \(count); "
                    + "give 0 to use every processor")
        }
    }

    @Test func anExportsFolderHoldsThisMachinesModel() throws {
        let exported = folder.path + "/exported"
        let own = CompilationTarget(architecture: Target.host.architecture).folderName
        try SmallLibrary.build(in: "\(exported)/\(own)", Target.host.architecture)
        #expect(try Model.load(exported).run("shift", ["x": rows])["sum"]?.doubles().first == 11)
    }

    @Test func aLibraryForAnotherMachineIsNamed() throws {
        let other = folder.path + "/other"
        try SmallLibrary.build(in: other, Target.host.architecture == .x86_64 ? .aarch64 : .x86_64)
        let error = #expect(throws: ExecutionError.self) { try Model.load(other) }
        let text = try #require(error?.description)
        #expect(text.hasPrefix("\(other)/libshifting.so: expected a shared object for this machine, got \""))
        #expect(text.hasSuffix("\"; compile the model for this machine's architecture"))
    }

    @Test func anImageIsWrittenOnceAndFollowsTheWeights() throws {
        let image = folder.path + "/shifting.image"
        let weights = folder.path + "/shifting.weights.safetensors"
        func sums() throws -> [Double]? {
            try Model.load(folder.path, image: image).run("shift", ["x": rows])["sum"]?.doubles()
        }
        let expected = try Model.load(folder.path).run("shift", ["x": rows])["sum"]?.doubles()
        #expect(try sums() == expected)
        let written = try WholeFile.read(path: image)
        #expect(try sums() == expected)
        #expect(try WholeFile.read(path: image) == written)
        // Calls count in their own process only.
        #expect(try Model.load(folder.path, image: image).state("calls") == HostTensor(scalar: Int64(0)))

        let offset = HostTensor([Float(0), 0, 0, 100])
        try Safetensors.write([("offset", offset), ("more", offset)], metadata: [:], path: weights)
        #expect(try sums() == [1, 2, 3, 104, 5, 6, 7, 108])
        #expect(try WholeFile.read(path: image) != written)
    }

    @Test func whatIsNoImageIsNamedAndLeftAlone() throws {
        let image = folder.path + "/notes.txt"
        try WholeFile.write(Array("notes".utf8), path: image)
        let error = #expect(throws: ExecutionError.self) { try Model.load(folder.path, image: image) }
        #expect(
            error?.description == "model 'shifting', image: expected success, got status 3; map_image '\(image)': "
                + "expected an image written by save_image, got a file of another kind")
        #expect(try WholeFile.read(path: image) == Array("notes".utf8))
        let nowhere = #expect(throws: ExecutionError.self) { try Model.load(folder.path, image: "/nowhere/x") }
        #expect(
            nowhere?.description == "model 'shifting', image: expected success, got status 3; save_image '/nowhere/x': "
                + "cannot be created")
    }

    @Test func damagedWeightsAreNamed() throws {
        let weights = folder.path + "/shifting.weights.safetensors"
        try WholeFile.write(Array(try WholeFile.read(path: weights).prefix(40)), path: weights)
        let error = #expect(throws: ExecutionError.self) { try Model.load(folder.path) }
        #expect(error?.description.hasPrefix("model 'shifting', \(weights): expected success, got status 3; ") == true)
    }
}
