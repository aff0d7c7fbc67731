#include "store/disk_room.h"

#include "base/log.h"
#include "store/data_folder.h"

namespace ferry::store {

void DiskRoom::look() {
  const std::optional<std::uint64_t> free = free_bytes(folder_);
  if (!free) return;  // a file system that does not tell is taken to have room, until a write fails
  metrics_.disk_free_bytes.set(static_cast<std::int64_t>(*free));
  const bool enough = *free >= free_bytes_min_;
  if (enough_.exchange(enough) == enough) return;
  log::warn(enough ? "disk_has_room" : "disk_low",
            {{"free_bytes", *free}, {"free_bytes_min", free_bytes_min_}});
}

}  // namespace ferry::store
