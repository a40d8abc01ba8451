#include "parley/socketio/arguments.hpp"

#include <utility>

#include "json_reader.hpp"

namespace parley::socketio {

Arguments Arguments::list(std::vector<Value> values) {
    Arguments arguments;
    arguments.values_ = std::move(values);
    return arguments;
}

Arguments Arguments::from_json(std::string json) {
    Arguments arguments;
    arguments.raw_ = std::move(json);
    return arguments;
}

const std::vector<Value>& Arguments::values() const {
    if (raw_.empty()) return values_;
    auto parsed = parse_json_list(std::exchange(raw_, {}));
    if (parsed) values_ = *std::move(parsed);
    return values_;
}

const Value& Arguments::operator[](std::size_t index) const {
    static const Value kNull;
    return index < size() ? values()[index] : kNull;
}

std::string Arguments::json() const {
    if (is_raw()) return raw_;
    std::string out;
    for (const Value& value : values_) {
        if (!out.empty()) out += ',';
        append_json(out, value);
    }
    return out;
}

}  // namespace parley::socketio
