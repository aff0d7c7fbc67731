#pragma once

#include <string>

#include "dispatch/signer.h"
#include "dispatch/stored_bodies.h"
#include "domain/delivery.h"
#include "domain/message.h"
#include "domain/tenant.h"
#include "http/awaitable.h"

namespace ferry::dispatch {

// What one request is signed with.
struct Signatures {
  std::string jwt;
  std::string standard;  // empty: the tenant does not want it
};

// What is signed besides the body.
struct SigningFacts {
  TenantPtr tenant;  // null: unsigned, as it was deleted a moment ago
  DestinationPtr to;
  std::string message_id;  // as on the wire; empty when the tenant needs it for no signature
  TimePoint now;
};

// Of a message whose body is in memory.
Signatures sign_request(Signer& signer, const SigningFacts& facts, std::string_view body);

// Of one whose body only the store has: the JWT from the hash that was stored at publish, the other
// from the bytes themselves, which are read once for it. The error of a read.
Awaitable<Result<Signatures>> sign_stored_request(Signer& signer, StoredBodies& bodies,
                                                  SigningFacts facts, MessagePtr message);

}  // namespace ferry::dispatch
