#pragma once

#include <memory>
#include <string>

#include "store/simulated_disk.h"

namespace ferry::store {

// A file system for SQLite on a simulated disk, registered under a name of its own for as long as
// it lives; every connection that was opened by that name must be closed before it goes. Any
// thread.
//
// It does what SQLite's own does on Linux: the name of a log is on disk with the first sync of the
// log, a removal that asks for it at once. The name of a database is on disk when it is made, as
// make_file (data_folder.h) does it for real ones. Locks and the log's shared memory are those of
// one process and end with its last connection, so that they never survive a crash.
class SimulatedVfs {
 public:
  explicit SimulatedVfs(std::shared_ptr<SimulatedDisk> disk);
  SimulatedVfs(const SimulatedVfs&) = delete;
  SimulatedVfs& operator=(const SimulatedVfs&) = delete;
  ~SimulatedVfs();

  // For EmbeddedOptions::sqlite_vfs.
  const std::string& name() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::store
