// JSON to values and back.
#include <benchmark/benchmark.h>

#include "json_reader.hpp"
#include "parley/socketio/value.hpp"

namespace parley::socketio {
namespace {

const std::string kMessage =
    R"({"_id":"65f1c0ffee65f1c0ffee0001","senderId":"65f1c0ffee65f1c0ffee0002","receiverId":"65f1c0ffee65f1c0ffee0003",)"
    R"("message":"See you at eight, and bring the \"good\" one.","createdAt":"2024-03-13T18:02:11.123Z","likes":3,"read":false})";

std::string list_of_ids() {
    Array ids;
    for (int i = 0; i < 1000; ++i) ids.emplace_back("65f1c0ffee65f1c0ffee" + std::to_string(1000 + i));
    return to_json(ids);
}

void check(benchmark::State& state, const std::string& json) {
    for (auto _ : state) benchmark::DoNotOptimize(check_json(json));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK_CAPTURE(check, message, kMessage)->Name("JsonCheck/message");
BENCHMARK_CAPTURE(check, ids, list_of_ids())->Name("JsonCheck/1000_ids");

void read(benchmark::State& state, const std::string& json) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_json(json));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK_CAPTURE(read, message, kMessage)->Name("JsonRead/message");
BENCHMARK_CAPTURE(read, ids, list_of_ids())->Name("JsonRead/1000_ids");

void write(benchmark::State& state, const std::string& json) {
    const Value value = *parse_json(json);
    for (auto _ : state) benchmark::DoNotOptimize(to_json(value));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK_CAPTURE(write, message, kMessage)->Name("JsonWrite/message");
BENCHMARK_CAPTURE(write, ids, list_of_ids())->Name("JsonWrite/1000_ids");

}  // namespace
}  // namespace parley::socketio
