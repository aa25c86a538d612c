/// Collects constants of an LLVM module: texts once each, and arrays of structures.
struct ConstantTable {
    private let prefix: String
    private var texts: [String: String] = [:]
    /// The module's lines so far.
    private(set) var ir = ""

    /// `prefix` begins every symbol.
    init(prefix: String) { self.prefix = prefix }

    /// A pointer to `string` as a C string.
    mutating func text(_ string: String) -> String {
        if let known = texts[string] { return known }
        let symbol = "@\(prefix)text_\(texts.count)"
        let (literal, count) = Self.literal(string)
        ir += "\(symbol) = private unnamed_addr constant [\(count) x i8] c\"\(literal)\", align 1\n"
        texts[string] = "ptr \(symbol)"
        return "ptr \(symbol)"
    }

    /// A pointer to an array of elements, each with its type written before it; null when there is none.
    mutating func array(_ name: String, of elements: [String], type: String) -> String {
        if elements.isEmpty { return "ptr null" }
        let symbol = "@\(prefix)\(name)"
        ir += "\(symbol) = internal constant [\(elements.count) x \(type)] [\n"
        ir += elements.map { "  \($0)" }.joined(separator: ",\n") + "\n], align 8\n"
        return "ptr \(symbol)"
    }

    /// A pointer to an array of structures, each by its fields; null when there is none.
    mutating func structures(_ name: String, _ elements: [[String]]) -> String {
        array(name, of: elements.map(Self.structure), type: Self.type(of: elements.first ?? []))
    }

    /// A pointer to an array of 64-bit integers.
    mutating func integers(_ name: String, _ values: [Int]) -> String {
        array(name, of: values.map { "i64 \($0)" }, type: "i64")
    }

    /// A structure's constant: the type and then the value.
    static func structure(_ fields: [String]) -> String {
        "\(type(of: fields)) { \(fields.joined(separator: ", ")) }"
    }

    /// The structure type of fields that are each written as a type and a value.
    static func type(of fields: [String]) -> String {
        "{ \(fields.map { String($0.prefix { $0 != " " }) }.joined(separator: ", ")) }"
    }

    /// LLVM's literal of a C string, and its bytes with the terminator.
    private static func literal(_ string: String) -> (text: String, count: Int) {
        var text = ""
        let digits = Array("0123456789ABCDEF")
        for byte in Array(string.utf8) + [0] {
            let isPlain = byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return (text, string.utf8.count + 1)
    }
}
