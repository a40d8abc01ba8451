// Histogram: latencies of any number of operations in 20 KiB, exact to one part in 64 (buckets of a power of two, each in 64 steps, as HdrHistogram has
// them). The largest value is exact.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace bench {

class Histogram {
public:
    void add(std::chrono::nanoseconds value) { add(value, 1); }
    // The same value `times` times.
    void add(std::chrono::nanoseconds value, std::uint64_t times);
    void add(const Histogram& other);
    // The value that the fraction `share` (0 to 1) of all values does not exceed, at most 1/64 too high; 0 if there are none.
    std::chrono::nanoseconds quantile(double share) const;
    std::chrono::nanoseconds max() const { return max_; }
    std::uint64_t count() const { return count_; }

private:
    static constexpr std::size_t kSteps = 64;
    static constexpr std::size_t kPowers = 39;  // up to almost five hours; longer ones count as that long
    static std::size_t bucket_of(std::uint64_t nanoseconds);
    static std::uint64_t last_of(std::size_t bucket);

    std::array<std::uint64_t, kSteps * kPowers> buckets_{};
    std::uint64_t count_ = 0;
    std::chrono::nanoseconds max_{};
};

}  // namespace bench
