#include "app/cli/client/interruption.h"

#include <atomic>
#include <ctime>

namespace ferry::app::cli {
namespace {

std::atomic<bool> g_requested = false;  // lock-free, so a signal may set it

void remember(int) { g_requested = true; }

}  // namespace

Interruption::Interruption() {
  g_requested = false;
  struct sigaction action{};
  action.sa_handler = remember;  // tree: allow, the name of the C library
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the process
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
}

Interruption::~Interruption() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

bool Interruption::requested() const { return g_requested; }

void Interruption::pause(Duration duration) const {
  if (requested()) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  timespec time{};
  time.tv_sec = seconds.count();
  time.tv_nsec = std::chrono::nanoseconds(duration - seconds).count();
  ::nanosleep(&time, nullptr);
}

}  // namespace ferry::app::cli
