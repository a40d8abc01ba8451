// Any bytes as a token: refused, never a crash. Any bytes as a payload under a right signature: read or refused, never a crash.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/jwt.hpp"
#include "parley/base/encoding.hpp"

namespace jwt = parley::auth::jwt;

namespace {

constexpr std::string_view kSecret = "a secret that the fuzzer does not guess";
constexpr jwt::Seconds kNow{std::chrono::seconds(1'700'000'000)};

std::string signed_with_secret(const std::string& text) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         mac, &length);
    return text + "." + parley::base64url_encode({reinterpret_cast<const char*>(mac), length});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (jwt::verify(input, kSecret, kNow)) std::abort();
    const std::string header = parley::base64url_encode(R"({"alg":"HS256"})");
    const auto claims = jwt::verify(signed_with_secret(header + "." + parley::base64url_encode(input)), kSecret, kNow);
    if (claims && claims->expires_at && *claims->expires_at <= kNow) std::abort();
    return 0;
}
