#include "dialect/dialect.hpp"

#include "dialect/v1.hpp"

namespace parley::dialect {

std::string_view Dialect::failure(Area area) const {
    switch (area) {
        case Area::Auth: return text(Text::AuthFailure);
        case Area::Users: return text(Text::UsersFailure);
        case Area::Messages: return text(Text::MessagesFailure);
        case Area::Other: break;
    }
    return text(Text::MessagesFailure);
}

Result<std::unique_ptr<Dialect>> make_dialect(std::string_view name) {
    if (name == V1::kName) return std::make_unique<V1>();
    return fail(ErrorCode::InvalidArgument, "there is no dialect of that name; there is \"" + std::string(V1::kName) + "\"");
}

}  // namespace parley::dialect
