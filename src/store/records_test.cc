#include "store/records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/encoding.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

// One encoded record of any kind, and how to read it back as a text of every field.
struct Sample {
  std::string name;
  std::string bytes;
  std::string description;
  std::function<Result<std::string>(std::string_view)> read;
};

template <class T>
Sample sample(std::string name, const T& value, void (*encode)(const T&, std::string&),
              Result<T> (*decode)(std::string_view)) {
  Sample made{.name = std::move(name), .description = describe(value)};
  encode(value, made.bytes);
  made.read = [decode](std::string_view data) -> Result<std::string> {
    ASSIGN_OR_RETURN(const T read, decode(data));
    return describe(read);
  };
  return made;
}

struct Rows {
  Message message;
  Delivery delivery;
  Entry entry;
  DeadLetter letter;
  DedupRecord dedup;
  Tenant tenant;
  Queue queue;
  UrlGroup group;
  Schedule schedule;
  FlowKey flow_key;
  Sequence sequence;
};

WriteSet write_set_of(const Rows& rows) {
  WriteSet set;
  set.add(PutMessage{std::make_shared<const Message>(rows.message)});
  set.add(DropMessage{rows.message.id});
  set.add(PutDelivery{rows.delivery});
  set.add(DropDelivery{rows.delivery.id});
  set.add(AppendEntry{rows.entry});
  set.add(PutDeadLetter{std::make_shared<const DeadLetter>(rows.letter)});
  set.add(DropDeadLetter{rows.letter.id});
  set.add(PruneDeadLetters{at(-1)});
  set.add(PutDedup{rows.dedup});
  set.add(PruneDedup{at(1)});
  set.add(PutTenant{std::make_shared<const Tenant>(rows.tenant)});
  set.add(DropTenant{rows.tenant.id});
  set.add(PutSetting{"paused", "yes"});
  set.add(ReleaseMessage{rows.message.id});
  set.add(PutResource{std::make_shared<const Queue>(rows.queue)});
  set.add(PutResource{std::make_shared<const UrlGroup>(rows.group)});
  set.add(PutResource{std::make_shared<const Schedule>(rows.schedule)});
  set.add(PutResource{std::make_shared<const FlowKey>(rows.flow_key)});
  set.add(DropResource{ResourceKind::kSchedule, rows.tenant.id, "scd_1"});
  set.add(PutSequence{rows.sequence});
  return set;
}

std::vector<Sample> samples_of(const Rows& rows) {
  return {
      sample("message", rows.message, encode_message, decode_message),
      sample("delivery", rows.delivery, encode_delivery, decode_delivery),
      sample("entry", rows.entry, encode_entry, decode_entry),
      sample("dead_letter", rows.letter, encode_dead_letter, decode_dead_letter),
      sample("dedup", rows.dedup, encode_dedup, decode_dedup),
      sample("tenant", rows.tenant, encode_tenant, decode_tenant),
      sample("queue", rows.queue, encode_queue, decode_queue),
      sample("url_group", rows.group, encode_url_group, decode_url_group),
      sample("schedule", rows.schedule, encode_schedule, decode_schedule),
      sample("flow_key", rows.flow_key, encode_flow_key, decode_flow_key),
      sample("sequence", rows.sequence, encode_sequence, decode_sequence),
      sample("write_set", write_set_of(rows), encode_write_set, decode_write_set),
  };
}

// Fixed rows that use every field: what the golden files hold.
Rows golden_rows() {
  PublishOptions hook_options;
  hook_options.max_retries = 2;
  hook_options.forward_headers = {{"X-Hook", "1"}};
  Rows rows;
  Message& message = rows.message;
  message = *make_message({.id = MessageId{id_at(at(0), 5)}, .body = "body", .labels = {"a", "b"}});
  message.kind = MessageKind::kCallback;
  message.source = DeliveryId{id_at(at(-1))};
  message.method = Method::kPut;
  message.trace_context = "00-1-2-01";
  message.retry_delay_expression = "1000 * retried";
  message.timeout = Duration(30'000);
  message.callback = {"https://example.com/callback",
                      std::make_shared<const PublishOptions>(hook_options)};
  message.failure_callback = {"https://example.com/failed",
                              std::make_shared<const PublishOptions>()};
  message.redaction = {.body = true, .all_headers = false, .headers = {"authorization"}};
  message.flow_control =
      FlowControl{.key = "flow", .parallelism = 3, .rate = 10, .period = Duration(60'000)};

  Delivery& delivery = rows.delivery;
  delivery = make_delivery({.id = DeliveryId{id_at(at(0), 6)},
                            .message_id = message.id,
                            .group = "group",
                            .endpoint = "endpoint",
                            .queue = "queue",
                            .schedule = "scd_1",
                            .due_at = at(1'500),
                            .lane = 0xfedc'ba98'7654'3210,
                            .sequence = 0x0123'4567'89ab'cdef,
                            .slot = DeliveryId{id_at(at(0), 5)}});
  Destination to = *delivery.to;
  to.ordering_key = "key";  // never with a queue, but every field is to be pinned
  delivery.to = std::make_shared<const Destination>(std::move(to));
  delivery.not_before = at(500);
  delivery.retried = 3;
  delivery.cancel_requested = true;
  delivery.shares_message = true;

  Event error = make_event(at(20), EventState::kError);
  error.error = "status 503";
  error.response = std::make_shared<const Response>(
      Response{503, {{"Retry-After", "5"}}, Bytes::copy("busy"), true});
  Event retry = make_event(at(20), EventState::kRetry);
  retry.next_delivery_at = at(1'500);
  rows.entry = {delivery, {make_event(at(10), EventState::kActive), error, retry}};
  rows.letter = *make_dead_letter(DeadLetterId{id_at(at(30))}, delivery,
                                  std::make_shared<const Message>(message), 500);
  rows.dedup = make_dedup("key", at(600'000));
  rows.tenant = *make_tenant(kTenant, "tenant");
  rows.tenant.suspended = true;
  rows.tenant.quotas = {.max_retries = 5,
                        .max_delay = Duration(86'400'000),
                        .body_bytes_max = 1'000'000,
                        .messages_per_day = 10'000,
                        .queues = 10,
                        .queue_parallelism = 20,
                        .schedules = 30,
                        .url_groups = 40};
  rows.queue = *make_queue("queue");
  rows.group = *make_url_group("group");
  rows.schedule = *make_schedule("scd_1");
  rows.flow_key = *make_flow_key("flow");
  rows.sequence = {.lane = 0xfedc'ba98'7654'3210,
                   .tenant = kTenant,
                   .held = {{DeliveryId{id_at(at(0), 6)}, 1}, {DeliveryId{id_at(at(0), 7)}, 3}}};
  return rows;
}

Rows random_rows(Random& random) {
  Rows rows;
  const auto id = static_cast<std::int64_t>(random.next() >> 1);
  rows.message = random_message(random, MessageId{id}, kTenant);
  rows.delivery = random_delivery(random, DeliveryId{id}, rows.message);
  rows.delivery.retried = static_cast<std::int32_t>(random.next());
  rows.delivery.lane = random.next() >> random.below(64);
  rows.entry = {rows.delivery, {}};
  for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
    rows.entry.events.push_back(
        random_event(random, at(1), static_cast<EventState>(1 + random.below(8))));
  }
  rows.letter = {.id = DeadLetterId{id},
                 .delivery = rows.delivery,
                 .message = std::make_shared<const Message>(rows.message),
                 .response = random_response(random),
                 .error = random_text(random)};
  rows.dedup = random_dedup(random, kTenant, at(5));
  rows.tenant = random_tenant(random, TenantId{id});
  rows.queue = random_queue(random, random_text(random), TenantId{id});
  rows.group = random_url_group(random, random_text(random), TenantId{id});
  rows.schedule = random_schedule(random, random_text(random), TenantId{id});
  rows.flow_key = random_flow_key(random, random_text(random), TenantId{id});
  rows.sequence = random_sequence(random, random.next() >> random.below(64));
  return rows;
}

// The bytes of a golden file: hexadecimal digits, broken into lines. A version once released keeps
// its file for ever; a new version gets another one, with the bytes that the failing test prints.
std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(FERRY_GOLDEN_DIR) + "/" + name);
  std::string digits((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::erase_if(digits, [](unsigned char c) { return std::isspace(c) != 0; });
  return hex_decode(digits).value_or("");
}

// kCount: it did not fail.
template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::kCount : result.error().code;
}

ErrorCode failure_of(const Sample& sample, std::string_view bytes) {
  return code_of(sample.read(bytes));
}

}  // namespace

TEST(Records, AreReadBackWithEveryField) {
  Random random(11);
  for (int i = 0; i < 60; ++i) {
    for (const Sample& sample : samples_of(random_rows(random))) {
      const Result<std::string> read = sample.read(sample.bytes);
      ASSERT_TRUE(read) << sample.name << ": " << read.error().text;
      ASSERT_EQ(*read, sample.description) << sample.name;
    }
  }
}

TEST(Records, KeepTheBytesOfTheirGoldenFiles) {
  for (const Sample& sample : samples_of(golden_rows())) {
    const std::string golden = read_golden(sample.name + ".v1.hex");
    EXPECT_EQ(hex_encode(golden), hex_encode(sample.bytes)) << sample.name;
    const Result<std::string> read = sample.read(golden);
    EXPECT_TRUE(read) << sample.name;
    EXPECT_EQ(read.value_or(""), sample.description) << sample.name;
  }
}

TEST(Records, AreAppendedToWhatIsThere) {
  std::string out = "before";
  encode_delivery(golden_rows().delivery, out);
  EXPECT_TRUE(out.starts_with("before"));
  EXPECT_TRUE(decode_delivery(std::string_view(out).substr(6)));
}

TEST(Records, AnEmptyWriteSetIsARecord) {
  std::string out;
  encode_write_set({}, out);
  const Result<WriteSet> read = decode_write_set(out);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(Records, CutShortAnywhereTheyAreDamaged) {
  for (const Sample& sample : samples_of(golden_rows())) {
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      EXPECT_EQ(failure_of(sample, sample.bytes.substr(0, size)), ErrorCode::kStoreCorrupt)
          << sample.name << " cut to " << size << " bytes";
    }
  }
}

TEST(Records, WithAByteTooMuchTheyAreDamaged) {
  for (const Sample& sample : samples_of(golden_rows())) {
    EXPECT_EQ(failure_of(sample, sample.bytes + '\0'), ErrorCode::kStoreCorrupt) << sample.name;
  }
}

TEST(Records, ANewerVersionIsToldFromDamage) {
  for (const Sample& sample : samples_of(golden_rows())) {
    std::string bytes = sample.bytes;
    bytes[0] = 100;
    EXPECT_EQ(failure_of(sample, bytes), ErrorCode::kStoreTooNew) << sample.name;
    bytes[0] = 0;
    EXPECT_EQ(failure_of(sample, bytes), ErrorCode::kStoreCorrupt) << sample.name;
  }
}

TEST(Records, ANewerVersionInsideARecordIsToldFromDamage) {
  std::string message;
  encode_message(golden_rows().message, message);
  // A write-set of one operation: version, count, number of the operation, the message.
  const std::string set = std::string("\x01\x01\x01", 3) + message;
  ASSERT_TRUE(decode_write_set(set));
  std::string newer = set;
  newer[3] = 100;
  EXPECT_EQ(code_of(decode_write_set(newer)), ErrorCode::kStoreTooNew);
}

TEST(Records, ChangedBytesNeverDoMoreThanFail) {
  Random random(12);
  for (const Sample& sample : samples_of(golden_rows())) {
    for (std::size_t place = 0; place < sample.bytes.size(); ++place) {
      for (const int value : {0x00, 0x7f, 0x80, 0xff, static_cast<int>(random.below(256))}) {
        std::string bytes = sample.bytes;
        bytes[place] = static_cast<char>(value);
        const ErrorCode code = failure_of(sample, bytes);
        EXPECT_TRUE(code == ErrorCode::kCount || code == ErrorCode::kStoreCorrupt ||
                    code == ErrorCode::kStoreTooNew);
      }
    }
  }
}

TEST(Records, ACountThatIsALieAllocatesNothing) {
  // The count says 2^63 elements, the bytes end behind it.
  const std::string huge = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01";
  EXPECT_EQ(code_of(decode_write_set("\x01" + huge)), ErrorCode::kStoreCorrupt);
  std::string dedup;
  encode_dedup({.tenant = kTenant, .key = {}, .expires_at = at(0), .deliveries = {}}, dedup);
  dedup.pop_back();
  EXPECT_EQ(code_of(decode_dedup(dedup + huge)), ErrorCode::kStoreCorrupt);
}

TEST(Records, AnUnknownOperationIsDamage) {
  EXPECT_EQ(code_of(decode_write_set(std::string("\x01\x01\x12\x00", 4))),
            ErrorCode::kStoreCorrupt);
  EXPECT_EQ(code_of(decode_write_set(std::string("\x01\x01\x00\x00", 4))),
            ErrorCode::kStoreCorrupt);
}

TEST(Records, AFlagThatNoVersionKnowsIsDamage) {
  Tenant tenant = golden_rows().tenant;
  std::string suspended, active;
  encode_tenant(tenant, suspended);
  tenant.suspended = false;
  encode_tenant(tenant, active);
  const auto place = std::ranges::mismatch(suspended, active).in1;
  ASSERT_NE(place, suspended.end());
  for (const char flags : {'\x08', '\x0f', '\x80'}) {
    *place = flags;
    EXPECT_EQ(code_of(decode_tenant(suspended)), ErrorCode::kStoreCorrupt);
  }
}

TEST(Records, AnEntryWithoutEventsIsDamage) {
  const Rows rows = golden_rows();
  std::string entry = "\x01";
  encode_delivery(rows.delivery, entry);
  entry.push_back('\0');
  EXPECT_EQ(code_of(decode_entry(entry)), ErrorCode::kStoreCorrupt);
}

TEST(Records, TheErrorNamesTheKindOfRecord) {
  const Result<Tenant> tenant = decode_tenant("");
  ASSERT_FALSE(tenant);
  EXPECT_EQ(tenant.error().text, "reading a stored tenant: its bytes are damaged");
}

}  // namespace ferry::store
