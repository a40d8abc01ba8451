// Polling bodies from strangers: whatever is read from one and written again reads the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "parley/engineio/packet.hpp"

namespace {

struct Copy {
    char type;
    std::string data;
    bool binary;
    bool operator==(const Copy&) const = default;
};

std::vector<Copy> read_all(std::string_view payload) {
    std::vector<Copy> packets;
    parley::engineio::PayloadReader reader(payload);
    while (true) {
        const auto packet = reader.next();
        if (!packet || !*packet) return packets;
        packets.push_back({static_cast<char>((*packet)->type), std::string((*packet)->data), (*packet)->binary});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::vector<Copy> packets = read_all({reinterpret_cast<const char*>(bytes), size});
    std::string again;
    for (const Copy& packet : packets) {
        parley::engineio::append_packet(again, packet.binary ? packet.data : packet.type + packet.data, packet.binary);
    }
    if (!packets.empty() && read_all(again) != packets) std::abort();
    return 0;
}
