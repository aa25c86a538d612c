import GraphIR
import Testing

/// Wrong text gives a `ParseError`, never a trap; right text gives a module that verifies.
@Suite struct ParserRobustnessTests {
    @Test func everyPrefixOfTheSampleIsAnError() throws {
        let bytes = Array(Sample.classifier.utf8)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for length in 0...end {
            let text = String(decoding: bytes[..<length], as: UTF8.self)
            let error = try #require(throws: ParseError.self) { try GraphModule(text: text) }
            #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
            #expect("\(error)".split(separator: "\n", omittingEmptySubsequences: false).count == 3)
        }
    }

    @Test(arguments: 0..<8)
    func changedBytesNeverTrap(_ seed: Int) throws {
        var random = Bits(seed: UInt64(seed))
        let letters = Array("{}()[],:=*+-.%#@\"\\ \n09azBx_é".utf8)
        for _ in 0..<150 {
            var bytes = Array(Sample.classifier.utf8)
            for _ in 0...random.below(3) {
                let at = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(letters[random.below(letters.count)], at: at)
                case 2: bytes[at] = letters[random.below(letters.count)]
                default:
                    let end = min(bytes.count, at + random.below(40))
                    bytes.insert(contentsOf: bytes[at..<end], at: random.below(bytes.count))
                }
            }
            try expectErrorOrValid(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(arguments: 0..<8)
    func exchangedWordsNeverTrap(_ seed: Int) throws {
        var random = Bits(seed: UInt64(seed) + 1000)
        let spares = [
            "-1", "0", "1", "2147483647", "-2147483648", "9223372036854775807", "99999999999999999999", "[0,1,2,3]",
            "[]", "none", "nan", "f64", "bool", "[B*B*B*B,2]", "true", "\"\"", "%image", "%w1", "[-1]", "[1],[1]",
        ]
        let words = Sample.classifier.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<150 {
            var words = words
            for _ in 0...random.below(2) {
                let at = random.below(words.count)
                words[at] = random.below(2) == 0 ? spares[random.below(spares.count)] : words[random.below(words.count)]
            }
            try expectErrorOrValid(words.joined(separator: " "))
        }
    }

    @Test(arguments: 0..<40)
    func randomGraphsWithExchangedNumbersNeverTrap(_ seed: Int) throws {
        var random = Bits(seed: UInt64(seed) + 2000)
        let text = Array(RandomGraph.module(seed: UInt64(seed)).text())
        let digits = text.indices.filter { text[$0].isNumber }
        for _ in 0..<20 {
            var text = text
            let numbers = ["0", "1", "3", "-1", "7", "65536", "2147483647", "-2147483647", "B"]
            let at = digits[random.below(digits.count)]
            text.replaceSubrange(at...at, with: Array(numbers[random.below(numbers.count)]))
            try expectErrorOrValid(String(text))
        }
    }

    @Test func manyTermsOfGreatSizeNeverTrap() throws {
        let size = "A*B*C+A*B*D+A*B*E+A*B*F+A*C*D+A*C*E+A*C*F+B*C*D+1"
        let text = """
            module v1 @m {
              dim A in 1...2147483647
              dim B in 1...3
              dim C in 1...3
              dim D in 1...3
              dim E in 1...3
              dim F in 1...3
              func @f(%x: f32[\(size)] "x") {
                %0 = slice %x starts [0] sizes [\(size)-A*B*C] strides [1] : f32[\(size)-A*B*C]
              }
            }
            """
        #expect(try GraphModule(text: text).diagnostics() == [])
        #expect(throws: ParseError.self) { try GraphModule(text: text.replacing("-A*B*C", with: "+A*B*C*D*E*F")) }
    }

    private func expectErrorOrValid(_ text: String) throws {
        do {
            let module = try GraphModule(text: text)
            let diagnostics = module.diagnostics()
            #expect(diagnostics == [], "parsed, but not valid:\n\(text)")
            let printed = module.text()
            #expect(try GraphModule(text: printed).text() == printed)
        } catch let error as ParseError {
            #expect(!"\(error)".isEmpty)
        }
    }
}

/// Random numbers for tests: xorshift64* (Vigna, 2016).
struct Bits {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_f491_4f6c_dd1d >> 33) % UInt64(bound))
    }
}
