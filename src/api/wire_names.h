#pragma once

#include "domain/api_names.h"
#include "domain/ids.h"

namespace ferry::api {

// What turns things of the server into their names on the wire. Both outlive the calls.
struct WireNames {
  const IdCodec& ids;
  const ApiNames& apis;
};

}  // namespace ferry::api
