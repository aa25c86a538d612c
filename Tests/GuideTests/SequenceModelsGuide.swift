import Foundation
import Strata
import Testing

/// The code of `docs/guides/sequence-models.md`.
@Suite struct SequenceModelsGuide {
    struct Tagger: Layer {
        let words = Embedding(vocabulary: 50, size: 16)
        let reader = Bidirectional(LSTM(units: 8, returnsSequences: true))
        let tags = Dense(units: 5)
        func callAsFunction(_ tokens: Tensor) -> Tensor { tags(reader(words(tokens), mask: tokens .!= 0)) }
    }

    struct Judge: Layer {
        let words = Embedding(vocabulary: 50, size: 16)
        let encoder = TransformerEncoder(heads: 2, size: 8, units: 32, rotary: Rotary(), dropout: 0.1)
        let verdict = Dense(units: 2)
        func callAsFunction(_ tokens: Tensor) -> Tensor {
            let mask = tokens .!= 0
            let steps = encoder(words(tokens), mask: mask)
            let weights = mask.cast(to: .f32).expanded(at: -1)
            return verdict((steps * weights).sum(axes: [1]) / maximum(weights.sum(axes: [1]), 1))
        }
    }

    struct Reader: Layer {
        let words = Embedding(vocabulary: 50, size: 16)
        let positions = RelativePositionBias(heads: 2, buckets: 8, farthest: 20)
        let blocks = (0..<2).map { _ in
            TransformerEncoder(heads: 2, size: 8, units: 32, dropout: 0.1, attentionDropout: 0.1)
        }
        let hidden = Dense(units: 50)
        func callAsFunction(_ tokens: Tensor) -> Tensor {
            let texts = words(tokens)
            let bias = positions(texts)
            return hidden(blocks.reduce(texts) { $1($0, mask: tokens .!= 0, bias: bias) })
        }
    }

    struct Translator: Sendable {
        let words = Embedding(vocabulary: 20, size: 32)
        let encoder = TransformerEncoder(heads: 2, size: 16, units: 64, rotary: Rotary())
        let decoder = TransformerDecoder(heads: 2, size: 16, units: 64, rotary: Rotary())
        let next = Dense(units: 20)

        func callAsFunction(_ question: Tensor, answer: Tensor) -> Tensor {
            let known = question .!= 0
            let memory = encoder(words(question), mask: known)
            return next(decoder(words(answer), memory: memory, memoryMask: known))
        }
    }

    struct Writer: Layer {
        let tokens = Embedding(vocabulary: 12, size: 32, initializer: .normal(standardDeviation: 0.1))
        let blocks = (0..<2).map { _ in
            TransformerEncoder(heads: 2, size: 16, units: 64, isCausal: true, rotary: Rotary())
        }
        let norm = RMSNorm()

        func callAsFunction(_ ids: Tensor) -> Tensor { logits(blocks.reduce(tokens(ids)) { $1($0) }) }

        func callAsFunction(_ ids: Tensor, caches: [KeyValueCache]) -> Tensor {
            logits(zip(blocks, caches).reduce(tokens(ids)) { $1.0($0, cache: $1.1) })
        }

        private func logits(_ steps: Tensor) -> Tensor { matmul(norm(steps), tokens.table.value.transposed()) }
    }

    private let folder = GuideFolder()

    /// Sequences padded with 0 do not depend on how much they are padded.
    @Test func padding() throws {
        let loss = Loss.softmaxCrossEntropy.ignoring(label: -1)
        let (short, padded) = (Tensor([7, 9, 3] as [Int32]), Tensor([7, 9, 3, 0, 0] as [Int32]))
        let tagger = Tagger()
        let (tags, paddedTags) = (tagger(short.expanded(at: 0)), tagger(padded.expanded(at: 0)))
        #expect(try paddedTags[.all, 0..<3].evaluated().isClose(to: tags.evaluated()))
        let labels = Tensor([1, 2, 0, -1, -1] as [Int32]).expanded(at: 0)
        let one = try loss(outputs: paddedTags, labels: labels).evaluated()
        #expect(try one.isClose(to: loss(outputs: tags, labels: labels[.all, 0..<3]).evaluated()))
        let judge = Judge()
        let verdict = try judge(padded.expanded(at: 0)).evaluated()
        #expect(try verdict.isClose(to: judge(short.expanded(at: 0)).evaluated()))
    }

    /// Texts count up; one token of each is hidden, and its neighbours tell which.
    @Test func hiddenTokens() throws {
        let masked = Loss.softmaxCrossEntropy.ignoring(label: -100)
        let texts = try Dataset.generated(count: 240, labels: "hidden") { at in
            let text = (0..<8).map { Int32(1 + (at + $0) % 40) }
            let place = at * 5 % 8
            return [
                "tokens": HostTensor(text.indices.map { $0 == place ? 49 : text[$0] }),
                "hidden": HostTensor(text.indices.map { $0 == place ? text[$0] : -100 }),
            ]
        }
        let estimator = try Estimator(
            model: Reader(), loss: masked, optimizer: .adam(learningRate: 1e-2), metrics: [.accuracy])
        try estimator.train(on: texts.shuffled(seed: 1).batched(24), maxSteps: 300)
        let metrics = try estimator.evaluate(on: texts.batched(48))
        #expect(try #require(metrics["accuracy"]) > 0.8, "\(metrics)")
        #expect(metrics == (try estimator.evaluate(on: texts.batched(48))))
    }

    @Test func translation() throws {
        let translator = Translator()
        let function = ModelFunction(translator) { features, labels, mode in
            let logits = translator(features["question"], answer: features["begun"])
            let predictions = [(name: "logits", value: logits)]
            if mode == .prediction { return ModelOutputs(predictions: predictions) }
            let loss = Loss.softmaxCrossEntropy.ignoring(label: 0)
            let answer = labels["answer"]
            let weights = loss.weights(labels: answer)
            let losses = loss.values(outputs: logits, labels: answer)
            let batch = StreamingMetric.Batch(outputs: logits, labels: answer, losses: losses, weights: weights)
            return ModelOutputs(
                predictions: predictions, loss: loss.reduced(losses, weights: weights),
                metrics: [.init(.loss, batch), .init(.perplexity, batch), .init(.accuracy, batch)])
        }
        // The answer is the question backwards; the decoder begins with 1.
        let count = 256
        let draws = RandomStream.uniform(seed: 3, stream: 0, step: 0, count: count * 6)
        var (questions, begun, answers): ([Int32], [Int32], [Int32]) = ([], [], [])
        for at in 0..<count {
            let length = 2 + at % 4
            let words = (0..<length).map { 2 + Int32(draws[at * 6 + $0] * 17.9) }
            let rest = Array(repeating: Int32(0), count: 5 - length)
            questions += words + rest
            begun += [1] + words.reversed().dropLast() + rest
            answers += words.reversed() + rest
        }
        let examples = try Dataset(
            [
                "question": HostTensor(questions, shape: [count, 5]), "begun": HostTensor(begun, shape: [count, 5]),
                "answer": HostTensor(answers, shape: [count, 5]),
            ], labels: "answer")
        let estimator = try Estimator(function, optimizer: .adam(learningRate: 5e-3))
        try estimator.train(on: examples.shuffled(seed: 1).batched(32), maxSteps: 150)
        let metrics = try estimator.evaluate(on: examples.batched(32))
        #expect(try #require(metrics["accuracy"]) > 0.8, "\(metrics)")
    }

    @Test func anyLength() throws {
        let judge = Judge()
        var lengths = ModuleTracer(
            name: "judge", dims: [DimSymbol("B", range: 1...64), DimSymbol("T", range: 1...512)])
        try lengths.declare(contentsOf: judge)
        let texts = TensorType(.i32, [Dim(symbol: "B"), Dim(symbol: "T")])
        try lengths.function("predict", inputs: [("tokens", texts)]) { [("verdict", judge($0[0]))] }
        let ofAnyLength = try Model(lengths.module())
        for state in ofAnyLength.signature.states {
            let numbers = RandomStream.uniform(
                seed: 2, stream: 0, step: 0, count: state.type.constantShape?.reduce(1, *) ?? 0)
            try ofAnyLength.setState(state.path, to: HostTensor(numbers, shape: state.type.constantShape ?? []))
        }
        func verdict(_ tokens: [Int32]) throws -> HostTensor? {
            try ofAnyLength.run("predict", ["tokens": HostTensor(tokens, shape: [1, tokens.count])])["verdict"]
        }
        let (short, padded) = (try verdict([7, 9, 3]), try verdict([7, 9, 3, 0, 0, 0, 0]))
        #expect(try #require(short).isClose(to: #require(padded), relative: 1e-4, absolute: 1e-4))
        #expect(throws: ExecutionError.self) { try verdict(Array(repeating: 1, count: 513)) }
    }

    /// Texts count up and begin again; what is written goes on counting, and is what whole texts give.
    @Test func writing() throws {
        let count = 96
        let ids = (0..<count).flatMap { start in (0...16).map { Int32((start + $0) % 12) } }
        let texts = try Dataset.generated(count: count, labels: "next") { at in
            [
                "ids": try HostTensor(Array(ids[at * 17..<at * 17 + 16]), shape: [16]),
                "next": try HostTensor(Array(ids[at * 17 + 1..<at * 17 + 17]), shape: [16]),
            ]
        }
        let writer = Writer()
        let estimator = try Estimator(
            model: writer, loss: .softmaxCrossEntropy,
            optimizer: .adamW(
                learningRate: .cosine(3e-3, over: 300).warmedUp(over: 20), weightDecay: 0.01,
                excluding: ["*bias", "*scale", "*table"]
            ).clipping(.globalNorm(1)),
            metrics: [.perplexity, .accuracy])
        try estimator.train(on: texts.shuffled(seed: 1).batched(16), maxSteps: 300)

        let caches = writer.blocks.map { _ in KeyValueCache(capacity: 64) }
        var tracer = ModuleTracer(name: "writer")
        try tracer.declare(contentsOf: writer)
        try tracer.function("read", inputs: [("id", TensorType(.i32, [1, 1])), ("draw", TensorType(.f32))]) { inputs in
            let logits = writer(inputs[0], caches: caches)[0, -1]
            let shares = softmax(logits / 0.7).cumulativeSum()
            let drawn = (shares .< inputs[1]).cast(to: .i32).sum()
            return [("next", minimum(drawn, 11)), ("likeliest", logits.argmax())]
        }
        try tracer.function("forget") { _ in
            for cache in caches { cache.reset() }
            return []
        }
        let module = try tracer.module()
        let model = try Model(module)
        let trained = try estimator.states()
        for state in model.signature.states {
            if let value = trained[state.path] { try model.setState(state.path, to: value) }
        }

        func written(after opening: [Int32], count: Int) throws -> [Int32] {
            try model.run("forget")
            var text = opening
            for at in 0..<(opening.count + count - 1) {
                let id = try HostTensor([text[at]], shape: [1, 1])
                let answers = try model.run("read", ["id": id, "draw": HostTensor(scalar: Float(0.5))])
                guard at >= opening.count - 1, let next = answers["likeliest"] else { continue }
                text.append(try next.scalars(as: Int32.self)[0])
            }
            return text
        }
        print(try written(after: [3, 4, 5], count: 8))
        #expect(try written(after: [3, 4, 5], count: 8) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1])
        #expect(try written(after: [10], count: 3) == [10, 11, 0, 1])

        let exported = folder.path + "/writer"
        let files = try NativeCompiler().compile(
            module, for: ExportTarget.host.compilation, weights: model.states(), to: exported)
        #expect(FileManager.default.fileExists(atPath: files.library))
        let loaded = try Model.load(exported)
        try loaded.run("forget")
        let answer = try loaded.run(
            "read", ["id": HostTensor([7] as [Int32], shape: [1, 1]), "draw": HostTensor(scalar: Float(0.5))])
        #expect(try answer["next"]?.scalars(as: Int32.self) == [8])
    }
}
