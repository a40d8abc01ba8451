#include "entrance.hpp"

#include <algorithm>
#include <atomic>
#include <span>

#include "client.hpp"
#include "hub.hpp"
#include "parley/base/encoding.hpp"
#include "parley/base/random.hpp"
#include "recovery.hpp"
#include "socket_extras.hpp"

namespace parley::socketio {
namespace {

constexpr std::size_t kSocketIdBytes = 15;  // 20 characters

// Of a connection that nobody decided on.
constexpr const char* kNoAnswer = "the server gave no answer";

std::size_t bytes_of(std::span<const RecoveryLog::Missed> events) {
    std::size_t sum = 0;
    for (const auto& event : events) {
        for (const engineio::PreparedPacket& message : event.delivery->with_offset) sum += message.packet().size();
    }
    return sum;
}

std::string text_of(const Value& auth, std::string_view name) {
    const Value& value = auth[name];
    return value.is_string() ? value.as_string() : std::string();
}

}  // namespace

ConnectRequest read_connect(const Value& auth) {
    ConnectRequest request{.pid = text_of(auth, "pid"), .offset = text_of(auth, "offset")};
    const Value& recover = auth["recover"];
    request.wants_recovery = !request.pid.empty() || (recover.is_bool() && recover.as_bool());
    return request;
}

Entrance::Entrance(Client& comes, std::shared_ptr<NamespaceCore> into, Value auth)
    : client(&comes), core(std::move(into)), shard(core->shard(comes.session().loop().index())) {
    const auto mode = core->hub().options().recovery.mode;
    if (mode != RecoveryOptions::Mode::Off) request_ = read_connect(auth);
    request_.wants_recovery = request_.wants_recovery || mode == RecoveryOptions::Mode::Always;
    // Independent of the session's id, which is a secret: other clients may learn this one. Old clients take the session's for it.
    const bool old = comes.protocol() == kOldProtocol;
    std::string id = old ? comes.session().id() : base64url_encode(random_bytes(kSocketIdBytes));
    if (old && nsp() != kDefaultNamespace) id = nsp() + '#' + id;
    if (old) request_ = {};
    socket = std::make_unique<Socket>(comes, shard, std::move(id), std::move(auth));
}

void Entrance::start() {
    if (request_.pid.empty()) return proceed();
    find_session();
}

void Entrance::abandon() {
    if (!std::exchange(client, nullptr)) return;
    socket->client_ = nullptr;
    if (lost_) core->recovery()->sessions().put_back(std::move(*lost_), RecoverySessions::Clock::now());
    lost_.reset();
    core->hub().leave(*core);
}

void Entrance::forsake() {
    client = nullptr;
    socket->client_ = nullptr;
    lost_.reset();
}

// Coming back

void Entrance::find_session() {
    if (!client) return;
    auto taken = core->recovery()->sessions().take(request_.pid, RecoverySessions::Clock::now());
    if (const auto* place = std::get_if<SocketPlace>(&taken); place && searches_++ == 0) return end_old_socket(*place);
    if (auto* session = std::get_if<RecoverySession>(&taken)) {
        lost_ = std::make_unique<RecoverySession>(std::move(*session));
        socket->id_ = lost_->sid;
        if (!lost_->data.is_null()) socket->data() = lost_->data;
        socket->recovered_ = true;
    }
    proceed();
}

// The client is back before its loss was noticed.
void Entrance::end_old_socket(SocketPlace place) {
    Shard& old = core->shard(place.loop);
    const auto end = [self = shared_from_this(), &old, place] {
        if (Socket* socket = old.find(place.slot, place.generation)) socket->client_->be_superseded();
        if (old.loop().is_current() && &old == &self->shard) return self->find_session();
        self->core->post(self->shard, [self] { self->find_session(); });
    };
    if (&old == &shard) return end();
    core->post(old, end);
}

// What the client would have got since, but nothing from before it came first, whatever it says. nullopt: something may be missing for ever, or it is
// more than a session can take at once.
std::optional<std::vector<RecoveryLog::Missed>> Entrance::find_missed(const RecoverySession& session) const {
    RecoveryLog& log = core->recovery()->log();
    const auto seen = request_.offset.empty() ? std::optional(session.connected_at) : log.find_position(request_.offset);
    if (!seen) return std::nullopt;
    auto missed = log.missed(std::max(*seen, session.connected_at), session.rooms, log.last(), RecoveryLog::Clock::now());
    if (missed && bytes_of(*missed) > core->hub().options().max_missed_bytes) missed.reset();
    return missed;
}

// False: it cannot be done without a gap.
bool Entrance::restore(RecoverySession session) {
    std::optional<std::vector<RecoveryLog::Missed>> missed;
    core->in_order(shard, [&] {
        missed = find_missed(session);
        if (!missed) return;
        auto& recovery = socket->extras().recovery;
        recovery = std::make_unique<RecoveryState>(RecoveryState{session.pid, session.connected_at, session.rooms});
        enter();
        for (const RoomMembership& membership : session.rooms) {
            if (membership.room != socket->id_ && !membership.left()) shard.rooms().join(socket->slot_, membership.room);
        }
    });
    if (!missed) return false;
    std::vector<std::shared_ptr<const Delivery>> deliveries;
    for (auto& entry : *missed) deliveries.push_back(std::move(entry.delivery));
    core->hub().state(shard.loop()).recovered.add(1);
    std::exchange(client, nullptr)->admit(*this, deliveries);
    return true;
}

// Going in

void Entrance::proceed() {
    if (!client) return;
    // Not into the middle of an emit, whose receivers are chosen already: it would get some events twice.
    if (shard.is_emitting()) return core->post(shard, [self = shared_from_this()] { self->proceed(); });
    const auto& middlewares = core->handlers().middlewares;
    const bool skips = lost_ && core->hub().options().recovery.skip_middlewares;
    if (!skips && next_middleware_ < middlewares.size()) {
        const auto middleware = middlewares[next_middleware_++];
        auto state = std::make_shared<Next::State>(shared_from_this());
        return guarded("middleware", [&] { (*middleware)(*socket, Next(std::move(state))); });
    }
    const bool declined = lost_ && !socket->recovered();
    if (lost_ && !declined && restore(std::move(*lost_))) return;
    if (std::exchange(lost_, nullptr)) make_new();
    join_anew();
}

// Not the socket that its client had lost, after all.
void Entrance::make_new() {
    socket->id_ = base64url_encode(random_bytes(kSocketIdBytes));
    socket->recovered_ = false;
    socket->extras().data.reset();
}

void Entrance::join_anew() {
    if (!request_.wants_recovery) {
        socket->connected_ = true;
        shard.add(*socket);
    } else {
        core->in_order(shard, [&] {
            const LogPosition position = core->recovery()->log().last();
            socket->extras().recovery = std::make_unique<RecoveryState>(
                RecoveryState{RecoverySessions::make_pid(), position, {{.room = socket->id_, .joined_at = position}}});
            enter();
        });
    }
    std::exchange(client, nullptr)->admit(*this, {});
}

// Under the order: what is published from here on reaches the socket.
void Entrance::enter() {
    socket->connected_ = true;
    shard.add(*socket);
    core->recovery()->sessions().connected(socket->extras().recovery->pid, shard.place_of(*socket));
}

void Entrance::refuse(const ConnectError& error) {
    Client* const refused = client;
    if (!refused) return;
    lost_.reset();
    abandon();
    refused->refuse_entrance(*this, error);
}

// Next

struct Next::State {
    explicit State(std::shared_ptr<Entrance> waits) : entrance(std::move(waits)), core(entrance->core), server(core->hub().alive()) {}
    ~State() {
        if (!given.exchange(true)) run([](Entrance& entrance) { entrance.refuse({kNoAnswer, {}}); });
    }

    template <class F>
    void run(F function) {
        if (server.expired()) return;
        Shard& shard = entrance->shard;
        auto task = [entrance = std::move(entrance), function = std::move(function)] { function(*entrance); };
        if (shard.loop().is_current()) return task();
        // Counted among what may bring somebody into a room: an event behind it waits its turn, even if nobody is there yet.
        core->post(shard, std::move(task));
    }

    std::shared_ptr<Entrance> entrance;
    const std::shared_ptr<NamespaceCore> core;
    const std::weak_ptr<const void> server;
    std::atomic<bool> given = false;
};

void Next::operator()() const {
    if (!state_->given.exchange(true)) state_->run([](Entrance& entrance) { entrance.proceed(); });
}

void Next::refuse(ConnectError error) const {
    if (!state_->given.exchange(true)) state_->run([error = std::move(error)](Entrance& entrance) { entrance.refuse(error); });
}

}  // namespace parley::socketio
