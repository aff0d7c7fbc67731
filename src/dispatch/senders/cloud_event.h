#pragma once

#include <string>

#include "base/header_list.h"
#include "dispatch/senders/sender.h"

// The CloudEvent 1.0 around a record (contract section 4.2, seed 003): `source` is "acs:fc" and
// `type` "fc:AsyncInvoke:succeeded" or "fc:AsyncInvoke:failed" for a function; "ferry" and
// "ferry:Message:succeeded" or "…failed" for a published message. `id` is the push's event id and
// so the same in every attempt.

namespace ferry::dispatch {

// The event as one JSON object, the record as its data. `extensions` are further attributes:
// names of lower-case letters and digits, values as text.
std::string cloud_event_json(const Push& push, const HeaderList& extensions = {});

// The binary mode's ce-* fields, their values percent-encoded where needed (CloudEvents HTTP
// protocol binding 1.0, section 3.1.3).
void add_cloud_event_headers(HeaderList& headers, const Push& push);

}  // namespace ferry::dispatch
