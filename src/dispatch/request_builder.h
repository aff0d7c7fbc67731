#pragma once

#include <string>

#include "domain/delivery.h"
#include "domain/message.h"
#include "http/client.h"

namespace ferry::dispatch {

struct RequestFacts {
  std::string region;
  std::string signature;  // the JWT
  // The value of webhook-signature and the time it is of; empty: the tenant does not want them.
  std::string standard_signature;
  TimePoint signed_at;
  Duration timeout_max{0};
  std::size_t response_bytes_max = 0;
};

// The request of contract section 5.2. Names that this server makes always win over forwarded
// headers of the same name, so a publisher cannot forge them.
http::ClientRequest build_request(const Message& message, const Delivery& delivery,
                                  const IdCodec& ids, const RequestFacts& facts);

}  // namespace ferry::dispatch
