// Randomness from the kernel (getrandom), fit for identifiers that must not be guessed.
// Threading: any thread. Never blocks after boot; a kernel without getrandom aborts the program at its first use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace parley {

void fill_random(void* bytes, std::size_t count);
std::string random_bytes(std::size_t count);
std::uint64_t random_u64();

}  // namespace parley
