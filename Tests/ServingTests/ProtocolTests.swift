import Foundation
import HostTensors
import NIOHTTP1
import Serving
import Testing

/// What is answered to right and wrong requests.
@Suite struct ProtocolTests {
    /// A request, and its answer.
    struct Case: CustomTestStringConvertible {
        let request: String
        let status: Int
        let answer: String
        var testDescription: String { request }

        init(_ request: String, _ status: Int, _ answer: String) {
            (self.request, self.status, self.answer) = (request, status, answer)
        }
    }

    private static let metadata =
        #"{"name":"affine","versions":["1"],"platform":"strata","inputs":[{"name":"x","datatype":"FP32","shape":[-1,3]}],"#
        + #""outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]}]}"#

    /// Requests without a body.
    static let routes = [
        Case("GET /v2/health/live", 200, #"{"live":true}"#),
        Case("GET /v2/health/ready", 200, #"{"ready":true}"#),
        Case("GET /v2", 200, #"{"name":"strata","version":"0.1.0","extensions":["binary_tensor_data"]}"#),
        Case("GET /v2/", 200, #"{"name":"strata","version":"0.1.0","extensions":["binary_tensor_data"]}"#),
        Case("GET /v2/models", 200, #"{"models":["affine"]}"#),
        Case("GET /v2/models/affine", 200, metadata),
        Case("GET /v2/models/%61ffine?a=b", 200, metadata),
        Case("GET /v2/models/affine/versions/1", 200, metadata),
        Case("GET HTTP://127.0.0.1:8000/v2/health/live?a=b", 200, #"{"live":true}"#),
        Case("GET /v2/models/affine/ready", 200, #"{"name":"affine","ready":true}"#),
        Case("GET /v2/models/affine/versions/1/ready", 200, #"{"name":"affine","ready":true}"#),
        Case(
            "GET /v2/models/affine/versions/2", 404, #"{"error":"model 'affine' has no version '2'; it has '1'"}"#),
        Case("GET /v2/models/other", 404, #"{"error":"there is no model 'other'; there are 'affine'"}"#),
        Case("POST /v2/models/other/infer", 404, #"{"error":"there is no model 'other'; there are 'affine'"}"#),
        Case("GET /v2/models/affine/infer", 405, #"{"error":"/v2/models/affine/infer takes POST, not GET"}"#),
        Case("POST /v2/health/live", 405, #"{"error":"/v2/health/live takes GET, not POST"}"#),
        Case(
            "GET /", 404,
            #"{"error":"there is nothing at '/'; there are /v2, /v2/health/live, /v2/health/ready, /v2/models, "#
                + #"/v2/models/NAME, /v2/models/NAME/ready, /v2/models/NAME/infer, /metrics"}"#),
    ]

    @Test func routes() async throws {
        try await TestServer.with([try TestServer.model(TestServer.affine)]) { client, _ in
            for example in Self.routes {
                let words = example.request.split(separator: " ").map(String.init)
                let answer = try await client.send(HTTPMethod(rawValue: words[0]), words[1])
                #expect(answer.status == example.status && answer.text == example.answer, "\(example): \(answer)")
                #expect(answer.headers.first(name: "Content-Type") == "application/json")
                if example.status == 405 { #expect(answer.headers.contains(name: "Allow")) }
            }
        }
    }

    private static func x(_ rest: String) -> String { #"{"inputs":[{"name":"x","datatype":"FP32",\#(rest)}]}"# }
    private static func y(_ shape: String, _ data: String) -> String {
        #"{"model_name":"affine","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":\#(shape),"data":[\#(data)]}]}"#
    }
    private static func error(_ message: String) -> String { #"{"error":"\#(message)"}"# }

    /// Bodies of inferences.
    static let inferences = [
        Case(x(#""shape":[1,3],"data":[1,0.5,-0.25e0]"#), 200, y("[1,2]", "1.25,2.5")),
        Case(x(#""shape":[2,3],"data":[[1,0,0],[0,1,0]]"#), 200, y("[2,2]", "1.0,2.0,3.0,4.0")),
        Case(x(#""data":[1,0,0],"shape":[1,3]"#), 200, y("[1,2]", "1.0,2.0")),
        Case(x(#""shape":[1,3],"data":["Infinity",0,1]"#), 200, y("[1,2]", #""Infinity","Infinity""#)),
        Case(
            #"{"id":"a\"b","parameters":{"other":1},"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,0,0]}],"#
                + #""outputs":[{"name":"y"}]}"#, 200,
            #"{"model_name":"affine","model_version":"1","id":"a\"b","outputs":[{"name":"y","datatype":"FP32","#
                + #""shape":[1,2],"data":[1.0,2.0]}]}"#),
        Case("", 400, error("the body is not JSON: line 1, column 1: expected a value, got the end of the text")),
        Case("{\n \"inputs\" []}", 400, error("the body is not JSON: line 2, column 11: expected ':', got '['")),
        Case("[]", 400, error("the body: expected an object, got an array")),
        Case("{}", 400, error(#"the body: expected a member \"inputs\", a list of tensors, got none"#)),
        Case(#"{"inputs":[7]}"#, 400, error("inputs[0]: expected an object, got the number 7")),
        Case(#"{"inputs":[{}]}"#, 400, error(#"inputs[0], \"name\": expected a string, got nothing"#)),
        Case(#"{"inputs":[{"name":"z"}]}"#, 400, error("inputs[0]: the model has no input 'z'; it has 'x'")),
        Case(
            #"{"inputs":[]}"#, 400,
            error(
                "model 'affine', function 'predict', input 'x': expected f32[B,3], got nothing; give a tensor of that name"
            )),
        Case(
            #"{"inputs":[{"name":"x","datatype":"FP64","shape":[1,3],"data":[1,2,3]}]}"#, 400,
            error("input 'x': expected datatype FP32, got FP64")),
        Case(x(#""shape":[3],"data":[1,2,3]"#), 400, error("input 'x': expected 2 axes, f32[B,3], got shape [3]")),
        Case(
            x(#""shape":[1,-3],"data":[1]"#), 400,
            error(#"inputs[0], \"shape\": expected sizes from 0, got the number -3"#)),
        Case(
            x(#""shape":[1,4],"data":[1,2,3,4]"#), 400,
            error(
                "model 'affine', function 'predict', input 'x', axis 1: expected 3, got 4; the input is f32[B,3]; the "
                    + "tensor is f32[1, 4]")),
        Case(
            x(#""shape":[0,3],"data":[]"#), 400,
            error(
                "model 'affine', function 'predict', input 'x', axis 0: expected B in 1...64, got 0; split or pad the "
                    + "batch, or widen the range when the model is made")),
        Case(
            x(#""shape":[1,3]"#), 400, error("input 'x': expected data, or a parameter binary_data_size, got neither")),
        Case(x(#""shape":[1,3],"data":7"#), 400, error("input 'x', data: expected an array, got the number 7")),
        Case(
            x(#""shape":[1,3],"data":[1,2]"#), 400,
            error("input 'x': a tensor of shape [1, 3] has 3 elements; the data has 2")),
        Case(
            x(#""shape":[1000000000,3],"data":[1,2]"#), 400,
            error("input 'x': a tensor of shape [1000000000, 3] has 3000000000 elements; the data has fewer")),
        Case(
            x(#""shape":[1,3],"data":[1,true,3]"#), 400,
            error("input 'x', data, element 1: expected a number of datatype FP32, got true")),
        Case(
            x(#""shape":[1,3],"data":[1,1e39,3]"#), 400,
            error("input 'x', data, element 1: expected a number of datatype FP32, got 1e39")),
        Case(
            x(#""shape":[2,3],"data":[[1,2],[3,4],[5,6]]"#), 400,
            error(
                "input 'x', data, before element 2: expected arrays of 3 along axis 1, as the shape is [2, 3], got one of 2"
            )),
        Case(
            x(#""shape":[1,3],"data":[[1,2,3],4]"#), 400,
            error(
                "input 'x', data, element 3: expected a flat array, or one nested as the shape [1, 3] is, got an element "
                    + "in 1 brackets")),
        Case(
            x(#""shape":[1,3],"data":[1 2]"#), 400, error("input 'x', data, element 1: expected ',' or ']', got '2'")),
        Case(
            #"{"inputs":[],"outputs":[{"name":"z"}]}"#, 400,
            error("outputs[0]: the model has no output 'z'; it has 'y'")),
        Case(
            #"{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":2}}]}"#, 400,
            error(
                #"outputs[0], \"parameters\": 'classification' belongs to an extension that this server does not have; "#
                    + "GET /v2 lists those it has")),
    ]

    @Test func inferences() async throws {
        try await TestServer.with([try TestServer.model(TestServer.affine)]) { client, _ in
            for example in Self.inferences {
                let answer = try await client.infer("affine", example.request)
                #expect(
                    answer.status == example.status && answer.text == example.answer,
                    "\(example.request): \(answer.text)")
            }
            let versioned = try await client.send(
                .POST, "/v2/models/affine/versions/1/infer", body: Array(Self.inferences[0].request.utf8))
            #expect(versioned.text == Self.inferences[0].answer)
        }
    }

    @Test func whatIsWrongOnTheWayIsAnswered() async throws {
        let configuration = ServerConfiguration(maxBodyBytes: 100)
        try await TestServer.with([try TestServer.model(TestServer.affine)], configuration) { client, _ in
            let body = Self.x(#""shape":[1,3],"data":[1,0,0]"#)
            func request(_ headers: String, _ body: String) -> String {
                "POST /v2/models/affine/infer HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\(headers)\r\n\r\n\(body)"
            }
            let tooLarge = Self.error("the body: expected at most 100 bytes, got more")
            for (headers, body, status, end) in [
                ("Content-Length: \(body.utf8.count)", body, "200 OK", Self.y("[1,2]", "1.0,2.0")),
                (
                    "Transfer-Encoding: chunked",
                    "9\r\n\(body.prefix(9))\r\n\(String(body.utf8.count - 9, radix: 16))\r\n"
                        + "\(body.dropFirst(9))\r\n0\r\n\r\n", "200 OK", Self.y("[1,2]", "1.0,2.0")
                ),
                ("Content-Length: 101", String(repeating: " ", count: 101), "413 Payload Too Large", tooLarge),
                (
                    "Transfer-Encoding: chunked", "65\r\n\(String(repeating: " ", count: 101))\r\n0\r\n\r\n",
                    "413 Payload Too Large", tooLarge
                ),
                (
                    "Content-Encoding: gzip\r\nContent-Length: 1", "x", "415 Unsupported Media Type",
                    Self.error("header Content-Encoding: expected none, got 'gzip'; send the body as it is")
                ),
                (
                    "Inference-Header-Content-Length: 9\r\nContent-Length: 1", "x", "400 Bad Request",
                    Self.error("header Inference-Header-Content-Length: expected at most the body's 1 bytes, got 9")
                ),
                (
                    "Inference-Header-Content-Length: two\r\nContent-Length: 1", "x", "400 Bad Request",
                    Self.error("header Inference-Header-Content-Length: expected a number of bytes, got 'two'")
                ),
            ] {
                let answer = try await client.exchange(request(headers, body))
                #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n") && answer.hasSuffix("\r\n\r\n" + end), "\(answer)")
            }
            let expecting = try await client.exchange(
                request("Expect: 100-continue\r\nContent-Length: \(body.utf8.count)", body))
            #expect(expecting.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "\(expecting)")
            let noHTTP = try await client.exchange("hello\r\n\r\n")
            #expect(noHTTP.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(noHTTP)")
            // What asks for the head alone gets no more, so that the next answer begins where it is looked for.
            let heads = try await client.exchange(
                "HEAD /v2 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /none HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "HEAD /v2/models/affine/infer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(
                heads.split(separator: "\r\n").filter { $0.hasPrefix("HTTP") || !$0.contains(": ") }
                    == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 405 Method Not Allowed"], "\(heads)")
            #expect(heads.contains("\r\nContent-Length: 71\r\n"), "\(heads)")
            let two = try await client.exchange(
                "GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /v2/health/ready HTTP/1.0\r\n\r\n")
            #expect(two.contains(#"{"live":true}HTTP/1.0 200 OK"#) && two.hasSuffix(#"{"ready":true}"#), "\(two)")
        }
    }
}
