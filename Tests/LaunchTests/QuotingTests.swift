import Foundation
import Launch
import Testing

/// Texts of a user, as a shell and a reader of YAML get them.
@Suite struct QuotingTests {
    static let awkward = [
        "", " ", "a b", "it's", "'", "''", "\"q\"", "a\nb", "a\\nb", "\\", "$HOME", "$(id)", "`id`", "!x", "*", "~",
        "#c",
        "a;b", "a&b", "<x>", "é ü 漢 🙂", "\u{7F}", "\t", "\u{1}", "\u{85}\u{2028}\u{FEFF}", "-n", "=", "%d", "{a,b}",
        "[x]",
        ": ", "- ", "yes", "null", "1e3", "@", "%",
    ]

    /// `printf` gives back each word that it gets, ended by a zero byte.
    @Test func aShellReadsBackWhatWasQuoted() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "printf '%s\\0' " + ShellText.quoted(Self.awkward)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let words = output.fileHandleForReading.readDataToEndOfFile().split(
            separator: 0, omittingEmptySubsequences: false)
        process.waitUntilExit()
        #expect(words.dropLast().map { String(decoding: $0, as: UTF8.self) } == Self.awkward)
    }

    @Test(arguments: [
        ("train", "train"), ("./a-b_c/d.e:1,2+3=4@5%", "./a-b_c/d.e:1,2+3=4@5%"), ("", "''"), ("a b", "'a b'"),
        ("it's", #"'it'\''s'"#), ("é", "'é'"), ("a\nb", "'a\nb'"), ("~", "'~'"),
    ])
    func plainWordsStayPlain(text: String, quoted: String) { #expect(ShellText.quoted(text) == quoted) }

    /// JSON's strings are YAML's, so a reader of JSON has to give back the same.
    @Test(arguments: awkward) func aReaderReadsBackWhatWasQuoted(text: String) throws {
        let quoted = YAMLText.quoted(text)
        #expect(quoted.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x85 })
        let read = try JSONSerialization.jsonObject(with: Data(quoted.utf8), options: .fragmentsAllowed)
        #expect(Array((read as? String ?? "none").unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(arguments: [
        ("train", #""train""#), ("say \"hi\"\\", #""say \"hi\"\\""#), ("a\nb\tc", #""a\nb\tc""#),
        ("\u{0}\u{1B}\u{7F}\u{85}\u{2028}\u{FEFF}", #""\u0000\u001B\u007F\u0085\u2028\uFEFF""#), ("é🙂", "\"é🙂\""),
    ])
    func whatIsNotPlainIsEscaped(text: String, quoted: String) { #expect(YAMLText.quoted(text) == quoted) }
}
