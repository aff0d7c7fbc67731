#include "store/record_parts.h"

// url_group := version:u8=1 tenant:id name:text created_at:time updated_at:time endpoint*
//              default_headers:headers defaults:options forward_all_headers:flag
// endpoint  := name:text url:text

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

void write_url_group(RecordWriter& out, const UrlGroup& group) {
  out.u8(kVersion);
  out.id(group.tenant);
  out.text(group.name);
  out.time(group.created_at);
  out.time(group.updated_at);
  out.varint(group.endpoints.size());
  for (const Endpoint& endpoint : group.endpoints) {
    out.text(endpoint.name);
    out.text(endpoint.url);
  }
  out.headers(group.default_headers);
  out.options(group.defaults);
  out.flag(group.forward_all_headers);
}

UrlGroup read_url_group(RecordReader& in) {
  UrlGroup group;
  in.version(kVersion);
  group.tenant = in.id<TenantId>();
  group.name = in.string();
  group.created_at = in.time();
  group.updated_at = in.time();
  in.repeat([&] {
    Endpoint& endpoint = group.endpoints.emplace_back();
    endpoint.name = in.string();
    endpoint.url = in.string();
  });
  group.default_headers = in.headers();
  group.defaults = in.options();
  group.forward_all_headers = in.flag();
  return group;
}

}  // namespace ferry::store
