// Packets of Socket.IO and payloads of Engine.IO, as a chat has them.
#include <benchmark/benchmark.h>

#include "parley/engineio/packet.hpp"
#include "parley/socketio/packet.hpp"
#include "parley/socketio/parser.hpp"

namespace parley::socketio {
namespace {

const std::string kText = "hello from a chat message of ordinary length, about one hundred bytes in all, give or take a few.";
const std::string kEvent = "2[\"say\",\"" + kText + "\"]";
const std::string kBinaryEvent = R"(51-["file",{"name":"picture.png","bytes":{"_placeholder":true,"num":0}}])";
const std::string kAck = "317[{\"ok\":true,\"id\":123456}]";
const std::string kAttachment(1000, 'x');

void decode(benchmark::State& state, const std::string& text) {
    for (auto _ : state) benchmark::DoNotOptimize(decode_packet(text));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(decode, event_with_text, kEvent)->Name("PacketDecode/event_with_text");
BENCHMARK_CAPTURE(decode, event_with_binary, kBinaryEvent)->Name("PacketDecode/event_with_binary");
BENCHMARK_CAPTURE(decode, ack, kAck)->Name("PacketDecode/ack");

// To where a handler has the arguments as values.
void read_event(benchmark::State& state) {
    const Parser parser(ParserKind::Json);
    for (auto _ : state) {
        PacketReader reader;
        auto packet = reader.feed(parser, kEvent, false);
        benchmark::DoNotOptimize((*packet)->take_arguments().values());
    }
}
BENCHMARK(read_event)->Name("PacketRead/event_with_text");

void read_binary_event(benchmark::State& state) {
    const Parser parser(ParserKind::Json);
    for (auto _ : state) {
        PacketReader reader;
        benchmark::DoNotOptimize(reader.feed(parser, kBinaryEvent, false));
        auto packet = reader.feed(parser, kAttachment, true);
        benchmark::DoNotOptimize((*packet)->take_arguments().values());
    }
}
BENCHMARK(read_binary_event)->Name("PacketRead/event_with_binary");

void encode(benchmark::State& state, const Arguments& arguments) {
    for (auto _ : state) benchmark::DoNotOptimize(encode_event(kDefaultNamespace, "say", arguments));
}
BENCHMARK_CAPTURE(encode, text, Arguments(kText))->Name("PacketEncode/event_with_text");
BENCHMARK_CAPTURE(encode, raw, Arguments::from_json('"' + kText + '"'))->Name("PacketEncode/event_passed_on");
BENCHMARK_CAPTURE(encode, binary, Arguments(Object{{"name", "picture.png"}, {"bytes", Bytes{kAttachment}}}))
    ->Name("PacketEncode/event_with_binary");

void encode_answer(benchmark::State& state) {
    const Arguments arguments(Object{{"ok", true}, {"id", 123456}});
    for (auto _ : state) benchmark::DoNotOptimize(encode_ack(kDefaultNamespace, 17, arguments));
}
BENCHMARK(encode_answer)->Name("PacketEncode/ack");

// A polling body of so many packets.
void read_payload(benchmark::State& state) {
    std::string payload;
    for (int i = 0; i < state.range(0); ++i) engineio::append_packet(payload, '4' + kEvent, false);
    for (auto _ : state) {
        engineio::PayloadReader reader(payload);
        for (auto packet = reader.next(); packet && *packet; packet = reader.next()) benchmark::DoNotOptimize(packet);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(payload.size()));
}
BENCHMARK(read_payload)->Name("PayloadDecode/text")->Arg(1)->Arg(10);

void read_binary_payload(benchmark::State& state) {
    std::string payload;
    engineio::append_packet(payload, kAttachment, true);
    for (auto _ : state) {
        engineio::PayloadReader reader(payload);
        benchmark::DoNotOptimize(reader.next());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(payload.size()));
}
BENCHMARK(read_binary_payload)->Name("PayloadDecode/binary");

}  // namespace
}  // namespace parley::socketio
