// ferry_sync_floor FOLDER: what the disk can do. Overwrites a preallocated file in batches of 64
// records of 700 bytes, each batch synced, for two seconds; prints one line of JSON.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "latency.h"

int main(int argc, char** argv) {
  using namespace ferry::bench;
  constexpr std::size_t kBatchBytes = 64 * 700;
  constexpr off_t kFileBytes = 64 << 20;
  if (argc != 2) return 2;
  const std::string path = std::string(argv[1]) + "/sync-floor";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) {
    std::perror("ferry_sync_floor");
    return 1;
  }
  const std::string zeros(1 << 20, '\0');
  for (off_t at = 0; at < kFileBytes; at += static_cast<off_t>(zeros.size())) {
    if (pwrite(fd, zeros.data(), zeros.size(), at) < 0) return 1;
  }
  fsync(fd);
  const std::string batch(kBatchBytes, 'x');
  Latencies syncs;
  off_t at = 0;
  const std::int64_t start = now_us();
  while (now_us() - start < 2'000'000) {
    const std::int64_t before = now_us();
    if (pwrite(fd, batch.data(), batch.size(), at) < 0 || fdatasync(fd) != 0) return 1;
    syncs.add(now_us() - before);
    at = (at + static_cast<off_t>(kBatchBytes)) % (kFileBytes - static_cast<off_t>(kBatchBytes));
  }
  const double seconds = static_cast<double>(now_us() - start) / 1e6;
  std::printf("{\"messages_per_second\":%.0f,\"sync_us\":[%lld,%lld]}\n",
              static_cast<double>(syncs.count() * 64) / seconds,
              static_cast<long long>(syncs.quantile(0.5)),
              static_cast<long long>(syncs.quantile(0.99)));
  close(fd);
  unlink(path.c_str());
}
