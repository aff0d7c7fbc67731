#pragma once

#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "dispatch/senders/sender.h"

namespace ferry::app {

// The setting "connections": where results are pushed to, and as whom. Each text is a list of
//
//   name/field=value
//
// that are separated by commas; a value may have commas itself, as a new entry begins only where a
// comma is followed by name/field=. In the file each connection is a table of its own:
//
//   [connections.orders]
//   kind = "kafka"
//   address = "127.0.0.1:9092,127.0.0.1:9093"
//
// Fields: kind and address, which are required; user, secret or secret_file (whose content without
// the line's end is the secret), token, tls, ca_file, body_bytes_max; and the options of the kind,
// which its sender's header explains. Names consist of letters, digits, '.', '_' and '-', as
// destinations spell them; "mns", "eventbridge" and "rocketmq" are used by ARNs and so have the
// kind of that name. Sorted by name. kInvalidRequest names the connection and the field, never a
// value that may be a secret.
Result<std::vector<dispatch::Connection>> read_connections(const SettingTexts& texts);

}  // namespace ferry::app
