import Foundation
import GraphIR
import Testing

@Suite struct RenderingTests {
    @Test func dotGroupsLayersAndLabelsEdges() throws {
        let module = try GraphModule(text: Sample.classifier)
        #expect(
            try module.dot(function: "predict") == """
                digraph "mnist.predict" {
                  rankdir=TB;
                  node [fontname="monospace", fontsize=10, shape=box, style=rounded];
                  edge [fontname="monospace", fontsize=8];
                  v0 [label="%image\\nf32[B,4]", shape=ellipse, style=filled, fillcolor=lightblue];
                  v1 [label="%w1\\nhidden/weight\\nf32[4,3]", shape=cylinder, style=filled, fillcolor=lightyellow];
                  op1 [label="%1 = reshape\\nshape [3*B]"];
                  subgraph cluster_0 {
                    label="hidden"; color=gray; fontsize=10;
                    op0 [label="%0 = dot\\ncontract [1],[0]"];
                  }
                  v0 -> op0 [label="f32[B,4]"];
                  v1 -> op0 [label="f32[4,3]"];
                  op0 -> op1 [label="f32[B,3]"];
                  output0 [label="output\\nscores \\"raw\\"", shape=ellipse, style=filled, fillcolor=lightgreen];
                  op1 -> output0 [label="f32[3*B]"];
                  output1 [label="output\\nweights", shape=ellipse, style=filled, fillcolor=lightgreen];
                  v1 -> output1 [label="f32[4,3]"];
                }

                """)
    }

    @Test func nestedLayersNest() throws {
        let text = try GraphModule(text: Sample.classifier).dot(function: "train")
        let outer = try #require(text.range(of: "label=\"blocks\""))
        let inner = try #require(text.range(of: "label=\"blocks/0/up\""))
        #expect(outer.lowerBound < inner.lowerBound)
        #expect(text.contains("update %step"))
    }

    @Test func jsonIsJSON() throws {
        let module = try GraphModule(text: Sample.classifier)
        let json = try module.json(function: "train")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let ops = try #require(object["ops"] as? [[String: Any]])
        #expect(ops.map { $0["op"] as? String } == module.functions[0].ops.map(\.name))
        let place = try #require(ops[0]["place"] as? [String: Any])
        #expect(place["layer"] as? String == "hidden" && place["line"] as? Int == 14)
        #expect((ops[11]["results"] as? [[String: String]])?.map { $0["value"] } == ["%11", "%12", "%13"])
        let predict = try module.json(function: "predict")
        #expect(predict.contains("\"name\": \"scores \\\"raw\\\"\""))
    }

    @Test func aMissingFunctionIsNamed() throws {
        let module = try GraphModule(text: Sample.classifier)
        let error = try #require(throws: GraphError.self) { try module.dot(function: "trian") }
        #expect(error.description == "module 'mnist' has no function 'trian' (it has: train, predict)")
        #expect(throws: GraphError.self) { try module.json(function: "trian") }
    }
}
