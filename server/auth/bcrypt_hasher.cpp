#include "auth/bcrypt_hasher.hpp"

#include <crypt.h>
#include <openssl/crypto.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "parley/base/random.hpp"

namespace parley::auth {

namespace {

constexpr std::size_t kHashLength = 60;     // "$2b$10$", 22 characters of salt, 31 of hash
constexpr std::size_t kSettingLength = 29;  // up to and with the salt
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kPrefixLength = 4;

std::string new_setting(unsigned cost) {
    const std::string salt = random_bytes(kSaltBytes);
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting;
    const char* made =
        crypt_gensalt_rn("$2b$", cost, salt.data(), static_cast<int>(salt.size()), setting.data(), static_cast<int>(setting.size()));
    return made ? made : "";
}

// "" when the setting is none. Takes as long as the setting's cost says.
std::string run_bcrypt(std::string password, const std::string& setting) {
    thread_local const auto scratch = std::make_unique<crypt_data>();
    if (password.size() > BcryptHasher::kMaxPasswordBytes) password.resize(BcryptHasher::kMaxPasswordBytes);
    const char* hash = crypt_rn(password.c_str(), setting.c_str(), scratch.get(), sizeof(crypt_data));
    OPENSSL_cleanse(password.data(), password.size());
    std::string result = hash ? hash : "";
    OPENSSL_cleanse(scratch.get(), sizeof(crypt_data));
    return result.size() == kHashLength ? result : std::string();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A hash that may be computed: of our kinds, and not of a cost that would keep a thread busy for minutes.
bool is_acceptable(std::string_view hash) {
    if (hash.size() != kHashLength || !(hash.starts_with("$2a$") || hash.starts_with("$2b$"))) return false;
    if (!is_digit(hash[4]) || !is_digit(hash[5]) || hash[6] != '$') return false;
    const auto cost = static_cast<unsigned>((hash[4] - '0') * 10 + (hash[5] - '0'));
    return cost >= BcryptHasher::kMinCost && cost <= BcryptHasher::kMaxCost;
}

bool matches(std::string password, const std::string& stored) {
    std::string setting = stored.substr(0, kSettingLength);
    setting.replace(0, kPrefixLength, "$2b$");
    const std::string computed = run_bcrypt(std::move(password), setting);
    return !computed.empty() &&
           CRYPTO_memcmp(computed.data() + kPrefixLength, stored.data() + kPrefixLength, kHashLength - kPrefixLength) == 0;
}

// A hash takes 60 ms of a core: whoever answers requests meanwhile goes first. The share that is left to hashes on a busy machine is small, but they get
// one; on an idle one they lose nothing.
void give_way() {
    constexpr int kNice = 10;
    thread_local const bool gave_way = ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice) == 0;
    static_cast<void>(gave_way);
}

std::size_t thread_count(std::size_t wanted) {
    return wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

BcryptHasher::BcryptHasher(Options options)
    : cost_(std::clamp(options.cost, kMinCost, kMaxCost)),
      nobodys_hash_(new_setting(cost_) + std::string(kHashLength - kSettingLength, '.')),  // of no password
      workers_("bcrypt", thread_count(options.threads), options.max_waiting) {}

Task<Result<std::string>> BcryptHasher::hash(std::string password) {
    if (password.find('\0') != std::string::npos) co_return fail(ErrorCode::InvalidArgument, "a password with a NUL has no hash");
    auto job = [password = std::move(password), cost = cost_] {
        give_way();
        return run_bcrypt(password, new_setting(cost));
    };
    CO_TRY(std::string hash, co_await workers_.run(std::move(job)));
    if (hash.empty()) co_return fail(ErrorCode::Internal, "bcrypt refused to hash");
    co_return hash;
}

Task<Result<bool>> BcryptHasher::verify(std::string password, std::string hash) {
    const bool possible = password.find('\0') == std::string::npos && is_acceptable(hash);
    if (!possible) co_return co_await verify_nothing(std::move(password));
    auto job = [password = std::move(password), hash = std::move(hash)] {
        give_way();
        return matches(password, hash);
    };
    co_return co_await workers_.run(std::move(job));
}

Task<Result<bool>> BcryptHasher::verify_nothing(std::string password) {
    auto job = [password = std::move(password), hash = nobodys_hash_] {
        give_way();
        matches(password, hash);
        return false;
    };
    co_return co_await workers_.run(std::move(job));
}

}  // namespace parley::auth
