#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "dispatch/senders/sender.h"
#include "http/client.h"

namespace ferry::dispatch {

// Puts results as CloudEvents on buses of EventBridge (contract sections 4.2 and 5.2). The
// connection's address is the account's endpoint
// ("https://1234.eventbridge.cn-shanghai.aliyuncs.com"); user, secret and token are an access key.
// Options:
//
//   region    value of x-eventbridge-regionId where a target names no region. Default: none.
//   lineage   "true": the lineage goes along as the extension fcdlineage. Default "false".
//
// Delivered means 2xx with a FailedEntryCount of 0. An entry that failed is tried again unless its
// code says that this is useless. `seed` is for the nonces of signatures. kInvalidRequest for a bad
// address or option and for a missing key.
Result<std::unique_ptr<Sender>> make_eventbridge_sender(http::Client& client, Connection connection,
                                                        std::uint64_t seed);

}  // namespace ferry::dispatch
