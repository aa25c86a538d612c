// Uses a library through its C++ class, and prints what it sees. Argument: a weights file.
#include "odd.hpp"

#include <cstdio>

namespace odd = strata::odd;

template <typename Body> static void refused(Body body) {
    try {
        body();
        std::printf("no error\n");
    } catch (const odd::Error &error) {
        std::printf("%d %s\n", error.status(), error.what());
    }
}

int main(int, char **arguments) {
    odd::Model model(arguments[1], odd::Options{2, ODD_VARIANT_BASELINE});
    const std::vector<float> image = {1, 1, 1, 1, 2, 0, 2, 0};
    const std::vector<std::uint8_t> classes = {1, 0};
    std::vector<std::uint16_t> half(4, 0x3F80), own(4, 0x3C00);
    odd::PredictOutputs outputs = model.predict(2, image, classes, half, own);
    for (float value : outputs.lambda) std::printf("%g ", static_cast<double>(value));
    std::printf("| %d %d | %x %x\n", outputs.not_a_class[0], outputs.not_a_class[1], unsigned(outputs.init[0]),
                unsigned(outputs.delete_[0]));
    odd::StatesOutputs sum = model.states_2(4, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8});
    std::printf("%g %d\n", static_cast<double>(sum.sum[0]), sum.numbers[3]);
    model.count();
    odd::Model moved = std::move(model);
    std::printf("%d %s %d\n", int(moved.state<std::int64_t>("step")[0]), moved.variant().c_str(), moved.threads());
    moved.set_state<float>("hidden/weight", {0, 0, 0, 5});
    std::printf("%g %s\n", static_cast<double>(moved.state<float>("hidden/weight")[3]), odd::Model::states()[2].type);
    odd::SelfTestReport report = odd::Model::self_test();
    std::printf("%d %s%d\n", report.passed, report.message.c_str(), !report.results.empty());
    refused([&] { moved.predict(3, image, classes, half, own); });
    refused([&] { moved.predict(65, image, classes, half, own); });
    refused([&] { moved.state<double>("step"); });
    refused([&] { moved.set_state<float>("hidden/weight", {1}); });
    refused([&] { moved.state<float>("nothing"); });
    refused([&] { odd::Model other("nothing"); });
    refused([&] { odd::Model other(odd::Options{1, 77}); });
}
