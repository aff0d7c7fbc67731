#include "api/api_under_test.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "store/memory_store.h"

namespace ferry::api::test {
namespace {

Tenant make_tenant(TenantId id, std::string name, std::string_view token) {
  Tenant tenant;
  tenant.id = id;
  tenant.name = std::move(name);
  tenant.signing_key_current = "sig_current";
  tenant.signing_key_next = "sig_next";
  tenant.tokens.push_back(
      {.hash = sha256(token), .scope = TokenScope::kFull, .created_at = kNow, .note = {}});
  return tenant;
}

void commit(store::Store& store, store::WriteSet set) {
  ASSERT_TRUE(store.commit(std::span(&set, 1)));
}

}  // namespace

struct ApiUnderTest::Machinery {
  Machinery(ApiUnderTest& owner, Options options)
      : inbox({}, owner.metrics, [] {}),
        full_inbox({.commands_max = 0, .bytes_max = 0}, owner.metrics, [] {}),
        link(io, 0, inbox, Duration(0), owner.metrics),
        full_link(io, 0, full_inbox, Duration(0), owner.metrics),
        api(context_of(owner, link, options)),
        overloaded_api(context_of(owner, full_link, options)) {}

  static Awaitable<Result<Outcome>> call_function(ApiUnderTest& owner, FunctionCall call) {
    owner.function_calls.push_back(call);
    co_return owner.function(call);
  }

  Context context_of(ApiUnderTest& owner, EngineLink& line, Options options) {
    return {.engine = line,
            .store = *owner.store,
            .readers = readers,
            .metrics = owner.metrics,
            .clock = [&owner] { return owner.now; },
            .ready = [&owner] { return owner.ready; },
            .ids = owner.ids,
            .call_function = [&owner](FunctionCall call,
                                      const http::Asker&) { return call_function(owner, call); },
            .options = std::move(options),
            .answers = owner.answers};
  }

  asio::io_context io;
  asio::executor_work_guard<Executor> work{io.get_executor()};
  engine::Inbox inbox, full_inbox;
  EngineLink link, full_link;
  http::BlockingPool readers{1};
  Api api, overloaded_api;
};

namespace {

// The answer with all of its pieces.
Awaitable<http::ServerResponse> read_to_end(ApiUnderTest& api,
                                            Awaitable<http::ServerResponse> answer) {
  http::ServerResponse response = co_await std::move(answer);
  api.pieces.assign(1, response.body.size());
  while (response.stream.next) {
    if (api.after_piece) api.after_piece(api.pieces.size());
    if (api.reader_is_slow) response.stream.let_go();
    const Result<std::string> piece = co_await response.stream.next();
    if (!piece) response.status = 0;
    if (!piece || piece->empty()) break;
    response.body += *piece;
    api.pieces.push_back(piece->size());
  }
  response.stream = {};
  co_return response;
}

}  // namespace

http::Request make_request(std::string_view method, std::string_view target, HeaderList headers,
                           std::string_view body) {
  http::Request request;
  request.head.method = method;
  request.head.target = target;
  request.head.headers = std::move(headers);
  request.head.peer_ip = "203.0.113.9";
  request.body = Bytes::copy(body);
  return request;
}

ApiUnderTest::ApiUnderTest(Options options)
    : tenant(make_tenant(kTenant, "first", kToken)),
      store(store::make_memory_store()),
      ids(std::make_shared<const IdCodec>("secret of the tests")),
      answers(http::ByteBudget::make(kAnswerMemory)) {
  tenant.tokens.push_back({.hash = sha256(kReadOnlyToken),
                           .scope = TokenScope::kReadOnly,
                           .created_at = kNow,
                           .note = {}});
  engine = [](const engine::Command&) {
    ADD_FAILURE() << "a command that the test does not expect";
    return Error{ErrorCode::kInternal, "unexpected"};
  };
  function = [](const FunctionCall&) {
    ADD_FAILURE() << "a function is called that the test does not expect";
    return Outcome{};
  };
  machinery_ = std::make_unique<Machinery>(*this, std::move(options));
  publish_catalog();
}

ApiUnderTest::~ApiUnderTest() = default;

void ApiUnderTest::publish_catalog() {
  Tenant suspended = make_tenant({3}, "suspended", kSuspendedToken);
  suspended.suspended = true;
  const auto catalog = std::make_shared<const TenantCatalog>(std::vector<TenantPtr>{
      std::make_shared<const Tenant>(tenant),
      std::make_shared<const Tenant>(make_tenant(kOtherTenant, "other", kOtherToken)),
      std::make_shared<const Tenant>(std::move(suspended))});
  machinery_->api.set_catalog(catalog);
  machinery_->overloaded_api.set_catalog(catalog);
}

void ApiUnderTest::use(std::int64_t messages) {
  machinery_->api.set_usage(tenant.id, {.day = utc_day(kNow), .messages = messages});
}

http::Admission ApiUnderTest::admit(const http::RequestHead& head) {
  return machinery_->api.admit(head);
}

http::ServerResponse ApiUnderTest::send_raw(http::Request request) {
  Api& api = engine_is_full ? machinery_->overloaded_api : machinery_->api;
  http::Admission admission = api.admit(request.head);
  if (admission.refusal) return std::move(*admission.refusal);
  EXPECT_LE(request.body.size(), admission.body_bytes_max);
  std::optional<http::ServerResponse> response;
  asio::co_spawn(machinery_->io, read_to_end(*this, api.handle(std::move(request))),
                 [&response](std::exception_ptr, http::ServerResponse answered) {
                   response = std::move(answered);
                 });
  while (!response) {
    machinery_->io.run_one();
    for (engine::Command& command : machinery_->inbox.take()) {
      const engine::ReplyTo to = std::visit(
          [](const auto& any) {
            if constexpr (requires { any.reply; }) return any.reply;
            return engine::ReplyTo{};
          },
          command);
      commands.push_back(std::move(command));
      machinery_->link.complete({to, engine(commands.back())});
    }
  }
  return std::move(*response);
}

http::ServerResponse ApiUnderTest::send(std::string_view method, std::string_view target,
                                        HeaderList headers, std::string_view body) {
  headers.add("Authorization", "Bearer " + std::string(kToken));
  return send_raw(make_request(method, target, std::move(headers), body));
}

namespace {

struct ObligingEngine {
  std::vector<engine::ResourceView> resources;

  engine::Answer operator()(const engine::Publish& command) const {
    engine::Published published;
    std::int64_t id = 1;
    for (const engine::PublishItem& item : command.items) {
      engine::Published::Item& done = published.items.emplace_back();
      done.to_group = !item.group_name.empty();
      if (done.to_group) {
        done.deliveries = {{.id = {id}, .url = "https://one.test"},
                           {.id = {id + 1}, .url = "https://two.test"}};
      } else {
        done.deliveries = {{.id = {id}, .url = item.target.url}};
      }
      id += static_cast<std::int64_t>(done.deliveries.size());
    }
    return published;
  }
  engine::Answer operator()(const engine::Cancel& command) const {
    return engine::Cancelled{static_cast<std::int64_t>(command.deliveries.size())};
  }
  engine::Answer operator()(const engine::DeleteDeadLetters& command) const {
    return engine::Deleted{static_cast<std::int64_t>(command.letters.size())};
  }
  engine::Answer operator()(const engine::RetryDeadLetters& command) const {
    engine::Retried retried;
    for (const DeadLetterId letter : command.letters) retried.deliveries.push_back({letter.value});
    return retried;
  }
  engine::Answer operator()(const engine::ReadResources& command) const {
    engine::ResourceList list;
    for (const engine::ResourceView& view : resources) {
      if (kind_of(view.resource) != command.kind) continue;
      if (command.name && name_of(view.resource) != *command.name) continue;
      list.resources.push_back(view);
    }
    if (command.name && list.resources.empty()) {
      return Error{ErrorCode::kNotFound, *command.name + " not found"};
    }
    return list;
  }
  engine::Answer operator()(const engine::ReadParallelism&) const {
    return engine::Parallelism{.most = 500, .count = 3};
  }
  template <class Any>
  engine::Answer operator()(const Any&) const {
    return engine::Done{};
  }
};

}  // namespace

std::function<engine::Answer(const engine::Command&)> obliging_engine(
    std::vector<engine::ResourceView> resources) {
  return [engine = ObligingEngine{std::move(resources)}](const engine::Command& command) {
    return std::visit(engine, command);
  };
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

Message message_of(const Row& row) {
  Message message;
  message.id = {row.id};
  message.tenant = row.tenant;
  message.created_at = row.created_at;
  message.headers = row.headers;
  message.body = Bytes::copy(row.body);
  message.caller_ip = "198.51.100.7";
  message.labels = row.labels;
  message.redaction = row.redaction;
  message.flow_control = row.flow_control;
  return message;
}

Delivery delivery_of(const Row& row) {
  Delivery delivery;
  delivery.id = {row.id};
  delivery.message_id = {row.id};
  delivery.tenant = row.tenant;
  Destination to;
  to.target.url = row.url;
  to.group_name = row.group;
  to.endpoint_name = row.endpoint;
  to.queue_name = row.queue;
  to.schedule_id = row.schedule;
  delivery.to = std::make_shared<const Destination>(std::move(to));
  delivery.not_before = row.created_at;
  delivery.due_at = row.created_at;
  return delivery;
}

void add_delivery(store::Store& store, const Row& row) {
  store::WriteSet set;
  set.add(store::PutMessage{std::make_shared<const Message>(message_of(row))});
  set.add(store::PutDelivery{delivery_of(row)});
  Event created;
  created.time = row.created_at;
  created.next_delivery_at = row.created_at;
  set.add(store::AppendEntry{{delivery_of(row), {created}}});
  commit(store, std::move(set));
}

void add_event(store::Store& store, const Row& row, EventState state, TimePoint time) {
  Event event;
  event.time = time;
  event.state = state;
  store::WriteSet set;
  set.add(store::AppendEntry{{delivery_of(row), {event}}});
  commit(store, std::move(set));
}

void add_dead_letter(store::Store& store, const Row& row, DeadLetterId id, ResponsePtr response) {
  DeadLetter letter;
  letter.id = id;
  letter.delivery = delivery_of(row);
  letter.message = std::make_shared<const Message>(message_of(row));
  letter.response = std::move(response);
  store::WriteSet set;
  set.add(store::PutDeadLetter{std::make_shared<const DeadLetter>(std::move(letter))});
  commit(store, std::move(set));
}

}  // namespace ferry::api::test
