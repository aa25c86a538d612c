import Foundation
import Testing

/// `strata self-test`
@Suite struct SelfTestCommandTests {
    @Test func aLibraryIsTestedAndListed() throws {
        try Tool.withGraph { path, folder in
            let out = folder + "/out"
            let compiled = try Tool.run("compile", path, "-o", out, "--self-test", "--cpu", "baseline", "--no-cache")
            #expect(compiled.code == 0, "\(compiled.errors)")
            for place in [out, out + "/libsmall.so", out + "/small.json"] {
                let result = try Tool.run("self-test", place)
                #expect(result.code == 0, "\(result.errors)")
                let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                #expect(rows.first == ["level", "function", "sizes", "compared", "worst", "error", "allowed"])
                #expect(rows.dropFirst().dropLast().allSatisfy { $0.first == "baseline" && $0.last == "ok" })
                #expect(rows.dropFirst().map { $0[1] }.dropLast() == ["init", "predict", "predict"])
                #expect(rows.last?.joined(separator: " ") == "passed: small computes what it should at baseline")
            }
            let json = try Tool.run("self-test", out, "--json", "--threads", "1", "--cpu", "baseline")
            let value = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect(value?["passed"] as? Bool == true)
            #expect((value?["results"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["w", "y", "y"])
        }
    }

    @Test func aLibraryThatComputesNothingSaysSo() throws {
        try Tool.withFolder { folder in
            try "module v1 @none {\n  state %w : f32[2] parameter \"w\"\n}\n".write(
                toFile: folder + "/none.graph", atomically: true, encoding: .utf8)
            _ = try Tool.run("compile", folder + "/none.graph", "-o", folder, "--self-test")
            let result = try Tool.run("self-test", folder)
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output == "nothing to test: no function of none has an output or updates a state\n")
            let run = try Tool.run("run", folder + "/none.graph")
            #expect(run.code == 1 && run.errors == "error: the graph has no function\n")
        }
    }

    @Test func whatIsWrongIsNamed() throws {
        try Tool.withGraph { path, folder in
            _ = try Tool.run("compile", path, "-o", folder + "/plain", "--cpu", "baseline")
            _ = try Tool.run("compile", path, "-o", folder + "/other", "--target", "aarch64", "--self-test")
            let cases: [([String], Int32, String)] = [
                ([folder + "/none"], 1, "error: \(folder)/none: expected a compiled model, got no such file"),
                (
                    [folder + "/plain"], 1,
                    "error: \(folder)/plain/libsmall.so: expected a library with a self-test, got one"
                ),
                (
                    [folder + "/plain/small.h"], 1,
                    "error: \(folder)/plain/small.h: expected a library libNAME.so, its manifest"
                ),
                (
                    [folder + "/other"], 1,
                    "error: \(folder)/other/libsmall.so: expected a shared object for this machine"
                ),
                ([folder, "--cpu", "z80"], 64, "error: --cpu z80: expected one of baseline, v3"),
            ]
            for (arguments, code, message) in cases {
                #if !arch(x86_64)
                    if arguments[0].hasSuffix("other") { continue }
                #endif
                let result = try Tool.run(["self-test"] + arguments)
                #expect(result.code == code && result.errors.hasPrefix(message), "\(result.errors)")
            }
        }
    }

    /// A weight in the library that is not what it was: the command fails and says where.
    @Test func aDamagedLibraryFails() throws {
        try Tool.withGraph { path, folder in
            _ = try Tool.run("compile", path, "-o", folder, "--embed-weights", "--self-test", "--cpu", "baseline")
            let library = URL(fileURLWithPath: folder + "/libsmall.so")
            var bytes = try Data(contentsOf: library)
            let weights = [Float(1), 2, 3, 4, 5, 6].withUnsafeBytes { Data($0) }
            // The values are there as the weights, and as those that 'init' makes.
            while let place = bytes.range(of: weights) { bytes[place.upperBound - 1] = 0x41 }
            try bytes.write(to: library)
            let result = try Tool.run("self-test", folder)
            #expect(result.code == 1)
            #expect(result.output.contains("predict    B=3"))
            #expect(result.output.contains("FAIL"))
            #expect(result.output.contains("FAILED: self_test: baseline: "))
        }
    }
}
