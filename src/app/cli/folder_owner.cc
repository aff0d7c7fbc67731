#include "app/cli/folder_owner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace ferry::app::cli {

Result<void> act_as_owner_of(const std::filesystem::path& folder) {
  struct stat facts{};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &facts) != 0 || facts.st_uid == 0) return {};
  if (::setegid(facts.st_gid) == 0 && ::seteuid(facts.st_uid) == 0) return {};
  return fail(ErrorCode::kStoreIo,
              "becoming the owner of " + folder.string() + ": " + std::strerror(errno));
}

}  // namespace ferry::app::cli
