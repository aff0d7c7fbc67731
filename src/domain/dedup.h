#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/header_list.h"
#include "base/time.h"
#include "domain/ids.h"

namespace ferry {

// The key of a deduplication decision: a digest, so that rows are small whatever was published.
struct DedupKey {
  Sha256Digest digest{};
  friend auto operator<=>(const DedupKey&, const DedupKey&) = default;
};

// Of an explicit id: the id alone, independent of the destination (contract section 2.7).
DedupKey dedup_key_of_id(std::string_view deduplication_id);

// Of the content: destination as given, body, Content-Type and all forwarded headers, each with its
// length in front, names in lower case and sorted.
DedupKey dedup_key_of_content(std::string_view destination, std::string_view body,
                              std::string_view content_type, const HeaderList& forward_headers);

// The same in two steps, for a body whose SHA-256 is made elsewhere, in slices.
struct UnhashedContent {
  std::string before, after;  // what is hashed in front of the digest of the body, and after it
};
UnhashedContent content_without_body(std::string_view destination, std::size_t body_bytes,
                                     std::string_view content_type,
                                     const HeaderList& forward_headers);
DedupKey dedup_key_of(const UnhashedContent& content, const Sha256Digest& body);

// What the first message with a key answered, kept until the window ends.
struct DedupRecord {
  TenantId tenant;
  DedupKey key;
  TimePoint expires_at;
  std::vector<DeliveryId> deliveries;  // in endpoint order

  friend bool operator==(const DedupRecord&, const DedupRecord&) = default;
};

}  // namespace ferry
