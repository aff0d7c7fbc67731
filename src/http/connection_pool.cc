#include "http/connection_pool.h"

#include <algorithm>
#include <utility>

namespace ferry::http {

ConnectionPool::ConnectionPool(Options options, DeadlineWheel& wheel, Metrics& metrics)
    : options_(options), wheel_(wheel), metrics_(metrics), expiry_([this] { drop_expired(); }) {}

ConnectionPool::~ConnectionPool() { clear(); }

std::shared_ptr<Connection> ConnectionPool::take(const Url& url) {
  const auto found = hosts_.find(url);
  if (found == hosts_.end()) return nullptr;
  while (!found->second.idle.empty()) {
    auto connection = remove(found->second.idle.back());
    if (connection->is_idle()) return connection;
  }
  return nullptr;
}

void ConnectionPool::put(const Url& url, std::shared_ptr<Connection> connection) {
  if (options_.per_host_max == 0 || options_.total_max == 0 || !connection->is_open()) return;
  Host& host = host_of(url);
  if (host.idle.size() >= options_.per_host_max) remove(host.idle.front());
  if (idle_.size() >= options_.total_max) drop_oldest();
  if (spare_.empty()) spare_.emplace_back();
  idle_.splice(idle_.end(), spare_, spare_.begin());
  const SteadyTime until = std::chrono::steady_clock::now() + options_.idle_timeout;
  idle_.back() = Idle{&host, std::move(connection), until};
  host.idle.push_back(std::prev(idle_.end()));
  metrics_.pool_connections.add(1);
  if (!expiry_.armed()) wheel_.arm(expiry_, idle_.front().until);
}

bool ConnectionPool::drop_one() {
  if (idle_.empty()) return false;
  drop_oldest();
  return true;
}

void ConnectionPool::clear() {
  while (!idle_.empty()) drop_oldest();
  hosts_.clear();
  spare_.clear();
  expiry_.disarm();
}

// Hosts without idle connections stay, for most get theirs back soon; but publishers choose the
// hosts, so now and then the empty ones are swept out.
ConnectionPool::Host& ConnectionPool::host_of(const Url& url) {
  if (const auto found = hosts_.find(url); found != hosts_.end()) return found->second;
  if (hosts_.size() >= 2 * options_.total_max)
    std::erase_if(hosts_, [](const auto& entry) { return entry.second.idle.empty(); });
  return hosts_[Origin{url.secure, url.port, url.host}];
}

std::shared_ptr<Connection> ConnectionPool::remove(Idles::iterator idle) {
  auto& of_host = idle->host->idle;
  if (of_host.back() == idle) {
    of_host.pop_back();
  } else {
    of_host.erase(std::ranges::find(of_host, idle));
  }
  auto connection = std::move(idle->connection);
  spare_.splice(spare_.begin(), idle_, idle);
  metrics_.pool_connections.add(-1);
  return connection;
}

// The deadline is armed for whichever connection was oldest once, and moved only when it passes:
// taking and putting back a connection costs no timer.
void ConnectionPool::drop_expired() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!idle_.empty() && idle_.front().until <= now) drop_oldest();
  if (!idle_.empty()) wheel_.arm(expiry_, idle_.front().until);
}

}  // namespace ferry::http
