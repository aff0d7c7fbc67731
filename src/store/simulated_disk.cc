#include "store/simulated_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

namespace ferry::store {
namespace {

// A write, or (with `resizes`) a new length.
struct Change {
  std::uint64_t offset = 0;
  std::string bytes;
  bool resizes = false;
};

void put(const Change& change, std::string& content) {
  if (change.resizes) {
    content.resize(change.offset);
    return;
  }
  content.resize(std::max<std::size_t>(content.size(), change.offset + change.bytes.size()));
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

// A write cut where sectors meet: each part meets a fate of its own.
void split_into_sectors(const Change& change, std::vector<Change>& out) {
  for (std::size_t done = 0; done < change.bytes.size();) {
    const std::uint64_t at = change.offset + done;
    const std::size_t room = SimulatedDisk::kSectorBytes - at % SimulatedDisk::kSectorBytes;
    const std::size_t count = std::min(room, change.bytes.size() - done);
    out.push_back({at, change.bytes.substr(done, count)});
    done += count;
  }
}

// Puts what the disk made of unsynced sectors: each is written, left out or torn, in any order.
void put_some(std::vector<Change> sectors, std::string& content, Random& random) {
  enum : std::uint64_t { kAll, kNone, kSome };
  const std::uint64_t mood = random.below(4);
  for (std::size_t left = sectors.size(); left > 0; --left) {
    std::swap(sectors[left - 1], sectors[random.below(left)]);
    Change& sector = sectors[left - 1];
    const std::uint64_t fate = mood >= kSome ? random.below(3) : mood;
    if (fate == kNone) continue;
    if (fate == kSome) {
      const std::size_t cut = random.below(sector.bytes.size() + 1);
      if (random.one_in(2)) {
        sector.bytes.resize(cut);
      } else {
        sector.bytes.erase(0, cut);
        sector.offset += cut;
      }
    }
    put(sector, content);
  }
}

std::string folder_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

}  // namespace

class SimulatedDisk::Inode {
 public:
  std::string shown;
  std::string durable;
  std::vector<Change> unsynced;
  bool dead = false;

  void change(Change change) {
    put(change, shown);
    unsynced.push_back(std::move(change));
  }
  void sync() {
    for (const Change& change : unsynced) put(change, durable);
    unsynced.clear();
  }
  // Some of the unsynced changes reach the disk; none of the others ever will.
  void sync_some(Random& random) {
    std::vector<Change> sectors;
    for (const Change& change : unsynced) {
      if (!change.resizes) {
        split_into_sectors(change, sectors);
        continue;
      }
      put_some(std::exchange(sectors, {}), durable, random);
      if (random.one_in(2)) put(change, durable);
    }
    put_some(std::move(sectors), durable, random);
    unsynced.clear();
  }
};

struct SimulatedDisk::Image {
  // A name made (`to`), removed (`from`) or both.
  struct NameChange {
    std::string folder;
    std::string from;
    std::string to;
    File file;
  };
  using Names = std::map<std::string, File>;

  Names shown;
  Names durable;
  std::vector<NameChange> unsynced;

  static void apply(const NameChange& change, Names& names) {
    if (!change.from.empty()) names.erase(change.from);
    if (!change.to.empty()) names[change.to] = change.file;
  }
  void change(NameChange change) {
    apply(change, shown);
    unsynced.push_back(std::move(change));
  }
  void sync(const std::string& folder) {
    for (const NameChange& change : unsynced) {
      if (change.folder == folder) apply(change, durable);
    }
    std::erase_if(unsynced, [&](const NameChange& change) { return change.folder == folder; });
  }
  // A change is lost on its own, but with those of the same names after it.
  void sync_some(Random& random) {
    std::set<std::string> lost;
    for (const NameChange& change : unsynced) {
      if (random.one_in(2) && !lost.contains(change.from) && !lost.contains(change.to)) {
        apply(change, durable);
        continue;
      }
      if (!change.from.empty()) lost.insert(change.from);
      if (!change.to.empty()) lost.insert(change.to);
    }
    unsynced.clear();
  }

  std::unique_ptr<Image> clone() const {
    std::map<const Inode*, File> copies;
    const auto copy = [&](const File& file) {
      File& made = copies[file.get()];
      if (!made) made = std::make_shared<Inode>(*file);
      return made;
    };
    auto image = std::make_unique<Image>(*this);
    for (auto& [_, file] : image->shown) file = copy(file);
    for (auto& [_, file] : image->durable) file = copy(file);
    for (NameChange& change : image->unsynced) change.file = copy(change.file);
    return image;
  }
};

SimulatedDisk::SimulatedDisk(std::uint64_t seed)
    : random_(seed), image_(std::make_unique<Image>()) {}

SimulatedDisk::~SimulatedDisk() = default;

namespace {

std::unexpected<Error> missing(const std::string& name) {
  return fail(ErrorCode::kNotFound, fmt::format("no file {} on the simulated disk", name));
}

std::unexpected<Error> injected(SimulatedDisk::Fault fault) {
  if (fault == SimulatedDisk::Fault::kDiskFull) {
    return fail(ErrorCode::kDiskFull, "the simulated disk is full");
  }
  return fail(ErrorCode::kStoreIo, "the simulated disk failed");
}

}  // namespace

Result<void> SimulatedDisk::begin_operation() {
  ++operations_;
  if (powered_off_) return injected(Fault::kPowerOff);
  if (fail_at_ == 0 || operations_ < fail_at_) return {};
  fail_at_ = 0;
  powered_off_ = fault_ == Fault::kPowerOff;
  return injected(fault_);
}

Result<void> SimulatedDisk::check_alive(const File& file) const {
  if (file->dead || powered_off_) return injected(Fault::kPowerOff);
  return {};
}

Result<SimulatedDisk::File> SimulatedDisk::create(const std::string& name) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_operation());
  if (image_->shown.contains(name)) {
    return fail(ErrorCode::kStoreIo, fmt::format("{} exists on the simulated disk", name));
  }
  auto file = std::make_shared<Inode>();
  image_->change({folder_of(name), {}, name, file});
  return file;
}

Result<SimulatedDisk::File> SimulatedDisk::open(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto entry = image_->shown.find(name);
  if (entry == image_->shown.end()) return missing(name);
  RETURN_IF_ERROR(check_alive(entry->second));
  return entry->second;
}

bool SimulatedDisk::exists(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return image_->shown.contains(name);
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_operation());
  const auto entry = image_->shown.find(from);
  if (entry == image_->shown.end()) return missing(from);
  image_->change({folder_of(from), from, to, entry->second});
  return {};
}

Result<void> SimulatedDisk::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_operation());
  const auto entry = image_->shown.find(name);
  if (entry == image_->shown.end()) return missing(name);
  image_->change({folder_of(name), name, {}, entry->second});
  return {};
}

Result<void> SimulatedDisk::sync_folder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_operation());
  image_->sync(folder);
  return {};
}

std::vector<std::string> SimulatedDisk::list(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, _] : image_->shown) {
    if (folder_of(name) == folder) names.push_back(name.substr(name.rfind('/') + 1));
  }
  return names;
}

Result<std::size_t> SimulatedDisk::read(const File& file, std::uint64_t offset,
                                        std::span<char> out) const {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(check_alive(file));
  if (offset >= file->shown.size()) return 0;
  const std::size_t count = std::min<std::size_t>(out.size(), file->shown.size() - offset);
  std::memcpy(out.data(), file->shown.data() + offset, count);
  return count;
}

Result<void> SimulatedDisk::write(const File& file, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(check_alive(file));
  if (auto begun = begin_operation(); !begun) {
    const std::size_t part = random_.below(bytes.size() + 1);
    if (part > 0) file->change({offset, std::string(bytes.substr(0, part))});
    return begun;
  }
  const std::uint64_t end = offset + bytes.size();
  if (end > file->shown.size() && end - file->shown.size() > capacity_ - used_bytes()) {
    return injected(Fault::kDiskFull);
  }
  file->change({offset, std::string(bytes)});
  return {};
}

Result<void> SimulatedDisk::resize(const File& file, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(check_alive(file));
  RETURN_IF_ERROR(begin_operation());
  if (bytes > file->shown.size() && bytes - file->shown.size() > capacity_ - used_bytes()) {
    return injected(Fault::kDiskFull);
  }
  file->change({bytes, {}, true});
  return {};
}

Result<void> SimulatedDisk::sync(const File& file) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(check_alive(file));
  if (auto begun = begin_operation(); !begun) {
    if (!powered_off_) file->sync_some(random_);
    return begun;
  }
  file->sync();
  return {};
}

Result<std::uint64_t> SimulatedDisk::size(const File& file) const {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(check_alive(file));
  return file->shown.size();
}

std::uint64_t SimulatedDisk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

void SimulatedDisk::fail_operation(std::uint64_t n, Fault fault) {
  const std::lock_guard lock(mutex_);
  fail_at_ = n == 0 ? 0 : operations_ + n;
  fault_ = fault;
}

void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t SimulatedDisk::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [_, file] : image_->shown) used += file->shown.size();
  return std::min(used, capacity_);
}

std::uint64_t SimulatedDisk::free_bytes() const {
  const std::lock_guard lock(mutex_);
  return capacity_ - used_bytes();
}

// Files that were open stay with their owners and fail from now on; the names get copies.
void SimulatedDisk::abandon_files() {
  auto fresh = image_->clone();
  for (const Image::Names* names : {&image_->shown, &image_->durable}) {
    for (const auto& [_, file] : *names) file->dead = true;
  }
  for (const Image::NameChange& change : image_->unsynced) change.file->dead = true;
  image_ = std::move(fresh);
}

void SimulatedDisk::crash(Random& random) {
  const std::lock_guard lock(mutex_);
  abandon_files();
  image_->sync_some(random);
  for (auto& [_, file] : image_->durable) {
    file->sync_some(random);
    file->shown = file->durable;
  }
  image_->shown = image_->durable;
  fail_at_ = 0;
  powered_off_ = false;
}

void SimulatedDisk::decay(const std::string& name, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const Change change{offset, std::string(bytes)};
  Inode& file = *image_->shown.at(name);
  put(change, file.shown);
  put(change, file.durable);
}

std::map<std::string, std::string> SimulatedDisk::contents() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> all;
  for (const auto& [name, file] : image_->shown) all[name] = file->shown;
  return all;
}

SimulatedDisk::Snapshot SimulatedDisk::snapshot() const {
  const std::lock_guard lock(mutex_);
  return image_->clone();
}

void SimulatedDisk::restore(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  abandon_files();
  image_ = snapshot->clone();
  fail_at_ = 0;
  powered_off_ = false;
}

}  // namespace ferry::store
