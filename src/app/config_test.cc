#include "app/config.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

namespace ferry::app {
namespace {

// A configuration file that goes with the test.
class File {
 public:
  explicit File(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "ferry-config-XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Environment = std::map<std::string, std::string>;

std::function<const char*(const char*)> reader(const Environment& variables) {
  return [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

Result<Settings> load_file(const std::string& text) {
  const File file(text);
  auto settings = load_settings({}, {.file = file.path(), .environment = {}, .flags = {}});
  if (settings) return settings;
  // The name of the file differs from run to run.
  std::string error = settings.error().text;
  EXPECT_TRUE(error.starts_with(file.path())) << error;
  return fail(settings.error().code, "file" + error.substr(file.path().size()));
}

Result<Settings> load_flag(const std::string& name, const SettingTexts& texts) {
  return load_settings({}, {.file = "", .environment = {}, .flags = {{name, texts}}});
}

std::string error_of(const Result<Settings>& settings) {
  return settings ? "no error" : settings.error().text;
}

const SettingInfo& row(const std::string& name) {
  for (const SettingInfo& info : setting_table()) {
    if (info.name == name) return info;
  }
  ADD_FAILURE() << "no setting " << name;
  return setting_table().front();
}

TEST(Config, WithoutSourcesNothingChanges) {
  const auto settings = load_settings({}, {});
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings, Settings{});
}

TEST(Config, LaterSourcesWin) {
  const File file("io_threads = 1\nreader_threads = 1\nregion = 'A'\n");
  const Environment variables{{"FERRY_READER_THREADS", "2"}, {"FERRY_REGION", "B"}};
  const auto settings = load_settings(
      {}, {.file = file.path(), .environment = reader(variables), .flags = {{"region", {"C"}}}});
  ASSERT_TRUE(settings) << error_of(settings);
  EXPECT_EQ(settings->io_threads, 1u);
  EXPECT_EQ(settings->reader_threads, 2u);
  EXPECT_EQ(settings->region, "C");
}

TEST(Config, AFileSaysEveryKindOfValue) {
  const auto settings = load_file(R"(
listen = "[::1]:9090"
ephemeral = true
trusted_proxies = ["10.0.0.0/8", "::1/128"]
dedup_window = "90s"

[message]
body_bytes_max = "2MB"

[retry]
backoff_factor = 2.5

[delivery]
in_flight_max = 7

[delivery.connect_to]
"example.com:443" = "127.0.0.1:8443"
)");
  ASSERT_TRUE(settings) << error_of(settings);
  EXPECT_EQ(settings->listen_host, "::1");
  EXPECT_EQ(settings->listen_port, 9090);
  EXPECT_TRUE(settings->ephemeral);
  EXPECT_EQ(settings->trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1/128"}));
  EXPECT_EQ(settings->dedup_window, std::chrono::seconds(90));
  EXPECT_EQ(settings->body_bytes_max, 2u << 20);
  EXPECT_EQ(settings->backoff_factor, 2.5);
  EXPECT_EQ(settings->in_flight_max, 7u);
  EXPECT_EQ(settings->connect_to,
            (std::map<std::string, std::string>{{"example.com:443", "127.0.0.1:8443"}}));
}

TEST(Config, ConnectionsAreTablesOfTheFile) {
  const auto settings = load_file(R"(
[connections.orders]
kind = "kafka"
address = "127.0.0.1:9092,127.0.0.1:9093"
tls = true

[connections.cache]
kind = "redis"
address = "127.0.0.1"
maxlen = 1000
)");
  ASSERT_TRUE(settings) << error_of(settings);
  ASSERT_EQ(settings->connections.size(), 2u);
  EXPECT_EQ(settings->connections[0].options.at("maxlen"), "1000");
  EXPECT_EQ(settings->connections[1].address, "127.0.0.1:9092,127.0.0.1:9093");
  EXPECT_TRUE(settings->connections[1].tls);
}

TEST(Config, ErrorsOfConnectionsNameThemAndTheField) {
  EXPECT_EQ(error_of(load_file("[connections.orders]\nkind = 'kafka'")),
            "file: connections: orders: address: it is missing");
  EXPECT_EQ(error_of(load_flag("connections", {"o/kind=redis", "o/address=h", "o/maxlen=0"})),
            "--connections: connections: o: maxlen: expected a number of entries");
  EXPECT_EQ(error_of(load_file("[connections.a.b]\nc = { d = 1 }")),
            "file: connections: expected a text, number, flag or list of texts");
}

TEST(Config, ErrorsOfAFileNameItAndTheSetting) {
  EXPECT_EQ(error_of(load_file("io_thread = 1")), "file: io_thread: there is no such setting");
  EXPECT_EQ(error_of(load_file("[delivery]\nspeed = 1")),
            "file: delivery.speed: there is no such setting");
  EXPECT_EQ(error_of(load_file("io_threads = 'many'")),
            "file: io_threads: expected an integer, got 'many'");
  EXPECT_EQ(error_of(load_file("[log]\nlevel = 'loud'")),
            "file: log.level: expected one of debug, info, warn, error, off, got 'loud'");
  EXPECT_EQ(error_of(load_file("data = 1979-05-27")),
            "file: data: expected a text, number, flag or list of texts");
}

TEST(Config, AFileThatIsNoTomlNamesTheLine) {
  EXPECT_TRUE(error_of(load_file("io_threads = 1\nregion = ")).starts_with("file: line 2: "));
}

TEST(Config, AFileThatIsNotThereIsNamed) {
  const auto settings =
      load_settings({}, {.file = "/nowhere/ferry.toml", .environment = {}, .flags = {}});
  EXPECT_TRUE(error_of(settings).starts_with("/nowhere/ferry.toml: ")) << error_of(settings);
}

TEST(Config, ErrorsOfTheEnvironmentNameTheVariable) {
  const Environment variables{{"FERRY_DELIVERY_IN_FLIGHT_MAX", "0"}};
  const auto settings =
      load_settings({}, {.file = "", .environment = reader(variables), .flags = {}});
  EXPECT_EQ(error_of(settings),
            "FERRY_DELIVERY_IN_FLIGHT_MAX: delivery.in_flight_max: expected an integer from 1 to "
            "100000");
}

TEST(Config, ErrorsOfFlagsNameTheFlag) {
  EXPECT_EQ(error_of(load_flag("io_threads", {"257"})),
            "--io_threads: io_threads: expected an integer from 0 to 256");
  EXPECT_EQ(error_of(load_flag("metrics.listen", {"9090"})),
            "--metrics.listen: metrics.listen: expected host:port, got '9090'");
  EXPECT_EQ(error_of(load_flag("data", {""})), "--data: data: expected a folder");
}

TEST(Config, ACertificateNeedsItsKey) {
  EXPECT_EQ(error_of(load_flag("tls.certificate_file", {"chain.pem"})),
            "tls.certificate_file and tls.key_file only make sense together");
}

TEST(Config, AJournalHoldsAtLeastFourSegments) {
  const auto load = [](const char* segment) {
    return load_settings({}, {.file = "",
                              .environment = {},
                              .flags = {{"storage.journal_bytes_max", {"64MB"}},
                                        {"storage.journal_segment_bytes", {segment}}}});
  };
  EXPECT_TRUE(load("16MB"));
  EXPECT_FALSE(load("16777217"));
}

// A value of each setting that is not its default.
const std::map<std::string, SettingTexts> kOtherValues{
    {"listen", {"0.0.0.0:1"}},
    {"log_port", {"1"}},
    {"tls.certificate_file", {"x"}},
    {"tls.key_file", {"x"}},
    {"trusted_proxies", {"10.0.0.0/8"}},
    {"connections_max", {"100"}},
    {"connections_per_address_max", {"3"}},
    {"metrics.listen", {"127.0.0.1:1"}},
    {"metrics.token", {"x"}},
    {"data", {"x"}},
    {"ephemeral", {"true"}},
    {"io_threads", {"3"}},
    {"reader_threads", {"3"}},
    {"engine_host", {"inline"}},
    {"drain_timeout", {"3s"}},
    {"accept_wait", {"3s"}},
    {"region", {"x"}},
    {"memory", {"128MB"}},
    {"reading_memory", {"2MB"}},
    {"inbox_memory", {"2MB"}},
    {"answer_memory", {"2MB"}},
    {"message.body_bytes_max", {"3"}},
    {"message.batch_bytes_max", {"3"}},
    {"message.default_retries", {"5"}},
    {"message.retries_max", {"5"}},
    {"message.delay_max", {"3s"}},
    {"retry.backoff_factor", {"2.5"}},
    {"retry.backoff_max", {"3s"}},
    {"dedup_window", {"3s"}},
    {"finished_visible", {"3s"}},
    {"delivery.in_flight_max", {"3"}},
    {"delivery.host_in_flight_max", {"3"}},
    {"delivery.slow_after", {"3s"}},
    {"delivery.timeout_max", {"3s"}},
    {"delivery.connect_timeout", {"3s"}},
    {"delivery.response_bytes_max", {"3"}},
    {"delivery.body_memory", {"3MB"}},
    {"delivery.window_rows_max", {"300"}},
    {"delivery.allow_private_targets", {"true"}},
    {"delivery.allowed_cidrs", {"10.0.0.0/8"}},
    {"delivery.ca_file", {"x"}},
    {"delivery.shared_addresses", {"192.0.2.0/24"}},
    {"delivery.resolver", {"system"}},
    {"delivery.nameservers", {"127.0.0.1:53"}},
    {"delivery.proxy", {"x"}},
    {"delivery.connect_to", {"a=b"}},
    {"api.destinations", {"llm=https://api.example.com/v1"}},
    {"api.destination_headers", {"llm/Authorization=Bearer t"}},
    {"functions.region", {"cn-hangzhou"}},
    {"functions.calls_max", {"9"}},
    {"functions.loop_guard", {"reject"}},
    {"functions.retry_first", {"3s"}},
    {"functions.retry_max", {"3s"}},
    {"functions.throttle_budget", {"3s"}},
    {"push.timeout", {"3s"}},
    {"push.retry_first", {"3s"}},
    {"push.retry_max", {"3s"}},
    {"push.retry_budget", {"3s"}},
    {"connections", {"orders/kind=kafka", "orders/address=127.0.0.1:9092"}},
    {"compat.seed", {"true"}},
    {"compat.misspelled_source_id", {"false"}},
    {"storage.journal_bytes_max", {"2GB"}},
    {"storage.journal_segment_bytes", {"2MB"}},
    {"storage.tail_bytes_max", {"2MB"}},
    {"storage.disk_free_bytes_min", {"2MB"}},
    {"storage.history_bodies", {"none"}},
    {"storage.history_retention", {"2d"}},
    {"storage.history_bytes_max", {"2MB"}},
    {"storage.dead_letter_retention", {"2h"}},
    {"storage.sync_delay", {"2ms"}},
    {"log.level", {"debug"}},
    {"log.format", {"text"}},
};

TEST(Config, EveryRowSetsAValueAndItsDefaultIsTheOneOfTheStruct) {
  for (const SettingInfo& info : setting_table()) {
    SCOPED_TRACE(info.name);
    const auto other = kOtherValues.find(std::string(info.name));
    ASSERT_NE(other, kOtherValues.end());
    Settings settings;
    ASSERT_TRUE(info.set(settings, other->second));
    EXPECT_NE(settings, Settings{}) << "the row sets nothing";
    const bool several = info.kind == "list" || info.kind == "map";
    const SettingTexts fallback =
        several ? SettingTexts{} : SettingTexts{std::string(info.fallback)};
    ASSERT_TRUE(info.set(settings, fallback));
    EXPECT_EQ(settings, Settings{}) << "the default in the table is another";
  }
}

struct Bounds {
  const char* name;
  const char* below;  // null: nothing is too small
  const char* least;
  const char* most;
  const char* above;  // null: nothing is too large
};

TEST(Config, BoundsHoldAtTheirEdges) {
  const Bounds all[] = {
      {"log_port", "-1", "0", "65535", "65536"},
      {"io_threads", "-1", "0", "256", "257"},
      {"reader_threads", "0", "1", "64", "65"},
      {"drain_timeout", nullptr, "0s", "1h", "3600001ms"},
      {"accept_wait", nullptr, "0s", "5m", "300001ms"},
      {"memory", "67108863", "64MB", "1TB", "1099511627777"},
      {"reading_memory", "1048575", "1MB", "64GB", "68719476737"},
      {"inbox_memory", "1048575", "1MB", "64GB", "68719476737"},
      {"answer_memory", "1048575", "1MB", "64GB", "68719476737"},
      {"message.body_bytes_max", "0", "1", "1GB", "1073741825"},
      {"message.batch_bytes_max", "0", "1", "1GB", "1073741825"},
      {"message.default_retries", "-1", "0", "1000000", "1000001"},
      {"message.retries_max", "-1", "0", "1000000", "1000001"},
      {"message.delay_max", nullptr, "0s", "3650d", "315360000001ms"},
      {"retry.backoff_factor", "0.09", "0.1", "10", "10.01"},
      {"retry.backoff_max", "999ms", "1s", "365d", "31536000001ms"},
      {"dedup_window", "999ms", "1s", "7d", "604800001ms"},
      {"finished_visible", nullptr, "0s", "1d", "86400001ms"},
      {"delivery.in_flight_max", "0", "1", "100000", "100001"},
      {"delivery.host_in_flight_max", "0", "1", "100000", "100001"},
      {"delivery.slow_after", "9ms", "10ms", "1m", "60001ms"},
      {"delivery.timeout_max", "999ms", "1s", "24h", "86400001ms"},
      {"delivery.connect_timeout", "9ms", "10ms", "5m", "300001ms"},
      {"delivery.response_bytes_max", "-1", "0", "100MB", "104857601"},
      {"delivery.body_memory", "1048575", "1MB", "64GB", "68719476737"},
      {"delivery.window_rows_max", "99", "100", "10000000", "10000001"},
      {"functions.calls_max", "7", "8", "100000", "100001"},
      {"functions.retry_first", "0ms", "1ms", "1h", "3600001ms"},
      {"functions.retry_max", "0ms", "1ms", "24h", "86400001ms"},
      {"functions.throttle_budget", "999ms", "1s", "30d", "2592000001ms"},
      {"push.timeout", "99ms", "100ms", "10m", "600001ms"},
      {"push.retry_first", "0ms", "1ms", "1h", "3600001ms"},
      {"push.retry_max", "0ms", "1ms", "24h", "86400001ms"},
      {"push.retry_budget", "999ms", "1s", "30d", "2592000001ms"},
      {"storage.journal_bytes_max", "16777215", "16MB", "64GB", "68719476737"},
      {"storage.journal_segment_bytes", "1048575", "1MB", "1GB", "1073741825"},
      {"storage.tail_bytes_max", "1048575", "1MB", "4GB", "4294967297"},
      {"storage.disk_free_bytes_min", "-1", "0", "1TB", "1099511627777"},
      {"storage.history_retention", "86399999ms", "1d", "3650d", "315360000001ms"},
      {"storage.history_bytes_max", "-1", "0", "1024TB", "1025TB"},
      {"storage.dead_letter_retention", "3599999ms", "1h", "3650d", "315360000001ms"},
      {"storage.sync_delay", nullptr, "0s", "1s", "1001ms"},
  };
  for (const Bounds& bounds : all) {
    SCOPED_TRACE(bounds.name);
    const SettingInfo& info = row(bounds.name);
    Settings settings;
    EXPECT_TRUE(info.set(settings, {bounds.least}));
    EXPECT_TRUE(info.set(settings, {bounds.most}));
    if (bounds.below != nullptr) EXPECT_FALSE(info.set(settings, {bounds.below}));
    if (bounds.above != nullptr) EXPECT_FALSE(info.set(settings, {bounds.above}));
  }
}

TEST(Config, EnvironmentNamesAreUpperCaseWithUnderscores) {
  EXPECT_EQ(environment_name("storage.journal_bytes_max"), "FERRY_STORAGE_JOURNAL_BYTES_MAX");
  EXPECT_EQ(environment_name("data"), "FERRY_DATA");
}

TEST(Config, ThePageInTheTreeIsTheGeneratedOne) {
  std::ifstream file(FERRY_SOURCE_FOLDER "/docs/config.md");
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), settings_page()) << "run: ferry config page > docs/config.md";
}

}  // namespace
}  // namespace ferry::app
