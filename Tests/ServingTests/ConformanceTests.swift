import Foundation
import HostTensors
import Serving
import Testing

/// Names and kinds of the members of answers, against the tables of the Open Inference Protocol's specification (KServe, "Predict
/// Protocol - Version 2", HTTP/REST).
@Suite struct ConformanceTests {
    /// A kind of JSON value that the specification names.
    enum Kind { case string, bool, numbers, strings, tensors, values }

    /// The members of the specification's objects; those with a question mark are optional.
    static let objects: [String: [String: Kind]] = [
        "live_server_response": ["live": .bool],
        "ready_server_response": ["ready": .bool],
        "ready_model_response": ["name": .string, "ready": .bool],
        "metadata_server_response": ["name": .string, "version": .string, "extensions": .strings],
        "metadata_model_response": [
            "name": .string, "versions?": .strings, "platform": .string, "inputs": .tensors, "outputs": .tensors,
        ],
        "metadata_tensor": ["name": .string, "datatype": .string, "shape": .numbers],
        "inference_response": [
            "model_name": .string, "model_version?": .string, "id?": .string, "outputs": .tensors,
        ],
        "response_output": ["name": .string, "shape": .numbers, "datatype": .string, "data": .values],
        "error_response": ["error": .string],
    ]

    static let datatypes: Set = [
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64",
        "BF16",
    ]

    private func check(_ object: [String: Any], is name: String, tensors: String = "") throws {
        let members = try #require(Self.objects[name])
        for (key, kind) in members {
            let plain = key.replacing("?", with: "")
            guard let value = object[plain] else {
                #expect(key.hasSuffix("?"), "\(name) lacks \(key)")
                continue
            }
            let isRight =
                switch kind {
                case .string: value is String
                case .bool: value is Bool
                case .numbers: value is [Int]
                case .strings: value is [String]
                case .values: value is [Any]
                case .tensors: value is [[String: Any]]
                }
            #expect(isRight, "\(name), \(key): \(value)")
            if kind == .tensors {
                for tensor in value as? [[String: Any]] ?? [] { try check(tensor, is: tensors) }
            }
        }
        let known = Set(members.keys.map { $0.replacing("?", with: "") })
        #expect(Set(object.keys).isSubset(of: known), "\(name) has more: \(object.keys)")
        if let datatype = object["datatype"] as? String { #expect(Self.datatypes.contains(datatype)) }
    }

    @Test func answersHaveTheMembersOfTheSpecification() async throws {
        try await TestServer.with([try TestServer.model(TestServer.affine)]) { client, _ in
            for (path, name) in [
                ("/v2/health/live", "live_server_response"), ("/v2/health/ready", "ready_server_response"),
                ("/v2/models/affine/ready", "ready_model_response"), ("/v2", "metadata_server_response"),
                ("/v2/models/affine", "metadata_model_response"), ("/v2/models/none", "error_response"),
            ] {
                try check(try await client.get(path).json(), is: name, tensors: "metadata_tensor")
            }
            let body = #"{"id":"42","inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[1,2,3,4,5,6]}]}"#
            let answer = try await client.infer("affine", body).json()
            try check(answer, is: "inference_response", tensors: "response_output")
            #expect(answer["id"] as? String == "42" && answer["model_name"] as? String == "affine")
            try check(try await client.infer("affine", "{").json(), is: "error_response")
        }
    }

    @Test func everyElementTypeHasADatatype() {
        #expect(DType.allCases.count == Self.datatypes.count)
        #expect(Set(DatatypeTests.types.map(\.name)) == Self.datatypes)
    }
}
