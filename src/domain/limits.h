#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

// Every fixed maximum of the system, with unit and source; each has a test at its edge. Limits that
// an operator may set are in app/config and start from the defaults named here.

namespace ferry::limits {

inline constexpr std::size_t kBodyBytesMaxDefault = 10u << 20;  // contract section 16.1
// A body of more is not kept in memory: it is read from the store in pieces (docs/adr/0021).
inline constexpr std::size_t kBodyHeldMax = 64u << 10;
inline constexpr std::size_t kBatchBytesMaxDefault = 100u << 20;   // contract section 4
inline constexpr std::size_t kResponseBytesMaxDefault = 1u << 20;  // design: response_bytes_max
inline constexpr std::size_t kTargetBytesMax = 16u << 10;          // request target, section 0.1
inline constexpr std::size_t kRequestHeaderBytesMax = 64u << 10;   // section 0.1
inline constexpr std::size_t kRequestHeadersMax = 256;             // fields of one request
inline constexpr std::size_t kNameBytesMax = 256;                  // section 0.4
inline constexpr std::size_t kLabelsMax = 32;
inline constexpr std::size_t kLabelBytesMax = 256;
inline constexpr std::size_t kDeduplicationIdBytesMax = 1024;
inline constexpr std::size_t kRetryExpressionBytesMax = 1024;  // section 6.3
inline constexpr int kRetryExpressionDepthMax = 64;            // section 6.3
inline constexpr int kHookNestingMax = 4;                      // section 7.2
inline constexpr int kRetriesMax = 1'000'000;
inline constexpr Duration kBackoffMax = std::chrono::hours(24);  // section 6.2
inline constexpr Duration kDelayMax = std::chrono::hours(24 * 365 * 10);
inline constexpr Duration kAttemptTimeoutDefault = std::chrono::hours(2);      // section 5.4
inline constexpr Duration kRetryAfterMax = std::chrono::seconds(86'400);       // section 5.5
inline constexpr Duration kSignatureLifetime = std::chrono::seconds(300);      // section 5.6
inline constexpr Duration kDedupWindowDefault = std::chrono::minutes(10);      // section 2.7
inline constexpr Duration kFinishedVisibleDefault = std::chrono::seconds(60);  // section 10.1
inline constexpr std::uint32_t kEventPageDefault = 100;                        // section 14.2
inline constexpr std::uint32_t kEventPageMax = 1000;                           // section 14.2
inline constexpr std::uint32_t kDeadLetterPageMax = 100;                       // section 11.2
inline constexpr std::uint32_t kCancelCountMax = 500;                          // section 10.3
inline constexpr std::size_t kDeliveriesOfCallMax = 10'000;                    // issue 8
inline constexpr std::size_t kRowBytesOfCallMax = 64u << 20;                   // issue 8
inline constexpr std::size_t kBulkSliceRows = 500;                             // design, decision 1
inline constexpr std::size_t kFilterValuesMax = 1000;     // values of one filter
inline constexpr std::size_t kPushTargetBytesMax = 2048;  // text of a result's destination

// Bytes of one push on the wire: the first four as the service documents them (seed 003), the
// others as the system's own default has it.
inline constexpr std::size_t kPushMnsBytesMax = 64u << 10;
inline constexpr std::size_t kPushFunctionBytesMax = 128u << 10;
inline constexpr std::size_t kPushEventBridgeBytesMax = 64u << 10;
inline constexpr std::size_t kPushRocketMqBytesMax = 4u << 20;
inline constexpr std::size_t kPushHttpBytesMax = kBodyBytesMaxDefault;
inline constexpr std::size_t kPushKafkaBytesMax = 1'000'000;     // librdkafka message.max.bytes
inline constexpr std::size_t kPushRabbitMqBytesMax = 16u << 20;  // RabbitMQ 4 max_message_size
inline constexpr std::size_t kPushNatsBytesMax = 1u << 20;       // nats-server max_payload
inline constexpr std::size_t kPushRedisBytesMax = 16u << 20;     // far below proto-max-bulk-len
inline constexpr std::size_t kPushSqsBytesMax = 256u << 10;      // SendMessage: 262 144 bytes

// Asynchronous invocations (Function Compute contract sections 1.2, 1.3 and 2.2).
inline constexpr std::size_t kAsyncEventBytesMax = 128u << 10;
inline constexpr std::size_t kSyncEventBytesMax = 32u << 20;
inline constexpr int kAsyncRetriesMax = 8;
inline constexpr int kAsyncRetriesDefault = 3;
inline constexpr Duration kAsyncDelayMax = std::chrono::hours(1);
inline constexpr Duration kEventAgeMax = std::chrono::hours(24 * 30);
inline constexpr Duration kEventAgeDefault = std::chrono::hours(24);
inline constexpr Duration kTasksKept = std::chrono::hours(24 * 7);

// Of one tenant, unless its quotas say otherwise. Resources are in memory.
inline constexpr std::int64_t kQueuesMaxDefault = 10'000;
inline constexpr std::int64_t kUrlGroupsMaxDefault = 10'000;
inline constexpr std::int64_t kSchedulesMaxDefault = 10'000;
inline constexpr std::int64_t kFlowKeysMaxDefault = 50'000;
inline constexpr std::int64_t kFunctionsMaxDefault = 10'000;
inline constexpr std::int64_t kServicesMaxDefault = 10'000;
inline constexpr std::int64_t kTokensMaxDefault = 100;                 // access keys: 100
inline constexpr std::int64_t kResourceBytesMaxDefault = 32 << 20;     // in memory
inline constexpr std::int64_t kScheduleBodyBytesMaxDefault = 1 << 30;  // on disk

}  // namespace ferry::limits
