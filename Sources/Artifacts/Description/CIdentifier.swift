/// Names as C and C++ allow them.
enum CIdentifier {
    /// Whether `name` is made as an identifier of both languages is. It may be a word that they keep for themselves: with a prefix it
    /// is none.
    static func isWord(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy(isAllowed)
    }

    /// An identifier as near to `name` as can be: other characters become underscores.
    static func nearest(to name: String) -> String {
        var text = String(decoding: name.utf8.map { isAllowed($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        if text.utf8.first.map(isDigit) ?? true { text = "_" + text }
        return keywords.contains(text) ? text + "_" : text
    }

    /// Distinct identifiers for `names`, none of them in `taken`.
    static func distinct(_ names: [String], taken: [String]) -> [String] {
        var used = Set(taken)
        return names.map { name in
            let base = nearest(to: name)
            var candidate = base
            var number = 2
            while !used.insert(candidate).inserted {
                candidate = "\(base)_\(number)"
                number += 1
            }
            return candidate
        }
    }

    /// Distinct identifiers for `names`, none of them in `taken`: one that is gets an underscore.
    static func distinct(_ names: [String], underscoring taken: [String]) -> [String] {
        let words = Set(taken)
        return distinct(names.map { words.contains($0) ? $0 + "_" : $0 }, taken: taken)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// What C17 and C++20 keep for themselves, alternative operator names among them, and then what compilers and the headers
    /// of the C library define: a name that is replaced before the compiler sees it can't be a parameter's.
    private static let keywords = Set(
        """
        alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await \
        co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do \
        double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable \
        namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast \
        requires restrict return short signed sizeof static static_assert static_cast struct switch template this \
        thread_local throw true try typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while \
        xor xor_eq _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local \
        int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t size_t NULL \
        linux unix i386 I complex EOF NAN INFINITY HUGE_VAL errno stdin stdout stderr assert offsetof BUFSIZ CHAR_BIT \
        INT8_MAX INT8_MIN INT16_MAX INT16_MIN INT32_MAX INT32_MIN INT64_MAX INT64_MIN UINT8_MAX UINT16_MAX UINT32_MAX \
        UINT64_MAX SIZE_MAX INT_MAX INT_MIN UINT_MAX LONG_MAX LONG_MIN FLT_MAX FLT_MIN DBL_MAX DBL_MIN RAND_MAX
        """.split(separator: " ").map(String.init))
}
