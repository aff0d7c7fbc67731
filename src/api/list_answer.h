#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "api/call.h"
#include "base/json_writer.h"

// Answers that may be large: they are read and rendered on reader threads in parts, and sent piece
// by piece. What is in memory is one piece, charged to the tenant (Context::answers), and for the
// time of its reading one part on one reader thread.

namespace ferry::api {

// What one page of a list has of entries.
inline constexpr std::size_t kPageBytesMax = 8u << 20;
// What is read at once, and what is sent at once; a larger entry is sent in several pieces.
inline constexpr std::size_t kPartBytes = 256u << 10;

// Entries as they stand in the answer, with commas between them.
struct ListPart {
  std::string json;
  std::vector<std::size_t> ends;  // of each entry in `json`
  std::string start;              // the place before the first entry, if the list has such
  std::string next;               // the place behind the last entry; empty: nothing follows
  bool cut_short = false;         // enough was looked at: a page ends with this part
};

struct PartRequest {
  std::string from;  // a place; empty: the beginning
  std::size_t entries_max = 0;
  bool goes_on = false;  // not the first part of its answer
};

// Reads a part of about kPartBytes, at least one entry if there is one. On a reader thread, so it
// owns what it needs. The same request makes the same part while the list has not changed.
using ReadPart = std::function<Result<ListPart>(const PartRequest& request)>;

// Adds to a part what `write(json)` writes as one entry.
template <class Write>
void add_entry(ListPart& part, Write write) {
  JsonWriter json;
  write(json);
  if (part.ends.empty()) {
    part.json = std::move(json).take();
  } else {
    part.json += ',';
    part.json += json.text();
  }
  part.ends.push_back(part.json.size());
}

// One array of an answer, or one value where an array has no place.
struct ListSection {
  std::string opening;  // what stands in front of its entries
  ReadPart read;
  std::string from = {};
  std::size_t entries_max = std::numeric_limits<std::size_t>::max();
  bool repeats_page = false;  // it has the entries of the page once more
};

// Whether a part has what is read at once.
inline bool is_full(const ListPart& part, const PartRequest& request) {
  return part.ends.size() >= request.entries_max || part.json.size() >= kPartBytes;
}

// How the page of a list ended.
struct PageEnd {
  std::string start;   // the place before its first entry
  std::string cursor;  // where the next page begins; empty: nothing follows
  std::size_t entries = 0;
};

struct ListRest {
  std::vector<ListSection> sections;
  std::string closing;  // what stands behind the last entry of all
};

struct ListPlan {
  TenantId tenant;
  bool is_lookup = false;  // what it reads is found by its key: it does not wait for scans
  ListSection page;
  std::size_t page_bytes_max = kPageBytesMax;
  // What follows the entries of the page; called once.
  std::function<ListRest(const PageEnd& end)> rest;
};

// The answer, whole when it fits one piece, else a stream. An error of the first part, or
// kOverloaded when there is no memory for answers within a while, is returned.
Awaitable<Answered> answer_list(const Context& context, ListPlan plan);

// Parts of a list that was read whole: `write(json, i)` writes the entry at place i of `count`.
ReadPart read_all(std::size_t count, std::function<void(JsonWriter& json, std::size_t at)> write);

// [entries]: all of a list that has no pages.
Awaitable<Answered> answer_whole_list(const Context& context, TenantId tenant, ReadPart read);

// The same of a list that was read whole.
Awaitable<Answered> answer_all(const Context& context, TenantId tenant, std::size_t count,
                               std::function<void(JsonWriter& json, std::size_t at)> write);

// An answer of one value that may be large; `read` makes it as the only entry of a part.
Awaitable<Answered> answer_one(const Context& context, TenantId tenant, ReadPart read);

}  // namespace ferry::api
