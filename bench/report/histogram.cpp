#include "report/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace bench {

// The first 64 buckets hold one value each; then each power of two has 64 of its own, twice as wide as those of the one before.
std::size_t Histogram::bucket_of(std::uint64_t nanoseconds) {
    if (nanoseconds < kSteps) return nanoseconds;
    const auto power = static_cast<std::size_t>(std::bit_width(nanoseconds / kSteps));
    if (power >= kPowers) return kSteps * kPowers - 1;
    return power * kSteps + (nanoseconds >> (power - 1)) - kSteps;
}

std::uint64_t Histogram::last_of(std::size_t bucket) {
    if (bucket < kSteps) return bucket;
    const std::size_t power = bucket / kSteps;
    return ((bucket % kSteps + kSteps + 1) << (power - 1)) - 1;
}

void Histogram::add(std::chrono::nanoseconds value, std::uint64_t times) {
    if (times == 0) return;
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count()));
    buckets_[bucket_of(count)] += times;
    count_ += times;
    max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
    std::ranges::transform(buckets_, other.buckets_, buckets_.begin(), std::plus{});
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds Histogram::quantile(double share) const {
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket + 1 < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= wanted) return std::min(max_, std::chrono::nanoseconds(last_of(bucket)));
    }
    return max_;
}

}  // namespace bench
