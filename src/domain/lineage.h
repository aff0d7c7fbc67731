#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ferry {

// The chain of invocations behind an invocation (Function Compute contract section 7): what stops
// a loop of destinations. A value that grows by one visit an invocation.
struct Lineage {
  struct Visit {
    std::string function;  // 8 hex digits of the SHA-256 of its name
    std::int32_t count = 0;

    friend bool operator==(const Visit&, const Visit&) = default;
  };
  std::string root;  // request id of the first invocation; empty: there is none yet
  std::int32_t hops = 0;
  std::vector<Visit> visits;  // newest first, at most kLineageVisitsMax

  friend bool operator==(const Lineage&, const Lineage&) = default;
};

inline constexpr std::int32_t kLineageHopsMax = 64;
inline constexpr std::int32_t kLineageFunctionVisitsMax = 16;
inline constexpr std::size_t kLineageVisitsMax = 32;

// The lineage of an invocation of `function` that `before` led to; kRecursionDetected when the
// chain is too long, or came by the function too often and the function does not allow that.
Result<Lineage> continue_lineage(const Lineage& before, std::string_view function,
                                 std::string_view request_id, bool recursion_allowed);

// What the record says of a result that the guard against loops kept from the next function.
inline constexpr std::string_view kRecursionCondition = "RecursionDetected";

// "v1;root=…;hops=n;path=h1:c1|h2:c2;sig=…": the header that carries a lineage across processes and
// brokers. The signature is an HMAC-SHA256 under a key of the server's.
std::string write_lineage(const Lineage& lineage, std::string_view key);
// Nothing for a text that is malformed, too large, or signed with another key.
std::optional<Lineage> read_lineage(std::string_view text, std::string_view key);

inline constexpr std::string_view kLineageHeader = "x-fcd-lineage";

}  // namespace ferry
