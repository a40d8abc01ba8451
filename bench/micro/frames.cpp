// WebSocket frames as they come from clients, and what is checked in them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>

#include "parley/base/utf8.hpp"
#include "websocket_frame.hpp"

namespace parley::net {
namespace {

constexpr std::array<char, 4> kKey = {0x12, 0x34, 0x56, 0x78};

// A text message of one frame, masked as clients do it (RFC 6455 section 5.3).
std::string client_frame(std::size_t bytes) {
    std::string frame = encode_frame(Opcode::Text, std::string(bytes, 'x'));
    const std::size_t header = frame.size() - bytes;
    frame[1] = static_cast<char>(frame[1] | 0x80);
    frame.insert(header, kKey.data(), kKey.size());
    unmask(std::span(frame).subspan(header + kKey.size()), kKey, 0);
    return frame;
}

// The frame is read in place, so every round begins with a copy of it.
void read_frame(benchmark::State& state) {
    const std::string frame = client_frame(static_cast<std::size_t>(state.range(0)));
    std::string buffer = frame;
    FrameReader reader(1'000'000);
    for (auto _ : state) {
        std::ranges::copy(frame, buffer.begin());
        std::span<char> input(buffer);
        benchmark::DoNotOptimize(reader.next(input));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_frame)->Name("FrameRead")->Arg(16)->Arg(120)->Arg(4096)->Arg(65536);

void unmask_payload(benchmark::State& state) {
    std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        unmask(payload, kKey, 0);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(unmask_payload)->Name("Unmask")->Arg(16)->Arg(120)->Arg(4096)->Arg(65536);

void check_utf8(benchmark::State& state, std::string_view unit) {
    std::string text;
    while (text.size() < static_cast<std::size_t>(state.range(0))) text += unit;
    for (auto _ : state) benchmark::DoNotOptimize(is_valid_utf8(text));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(check_utf8, ascii, "plain ")->Name("Utf8Check/ascii")->Arg(16)->Arg(120)->Arg(4096);
BENCHMARK_CAPTURE(check_utf8, mixed, "grüße €😀 ")->Name("Utf8Check/mixed")->Arg(16)->Arg(120)->Arg(4096);

}  // namespace
}  // namespace parley::net
