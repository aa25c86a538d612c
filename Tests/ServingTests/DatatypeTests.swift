import HostTensors
import Serving
import Testing

/// Tensors of every element type, as JSON and as binary data.
@Suite struct DatatypeTests {
    /// The protocol's name, a row of JSON, the row as it comes back, and a number that is refused.
    static let types: [(dtype: DType, name: String, data: String, answer: String, refused: String)] = [
        (.f64, "FP64", "0.1,-1e300,5e-324", "0.1,-1e+300,5e-324", "1e309"),
        (.f32, "FP32", "0.1,-3.4e38,16777217", "0.1,-3.4e+38,16777216.0", "1e39"),
        (.f16, "FP16", "0.1,-65504,1", "0.1,-65504.0,1.0", "65520"),
        (.bf16, "BF16", "0.5,-3e38,1", "0.5,-3.0040553e+38,1.0", "3.4e38"),
        (
            .i64, "INT64", "9223372036854775807,-9223372036854775808,0",
            "9223372036854775807,-9223372036854775808,0", "9223372036854775808"
        ),
        (.i32, "INT32", "2147483647,-2147483648,7", "2147483647,-2147483648,7", "2147483648"),
        (.i16, "INT16", "32767,-32768,7", "32767,-32768,7", "32768"),
        (.i8, "INT8", "127,-128,7", "127,-128,7", "1.0"),
        (.u64, "UINT64", "18446744073709551615,0,7", "18446744073709551615,0,7", "-1"),
        (.u32, "UINT32", "4294967295,0,7", "4294967295,0,7", "-1"),
        (.u16, "UINT16", "65535,0,7", "65535,0,7", "65536"),
        (.u8, "UINT8", "255,0,7", "255,0,7", "\\\"7\\\""),
        (.bool, "BOOL", "true,false,1", "true,false,true", "2"),
    ]

    private func graph(_ dtype: DType) -> String {
        """
        module v1 @same {
          dim B in 1...64
          func @predict(%x: \(dtype)[B,3] "x") {
            %0 = reverse %x axes [1] : \(dtype)[B,3]
            %1 = reverse %0 axes [1] : \(dtype)[B,3]
            output %1 : \(dtype)[B,3] "y"
          }
        }

        """
    }

    @Test(arguments: types) func everyTypeComesBack(
        dtype: DType, name: String, data: String, answer: String, refused: String
    ) async throws {
        try await TestServer.with([try TestServer.model(graph(dtype))]) { client, _ in
            let begin = #"{"inputs":[{"name":"x","datatype":"\#(name)","shape":[1,3],"#
            let output =
                #"{"model_name":"same","model_version":"1","outputs":[{"name":"y","datatype":"\#(name)","shape":[1,3],"#
            let text = try await client.infer("same", begin + #""data":[\#(data)]}]}"#)
            #expect(text.text == output + #""data":[\#(answer)]}]}"#, "\(text.text)")

            let wrong = try await client.infer(
                "same", begin + #""data":[\#(refused.replacing("\\", with: "")),0,0]}]}"#)
            #expect(wrong.status == 400)
            #expect(wrong.text.contains("input 'x', data, element 0: expected "), "\(wrong.text)")

            // The same as binary data, both ways.
            let bytes = (0..<3 * dtype.byteCount).map { dtype == .bool ? UInt8($0 % 2) : UInt8($0 * 9 + 1) }
            let json =
                begin
                + #""parameters":{"binary_data_size":\#(bytes.count)}}],"parameters":{"binary_data_output":true}}"#
            let binary = try await client.send(
                .POST, "/v2/models/same/infer", headers: [("Inference-Header-Content-Length", "\(json.utf8.count)")],
                body: Array(json.utf8) + bytes)
            let length = try #require(Int(binary.headers.first(name: "Inference-Header-Content-Length") ?? ""))
            #expect(binary.headers.first(name: "Content-Type") == "application/octet-stream")
            #expect(
                String(decoding: binary.body.prefix(length), as: UTF8.self)
                    == output + #""parameters":{"binary_data_size":\#(bytes.count)}}]}"#)
            #expect(Array(binary.body.dropFirst(length)) == bytes)
        }
    }

    @Test func binaryDataThatDoesNotFitIsRefused() async throws {
        try await TestServer.with([try TestServer.model(graph(.i16))]) { client, _ in
            for (parameters, byteCount, message) in [
                (
                    "\"binary_data_size\":5", 6,
                    "input 'x': a tensor INT16 of shape [1, 3] has 6 bytes; binary_data_size is 5"
                ),
                (
                    "\"binary_data_size\":6", 5,
                    "input 'x': expected 6 bytes of binary data after the JSON, got 5: is the header "
                        + "Inference-Header-Content-Length right?"
                ),
                (
                    "\"binary_data_size\":6", 7,
                    "the body has 7 bytes of binary data; the inputs' binary_data_size take 6"
                ),
                (
                    "\"binary_data_size\":-6", 6,
                    "inputs[0], \\\"parameters\\\", \\\"binary_data_size\\\": expected a whole number from 0, got the number -6"
                ),
                (
                    "\"shared_memory_region\":\"r\"", 0,
                    "inputs[0], \\\"parameters\\\": 'shared_memory_region' belongs to an extension that this server does not "
                        + "have; GET /v2 lists those it has"
                ),
            ] {
                let json = #"{"inputs":[{"name":"x","datatype":"INT16","shape":[1,3],"parameters":{\#(parameters)}}]}"#
                let answer = try await client.send(
                    .POST, "/v2/models/same/infer",
                    headers: [("Inference-Header-Content-Length", "\(json.utf8.count)")],
                    body: Array(json.utf8) + Array(repeating: 0, count: byteCount))
                #expect(answer.status == 400 && answer.text == "{\"error\":\"\(message)\"}", "\(answer.text)")
            }
        }
    }
}
