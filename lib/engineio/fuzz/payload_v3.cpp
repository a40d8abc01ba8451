// Polling bodies of version 3 from strangers, as text and as bytes (the first byte says which): whatever is read and written again reads the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "parley/engineio/packet_v3.hpp"

namespace {

namespace v3 = parley::engineio::v3;

struct Copy {
    char type;
    std::string data;
    bool binary;
    bool operator==(const Copy&) const = default;
};

std::vector<Copy> read_all(std::string_view payload, bool octet_stream) {
    std::vector<Copy> packets;
    v3::PayloadReader reader(payload, octet_stream);
    while (true) {
        const auto packet = reader.next();
        if (!packet || !*packet) return packets;
        packets.push_back({static_cast<char>((*packet)->type), std::string((*packet)->data), (*packet)->binary});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view payload(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    std::vector<Copy> packets = read_all(payload, bytes[0] % 2 == 1);
    // Only messages are ever written as bytes.
    std::erase_if(packets, [](const Copy& packet) { return packet.binary && packet.type != '4'; });
    for (const bool octet_stream : {false, true}) {
        std::string again;
        for (const Copy& packet : packets) {
            (octet_stream ? v3::append_to_bytes : v3::append_to_text)(again, packet.binary ? packet.data : packet.type + packet.data,
                                                                      packet.binary);
        }
        if (!packets.empty() && read_all(again, octet_stream) != packets) std::abort();
    }
    return 0;
}
