// health: asks a server whether it is ready, for the health check of a container.

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/run_to_end.h"
#include "app/cli/setting_flags.h"
#include "http/pooled_client.h"

namespace ferry::app::cli {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(5);
constexpr std::size_t kAnswerBytesMax = 4096;
constexpr int kReady = 200;

struct HealthFlags {
  SettingFlags settings;
  std::string url;
};

// Where a server with these settings listens, as seen from its own machine.
std::string local_url(const Settings& settings) {
  std::string host = settings.listen_host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.contains(':')) host = "[" + host + "]";
  const bool secure = !settings.tls_certificate_file.empty();
  return (secure ? "https://" : "http://") + host + ":" + std::to_string(settings.listen_port);
}

using Answer = Result<http::ClientResponse>;

Answer ask(const std::string& url) {
  asio::io_context io(1);
  Metrics metrics;
  http::ClientOptions options;
  options.guard.allow_all = true;
  options.names.by = http::NameOptions::By::kSystem;
  ASSIGN_OR_RETURN(const auto client, http::PooledClient::make(io, std::move(options), metrics));
  return run_to_end(io, client->send({.method = "GET",
                                      .url = url,
                                      .timeout = kTimeout,
                                      .response_bytes_max = kAnswerBytesMax}));
}

int health(const HealthFlags& flags) {
  const auto settings = settings_from({}, flags.settings);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  std::string url = flags.url.empty() ? local_url(*settings) : flags.url;
  while (url.ends_with('/')) url.pop_back();
  url += "/readyz";
  const Answer answer = ask(url);
  if (!answer) return report({.text = url + ": " + answer.error().text});
  if (answer->status != kReady) {
    return report({.text = url + " answered " + std::to_string(answer->status)});
  }
  std::puts("ready");
  return kDone;
}

}  // namespace

void add_health_command(Command ferry) {
  const auto flags = std::make_shared<HealthFlags>();
  Command command = ferry.add_command("health", "Ask a server whether it is ready",
                                      [flags] { return health(*flags); });
  add_setting_flag(command, flags->settings, "listen");
  command.add_option("--url", flags->url, "Of the server [where the settings say it listens]");
}

}  // namespace ferry::app::cli
