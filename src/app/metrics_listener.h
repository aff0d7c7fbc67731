#pragma once

#include <memory>

#include "app/setting_values.h"
#include "base/metrics.h"
#include "http/server.h"

namespace ferry::app {

// GET /metrics and GET /healthz on a listener of their own, without a token: for a scraper inside
// the network (setting metrics.listen). `metrics` outlives the server.
Result<std::unique_ptr<http::Server>> listen_for_metrics(asio::io_context& io,
                                                         const HostAndPort& address,
                                                         Metrics& metrics);

}  // namespace ferry::app
