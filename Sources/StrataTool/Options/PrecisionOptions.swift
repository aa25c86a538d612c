import ArgumentParser
import KernelIR

extension Precision: ExpressibleByArgument {}

/// What compiled code computes with.
struct PrecisionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What products of f32 may be computed with, where the processor multiplies tiles: float32, tensorfloat, bfloat16 or int8.",
            valueName: "precision"))
    var precision: Precision = .float32

    @OptionGroup var scheduleOptions: ScheduleOptions
}
