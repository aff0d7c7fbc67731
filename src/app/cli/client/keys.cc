// keys show, rotate: the signing keys that receivers verify with.

#include "app/cli/client/client_commands.h"
#include "app/cli/client/shown.h"

namespace ferry::app::cli {
namespace {

// As lines that a shell can read and a .env file can hold.
std::string keys_text(const JsonValue& keys) {
  return "QSTASH_CURRENT_SIGNING_KEY=\"" + cell_text(keys, "current") +
         "\"\nQSTASH_NEXT_SIGNING_KEY=\"" + cell_text(keys, "next") + "\"\n";
}

void add_command(Command keys, const ClientPlacePtr& place, const char* word, const char* prose,
                 const char* method, const char* target) {
  add_client_command(keys, place, word, prose, [method, target](Session& session) {
    return session.show({.method = method, .target = target}, keys_text);
  });
}

}  // namespace

void add_key_commands(Command ferry, const ClientPlacePtr& place) {
  Command keys = ferry.add_noun("keys", "Signing keys");
  add_command(keys, place, "show", "Print the current and the next key", "GET", "/v2/keys");
  add_command(keys, place, "rotate",
              "Make the next key the current one; give receivers the new next one before the "
              "next time",
              "POST", "/v2/keys/rotate");
}

}  // namespace ferry::app::cli
