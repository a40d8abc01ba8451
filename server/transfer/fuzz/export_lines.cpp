// Any bytes are read as an export of JSON lines to its end or to an error; a value that was read is the same after it was written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "transfer/lines.hpp"
#include "transfer/progress.hpp"
#include "transfer/report.hpp"

namespace {

using namespace parley;

struct Again : transfer::Receiver {
    template <class T>
    Result<bool> check(const T& value) {
        std::string line = transfer::to_line(value);
        line.pop_back();
        const auto parsed = transfer::parse_line(line);
        if (!parsed || !std::holds_alternative<T>(*parsed) || transfer::to_line(std::get<T>(*parsed)) != line + '\n') std::abort();
        return true;
    }
    Result<bool> take(const chat::User& user) override { return check(user); }
    Result<bool> take(const chat::Message& message) override { return check(message); }
    Result<bool> take(const transfer::Revocation& revocation) override { return check(revocation); }
    Result<bool> take(const transfer::ReadMark& mark) override { return check(mark); }
    Result<bool> take(const transfer::Conversation&) override { std::abort(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first line stands already, so that the rest is looked at.
    std::string bytes = transfer::to_line(transfer::ExportHead{});
    bytes.append(reinterpret_cast<const char*>(data), size);
    transfer::LinesSource source(transfer::ByteReader::of_bytes(std::move(bytes), transfer::ByteReader::Packing::Guess), "", true);
    Again again;
    transfer::Report report;
    transfer::Progress progress(false);
    if (!source.read(again, report, progress)) std::abort();
    return 0;
}
