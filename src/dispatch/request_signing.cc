#include "dispatch/request_signing.h"

#include <optional>
#include <utility>

namespace ferry::dispatch {

Signatures sign_request(Signer& signer, const SigningFacts& facts, std::string_view body) {
  Signatures made;
  if (facts.tenant == nullptr) return made;
  const std::string& key = facts.tenant->signing_key_current;
  made.jwt = signer.sign(key, facts.to->target.url, body, facts.now);
  if (facts.tenant->standard_webhooks) {
    made.standard = signer.sign_standard(key, facts.message_id, body, facts.now);
  }
  return made;
}

Awaitable<Result<Signatures>> sign_stored_request(Signer& signer, StoredBodies& bodies,
                                                  SigningFacts facts, MessagePtr message) {
  Signatures made;
  if (facts.tenant == nullptr) co_return made;
  const std::string& key = facts.tenant->signing_key_current;
  std::optional<Sha256Digest> digest = message->large_body->sha256;
  std::optional<Sha256> hash;
  std::optional<StandardSigning> standard;
  if (!digest) hash.emplace();
  if (facts.tenant->standard_webhooks) standard.emplace(key, facts.message_id, facts.now);
  if (hash || standard) {
    const auto passed = co_await bodies.pass_through(std::move(message),
                                                     [&hash, &standard](std::string_view piece) {
                                                       if (hash) hash->update(piece);
                                                       if (standard) standard->update(piece);
                                                     });
    if (!passed) co_return std::unexpected(passed.error());
  }
  if (hash) digest = hash->finish();
  made.jwt = signer.sign(key, facts.to->target.url, *digest, facts.now);
  if (standard) made.standard = standard->finish();
  co_return made;
}

}  // namespace ferry::dispatch
