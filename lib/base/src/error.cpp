#include "parley/base/error.hpp"

namespace parley {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument: return "InvalidArgument";
        case ErrorCode::Unauthenticated: return "Unauthenticated";
        case ErrorCode::PermissionDenied: return "PermissionDenied";
        case ErrorCode::NotFound: return "NotFound";
        case ErrorCode::AlreadyExists: return "AlreadyExists";
        case ErrorCode::Conflict: return "Conflict";
        case ErrorCode::TooLarge: return "TooLarge";
        case ErrorCode::RateLimited: return "RateLimited";
        case ErrorCode::Unavailable: return "Unavailable";
        case ErrorCode::Timeout: return "Timeout";
        case ErrorCode::Cancelled: return "Cancelled";
        case ErrorCode::Protocol: return "Protocol";
        case ErrorCode::Internal: return "Internal";
    }
    return "unknown";
}

}  // namespace parley
