#pragma once

#include <functional>
#include <vector>

#include "api/fc/stored.h"

namespace ferry::api::fc {

// What versions and aliases belong to, whichever of the two kinds it is.
struct Qualified {
  std::int64_t& last_version;
  std::vector<FunctionVersion>& versions;
  std::vector<FunctionAlias>& aliases;
};
struct QualifiedView {
  std::vector<FunctionVersion> versions;
  std::vector<FunctionAlias> aliases;
};

// The function of a 3.0 call, the service of a 2.0 call.
Awaitable<Checked<QualifiedView>> read_owner(const Call& call);

// As change_function(). Configurations of qualifiers that are gone go with them.
using OwnerChange = std::function<Checked<void>(Qualified owner)>;
Awaitable<Checked<void>> change_owner(const Call& call, OwnerChange change);

}  // namespace ferry::api::fc
