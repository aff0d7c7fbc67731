#include "store/journal.h"

#include "store/journal_file.h"
#include "store/journal_impl.h"

namespace ferry::store {

template class Journal<PosixFile>;

Result<JournalReport> check_journal(const std::filesystem::path& folder) {
  PosixFile::System system;
  return check_journal_in<PosixFile>(folder, system);
}

}  // namespace ferry::store
