#include "parley/base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace parley {
namespace {

// One system call serves many small requests: most callers want 8 to 16 bytes.
struct Pool {
    unsigned char bytes[512];
    std::size_t left = 0;
};
thread_local Pool pool;

void from_kernel(unsigned char* out, std::size_t count) {
    while (count > 0) {
        const ssize_t got = ::getrandom(out, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) std::abort();
        out += got;
        count -= static_cast<std::size_t>(got);
    }
}

}  // namespace

void fill_random(void* bytes, std::size_t count) {
    auto* out = static_cast<unsigned char*>(bytes);
    if (count > sizeof pool.bytes) return from_kernel(out, count);
    if (pool.left < count) {
        from_kernel(pool.bytes, sizeof pool.bytes);
        pool.left = sizeof pool.bytes;
    }
    pool.left -= count;
    std::memcpy(out, pool.bytes + pool.left, count);
    explicit_bzero(pool.bytes + pool.left, count);
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    fill_random(bytes.data(), count);
    return bytes;
}

std::uint64_t random_u64() {
    std::uint64_t value = 0;
    fill_random(&value, sizeof value);
    return value;
}

}  // namespace parley
