import Estimator
import Testing

@Suite struct ProgressTests {
    @Test(arguments: [
        (
            TrainingProgress(
                step: 120, lastStep: 500, loss: 0.43117, epoch: 0, stepsPerSecond: 64.13, examplesPerSecond: 8205.2),
            "step 120/500  loss 0.4312  64.13 steps/s  8205 examples/s  6 s left"
        ),
        (
            TrainingProgress(
                step: 1, lastStep: 10_000, loss: 12, epoch: 0, stepsPerSecond: 2, examplesPerSecond: 256),
            "step 1/10000  loss 12.00  2.000 steps/s  256.0 examples/s  1 h 23 min left"
        ),
        (
            TrainingProgress(
                step: 500, lastStep: 500, loss: -0.00123456, epoch: 3, stepsPerSecond: 999.96, examplesPerSecond: 1e5),
            "step 500/500  loss -0.001235  1000.0 steps/s  100000 examples/s"
        ),
        (
            TrainingProgress(
                step: 1, lastStep: 401, loss: 0, epoch: 0, stepsPerSecond: 0, examplesPerSecond: 0),
            "step 1/401  loss 0.0"
        ),
        (
            TrainingProgress(
                step: 1, lastStep: 401, loss: 1e-9, epoch: 0, stepsPerSecond: 2, examplesPerSecond: 2),
            "step 1/401  loss 1e-09  2.000 steps/s  2.000 examples/s  3 min 20 s left"
        ),
    ]) func linesAreReadable(progress: TrainingProgress, line: String) {
        #expect(progress.line == line)
    }

    /// Dividing zero by zero gives a NaN with a sign, which means nothing.
    @Test func aNumberThatIsNoneHasNoSign() {
        #expect(
            Metrics([(name: "loss", value: -Double.nan), (name: "rmse", value: -.infinity)]).description
                == "loss nan, rmse -inf")
    }

    private func lines(isTerminal: Bool, columns: Int? = nil, metrics: Metrics = Metrics([])) -> [String] {
        var written: [String] = []
        var time = 0.0
        let console = ConsoleProgress(
            isTerminal: isTerminal, interval: 10, now: { time }, columns: { columns }, write: { written.append($0) })
        for step in 1...5 {
            console.report(
                TrainingProgress(
                    step: step, lastStep: 5, loss: 1, metrics: metrics, epoch: 0, stepsPerSecond: 0,
                    examplesPerSecond: 0))
            time += 4
        }
        console.finish()
        return written
    }

    @Test func aFileGetsALineNowAndThenAndTheLast() {
        #expect(
            lines(isTerminal: false)
                == ["step 1/5  loss 1.000\n", "step 4/5  loss 1.000\n", "step 5/5  loss 1.000\n"])
    }

    @Test func aTerminalGetsOneLineThatChanges() {
        #expect(
            lines(isTerminal: true) == [
                "\r\u{1B}[Kstep 1/5  loss 1.000", "\r\u{1B}[Kstep 4/5  loss 1.000", "\r\u{1B}[Kstep 5/5  loss 1.000",
                "\n",
            ])
    }

    /// What goes on in a second row stays there when the line is written anew.
    @Test(
        arguments: [
            (nil, "step 5/5  loss 1.000  recall 0.5000  auc 0.7500"),
            (48, "step 5/5  loss 1.000  recall 0.5000  auc 0.7500"),
            (47, "step 5/5  loss 1.000  recall 0.5000"), (21, "step 5/5  loss 1.000"), (8, "step 5/"),
        ] as [(Int?, String)]) func aTerminalGetsNoMoreThanARow(columns: Int?, last: String)
    {
        let metrics = Metrics([(name: "loss", value: 1), (name: "recall", value: 0.5), (name: "auc", value: 0.75)])
        let lines = lines(isTerminal: true, columns: columns, metrics: metrics)
        #expect(lines.dropLast().last == "\r\u{1B}[K\(last)")
        #expect(
            self.lines(isTerminal: false, columns: columns, metrics: metrics).last?.hasSuffix("auc 0.7500\n") == true)
    }

    /// Half a number would be another number.
    @Test func aSpeedIsLeftOutAsAWhole() {
        var written: [String] = []
        let console = ConsoleProgress(
            isTerminal: true, interval: 0, now: { 0 }, columns: { 50 }, write: { written.append($0) })
        console.report(
            TrainingProgress(step: 1, lastStep: 401, loss: 0.5, epoch: 0, stepsPerSecond: 2, examplesPerSecond: 2))
        #expect(written == ["\r\u{1B}[Kstep 1/401  loss 0.5000  2.000 steps/s"])
    }
}
