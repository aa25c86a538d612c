import HostTensors
import Testing

@Suite("CSV tables")
struct CSVTests {
    static func table(_ text: String, _ format: CSV.Format = CSV.Format()) throws -> CSVTable {
        try CSV.decode(Array(text.utf8), format: format)
    }

    @Test(arguments: ["a,b\r\n1,2\r\n3,4\r\n", "a,b\n1,2\n3,4", "\u{feff}a,b\n\n1, 2 \n\n3,\"4\"\n\n"])
    func numbersBecomeATensor(text: String) throws {
        let table = try Self.table(text)
        #expect(table.columnNames == ["a", "b"])
        #expect(table.rowCount == 2)
        #expect(try table.tensor() == [[1, 2], [3, 4]])
        #expect(try table.tensor(columns: ["b", "a"]) == [[2, 1], [4, 3]])
        #expect(try table.tensor(column: "b", dtype: .i32) == HostTensor([2, 4] as [Int32]))
    }

    @Test func quotedFieldsKeepSeparatorsQuotesAndLines() throws {
        let table = try Self.table("name,n\n\"Smith, \"\"J\"\"\r\nand co\",1\n\"\",2\n,3\n")
        #expect(try table.texts(column: "name") == ["Smith, \"J\"\r\nand co", "", nil])
        #expect(try table.tensor(column: "n") == [1, 2, 3])
        let marked = try Self.table("a\n\"x\"\"\u{308}\"\n")
        #expect(try marked.texts(column: "a").map { $0.map { Array($0.unicodeScalars) } } == [["x", "\"", "\u{308}"]])
    }

    @Test func formatsVary() throws {
        let table = try Self.table("1;x\n2;-\n", CSV.Format(separator: ";", hasHeader: false, missingFields: ["-"]))
        #expect(table.columnNames == ["0", "1"])
        #expect(try table.texts(column: "1") == ["x", nil])
        #expect(try Self.table("a\n1\n\n2\n").tensor(missing: .filled(-1)) == [[1], [-1], [2]])
        #expect(try Self.table("a,b\n").tensor().shape == [0, 2])
    }

    /// What programs write where there is no number is no number to train on.
    @Test(arguments: ["", "NA", "N/A", "NaN", "nan", "null", "?"]) func missingNumbersAreSpelledInManyWays(
        field: String
    ) throws {
        #expect(try Self.table("a,b\n1,\(field)\n").tensor(missing: .filled(7)) == [[1, 7]])
    }

    /// Many programs put every field in quotes; a text in quotes is there, also an empty one.
    @Test func aNumberIsMissingInQuotesToo() throws {
        let table = try Self.table("a,b\n\"1\",\"\"\n\"\",\"NA\"\n")
        #expect(try table.tensor(missing: .filled(7)) == [[1, 7], [7, 7]])
        #expect(try table.texts(column: "b") == ["", "NA"])
    }

    /// Digits that a float cannot hold would be infinite, and a NaN would be in every sum.
    @Test(arguments: [
        ("1e39", DType.f32), ("-1e39", .f32), ("70000", .f16), ("1e999", .f64), ("0x1p1024", .f64), ("NAN", .f64),
        ("-nan", .f32), ("nan(7)", .f32),
    ]) func aFloatThatDoesNotFitIsNone(field: String, dtype: DType) throws {
        #expect(
            message { _ = try Self.table("a\n\(field)\n").tensor(dtype: dtype) }
                == "bytes: line 2, column 1: expected a number that is \(dtype) in column \"a\", found \"\(field)\"; mend the field, "
                + "choose another dtype, or list it in the format's missingFields")
    }

    @Test func infinityInLettersIsANumber() throws {
        #expect(try Self.table("a\ninf\n-Infinity\n1e-999\n").tensor().doubles() == [.infinity, -.infinity, 0])
    }

    /// Texts in another encoding would not be those that a model knows.
    @Test func otherEncodingsAreNamed() throws {
        let latin = try CSV.decode(Array("a,b\n".utf8) + [0x53, 0xe3, 0x6f, 0x2c, 0x31, 0x0a])
        #expect(try latin.tensor(column: "b") == [1])
        #expect(
            message { _ = try latin.texts(column: "a") }
                == "bytes: line 2, column 1: expected UTF-8 text in column \"a\", found \"S\u{fffd}o\"; convert the file, for instance "
                + "by iconv -f latin1 -t utf-8")
        #expect(
            message { _ = try CSV.decode([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00]) }
                == "bytes: line 1, column 1: expected UTF-8, found the mark of UTF-16; save or convert the file as UTF-8"
        )
    }

    @Test func everyDTypeIsRead() throws {
        let table = try Self.table("x\n0\n1\n")
        for dtype in DType.allCases {
            let tensor = try table.tensor(column: "x", dtype: dtype)
            #expect(tensor.dtype == dtype)
            #expect(tensor.doubles() == [0, 1])
        }
        let words = try Self.table("x\nTrue\nfalse\n").tensor(column: "x", dtype: .bool)
        #expect(words == HostTensor([true, false]))
        let large = try Self.table("x\n18446744073709551615\n").tensor(column: "x", dtype: .u64)
        #expect(large == HostTensor([UInt64.max]))
        let exact = try Self.table("x\n9007199254740993\n").tensor(column: "x", dtype: .i64)
        #expect(exact == HostTensor([9_007_199_254_740_993 as Int64]))
    }

    @Test func categoriesAreSortedAndIndexed() throws {
        let (names, indices) = try Self.table("c,n\nred,1\nblue,2\nNA,3\nred,4\n").categories(column: "c")
        #expect(names == ["blue", "red"])
        #expect(indices == HostTensor([1, 0, -1, 1] as [Int32]))
    }

    struct Damaged: Sendable {
        let text: String
        let message: String
    }

    @Test(arguments: [
        Damaged(
            text: "",
            message: "line 1, column 1: expected a header, found an empty file; give a file with at least one record"),
        Damaged(
            text: "\u{1}NUMPY,b\n1,2\n",
            message: "line 1, column 1: expected text, found byte 0x1; name a file of text"),
        Damaged(
            text: "a,b\n1,2\n3\n",
            message: "line 3, column 1: expected 2 fields, as in the first record, found 1; "
                + "add or remove fields; put fields that contain separators in quotes"),
        Damaged(
            text: "a,b\n1,2,3\n",
            message: "line 2, column 1: expected 2 fields, as in the first record, found 3; "
                + "add or remove fields; put fields that contain separators in quotes"),
        Damaged(
            text: "a,b,a\n",
            message: "line 1, column 5: expected different column names, found \"a\" again; "
                + "rename the column, or read the file without a header"),
        Damaged(
            text: "a,b\n1,\"2\n3\n",
            message: "line 2, column 3: expected a closing quote for this one, found the end of the file; "
                + "close the field; the file may be truncated"),
        Damaged(
            text: "a,b\n\"1\"x,2\n",
            message: "line 2, column 4: expected a separator or a line end after the closing quote, found byte 0x78; "
                + "double the quotes that belong to the field"),
        Damaged(
            text: "a,b\n5\",2\n",
            message: "line 2, column 2: expected quotes around the whole field, found a quote inside it; "
                + "put the field in quotes and double those inside"),
        Damaged(
            text: "a,b\n1,2\n3,x4\n",
            message: "line 3, column 3: expected a number that is f32 in column \"b\", found \"x4\"; "
                + "mend the field, choose another dtype, or list it in the format's missingFields"),
        Damaged(
            text: "a,b\n1,2\n,4\n",
            message: "line 3, column 1: expected a value in column \"a\", found a missing one; "
                + "fill the field, or pass missing: .filled(…)"),
    ])
    func damageIsNamed(damaged: Damaged) {
        #expect(message { _ = try Self.table(damaged.text).tensor() } == "bytes: \(damaged.message)")
    }

    @Test func valuesMustFit() throws {
        let table = try Self.table("a\n300\n?\n")
        let advice = "mend the field, choose another dtype, or list it in the format's missingFields"
        #expect(
            message { _ = try table.tensor(dtype: .u8) }
                == "bytes: line 2, column 1: expected a number that is u8 in column \"a\", found \"300\"; \(advice)")
        #expect(
            message { _ = try table.tensor(dtype: .i16, missing: .filled(.nan)) }
                == "bytes: line 3, column 1: expected a replacement for the missing value that is i16 in column \"a\", "
                + "found nan; choose another replacement or a float dtype")
        #expect(
            message { _ = try table.tensor(column: "b") }
                == "bytes: line 1, column 1: expected a column of \"a\", found \"b\"; ask for a column the file has")
        #expect(throws: FileError.self) { try CSV.decode([], format: CSV.Format(separator: "ä")) }
    }
}
