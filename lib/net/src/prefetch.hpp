// Asks for memory that will be needed soon: with thousands of connections each is out of the cache when its turn comes.
#pragma once

#include <cstddef>

namespace parley::net {

inline void prefetch(const void* object, std::size_t bytes) {
    for (std::size_t offset = 0; offset < bytes; offset += 64) __builtin_prefetch(static_cast<const char*>(object) + offset);
}

}  // namespace parley::net
