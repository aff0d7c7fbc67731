#include "dispatch/senders/redis_sender.h"

#include <hiredis/hiredis.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "dispatch/senders/blocking_time.h"
#include "dispatch/senders/broker_address.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/native_headers.h"
#include "dispatch/senders/push_result.h"

namespace ferry::dispatch {

namespace {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;
using Words = std::vector<std::string>;

// Commands that wait for their replies at once: one sync of a durable server then serves them all.
constexpr std::size_t kUnderWayMax = 128;

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

Words append_command(const Push& push, const std::string& maxlen) {
  Words words{"XADD", push.target.name};
  if (!maxlen.empty()) words.insert(words.end(), {"MAXLEN", "~", maxlen});
  words.insert(words.end(), {"*", "id", push.event_id, "body", std::string(push.body.view())});
  for (const HeaderField& field : native_headers(push)) {
    if (field.name != kEventIdHeader) words.insert(words.end(), {field.name, field.value});
  }
  return words;
}

// The words as the library takes them; they must outlive it.
class Arguments {
 public:
  explicit Arguments(const Words& words) {
    for (const std::string& word : words) {
      texts_.push_back(word.data());
      sizes_.push_back(word.size());
    }
  }
  int count() const { return static_cast<int>(texts_.size()); }
  const char** texts() const { return const_cast<const char**>(texts_.data()); }
  const std::size_t* sizes() const { return sizes_.data(); }

 private:
  std::vector<const char*> texts_;
  std::vector<std::size_t> sizes_;
};

}  // namespace

class RedisSender::Link {
 public:
  explicit Link(Connection connection)
      : connection_(std::move(connection)),
        addresses_(parse_broker_addresses(connection_.address, kRedisPort).value()),
        maxlen_(text_option(connection_, "maxlen", "")),
        database_(text_option(connection_, "db", "0")) {}

  ~Link() {
    for (const PushEnd& end : under_way_) end(push_failed(503, "the sender was stopped"));
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Hands the command to the library; poll() sends it and brings its reply.
  void push(const Push& push, const PushEnd& end) {
    while (under_way_.size() >= kUnderWayMax || (renew_ && !under_way_.empty())) read_reply();
    if (end.over()) return;
    if (renew_) close();
    if (!context_) {
      if (auto failure = open(end)) {
        close();
        return end(*std::move(failure));
      }
    }
    const Words words = append_command(push, maxlen_);
    const Arguments arguments(words);
    redisAppendCommandArgv(context_.get(), arguments.count(), arguments.texts(), arguments.sizes());
    under_way_.push_back(end);
  }

  // Waits for one reply. Whether others are under way.
  bool poll() {
    if (!under_way_.empty()) read_reply();
    return !under_way_.empty();
  }

 private:
  // Replies come in the order of the commands.
  void read_reply() {
    redisSetTimeout(context_.get(), to_timeval(under_way_.front().left()));
    void* made = nullptr;
    const int status = redisGetReply(context_.get(), &made);
    const Reply reply(static_cast<redisReply*>(made));
    if (status != REDIS_OK) return lose();
    const PushEnd end = std::move(under_way_.front());
    under_way_.pop_front();
    if (reply->type != REDIS_REPLY_ERROR) {
      return end(push_delivered(200, std::string(text_of(*reply))));
    }
    renew_ = true;
    end(redis_refusal(text_of(*reply)));
  }

  // Nobody knows what became of those under way, so each is tried again.
  void lose() {
    const PushResult failure = no_reply();
    close();
    for (const PushEnd& end : std::exchange(under_way_, {})) end(failure);
  }

  void close() {
    context_.reset();
    renew_ = false;
  }

  // Connects to the first address that accepts; why not, if none does.
  std::optional<PushResult> open(const PushEnd& end) {
    std::string refusals;
    for (std::size_t i = 0; i < addresses_.size(); ++i) {
      const auto timeout = to_timeval(share(end.left(), addresses_.size() - i));
      const BrokerAddress& address = addresses_[i];
      context_.reset(redisConnectWithTimeout(address.host.c_str(), address.port, timeout));
      CHECK(context_ != nullptr);  // out of memory
      if (context_->err == 0) return greet(end);
      refusals += (i == 0 ? "" : "; ") + to_text(address) + ": " + context_->errstr;
    }
    return push_failed(0, "cannot connect to " + refusals);
  }

  std::optional<PushResult> greet(const PushEnd& end) {
    redisSetTimeout(context_.get(), to_timeval(end.left()));
    if (!connection_.secret.empty()) {
      Words auth{"AUTH"};
      if (!connection_.user.empty()) auth.push_back(connection_.user);
      auth.push_back(connection_.secret);
      if (auto failure = expect_ok(auth)) return failure;
    }
    if (database_ != "0") return expect_ok({"SELECT", database_});
    return std::nullopt;
  }

  // The reply itself is not passed on: it may quote the command, and so the secret.
  std::optional<PushResult> expect_ok(const Words& words) {
    const Reply reply = command(words);
    if (!reply) return no_reply();
    if (reply->type != REDIS_REPLY_ERROR) return std::nullopt;
    const std::string word(first_word(text_of(*reply)));
    const std::string text = words.front() + " was refused: " + word;
    PushResult refusal = redis_refusal(word);
    if (word == "ERR") refusal = push_refused(words.front() == "AUTH" ? 401 : 400, "");
    refusal.error = text;
    return refusal;
  }

  Reply command(const Words& words) {
    const Arguments arguments(words);
    return Reply(static_cast<redisReply*>(
        redisCommandArgv(context_.get(), arguments.count(), arguments.texts(), arguments.sizes())));
  }

  PushResult no_reply() const {
    return push_failed(0, std::string("the connection was lost: ") + context_->errstr);
  }

  const Connection connection_;
  const std::vector<BrokerAddress> addresses_;
  const std::string maxlen_;
  const std::string database_;
  Context context_;
  std::deque<PushEnd> under_way_;  // their commands are with the library or the server
  // Something went wrong: the next push starts with a new connection, perhaps to another address.
  bool renew_ = false;
};

RedisSender::RedisSender(Connection connection)
    : link_(std::make_unique<Link>(std::move(connection))),
      thread_([link = link_.get()] { return link->poll(); }) {}

RedisSender::~RedisSender() = default;

Awaitable<PushResult> RedisSender::send(Push push) {
  const BrokerThread::Limits limits = BrokerThread::limits_of(push);
  return thread_.run(limits, [link = link_.get(), push = std::move(push)](const PushEnd& end) {
    link->push(push, end);
  });
}

PushResult redis_refusal(std::string_view reply) {
  struct Final {
    std::string_view word;
    std::int32_t status;
  };
  // Redis 7, src/server.c (shared objects) and src/acl.c.
  constexpr std::array<Final, 4> kFinal{
      {{"WRONGTYPE", 400}, {"NOAUTH", 401}, {"WRONGPASS", 401}, {"NOPERM", 403}}};
  for (const Final& known : kFinal) {
    if (first_word(reply) == known.word) return push_refused(known.status, std::string(reply));
  }
  // What src/networking.c says instead of NOAUTH to a command of more than ten words.
  if (reply.starts_with("ERR Protocol error: unauthenticated")) {
    return push_refused(401, std::string(reply));
  }
  return push_failed(503, std::string(reply));
}

}  // namespace ferry::dispatch
