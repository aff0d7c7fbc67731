#include "store/simulated_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"

namespace ferry::store {
namespace {

struct OpenFile;

// What the connections to one file share: its locks, and the memory that holds the log's index.
struct SharedFile {
  std::mutex mutex;

  int readers = 0;                   // with SHARED or more
  const OpenFile* writer = nullptr;  // with RESERVED or more
  bool pending = false;              // the writer lets no new reader in

  struct Slot {
    int readers = 0;
    bool exclusive = false;
  };
  std::array<Slot, SQLITE_SHM_NLOCK> slots;
  std::vector<std::unique_ptr<char[]>> regions;
};

// By the file itself: a name may come to mean another one.
class SharedFiles {
 public:
  std::shared_ptr<SharedFile> find(const SimulatedDisk::File& file) {
    const std::lock_guard lock(mutex_);
    std::erase_if(files_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<SharedFile>& known = files_[file];
    std::shared_ptr<SharedFile> shared = known.lock();
    if (shared == nullptr) known = shared = std::make_shared<SharedFile>();
    return shared;
  }

 private:
  std::mutex mutex_;
  std::map<SimulatedDisk::File, std::weak_ptr<SharedFile>> files_;
};

// In memory that SQLite provides; `base` must be first.
struct OpenFile {
  sqlite3_file base{};
  std::shared_ptr<SimulatedDisk> disk;
  SimulatedDisk::File file;
  std::shared_ptr<SharedFile> shared;
  std::string folder_to_sync;  // with the next sync of the file; empty: none

  int level = SQLITE_LOCK_NONE;
  unsigned shm_shared = 0, shm_exclusive = 0;  // bits of the slots held
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

int code_of(const Error& error, int otherwise) {
  return error.code == ErrorCode::kDiskFull ? SQLITE_FULL : otherwise;
}

template <class T>
int code_of(const Result<T>& result, int otherwise) {
  return result ? SQLITE_OK : code_of(result.error(), otherwise);
}

std::string folder_of(const std::string& name) { return name.substr(0, name.rfind('/')); }

// --- bytes

int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  const std::span<char> bytes(static_cast<char*>(out), static_cast<std::size_t>(count));
  const auto done = of(file).disk->read(of(file).file, static_cast<std::uint64_t>(offset), bytes);
  if (!done) return SQLITE_IOERR_READ;
  if (*done == bytes.size()) return SQLITE_OK;
  std::ranges::fill(bytes.subspan(*done), '\0');  // as SQLite demands
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const std::string_view text(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
  return code_of(of(file).disk->write(of(file).file, static_cast<std::uint64_t>(offset), text),
                 SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 bytes) {
  return code_of(of(file).disk->resize(of(file).file, static_cast<std::uint64_t>(bytes)),
                 SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int) {
  OpenFile& open = of(file);
  if (!open.disk->sync(open.file)) return SQLITE_IOERR_FSYNC;  // even for want of room
  const std::string folder = std::exchange(open.folder_to_sync, {});
  if (folder.empty()) return SQLITE_OK;
  return code_of(open.disk->sync_folder(folder), SQLITE_IOERR_DIR_FSYNC);
}

int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
  const auto size = of(file).disk->size(of(file).file);
  if (!size) return SQLITE_IOERR_FSTAT;
  *bytes = static_cast<sqlite3_int64>(*size);
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

// Those of SQLite's own file system on Linux: a write changes no byte beside its own.
int sector_bytes(sqlite3_file*) { return 4096; }
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// --- locks

int lock_file(sqlite3_file* file, int level) {
  OpenFile& open = of(file);
  if (level <= open.level) return SQLITE_OK;
  SharedFile& shared = *open.shared;
  const std::lock_guard lock(shared.mutex);
  const bool others_write = shared.writer != nullptr && shared.writer != &open;
  if (level == SQLITE_LOCK_SHARED) {
    if (shared.pending) return SQLITE_BUSY;
    ++shared.readers;
  } else {
    if (others_write) return SQLITE_BUSY;
    shared.writer = &open;
    if (level == SQLITE_LOCK_EXCLUSIVE) {
      shared.pending = true;
      open.level = SQLITE_LOCK_PENDING;
      if (shared.readers > 1) return SQLITE_BUSY;
    }
  }
  open.level = level;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int level) {
  OpenFile& open = of(file);
  if (level >= open.level) return SQLITE_OK;
  SharedFile& shared = *open.shared;
  const std::lock_guard lock(shared.mutex);
  if (shared.writer == &open) {
    shared.writer = nullptr;
    shared.pending = false;
  }
  if (level == SQLITE_LOCK_NONE) --shared.readers;
  open.level = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* reserved) {
  const std::lock_guard lock(of(file).shared->mutex);
  *reserved = of(file).shared->writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

// --- the log's index in shared memory

int map_shared(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  SharedFile& shared = *of(file).shared;
  const std::lock_guard lock(shared.mutex);
  const auto index = static_cast<std::size_t>(region);
  *out = nullptr;
  if (index >= shared.regions.size() && extend == 0) return SQLITE_OK;
  while (index >= shared.regions.size()) {
    shared.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
  }
  *out = shared.regions[index].get();
  return SQLITE_OK;
}

void release_slots(OpenFile& open, unsigned mask) {
  for (std::size_t i = 0; i < open.shared->slots.size(); ++i) {
    const unsigned bit = mask & (1u << i);
    if ((open.shm_shared & bit) != 0) --open.shared->slots[i].readers;
    if ((open.shm_exclusive & bit) != 0) open.shared->slots[i].exclusive = false;
  }
  open.shm_shared &= ~mask;
  open.shm_exclusive &= ~mask;
}

bool slots_are_free(const OpenFile& open, unsigned mask, bool exclusive) {
  for (std::size_t i = 0; i < open.shared->slots.size(); ++i) {
    if ((mask & (1u << i)) == 0) continue;
    const SharedFile::Slot& slot = open.shared->slots[i];
    const int others = slot.readers - ((open.shm_shared >> i & 1u) != 0 ? 1 : 0);
    if (slot.exclusive || (exclusive && others > 0)) return false;
  }
  return true;
}

int lock_shared(sqlite3_file* file, int first, int count, int flags) {
  OpenFile& open = of(file);
  const std::lock_guard lock(open.shared->mutex);
  const unsigned mask = ((1u << count) - 1) << first;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    release_slots(open, mask);
    return SQLITE_OK;
  }
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if (((exclusive ? open.shm_exclusive : open.shm_shared) & mask) == mask) return SQLITE_OK;
  if (!slots_are_free(open, mask, exclusive)) return SQLITE_BUSY;
  release_slots(open, mask);
  for (std::size_t i = 0; i < open.shared->slots.size(); ++i) {
    if ((mask & (1u << i)) == 0) continue;
    if (exclusive) open.shared->slots[i].exclusive = true;
    if (!exclusive) ++open.shared->slots[i].readers;
  }
  (exclusive ? open.shm_exclusive : open.shm_shared) |= mask;
  return SQLITE_OK;
}

void shared_barrier(sqlite3_file* file) {
  const std::lock_guard lock(of(file).shared->mutex);  // orders memory, and tells sanitizers so
}

int unmap_shared(sqlite3_file* file, int) {
  const std::lock_guard lock(of(file).shared->mutex);
  release_slots(of(file), ~0u);
  return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  unlock_file(file, SQLITE_LOCK_NONE);
  of(file).~OpenFile();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_bytes,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = unmap_shared,
};

}  // namespace

struct SimulatedVfs::State {
  std::shared_ptr<SimulatedDisk> disk;
  std::string name;
  SharedFiles shared;
  sqlite3_vfs vfs{};
};

namespace {

// --- names

template <class State>
int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  out->pMethods = nullptr;
  if (path == nullptr) return SQLITE_CANTOPEN;  // temporary: the connections keep those in memory
  auto& state = *static_cast<State*>(vfs->pAppData);
  const std::string name(path);
  const bool makes = (flags & SQLITE_OPEN_CREATE) != 0 && !state.disk->exists(name);
  const auto file = makes ? state.disk->create(name) : state.disk->open(name);
  if (!file) return code_of(file, SQLITE_CANTOPEN);
  const bool is_log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  if (makes && !is_log) {
    const auto synced = state.disk->sync_folder(folder_of(name));
    if (!synced) return code_of(synced, SQLITE_CANTOPEN);
  }
  auto* open = new (out) OpenFile;
  open->base.pMethods = &kMethods;
  open->disk = state.disk;
  open->file = *file;
  open->shared = state.shared.find(*file);
  // As SQLite's own does it: by the flag, whether or not this open was the one that made the file.
  if (is_log && (flags & SQLITE_OPEN_CREATE) != 0) open->folder_to_sync = folder_of(name);
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

template <class State>
int remove_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  SimulatedDisk& disk = *static_cast<State*>(vfs->pAppData)->disk;
  if (const auto removed = disk.remove(path); !removed) {
    const bool unknown = removed.error().code == ErrorCode::kNotFound;
    return unknown ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  }
  if (sync_folder == 0) return SQLITE_OK;
  return code_of(disk.sync_folder(folder_of(path)), SQLITE_IOERR_DIR_FSYNC);
}

// An empty file counts as none where SQLite asks for existence, as with its own file system.
template <class State>
int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  SimulatedDisk& disk = *static_cast<State*>(vfs->pAppData)->disk;
  *out = disk.exists(path) ? 1 : 0;
  if (*out == 0 || flags != SQLITE_ACCESS_EXISTS) return SQLITE_OK;
  const auto file = disk.open(path);
  if (!file) return SQLITE_IOERR_ACCESS;
  const auto bytes = disk.size(*file);
  if (!bytes) return SQLITE_IOERR_ACCESS;
  *out = *bytes > 0 ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int count, char* out) {
  if (std::strlen(path) >= static_cast<std::size_t>(count)) return SQLITE_CANTOPEN;
  std::strcpy(out, path);
  return SQLITE_OK;
}

// Whoever waits for a lock here waits for nobody.
int sleep_for(sqlite3_vfs*, int microseconds) { return microseconds; }

// Only for what SQL might ask of the date; ours does not.
int current_time(sqlite3_vfs*, sqlite3_int64* julian_ms) {
  *julian_ms = 0;
  return SQLITE_OK;
}

int random_bytes(sqlite3_vfs*, int count, char* out) {
  std::memset(out, 0, static_cast<std::size_t>(count));
  return count;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

SimulatedVfs::SimulatedVfs(std::shared_ptr<SimulatedDisk> disk)
    : state_(std::make_unique<State>()) {
  static std::atomic<int> ordinal = 0;
  state_->disk = std::move(disk);
  state_->name = "simulated-" + std::to_string(++ordinal);
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 512;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = open_file<State>;
  vfs.xDelete = remove_file<State>;
  vfs.xAccess = access_file<State>;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = random_bytes;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTimeInt64 = current_time;
  vfs.xGetLastError = last_error;
  CHECK(sqlite3_vfs_register(&vfs, /*makeDflt=*/0) == SQLITE_OK);
}

SimulatedVfs::~SimulatedVfs() { CHECK(sqlite3_vfs_unregister(&state_->vfs) == SQLITE_OK); }

const std::string& SimulatedVfs::name() const { return state_->name; }

}  // namespace ferry::store
