#pragma once

#include "domain/publish_options.h"

// The one list of what a publisher may set, with the numbers that the encoding stores
// (publish_options_codec.cc). Numbers ascend and are never changed or used again; a new option goes
// to the end.

namespace ferry {

// Options: PublishOptions or const PublishOptions. The visitor is called with number, name, value.
template <class Visitor, class Options>
void list_publish_options(Visitor& field, Options& options) {
  field(1, "method", options.method);
  field(2, "delay", options.delay);
  field(3, "not_before", options.not_before);
  field(4, "max_retries", options.max_retries);
  field(5, "retry_delay_expression", options.retry_delay_expression);
  field(6, "timeout", options.timeout);
  field(7, "content_type", options.content_type);
  field(8, "forward_header", options.forward_headers);  // once for each header
  field(9, "callback", options.callback);
  field(10, "failure_callback", options.failure_callback);
  field(11, "deduplication_id", options.deduplication_id);
  field(12, "content_based_deduplication", options.content_based_deduplication);
  field(13, "labels", options.labels);
  field(14, "redaction", options.redaction);
  field(15, "flow_control", options.flow_control);
  field(16, "queue_name", options.queue_name);
  field(17, "ordering_key", options.ordering_key);
  field(18, "success_destination", options.success_destination);
  field(19, "failure_destination", options.failure_destination);
}

}  // namespace ferry
