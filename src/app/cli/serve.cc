#include "app/cli/serve.h"

#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>

#include "app/cli/exit_codes.h"
#include "app/control_socket.h"
#include "app/server.h"
#include "app/server_operator.h"
#include "base/log.h"
#include "domain/tenant.h"

namespace ferry::app::cli {
namespace {

constexpr Duration kUpkeepInterval = std::chrono::minutes(10);

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

// What a person and the official SDK's development mode read: the SDK waits for "running at".
void print_development_banner(const Server& server) {
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const DevelopmentUser user = development_users().front();
  const AccessKey& key = user.tenant.access_keys.front();
  std::printf(
      "Ferry development server is running at %s\n\n"
      "A default user has been created for you.\n\n"
      "QSTASH_URL=%s\nQSTASH_TOKEN=%s\nQSTASH_CURRENT_SIGNING_KEY=%s\nQSTASH_NEXT_SIGNING_KEY=%"
      "s\nFC_ACCESS_KEY_ID=%s\nFC_ACCESS_KEY_SECRET=%s\n\n"
      "Sample:\ncurl -X POST %s/v2/publish/https://example.com -H \"Authorization: Bearer %s\"\n",
      url.c_str(), url.c_str(), user.token.c_str(), user.tenant.signing_key_current.c_str(),
      user.tenant.signing_key_next.c_str(), key.id.c_str(), key.secret.c_str(), url.c_str(),
      user.token.c_str());
  std::fflush(stdout);
}

void drop_old_history(Server& server) {
  if (server.embedded() == nullptr) return;
  const Settings& settings = server.settings();
  const std::int64_t first_day = utc_day(server.clock().now() - settings.history_retention);
  const auto dropped = server.embedded()->drop_history(first_day, settings.history_bytes_max);
  if (!dropped) {
    log::error("history_not_dropped", {{"error", dropped.error().text}});
  } else if (*dropped > 0) {
    log::info("history_dropped", {{"files", *dropped}});
  }
}

// The server, and the socket on which it takes its operator's commands; null without a data folder.
Result<std::unique_ptr<ControlSocket>> start(Server& server) {
  RETURN_IF_ERROR(server.start());
  const Settings& settings = server.settings();
  if (settings.ephemeral) return nullptr;
  return ControlSocket::open(control_socket_path(settings.data_folder), operator_of(server),
                             server.metrics());
}

// Until a signal says stop.
void run(Server& server, const sigset_t& signals) {
  TimePoint upkeep_at = server.clock().now();
  while (true) {
    if (server.clock().now() >= upkeep_at) {
      drop_old_history(server);
      upkeep_at = server.clock().now() + kUpkeepInterval;
    }
    const timespec second{.tv_sec = 1, .tv_nsec = 0};
    const int signal = sigtimedwait(&signals, nullptr, &second);
    if (signal == SIGHUP) server.reload_tls();
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

}  // namespace

Settings development_settings() {
  Settings settings;
  settings.development = true;
  settings.allow_private_targets = true;
  settings.data_folder = "ferry-data";
  return settings;
}

int serve(Settings settings) {
  log::configure({.level = settings.log_level, .format = settings.log_format});
  // Blocked before any thread starts, so that only run() below receives them.
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Server server(std::move(settings));
  auto control = start(server);
  if (!control) {
    report(control.error());
    log::flush();
    return kFailed;
  }
  log::info("started", {{"port", static_cast<int>(server.port())},
                        {"version", FERRY_VERSION},
                        {"data", server.settings().data_folder.string()}});
  if (server.settings().development) print_development_banner(server);
  run(server, signals);
  log::info("stopping");
  control->reset();
  server.stop();
  log::info("stopped");
  log::flush();
  return kDone;
}

}  // namespace ferry::app::cli
