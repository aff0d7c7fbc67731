#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace ferry::store {

// A disk in memory that behaves like a bad one: what was not synced may be lost, in part and in any
// order, when it crashes. The journal's file and the SQLite files of a simulated store share one.
//
// Reads see every write at once (the page cache). A crash keeps, drops or tears each unsynced write
// of each sector on its own, and keeps or drops each unsynced change of names; whatever a failed
// sync covered is never written by a later one, though reads still show it (as Linux behaves). Any
// thread; errors are kNotFound, kDiskFull and kStoreIo.
class SimulatedDisk {
 public:
  class Inode;
  // An open file: follows a rename, outlives a removal, fails after a crash.
  using File = std::shared_ptr<Inode>;

  enum class Fault : std::uint8_t {
    kIoError,   // the operation fails; a write leaves a part of itself, a sync an unknown part
    kDiskFull,  // the same with the other code
    kPowerOff,  // it and everything after it fails until crash()
  };

  static constexpr std::size_t kSectorBytes = 512;

  explicit SimulatedDisk(std::uint64_t seed = 1);
  ~SimulatedDisk();

  // Names are paths; a folder is what is in front of the last '/', and is simply there.
  Result<File> create(const std::string& name);  // must not exist
  Result<File> open(const std::string& name);
  bool exists(const std::string& name) const;
  Result<void> rename(const std::string& from, const std::string& to);  // replaces `to`
  Result<void> remove(const std::string& name);
  Result<void> sync_folder(const std::string& folder);
  std::vector<std::string> list(const std::string& folder) const;  // without the folder, ascending

  // Fewer bytes only where the file ends.
  Result<std::size_t> read(const File& file, std::uint64_t offset, std::span<char> out) const;
  Result<void> write(const File& file, std::uint64_t offset, std::string_view bytes);
  Result<void> resize(const File& file, std::uint64_t bytes);  // grows with zeros
  Result<void> sync(const File& file);
  Result<std::uint64_t> size(const File& file) const;

  // Faults. Operations are those that change something, syncs among them.
  std::uint64_t operations() const;
  void fail_operation(std::uint64_t n,
                      Fault fault);  // 1: the next; 0: none
  void set_capacity(std::uint64_t bytes);
  std::uint64_t free_bytes() const;

  // The machine stops and comes back: open files are dead, unsynced changes met their fate.
  void crash(Random& random);

  // Changes bytes behind everybody's back, as decay does.
  void decay(const std::string& name, std::uint64_t offset, std::string_view bytes);

  // What reads show, by name: to put a disk into a state of one's own making.
  std::map<std::string, std::string> contents() const;

  // The whole disk at a moment, with what is not synced yet; open files of the other moment are
  // dead.
  struct Image;
  using Snapshot = std::shared_ptr<const Image>;
  Snapshot snapshot() const;
  void restore(const Snapshot& snapshot);

 private:
  Result<void> begin_operation();
  Result<void> check_alive(const File& file) const;
  std::uint64_t used_bytes() const;
  void abandon_files();

  mutable std::mutex mutex_;
  Random random_;  // what a failing operation leaves behind
  std::unique_ptr<Image> image_;
  std::uint64_t capacity_ = UINT64_MAX;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;  // 0: never
  Fault fault_ = Fault::kIoError;
  bool powered_off_ = false;
};

}  // namespace ferry::store
