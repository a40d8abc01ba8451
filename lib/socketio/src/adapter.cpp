#include "parley/socketio/adapter.hpp"

namespace parley::socketio {

void MemoryAdapter::publish(Operation operation, std::shared_ptr<AnswerSink> answers) {
    if (operation.kind != Operation::Kind::ServerSideEmit) deliver_(std::move(operation), std::move(answers));
}

}  // namespace parley::socketio
