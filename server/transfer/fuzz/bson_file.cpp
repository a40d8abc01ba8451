// Any bytes are read as a .bson file, plain or packed, to its end or to an error; documents that are given can be taken by whoever takes them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "transfer/bson_file.hpp"
#include "transfer/documents.hpp"

namespace {

using namespace parley;

struct Nowhere : transfer::Receiver {
    Result<bool> take(const chat::User&) override { return true; }
    Result<bool> take(const chat::Message&) override { return true; }
    Result<bool> take(const transfer::Revocation&) override { return true; }
    Result<bool> take(const transfer::ReadMark&) override { return true; }
    Result<bool> take(const transfer::Conversation&) override { return true; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string bytes(reinterpret_cast<const char*>(data), size);
    const bool packed = bytes.starts_with("\x1f\x8b");
    transfer::BsonFile file(transfer::ByteReader::of_bytes(
        std::move(bytes), packed ? transfer::ByteReader::Packing::Gzip : transfer::ByteReader::Packing::Plain));
    Nowhere nowhere;
    transfer::Report report;
    transfer::DocumentTaker taker(nowhere, report);
    // A document has five bytes at least, and gzip packs a thousand to one at most.
    for (std::size_t steps = 0;; ++steps) {
        if (steps > 1'100 * (size + 1)) std::abort();
        const auto next = file.next();
        if (!next && file.broken()) return 0;
        if (!next) continue;
        if (!*next) return 0;
        for (const auto& collection : transfer::kCollections) {
            if (!(taker.*collection.take)(*(*next)->get())) std::abort();
        }
    }
}
